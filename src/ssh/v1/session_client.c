#include "ssh/v1/modes.h"
#include "ssh/v1/ssh1.h"

/* An answer that the server does not give: by version 1 there is no need. */
static void
tell_reply(struct ssh1 *ssh, bool ok)
{
    struct ssh_event *event = ssh_event_add(ssh->conn, SSH_EVENT_REQUEST_REPLY);

    event->channel = CHANNEL1;
    event->number = ok;
}

uint32_t
session1_open(struct ssh_conn *c)
{
    struct ssh1 *ssh = ssh1_of(c);

    if (ssh->state != STATE1_PREPARE)
        return UINT32_MAX;
    ssh_event_add(c, SSH_EVENT_OPENED)->channel = CHANNEL1;
    return CHANNEL1;
}

static void
put_size(struct buf *to, uint32_t columns, uint32_t rows)
{
    buf_put_u32(to, rows);
    buf_put_u32(to, columns);
    buf_put_u32(to, 0); /* pixels: not known */
    buf_put_u32(to, 0);
}

void
session1_pty(struct ssh_conn *c, uint32_t channel, const struct ssh_pty *pty)
{
    struct ssh1 *ssh = ssh1_of(c);
    struct buf *to;

    (void)channel;
    if (ssh->state != STATE1_PREPARE || ssh->request != REQUEST1_NONE)
        return;
    ssh->request = REQUEST1_PTY;
    SSH_TELL(c, SSH_TRACE_MESSAGE_SENT, .name = "SSH_CMSG_REQUEST_PTY");
    to = ssh1_begin(ssh, SSH1_CMSG_REQUEST_PTY);
    buf_put_string(to, pty->terminal);
    put_size(to, pty->columns, pty->rows);
    modes1_put(to, pty->modes);
    (void)ssh1_send(ssh);
}

enum err
on_session_answer(struct ssh1 *ssh, bool ok)
{
    if (ssh->request != REQUEST1_PTY)
        return ssh1_fail(ssh, ERR_PROTOCOL, "an answer without a request");
    ssh->request = REQUEST1_NONE;
    ssh->has_pty = ok;
    tell_reply(ssh, ok);
    if (ssh->state == STATE1_SESSION)
        tell_reply(ssh, true);
    return OK;
}

void
session1_start(struct ssh_conn *c, uint32_t channel, const char *request,
               const struct span *argument)
{
    struct ssh1 *ssh = ssh1_of(c);
    bool exec = strcmp(request, "exec") == 0;

    (void)channel;
    if (ssh->state != STATE1_PREPARE)
        return;
    if (!exec && strcmp(request, "shell") != 0) {
        tell_reply(ssh, false); /* there are no subsystems */
        return;
    }
    if (exec)
        buf_put_string(ssh1_begin(ssh, SSH1_CMSG_EXEC_CMD), *argument);
    else
        (void)ssh1_begin(ssh, SSH1_CMSG_EXEC_SHELL);
    if (ssh1_send(ssh) != OK)
        return;
    ssh->state = STATE1_SESSION;
    SSH_TELL(c, SSH_TRACE_MESSAGE_SENT,
             .name = exec ? "SSH_CMSG_EXEC_CMD" : "SSH_CMSG_EXEC_SHELL");
    /* Replies are told in the order of the requests. */
    if (ssh->request == REQUEST1_NONE)
        tell_reply(ssh, true);
}

void
session1_window_size(struct ssh_conn *c, uint32_t channel, uint32_t columns,
                     uint32_t rows)
{
    struct ssh1 *ssh = ssh1_of(c);

    (void)channel;
    if (ssh->state != STATE1_SESSION || !ssh->has_pty)
        return;
    put_size(ssh1_begin(ssh, SSH1_CMSG_WINDOW_SIZE), columns, rows);
    (void)ssh1_send(ssh);
}

/* --- what the server says --------------------------------------------------
 */

static enum err
on_data(struct ssh1 *ssh, struct reader *msg, enum ssh_event_type type)
{
    struct span bytes = read_string(msg);

    return read_done(msg) ? session1_received(ssh, type, bytes) : ERR_FORMAT;
}

enum err
on_stdout_data(struct ssh1 *ssh, struct reader *msg)
{
    return on_data(ssh, msg, SSH_EVENT_DATA);
}

enum err
on_stderr_data(struct ssh1 *ssh, struct reader *msg)
{
    return on_data(ssh, msg, SSH_EVENT_EXTENDED_DATA);
}

enum err
on_exit_status1(struct ssh1 *ssh, struct reader *msg)
{
    uint32_t status = read_u32(msg);
    struct ssh_event *event;

    if (!read_done(msg))
        return ERR_FORMAT;
    ssh->state = STATE1_ENDING;
    event = ssh_event_add(ssh->conn, SSH_EVENT_EXIT_STATUS);
    event->channel = CHANNEL1;
    event->number = status;
    ssh_event_add(ssh->conn, SSH_EVENT_CHANNEL_CLOSED)->channel = CHANNEL1;
    return ssh1_send_empty(ssh, SSH1_CMSG_EXIT_CONFIRMATION);
}
