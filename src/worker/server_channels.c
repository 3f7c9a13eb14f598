/*
 * The channels of one connection: each a session with one shell or one
 * command, or not yet asked for either.
 */
#include <assert.h>
#include <unistd.h>

#include "base/text.h"
#include "worker/server_parts.h"

/* Bytes of an exec request that one message to control carries. */
#define COMMAND_MAX (PIPE_MESSAGE_MAX - 64)

static struct server_channel *
channel_at(struct server *s, uint32_t number)
{
    return number < SSH_CHANNELS_MAX ? &s->channels[number] : NULL;
}

static uint32_t
number_of(const struct server *s, const struct server_channel *ch)
{
    return (uint32_t)(ch - s->channels);
}

/* --- requests ---------------------------------------------------------- */

/*
 * Refuse a request. Answers go out in the order of the requests: while control
 * has not answered the one that starts a shell, this one waits.
 */
static void
refuse(struct server *s, struct server_channel *ch)
{
    if (ch->replies_due > 0 && ch->asked)
        ch->refusals++;
    else
        ssh_channel_request_reply(s->ssh, number_of(s, ch), false);
}

static void
on_pty(struct server *s, struct server_channel *ch,
       const struct ssh_event *event)
{
    if (ch->pty || ch->asked) {
        refuse(s, ch);
        return;
    }
    ch->pty = true;
    ch->columns = event->pty.columns;
    ch->rows = event->pty.rows;
    text_copy_span(ch->terminal, sizeof(ch->terminal), event->pty.terminal);
    ssh_channel_request_reply(s->ssh, event->channel, true);
}

static void
on_window_size(struct server_channel *ch, const struct ssh_event *event)
{
    if (ch->columns == event->pty.columns && ch->rows == event->pty.rows)
        return;
    ch->columns = event->pty.columns;
    ch->rows = event->pty.rows;
    if (ch->shell != NULL)
        shell_resize(ch->shell, ch->columns, ch->rows);
}

static void
start_shell(struct server *s, struct server_channel *ch, bool exec)
{
    struct shell_setup setup = {
        .channel = number_of(s, ch),
        .terminal = ch->pty,
        .exec = exec,
        .columns = ch->columns,
        .rows = ch->rows,
    };

    ch->asked = true;
    ch->replies_due++;
    ch->shell = shell_new(s->up, &setup, s->now_ms);
}

static void
on_shell(struct server *s, struct server_channel *ch)
{
    struct message m = {.type = MSG_SHELL};

    if (ch->asked) {
        refuse(s, ch);
        return;
    }
    m.shell.channel = number_of(s, ch);
    m.shell.pty = ch->pty;
    m.shell.terminal = span_text(ch->terminal);
    m.shell.columns = ch->columns;
    m.shell.rows = ch->rows;
    uplink_send(s->up, &m);
    start_shell(s, ch, false);
}

static void
on_exec(struct server *s, struct server_channel *ch,
        const struct ssh_event *event)
{
    struct message m = {.type = MSG_EXEC};

    if (ch->asked || event->bytes.len > COMMAND_MAX) {
        refuse(s, ch);
        return;
    }
    m.exec.channel = number_of(s, ch);
    m.exec.pty = ch->pty;
    m.exec.columns = ch->columns;
    m.exec.rows = ch->rows;
    m.exec.command = event->bytes;
    uplink_send(s->up, &m);
    start_shell(s, ch, true);
}

void
channels_on_reply(struct server *s, uint32_t number, bool ok)
{
    struct server_channel *ch = channel_at(s, number);

    if (ch == NULL || ch->replies_due == 0)
        return;
    /* For a channel that was closed meanwhile, or is in use again. */
    if (--ch->replies_due > 0 || !ch->open || !ch->asked || ch->shell == NULL)
        return;
    ssh_channel_request_reply(s->ssh, number, ok);
    for (; ch->refusals > 0; ch->refusals--)
        ssh_channel_request_reply(s->ssh, number, false);
    if (!ok) {
        shell_free(ch->shell);
        ch->shell = NULL;
        ch->asked = false;
        return;
    }
    shell_start(ch->shell, s->now_ms);
    if (ch->eof)
        shell_typed_end(ch->shell, s->now_ms);
}

/* --- data and ends ----------------------------------------------------- */

static void
on_data(struct server *s, struct server_channel *ch,
        const struct ssh_event *event)
{
    if (ch->shell != NULL)
        shell_typed(ch->shell, event->bytes, s->now_ms);
    else
        ssh_channel_consumed(s->ssh, event->channel, event->bytes.len);
}

static void
on_eof(struct server *s, struct server_channel *ch)
{
    ch->eof = true;
    if (ch->shell != NULL && ch->replies_due == 0)
        shell_typed_end(ch->shell, s->now_ms);
}

static void
on_closed(struct server *s, struct server_channel *ch)
{
    unsigned replies_due = ch->replies_due;

    /* After an EXIT too: only then may control use the number again. */
    if (ch->asked)
        uplink_send_channel(s->up, MSG_CHANNEL_END, number_of(s, ch));
    shell_free(ch->shell);
    *ch = (struct server_channel){.replies_due = replies_due};
}

bool
channels_on_event(struct server *s, const struct ssh_event *event)
{
    struct server_channel *ch = channel_at(s, event->channel);

    assert(ch != NULL);
    switch (event->type) {
    case SSH_EVENT_CHANNEL_OPEN:
        ch->open = true;
        return true;
    case SSH_EVENT_PTY:
        on_pty(s, ch, event);
        return true;
    case SSH_EVENT_WINDOW_SIZE:
        on_window_size(ch, event);
        return true;
    case SSH_EVENT_SHELL:
        on_shell(s, ch);
        return true;
    case SSH_EVENT_EXEC:
        on_exec(s, ch, event);
        return true;
    case SSH_EVENT_SUBSYSTEM: /* there is none */
    case SSH_EVENT_BREAK:     /* no serial line is attached */
        refuse(s, ch);
        return true;
    case SSH_EVENT_SIGNAL:
        if (ch->shell != NULL && span_is(event->bytes, "INT"))
            shell_interrupt(ch->shell);
        return true;
    case SSH_EVENT_DATA:
        on_data(s, ch, event);
        return true;
    case SSH_EVENT_EOF:
        on_eof(s, ch);
        return true;
    case SSH_EVENT_CHANNEL_CLOSED:
        on_closed(s, ch);
        return true;
    default:
        return false;
    }
}

/* --- messages ---------------------------------------------------------- */

/* Was control past an earlier use of this number when it sent this? */
static bool
takes_messages(const struct server_channel *ch)
{
    return ch->open && ch->shell != NULL && ch->replies_due == 0;
}

void
channels_on_message(struct server *s, uint32_t number, const struct message *m,
                    struct span encoded, int fd)
{
    struct server_channel *ch = channel_at(s, number);

    if (number != CHANNEL_ALL) {
        if (ch != NULL && takes_messages(ch))
            shell_message(ch->shell, m, encoded, fd, s->now_ms);
        else if (fd >= 0)
            close(fd);
        return;
    }
    if (fd >= 0)
        close(fd); /* no descriptor is for all */
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (takes_messages(&s->channels[i]))
            shell_message(s->channels[i].shell, m, encoded, -1, s->now_ms);
}

/* --- work -------------------------------------------------------------- */

static bool
pump_output(struct server *s, struct server_channel *ch)
{
    uint32_t number = number_of(s, ch);
    bool moved = false;

    for (;;) {
        struct span out = shell_output(ch->shell);
        size_t taken;

        if (out.len == 0)
            return moved;
        taken = ssh_channel_write(s->ssh, number, out);
        if (taken == 0)
            return moved;
        shell_output_sent(ch->shell, taken);
        shell_work(ch->shell, s->now_ms);
        moved = true;
    }
}

/* All is said: exit-status, EOF, CLOSE, in this order. */
static void
finish(struct server *s, struct server_channel *ch, uint32_t status)
{
    uint32_t number = number_of(s, ch);

    ssh_channel_exit_status(s->ssh, number, status);
    ssh_channel_eof(s->ssh, number);
    ssh_channel_close(s->ssh, number);
    shell_free(ch->shell);
    ch->shell = NULL;
}

static bool
pump_channel(struct server *s, struct server_channel *ch)
{
    size_t used;
    uint32_t status;
    bool moved;

    shell_work(ch->shell, s->now_ms);
    moved = pump_output(s, ch);
    used = shell_typed_used(ch->shell);
    if (used > 0)
        ssh_channel_consumed(s->ssh, number_of(s, ch), used);
    if (shell_is_finished(ch->shell, &status)) {
        finish(s, ch, status);
        return true;
    }
    return moved;
}

bool
channels_pump(struct server *s)
{
    bool moved = false;

    /* One with endless output must not starve the others. */
    s->first_channel = (s->first_channel + 1) % SSH_CHANNELS_MAX;
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        size_t at = (s->first_channel + i) % SSH_CHANNELS_MAX;

        if (s->channels[at].shell != NULL)
            moved = pump_channel(s, &s->channels[at]) || moved;
    }
    return moved;
}

uint64_t
channels_deadline(const struct server *s)
{
    uint64_t deadline = UINT64_MAX;

    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        const struct shell *sh = s->channels[i].shell;
        uint64_t own = sh == NULL ? UINT64_MAX : shell_deadline(sh);

        deadline = own < deadline ? own : deadline;
    }
    return deadline;
}

bool
channels_hold_control(const struct server *s)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        const struct shell *sh = s->channels[i].shell;

        if (sh != NULL && shell_held(sh) > SHELL_HELD_HIGH)
            return true;
    }
    return false;
}

void
channels_trim(struct server *s)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->channels[i].shell != NULL)
            shell_trim(s->channels[i].shell);
}
