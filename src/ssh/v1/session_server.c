#include "ssh/ttymodes.h"
#include "ssh/v1/modes.h"
#include "ssh/v1/ssh1.h"

/* --- requests ----------------------------------------------------------- */

static enum err
answer(struct ssh1 *ssh, bool ok)
{
    return ssh1_send_empty(ssh, ok ? SSH1_SMSG_SUCCESS : SSH1_SMSG_FAILURE);
}

/* Rows come first here; then columns and two sizes in pixels. */
static void
read_size(struct reader *msg, uint32_t *columns, uint32_t *rows)
{
    *rows = read_u32(msg);
    *columns = read_u32(msg);
    read_u32(msg);
    read_u32(msg);
}

enum err
on_request_pty(struct ssh1 *ssh, struct reader *msg)
{
    struct span terminal = read_string(msg);
    uint32_t columns, rows;
    struct ssh_event *event;

    read_size(msg, &columns, &rows);
    if (!read_ok(msg))
        return ERR_FORMAT;
    if (ssh->has_pty)
        return ssh1_fail(ssh, ERR_PROTOCOL, "a second terminal");
    buf_reset(&ssh->modes);
    modes1_read(msg, &ssh->modes);
    event = ssh_event_add(ssh->conn, SSH_EVENT_PTY);
    event->channel = CHANNEL1;
    ttymodes_set_pty(&event->pty, terminal, columns, rows);
    SSH_TELL(ssh->conn, SSH_TRACE_TTY_REQUEST);
    SSH_TELL(ssh->conn, SSH_TRACE_TERMINAL,
             .numbers = {rows, columns, event->pty.rows, event->pty.columns});
    /* More than there can be are none. */
    event->pty.modes = buf_ok(&ssh->modes) ? buf_span(&ssh->modes) : SPAN_EMPTY;
    ssh->awaiting = AWAIT1_PTY;
    return OK;
}

enum err
on_window_size(struct ssh1 *ssh, struct reader *msg)
{
    uint32_t columns, rows;
    struct ssh_event *event;

    read_size(msg, &columns, &rows);
    if (!read_done(msg))
        return ERR_FORMAT;
    if (!ssh->has_pty)
        return OK;
    event = ssh_event_add(ssh->conn, SSH_EVENT_WINDOW_SIZE);
    event->channel = CHANNEL1;
    ttymodes_set_pty(&event->pty, SPAN_EMPTY, columns, rows);
    return OK;
}

static enum err
start(struct ssh1 *ssh, enum ssh_event_type type, struct span command)
{
    struct ssh_event *event = ssh_event_add(ssh->conn, type);

    event->channel = CHANNEL1;
    event->bytes = command;
    ssh->awaiting = AWAIT1_START;
    return OK;
}

enum err
on_exec_shell(struct ssh1 *ssh, struct reader *msg)
{
    if (!read_done(msg))
        return ERR_FORMAT;
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_RECEIVED,
             .name = "SSH_CMSG_EXEC_SHELL");
    ssh->program = "shell";
    return start(ssh, SSH_EVENT_SHELL, SPAN_EMPTY);
}

enum err
on_exec_command(struct ssh1 *ssh, struct reader *msg)
{
    struct span command = read_string(msg);

    if (!read_done(msg))
        return ERR_FORMAT;
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_RECEIVED,
             .name = "SSH_CMSG_EXEC_CMD");
    ssh->program = "exec";
    return start(ssh, SSH_EVENT_EXEC, command);
}

enum err
on_max_packet_size(struct ssh1 *ssh, struct reader *msg)
{
    uint32_t size = read_u32(msg);
    bool ok = size >= PACKET_SIZE_MIN && size <= PACKET_SIZE_MAX;

    if (!read_done(msg))
        return ERR_FORMAT;
    if (ok && size < ssh->packet_max)
        ssh->packet_max = size;
    return answer(ssh, ok);
}

enum err
on_refused_request(struct ssh1 *ssh, struct reader *msg)
{
    (void)msg;
    SSH_TELL(ssh->conn, SSH_TRACE_INVALID, .numbers = {ssh->message});
    return answer(ssh, false);
}

void
session1_request_reply(struct ssh_conn *c, uint32_t channel, bool ok)
{
    struct ssh1 *ssh = ssh1_of(c);
    enum ssh1_awaiting what = ssh->awaiting;

    (void)channel;
    if (what != AWAIT1_PTY && what != AWAIT1_START)
        return;
    ssh->awaiting = AWAIT1_NOTHING;
    if (what == AWAIT1_PTY) {
        ssh->has_pty = ok;
        (void)answer(ssh, ok);
    } else if (ok) {
        ssh->state = STATE1_SESSION; /* which is the whole answer */
        SSH_TELL(c, SSH_TRACE_STARTED, .name = ssh->program);
    } else {
        (void)ssh_end(c, SSH_REASON_BY_APPLICATION, OK, "Request refused");
    }
}

/* --- the session ---------------------------------------------------------- */

enum err
on_stdin_data(struct ssh1 *ssh, struct reader *msg)
{
    struct span bytes = read_string(msg);

    if (!read_done(msg))
        return ERR_FORMAT;
    if (ssh->eof_received)
        return ssh1_fail(ssh, ERR_PROTOCOL, "data behind its end");
    return session1_received(ssh, SSH_EVENT_DATA, bytes);
}

enum err
on_eof1(struct ssh1 *ssh, struct reader *msg)
{
    if (!read_done(msg))
        return ERR_FORMAT;
    if (!ssh->eof_received)
        ssh_event_add(ssh->conn, SSH_EVENT_EOF)->channel = CHANNEL1;
    ssh->eof_received = true;
    return OK;
}

/* A client with forwarded ports asks although that was refused. */
enum err
on_port_open(struct ssh1 *ssh, struct reader *msg)
{
    uint32_t peer_channel = read_u32(msg);

    if (!read_ok(msg))
        return ERR_FORMAT;
    buf_put_u32(ssh1_begin(ssh, SSH1_MSG_CHANNEL_OPEN_FAILURE), peer_channel);
    return ssh1_send(ssh);
}

void
session1_exit_status(struct ssh_conn *c, uint32_t channel, uint32_t status)
{
    (void)channel;
    ssh1_of(c)->status = status;
}

enum err
on_exit_confirmation(struct ssh1 *ssh, struct reader *msg)
{
    if (!read_done(msg))
        return ERR_FORMAT;
    ssh_event_add(ssh->conn, SSH_EVENT_CHANNEL_CLOSED)->channel = CHANNEL1;
    session1_finish(ssh);
    return OK;
}
