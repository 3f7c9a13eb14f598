#include "ssh/v2/session.h"

#include "ssh/ttymodes.h"
#include "ssh/v2/connection.h"

#define SIGNAL_NAME_MAX 32 /* bytes; the longest of RFC 4254 6.10 has 4 */

/* What the rest of a request is read with. */
struct request {
    struct ssh2 *ssh;
    struct channel *ch;
    struct reader *fields;
    bool wants_reply;
    enum channel_subject subject;
};

/* What became of a request. */
enum outcome {
    OUTCOME_ASKED,   /* the owner answers */
    OUTCOME_DONE,    /* answered by success */
    OUTCOME_REFUSED, /* answered by failure */
    OUTCOME_MALFORMED,
};

/* --- answers --------------------------------------------------------- */

/* Send the answers that are known, in order; none after our CLOSE. */
static void
send_answers(struct ssh2 *ssh, struct channel *ch)
{
    struct channel_answer answer;

    while (channel_answer_next(ch, &answer)) {
        if (!answer.is_wanted || ch->close_sent)
            continue;
        (void)connection_message(ssh,
                                 answer.ok ? SSH2_MSG_CHANNEL_SUCCESS
                                           : SSH2_MSG_CHANNEL_FAILURE,
                                 ch);
        (void)ssh2_send(ssh);
    }
}

static void
note_answer(const struct request *request, enum outcome outcome)
{
    channel_answer_add(request->ch, (struct channel_answer){
                                        .is_due = outcome == OUTCOME_ASKED,
                                        .is_wanted = request->wants_reply,
                                        .ok = outcome == OUTCOME_DONE,
                                        .subject = (uint8_t)request->subject,
                                    });
    send_answers(request->ssh, request->ch);
}

/* --- requests -------------------------------------------------------- */

static struct ssh_event *
ask(const struct request *request, enum ssh_event_type type)
{
    struct ssh_event *event = ssh_event_add(request->ssh->conn, type);

    event->channel = request->ch->number;
    return event;
}

static enum outcome
on_pty_req(struct request *request)
{
    struct reader *r = request->fields;
    struct span terminal = read_string(r);
    uint32_t columns = read_u32(r);
    uint32_t rows = read_u32(r);
    struct ssh_event *event;
    struct span modes;
    uint32_t value;

    read_u32(r); /* width and height in pixels */
    read_u32(r);
    modes = read_string(r);
    /* Cut short it is refused, not a reason to go (hardening 5.10). */
    if (!read_done(r) ||
        ttymodes_find(modes, TTY_OP_END, &value) == ERR_FORMAT ||
        request->ch->has_pty || request->ch->is_started)
        return OUTCOME_REFUSED;
    request->ch->has_pty = true;
    request->subject = SUBJECT_PTY;
    event = ask(request, SSH_EVENT_PTY);
    ttymodes_set_pty(&event->pty, terminal, columns, rows);
    event->pty.modes = modes;
    SSH_TELL(request->ssh->conn, SSH_TRACE_TERMINAL,
             .numbers = {rows, columns, event->pty.rows, event->pty.columns});
    return OUTCOME_ASKED;
}

static enum outcome
on_window_change(struct request *request)
{
    struct reader *r = request->fields;
    uint32_t columns = read_u32(r);
    uint32_t rows = read_u32(r);

    read_u32(r); /* pixels */
    read_u32(r);
    if (!read_done(r))
        return OUTCOME_MALFORMED;
    if (!request->ch->has_pty)
        return OUTCOME_REFUSED;
    ttymodes_set_pty(&ask(request, SSH_EVENT_WINDOW_SIZE)->pty, SPAN_EMPTY,
                     columns, rows);
    return OUTCOME_DONE;
}

/*
 * A session runs one program: shell, exec or subsystem. When the owner refuses
 * one, another may be tried: PuTTY's pscp asks for sftp, then for scp.
 */
static enum outcome
start(struct request *request, enum ssh_event_type type, const char *program,
      bool has_argument)
{
    struct span argument = SPAN_EMPTY;

    if (has_argument)
        argument = read_string(request->fields);
    if (!read_done(request->fields))
        return OUTCOME_MALFORMED;
    if (request->ch->is_started)
        return OUTCOME_REFUSED;
    request->ch->is_started = true;
    request->subject = SUBJECT_START;
    request->ch->program = program;
    SSH_TELL(request->ssh->conn, SSH_TRACE_PROGRAM, .name = program);
    ask(request, type)->bytes = argument;
    return OUTCOME_ASKED;
}

static enum outcome
on_shell(struct request *request)
{
    return start(request, SSH_EVENT_SHELL, "shell", false);
}

static enum outcome
on_exec(struct request *request)
{
    return start(request, SSH_EVENT_EXEC, "exec", true);
}

static enum outcome
on_subsystem(struct request *request)
{
    return start(request, SSH_EVENT_SUBSYSTEM, "subsystem", true);
}

static enum outcome
on_break(struct request *request)
{
    uint32_t ms = read_u32(request->fields);

    if (!read_done(request->fields))
        return OUTCOME_MALFORMED;
    ask(request, SSH_EVENT_BREAK)->number = ms;
    return OUTCOME_ASKED;
}

static enum outcome
on_signal(struct request *request)
{
    struct span name = read_string(request->fields);

    if (!read_done(request->fields))
        return OUTCOME_MALFORMED;
    if (name.len > SIGNAL_NAME_MAX || !request->ch->is_started)
        return OUTCOME_REFUSED;
    ask(request, SSH_EVENT_SIGNAL)->bytes = name;
    return OUTCOME_DONE;
}

/*
 * What is not here is refused: env, x11-req, agent, keepalive, winadj... What
 * begins a session is for one that has not begun: behind a program that is not
 * decided upon it waits.
 */
static const struct request_kind {
    const char *name;
    enum outcome (*handler)(struct request *request);
    bool begins;
} requests[] = {
    {"pty-req", on_pty_req, true},
    {"shell", on_shell, true},
    {"exec", on_exec, true},
    {"subsystem", on_subsystem, true},
    {"window-change", on_window_change, false},
    {"break", on_break, false},
    {"signal", on_signal, false},
};

/* NULL: unknown. */
static const struct request_kind *
find_kind(struct span name)
{
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        if (span_is(name, requests[i].name))
            return &requests[i];
    return NULL;
}

/* The name under which a trace shows it: one of ours. */
static const char *
shown_name(struct span name)
{
    static const char *const refused[] = {
        "x11-req",
        "env",
        "auth-agent-req@openssh.com",
        "keepalive@openssh.com",
        "winadj@putty.projects.tartarus.org",
        "simple@putty.projects.tartarus.org",
    };
    const struct request_kind *kind = find_kind(name);

    if (kind != NULL)
        return kind->name;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (span_is(name, refused[i]))
            return refused[i];
    return "unknown";
}

/*
 * Keep the whole message, and read no further: what comes behind it is for
 * whatever is started in the end.
 */
static void
hold(struct ssh2 *ssh, const struct channel *ch)
{
    buf_reset(&ssh->request);
    buf_put(&ssh->request, ssh->payload + 1, ssh->payload_len - 1);
    ssh->request_held = true;
    ssh->request_channel = ch->number;
}

enum err
on_session_request(struct ssh2 *ssh, struct reader *msg)
{
    struct request request = {
        .ssh = ssh,
        .ch = connection_recipient(ssh, msg),
        .fields = msg,
    };
    struct span name = read_string(msg);
    const struct request_kind *kind = find_kind(name);
    enum outcome outcome;

    request.wants_reply = read_bool(msg);
    if (!read_ok(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed CHANNEL_REQUEST");
    if (request.ch == NULL)
        return ssh2_fail(ssh, ERR_PROTOCOL, "request for no open channel");
    if (request.ch->close_sent)
        return OK;
    if (kind != NULL && kind->begins && channel_awaits_start(request.ch)) {
        hold(ssh, request.ch);
        return OK;
    }
    SSH_TELL(ssh->conn, SSH_TRACE_REQUEST, .name = shown_name(name));
    outcome = kind == NULL ? OUTCOME_REFUSED : kind->handler(&request);
    if (outcome == OUTCOME_MALFORMED)
        return ssh2_fail(ssh, ERR_FORMAT, "malformed CHANNEL_REQUEST");
    note_answer(&request, outcome);
    return OK;
}

/* The held request's turn has come. */
static void
resume(struct ssh2 *ssh)
{
    struct reader msg = reader_over(buf_span(&ssh->request));

    ssh->request_held = false;
    (void)on_session_request(ssh, &msg);
}

void
session_request_reply(struct ssh_conn *c, uint32_t number, bool ok)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct channel *ch = connection_find(ssh, number);
    bool starting = ch != NULL && channel_awaits_start(ch);

    if (ch == NULL || channel_answer_set(ch, ok) != OK)
        return;
    if (ok && starting && !channel_awaits_start(ch))
        SSH_TELL(c, SSH_TRACE_STARTED, .name = ch->program);
    send_answers(ssh, ch);
    if (ssh->request_held && ssh->request_channel == number &&
        !channel_awaits_start(ch))
        resume(ssh);
}

void
session_exit_status(struct ssh_conn *c, uint32_t number, uint32_t status)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct channel *ch = connection_find(ssh, number);
    struct buf *to;

    if (ch == NULL || ch->close_sent || ch->status_sent)
        return;
    ch->status_sent = true;
    to = connection_message(ssh, SSH2_MSG_CHANNEL_REQUEST, ch);
    buf_put_text(to, "exit-status");
    buf_put_bool(to, false);
    buf_put_u32(to, status);
    (void)ssh2_send(ssh);
}
