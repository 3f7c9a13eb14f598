/*
 * What control wants shown, one message after the other: each is shown whole
 * before the next is looked at, however long a page waits for its key.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "worker/shell_parts.h"

#define STEP (8 * 1024) /* bytes of text shown in one step */

/* --- holding ----------------------------------------------------------- */

static struct held *
held_first(const struct shell *sh)
{
    return LIST_ITEM(sh->held.next, struct held, node);
}

static void
held_free(struct shell *sh, struct held *h)
{
    sh->held_bytes -= sizeof(*h) + h->len;
    list_remove(&h->node);
    if (h->fd >= 0)
        close(h->fd);
    free(h);
}

/* It is shown, or the user does not want it. */
static void
held_done(struct shell *sh, struct held *h)
{
    bool file = h->fd >= 0;

    held_free(sh, h);
    /* Control waits for it with the next line of an exec request. */
    if (file)
        uplink_send_channel(sh->up, MSG_SHOWN, sh->setup.channel);
}

static enum message_type
held_type(const struct held *h)
{
    struct message m;

    return message_decode(span_of(h->encoded, h->len), &m) == OK ? m.type
                                                                 : MSG_NONE;
}

void
shell_message(struct shell *sh, const struct message *m, struct span encoded,
              int fd, uint64_t now_ms)
{
    struct held *h;

    if (sh->has_exit) {
        if (fd >= 0)
            close(fd);
        return;
    }
    h = alloc_zero(1, sizeof(*h) + encoded.len);
    h->fd = fd;
    h->len = encoded.len;
    memcpy(h->encoded, encoded.ptr, encoded.len);
    list_append(&sh->held, &h->node);
    sh->held_bytes += sizeof(*h) + h->len;
    sh->has_exit = m->type == MSG_EXIT;
    shell_work(sh, now_ms);
}

void
show_drop_all(struct shell *sh)
{
    LIST_EACH(node, &sh->held)
    {
        held_free(sh, LIST_ITEM(node, struct held, node));
    }
}

void
show_drop_output(struct shell *sh)
{
    LIST_EACH(node, &sh->held)
    {
        struct held *h = LIST_ITEM(node, struct held, node);
        enum message_type type = held_type(h);

        if (type == MSG_OUTPUT || type == MSG_OUTPUT_FILE)
            held_done(sh, h);
    }
    filter_drop(sh);
}

bool
show_has_command_end(const struct shell *sh)
{
    LIST_EACH(node, &sh->held)
    {
        switch (held_type(LIST_ITEM(node, struct held, node))) {
        case MSG_PROMPT:
        case MSG_ASK:
        case MSG_EXIT:
        case MSG_ATTACH:
            return true;
        default:
            break;
        }
    }
    return false;
}

/* --- the screen -------------------------------------------------------- */

void
show_update_size(struct shell *sh)
{
    bool paged = sh->setup.terminal && !sh->setup.exec && sh->prompted &&
                 !sh->typed_ended;

    pager_set_size(&sh->pager, paged ? sh->length : 0, sh->width);
    if (sh->editor != NULL)
        line_editor_set_width(sh->editor, sh->width);
}

static struct line_editor *
editor_of(struct shell *sh)
{
    if (sh->editor == NULL) {
        sh->editor = line_editor_new(&sh->history);
        line_editor_set_echo(sh->editor, sh->setup.terminal);
        line_editor_set_width(sh->editor, sh->width);
    }
    return sh->editor;
}

/* Text that no pager stops: prompts, log lines. */
static void
put_text(struct shell *sh, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n')
            buf_put_u8(&sh->out, '\r');
        buf_put_u8(&sh->out, text.ptr[i]);
        pager_set_column(&sh->pager, text.ptr[i] == '\n');
    }
}

static void
show_line_again(struct shell *sh)
{
    line_editor_show(sh->editor, &sh->out);
    pager_set_column(&sh->pager, !line_editor_is_on_line(sh->editor));
}

/* --- one function for each message; true: it is done ------------------- */

static bool
on_output(struct shell *sh, struct held *h, const struct message *m)
{
    struct span text = m->output.text;

    if (h->offset < text.len)
        h->offset += filter_show(
            sh, span_of(text.ptr + h->offset, text.len - h->offset));
    return h->offset == text.len;
}

static bool
on_output_file(struct shell *sh, struct held *h, const struct message *m)
{
    uint8_t piece[STEP];
    ssize_t got;

    (void)m;
    if (sh->pager.stopped || h->fd < 0)
        return true;
    got = pread(h->fd, piece, sizeof(piece), (off_t)h->offset);
    if (got < 0 && errno == EINTR)
        return false;
    if (got <= 0)
        return true;
    h->offset += filter_show(sh, span_of(piece, (size_t)got));
    return false;
}

static bool
on_filter(struct shell *sh, struct held *h, const struct message *m)
{
    (void)h;
    filter_set(sh, (enum output_filter)m->filter.kind, m->filter.pattern);
    return true;
}

static bool
on_prompt(struct shell *sh, struct held *h, const struct message *m)
{
    struct line_editor *e = editor_of(sh);

    (void)h;
    history_add(&sh->history, m->prompt.entered);
    pager_begin(&sh->pager);
    pager_fresh_line(&sh->pager, &sh->out);
    line_editor_begin(e, LINE_COMMAND, m->prompt.prompt, &sh->out);
    pager_begin(&sh->pager);
    pager_set_column(&sh->pager, !line_editor_is_on_line(e));
    sh->state = SHELL_PROMPT;
    sh->prompted = true;
    sh->interrupted = false;
    sh->idle_since_ms = sh->now_ms;
    show_update_size(sh);
    return true;
}

static enum line_kind
line_kind_of(enum ask_kind kind)
{
    if (kind == ASK_SECRET)
        return LINE_SECRET;
    return kind == ASK_TEXT || kind == ASK_LINES ? LINE_RAW : LINE_QUESTION;
}

/*
 * ^C while the command ran, and the question crossed our INTERRUPT: that key
 * answers it. Control leaves it to us, since only one of the two can.
 */
static void
answer_by_interrupt(struct shell *sh)
{
    pager_fresh_line(&sh->pager, &sh->out);
    keys_answer(sh, NULL, false);
}

static bool
on_ask(struct shell *sh, struct held *h, const struct message *m)
{
    bool interrupted = sh->interrupted;

    (void)h;
    sh->ask = (enum ask_kind)m->ask.kind;
    pager_begin(&sh->pager);
    if (sh->ask == ASK_KEY) {
        put_text(sh, m->ask.prompt);
    } else {
        struct line_editor *e = editor_of(sh);

        line_editor_begin(e, line_kind_of(sh->ask), m->ask.prompt, &sh->out);
        if (line_editor_is_on_line(e))
            pager_set_column(&sh->pager, false);
    }
    sh->state = SHELL_ASKING;
    sh->interrupted = false;
    sh->idle_since_ms = sh->now_ms;
    sh->ask_deadline_ms = m->ask.limit_s == 0
                              ? UINT64_MAX
                              : sh->now_ms + m->ask.limit_s * UINT64_C(1000);
    if (interrupted)
        answer_by_interrupt(sh);
    return true;
}

/* The question is of no use any more; one that was answered is past. */
static bool
on_unask(struct shell *sh, struct held *h, const struct message *m)
{
    (void)h;
    (void)m;
    if (sh->state == SHELL_ASKING)
        answer_by_interrupt(sh);
    return true;
}

static bool
on_help(struct shell *sh, struct held *h, const struct message *m)
{
    struct span text = m->help.text;

    if (sh->state != SHELL_HELPING)
        return true;
    if (h->offset < text.len)
        h->offset += filter_show(
            sh, span_of(text.ptr + h->offset, text.len - h->offset));
    if (h->offset < text.len || filter_end_search(sh) ||
        buf_len(&sh->passed) > 0 || sh->pager.waiting)
        return false;
    pager_begin(&sh->pager);
    pager_fresh_line(&sh->pager, &sh->out);
    line_editor_to_end(sh->editor);
    show_line_again(sh);
    sh->state = SHELL_PROMPT;
    return true;
}

static bool
on_completed(struct shell *sh, struct held *h, const struct message *m)
{
    (void)h;
    if (sh->state != SHELL_HELPING)
        return true;
    line_editor_replace(sh->editor, m->completed.line, m->completed.cursor);
    if (sh->setup.terminal) {
        pager_fresh_line(&sh->pager, &sh->out);
        show_line_again(sh);
    }
    sh->state = SHELL_PROMPT;
    return true;
}

static bool
on_log(struct shell *sh, struct held *h, const struct message *m)
{
    (void)h;
    if (sh->setup.exec)
        return true;
    pager_fresh_line(&sh->pager, &sh->out);
    put_text(sh, m->log.line);
    pager_fresh_line(&sh->pager, &sh->out);
    /* Beside a prompt it is no part of the page of the command that follows. */
    if (sh->state == SHELL_PROMPT || sh->state == SHELL_ASKING)
        pager_begin(&sh->pager);
    if (!m->log.redraw)
        return true;
    if (sh->state == SHELL_PROMPT ||
        (sh->state == SHELL_ASKING && sh->ask != ASK_KEY))
        show_line_again(sh);
    return true;
}

static bool
on_terminal(struct shell *sh, struct held *h, const struct message *m)
{
    const struct msg_terminal *t = &m->terminal;

    (void)h;
    sh->length = t->length;
    sh->width = t->width;
    sh->fixed_length = t->fixed_length;
    sh->fixed_width = t->fixed_width;
    sh->exec_timeout_s = t->exec_timeout_s;
    sh->escape = t->escape;
    history_resize(&sh->history, t->history);
    show_update_size(sh);
    return true;
}

static bool
on_attach(struct shell *sh, struct held *h, const struct message *m)
{
    sh->state = SHELL_ATTACHED;
    if (h->fd < 0) {
        shell_detach(sh, DETACH_ENDED);
        return true;
    }
    attach_free(sh->attach);
    sh->attach = attach_new(
        h->fd, &(struct attach_setup){.escape = m->attach.escape,
                                      .watches = m->attach.watches,
                                      .break_text = m->attach.break_text});
    h->fd = -1;
    sh->stream_idle_s = m->attach.idle_s;
    sh->stream_output = m->attach.idle_output;
    sh->stream_since_ms = sh->now_ms;
    return true;
}

static bool
on_detach(struct shell *sh, struct held *h, const struct message *m)
{
    (void)h;
    (void)m;
    shell_detach(sh, DETACH_ENDED);
    return true;
}

static bool
on_channel_exit(struct shell *sh, struct held *h, const struct message *m)
{
    (void)h;
    sh->state = SHELL_EXITED;
    sh->status = m->exit.status;
    if (sh->setup.exec && sh->filter_failed && sh->status == 0)
        sh->status = 1;
    return true;
}

typedef bool (*show_fn)(struct shell *sh, struct held *h,
                        const struct message *m);

static show_fn
function_of(enum message_type type)
{
    switch (type) {
    case MSG_OUTPUT:
        return on_output;
    case MSG_OUTPUT_FILE:
        return on_output_file;
    case MSG_FILTER:
        return on_filter;
    case MSG_UNASK:
        return on_unask;
    case MSG_PROMPT:
        return on_prompt;
    case MSG_ASK:
        return on_ask;
    case MSG_HELP:
        return on_help;
    case MSG_COMPLETED:
        return on_completed;
    case MSG_LOG:
        return on_log;
    case MSG_TERMINAL:
        return on_terminal;
    case MSG_ATTACH:
        return on_attach;
    case MSG_DETACH:
        return on_detach;
    case MSG_EXIT:
        return on_channel_exit;
    default:
        return NULL;
    }
}

/* A command's end, before which the last of a search is shown. */
static bool
ends_output(enum message_type type)
{
    return type == MSG_PROMPT || type == MSG_ASK || type == MSG_EXIT;
}

bool
show_next(struct shell *sh)
{
    struct message m;
    struct held *h;
    show_fn show;

    if (sh->pager.waiting || sh->pausing ||
        buf_len(&sh->out) >= SHELL_OUTPUT_HIGH)
        return false;
    if (filter_show_passed(sh))
        return true;
    if (list_empty(&sh->held))
        return false;
    h = held_first(sh);
    show = message_decode(span_of(h->encoded, h->len), &m) == OK
               ? function_of(m.type)
               : NULL;
    if (show != NULL && ends_output(m.type) && filter_end_search(sh))
        return true;
    if (show == NULL || show(sh, h, &m))
        held_done(sh, h);
    return true;
}
