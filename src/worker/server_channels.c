/*
 * The channels of one connection: each a session with one shell or one
 * command, or not yet asked for either.
 */
#include <assert.h>
#include <unistd.h>

#include "base/text.h"
#include "worker/server_parts.h"

/* Bytes of an exec request that one message to control carries, beside the
   user's terminal. */
#define COMMAND_MAX \
    (PIPE_MESSAGE_MAX - TERMINAL_NAME_MAX - TERMINAL_MODES_MAX - 64)

/* What follows the beginning of a shell comes at once: how long it may take
   until its first output goes without the prompt. */
#define GREETING_MS 20

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
    buf_init(&ch->modes, TERMINAL_MODES_MAX);
    buf_put_span(&ch->modes, event->pty.modes);
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
    buf_init_secret(&ch->early, SHELL_TYPED_MAX);
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
    m.shell.modes = buf_span(&ch->modes);
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
    m.exec.terminal = span_text(ch->terminal);
    m.exec.modes = buf_span(&ch->modes);
    m.exec.columns = ch->columns;
    m.exec.rows = ch->rows;
    m.exec.command = event->bytes;
    uplink_send(s->up, &m);
    start_shell(s, ch, true);
}

/* As an exec request, until control says what it is. */
static void
on_subsystem(struct server *s, struct server_channel *ch,
             const struct ssh_event *event)
{
    struct message m = {.type = MSG_SUBSYSTEM};

    if (ch->asked || event->bytes.len > COMMAND_MAX) {
        refuse(s, ch);
        return;
    }
    m.subsystem.channel = number_of(s, ch);
    m.subsystem.name = event->bytes;
    uplink_send(s->up, &m);
    start_shell(s, ch, true);
}

/* For whatever the user is joined to; the router itself knows no break. */
static void
on_break(struct server *s, struct server_channel *ch,
         const struct ssh_event *event)
{
    if (ch->shell != NULL && ch->replies_due == 0 &&
        shell_break(ch->shell, event->number))
        ssh_channel_request_reply(s->ssh, event->channel, true);
    else
        refuse(s, ch);
}

/* Control's answer to the request that was made last; NULL: to another. */
static struct server_channel *
take_reply(struct server *s, uint32_t number, bool ok)
{
    struct server_channel *ch = channel_at(s, number);

    if (ch == NULL || ch->replies_due == 0)
        return NULL;
    /* For a channel that was closed meanwhile, or is in use again. */
    if (--ch->replies_due > 0 || !ch->open || !ch->asked || ch->shell == NULL)
        return NULL;
    ssh_channel_request_reply(s->ssh, number, ok);
    for (; ch->refusals > 0; ch->refusals--)
        ssh_channel_request_reply(s->ssh, number, false);
    return ch;
}

static void
drop_shell(struct server_channel *ch)
{
    shell_free(ch->shell);
    ch->shell = NULL;
}

void
channels_on_reply(struct server *s, const struct msg_request_reply *m)
{
    struct server_channel *ch = take_reply(s, m->channel, m->ok);

    if (ch == NULL)
        return;
    if (m->ok) {
        shell_take_bytes(ch->shell, m->raw);
        shell_start(ch->shell, s->now_ms);
        ch->greeted_ms = s->now_ms + GREETING_MS;
        shell_typed(ch->shell, buf_span(&ch->early), s->now_ms);
        if (ch->eof)
            shell_typed_end(ch->shell, s->now_ms);
    } else {
        drop_shell(ch);
        ch->asked = false;
        ssh_channel_consumed(s->ssh, m->channel, buf_len(&ch->early));
    }
    buf_clear(&ch->early);
}

void
channels_on_serve_scp(struct server *s, const struct msg_serve_scp *m)
{
    struct server_channel *ch = take_reply(s, m->channel, true);

    if (ch == NULL)
        return;
    drop_shell(ch);
    ch->scp = scp_channel_new(s->up, s->ssh, &s->trace, m, s->now_ms);
    scp_channel_data(ch->scp, buf_span(&ch->early), s->now_ms);
    buf_clear(&ch->early);
    if (ch->eof)
        scp_channel_data_end(ch->scp);
}

void
channels_on_serve_sftp(struct server *s, const struct msg_serve_sftp *m)
{
    struct server_channel *ch = take_reply(s, m->channel, true);

    if (ch == NULL)
        return;
    drop_shell(ch);
    ch->sftp = sftp_channel_new(s->up, s->ssh, m, s->now_ms);
    sftp_channel_data(ch->sftp, buf_span(&ch->early), s->now_ms);
    buf_clear(&ch->early);
    if (ch->eof)
        sftp_channel_data_end(ch->sftp);
}

/* --- data and ends ----------------------------------------------------- */

static void
on_data(struct server *s, struct server_channel *ch,
        const struct ssh_event *event)
{
    if (ch->scp != NULL)
        scp_channel_data(ch->scp, event->bytes, s->now_ms);
    else if (ch->sftp != NULL)
        sftp_channel_data(ch->sftp, event->bytes, s->now_ms);
    else if (ch->shell != NULL && ch->replies_due > 0)
        buf_put_span(&ch->early, event->bytes);
    else if (ch->shell != NULL)
        shell_typed(ch->shell, event->bytes, s->now_ms);
    else
        ssh_channel_consumed(s->ssh, event->channel, event->bytes.len);
}

static void
on_eof(struct server *s, struct server_channel *ch)
{
    ch->eof = true;
    if (ch->scp != NULL)
        scp_channel_data_end(ch->scp);
    else if (ch->sftp != NULL)
        sftp_channel_data_end(ch->sftp);
    else if (ch->shell != NULL && ch->replies_due == 0)
        shell_typed_end(ch->shell, s->now_ms);
}

static void
on_closed(struct server *s, struct server_channel *ch)
{
    unsigned replies_due = ch->replies_due;

    scp_channel_free(ch->scp);
    sftp_channel_free(ch->sftp);
    /* After an EXIT too: only then may control use the number again. */
    if (ch->asked)
        uplink_send_channel(s->up, MSG_CHANNEL_END, number_of(s, ch));
    shell_free(ch->shell);
    buf_clear(&ch->early);
    buf_clear(&ch->modes);
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
    case SSH_EVENT_SUBSYSTEM:
        on_subsystem(s, ch, event);
        return true;
    case SSH_EVENT_BREAK:
        on_break(s, ch, event);
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
    return ch->open && ch->replies_due == 0 &&
           (ch->shell != NULL || ch->scp != NULL || ch->sftp != NULL);
}

static void
pass_on(struct server *s, struct server_channel *ch, const struct message *m,
        struct span encoded, int fd)
{
    if (ch->shell != NULL) {
        if (m->type != MSG_OUTPUT && m->type != MSG_TERMINAL)
            ch->greeted_ms = 0;
        shell_message(ch->shell, m, encoded, fd, s->now_ms);
    } else if (m->type == MSG_FILE_RESULT && ch->scp != NULL)
        scp_channel_message(ch->scp, m, fd);
    else if (m->type == MSG_FILE_RESULT)
        sftp_channel_message(ch->sftp, m, fd);
    else if (fd >= 0)
        close(fd); /* for all channels, but no line is on this one */
}

void
channels_on_message(struct server *s, uint32_t number, const struct message *m,
                    struct span encoded, int fd)
{
    struct server_channel *ch = channel_at(s, number);

    if (number != CHANNEL_ALL) {
        if (ch != NULL && takes_messages(ch))
            pass_on(s, ch, m, encoded, fd);
        else if (fd >= 0)
            close(fd);
        return;
    }
    if (fd >= 0)
        close(fd); /* no descriptor is for all */
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (takes_messages(&s->channels[i]))
            pass_on(s, &s->channels[i], m, encoded, -1);
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
    drop_shell(ch);
    scp_channel_free(ch->scp);
    ch->scp = NULL;
    sftp_channel_free(ch->sftp);
    ch->sftp = NULL;
}

/* Of scp or SFTP. */
static bool
pump_files(struct server *s, struct server_channel *ch)
{
    bool moved, finished;
    uint32_t status;

    if (ch->scp != NULL) {
        moved = scp_channel_work(ch->scp, s->now_ms);
        finished = scp_channel_is_finished(ch->scp, &status);
    } else {
        moved = sftp_channel_work(ch->sftp, s->now_ms);
        finished = sftp_channel_is_finished(ch->sftp, &status);
    }
    if (!finished)
        return moved;
    finish(s, ch, status);
    return true;
}

static bool
pump_channel(struct server *s, struct server_channel *ch)
{
    size_t used;
    uint32_t status;
    bool moved;

    shell_work(ch->shell, s->now_ms);
    if (ch->greeted_ms > s->now_ms)
        return false;
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

        if (s->channels[at].scp != NULL || s->channels[at].sftp != NULL)
            moved = pump_files(s, &s->channels[at]) || moved;
        else if (s->channels[at].shell != NULL)
            moved = pump_channel(s, &s->channels[at]) || moved;
    }
    return moved;
}

uint64_t
channels_deadline(const struct server *s)
{
    uint64_t deadline = UINT64_MAX;

    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        const struct server_channel *ch = &s->channels[i];
        uint64_t own = UINT64_MAX;

        if (ch->scp != NULL)
            own = scp_channel_deadline(ch->scp);
        else if (ch->sftp != NULL)
            own = sftp_channel_deadline(ch->sftp);
        else if (ch->shell != NULL)
            own = shell_deadline(ch->shell);
        if (ch->greeted_ms > s->now_ms && ch->greeted_ms < own)
            own = ch->greeted_ms;

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
