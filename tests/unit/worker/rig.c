#include "rig.h"

#include <sys/mman.h>
#include <unistd.h>

void
rig_init_as(struct rig *r, const struct shell_setup *setup)
{
    int ends[2];

    *r = (struct rig){.now_ms = 1000000};
    assert_int_equal(pipe_pair(ends), OK);
    uplink_init(&r->up, ends[1]);
    r->control = pipe_new(ends[0]);
    buf_init(&r->seen, 64 << 20);
    r->shell = shell_new(&r->up, setup, r->now_ms);
}

void
rig_init(struct rig *r)
{
    const struct shell_setup setup = {
        .channel = RIG_CHANNEL,
        .terminal = true,
        .columns = 80,
        .rows = 24,
    };

    rig_init_as(r, &setup);
    shell_start(r->shell, r->now_ms);
    give_terminal(r, 24, 80);
}

void
rig_clear(struct rig *r)
{
    shell_free(r->shell);
    uplink_clear(&r->up);
    pipe_free(r->control);
    buf_clear(&r->seen);
}

/* --- the user --- */

void
type_bytes(struct rig *r, const void *bytes, size_t len)
{
    shell_typed(r->shell, span_of(bytes, len), r->now_ms);
}

void
type(struct rig *r, const char *text)
{
    type_bytes(r, text, strlen(text));
}

void
take_output(struct rig *r)
{
    for (;;) {
        struct span out = shell_output(r->shell);

        if (out.len == 0)
            return;
        buf_put_span(&r->seen, out);
        shell_output_sent(r->shell, out.len);
        shell_work(r->shell, r->now_ms);
    }
}

/* --- control --- */

void
give(struct rig *r, const struct message *m, int fd)
{
    struct message decoded;
    struct buf encoded;

    buf_init(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, m);
    assert_int_equal(message_decode(buf_span(&encoded), &decoded), OK);
    shell_message(r->shell, &decoded, buf_span(&encoded), fd, r->now_ms);
    buf_clear(&encoded);
}

void
give_terminal(struct rig *r, uint32_t length, uint32_t width)
{
    struct message m = {.type = MSG_TERMINAL};

    m.terminal.channel = RIG_CHANNEL;
    m.terminal.length = length;
    m.terminal.width = width;
    m.terminal.history = 20;
    m.terminal.escape = 0x1e;
    give(r, &m, -1);
}

void
give_output(struct rig *r, const char *text)
{
    struct message m = {.type = MSG_OUTPUT};

    m.output.channel = RIG_CHANNEL;
    m.output.text = span_text(text);
    give(r, &m, -1);
}

void
give_file(struct rig *r, const void *text, size_t len)
{
    struct message m = {.type = MSG_OUTPUT_FILE};
    int fd = memfd_create("output", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    m.output_file.channel = RIG_CHANNEL;
    give(r, &m, fd);
}

void
give_filter(struct rig *r, enum output_filter kind, const char *pattern)
{
    struct message m = {.type = MSG_FILTER};

    m.filter.channel = RIG_CHANNEL;
    m.filter.kind = (uint8_t)kind;
    m.filter.pattern = span_text(pattern);
    give(r, &m, -1);
}

void
give_prompt_after(struct rig *r, const char *prompt, const char *entered)
{
    struct message m = {.type = MSG_PROMPT};

    m.prompt.channel = RIG_CHANNEL;
    m.prompt.prompt = span_text(prompt);
    m.prompt.entered = span_text(entered);
    give(r, &m, -1);
}

void
give_prompt(struct rig *r, const char *prompt)
{
    give_prompt_after(r, prompt, "");
}

void
give_ask(struct rig *r, const char *prompt, enum ask_kind kind,
         uint32_t limit_s)
{
    struct message m = {.type = MSG_ASK};

    m.ask.channel = RIG_CHANNEL;
    m.ask.prompt = span_text(prompt);
    m.ask.kind = (uint8_t)kind;
    m.ask.limit_s = limit_s;
    give(r, &m, -1);
}

void
give_help(struct rig *r, const char *text)
{
    struct message m = {.type = MSG_HELP};

    m.help.channel = RIG_CHANNEL;
    m.help.text = span_text(text);
    give(r, &m, -1);
}

void
give_completed(struct rig *r, const char *line, uint32_t cursor)
{
    struct message m = {.type = MSG_COMPLETED};

    m.completed.channel = RIG_CHANNEL;
    m.completed.line = span_text(line);
    m.completed.cursor = cursor;
    give(r, &m, -1);
}

void
give_log(struct rig *r, const char *line, bool redraw)
{
    struct message m = {.type = MSG_LOG};

    m.log.channel = RIG_CHANNEL;
    m.log.redraw = redraw;
    m.log.line = span_text(line);
    give(r, &m, -1);
}

void
give_attach(struct rig *r, int fd, uint8_t escape)
{
    struct message m = {.type = MSG_ATTACH};

    m.attach.channel = RIG_CHANNEL;
    m.attach.escape = escape;
    give(r, &m, fd);
}

void
give_detach(struct rig *r)
{
    struct message m = {.type = MSG_DETACH};

    m.detach.channel = RIG_CHANNEL;
    give(r, &m, -1);
}

void
give_unask(struct rig *r)
{
    struct message m = {.type = MSG_UNASK};

    m.unask.channel = RIG_CHANNEL;
    give(r, &m, -1);
}

void
give_exit(struct rig *r, uint32_t status)
{
    struct message m = {.type = MSG_EXIT};

    m.exit.channel = RIG_CHANNEL;
    m.exit.status = status;
    give(r, &m, -1);
}

enum message_type
receive(struct rig *r)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;

    if (pipe_receive(r->control, &bytes, fds) != OK)
        return MSG_NONE;
    assert_int_equal(message_decode(bytes, &r->got), OK);
    /* Every message of a shell begins with its channel. */
    assert_int_equal(r->got.channel_end.channel, RIG_CHANNEL);
    return r->got.type;
}

static enum message_type
receive_but_activity(struct rig *r)
{
    enum message_type type;

    do
        type = receive(r);
    while (type == MSG_ACTIVITY);
    return type;
}

void
assert_line(struct rig *r, const char *text, enum line_end end)
{
    assert_int_equal(receive_but_activity(r), MSG_LINE);
    assert_int_equal(r->got.line.text.len, strlen(text));
    assert_memory_equal(r->got.line.text.ptr, text, strlen(text));
    assert_int_equal(r->got.line.end, end);
}

void
assert_answer(struct rig *r, const char *text)
{
    assert_int_equal(receive_but_activity(r), MSG_ANSWER);
    assert_int_equal(r->got.answer.given, text != NULL);
    assert_int_equal(r->got.answer.text.len, text == NULL ? 0 : strlen(text));
    if (text != NULL)
        assert_memory_equal(r->got.answer.text.ptr, text, strlen(text));
}

void
assert_message(struct rig *r, enum message_type type)
{
    assert_string_equal(message_name(receive_but_activity(r)),
                        message_name(type));
}

void
assert_silence(struct rig *r)
{
    assert_string_equal(message_name(receive_but_activity(r)),
                        message_name(MSG_NONE));
}
