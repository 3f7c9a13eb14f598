#include "ssh/v1/ssh1.h"

static void
send_user(struct ssh1 *ssh, const char *user)
{
    buf_reset(&ssh->user);
    buf_put_span(&ssh->user, span_text(user));
    ssh->request = REQUEST1_USER;
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_SENT, .name = "SSH_CMSG_USER");
    buf_put_text(ssh1_begin(ssh, SSH1_CMSG_USER), user);
    (void)ssh1_send(ssh);
}

static void
send_password(struct ssh1 *ssh, struct span password)
{
    ssh->request = REQUEST1_PASSWORD;
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_SENT,
             .name = "SSH_CMSG_AUTH_PASSWORD");
    /* Room at once: growing would leave a copy behind. */
    (void)buf_reserve(&ssh->conn->out, password.len + PACKET1_OVERHEAD + 8);
    buf_put_string(ssh1_begin(ssh, SSH1_CMSG_AUTH_PASSWORD), password);
    (void)ssh1_send(ssh);
}

static bool
may_ask(const struct ssh1 *ssh)
{
    return ssh->state == STATE1_AUTH && ssh->request == REQUEST1_NONE;
}

void
auth1_none(struct ssh_conn *c, const char *user)
{
    struct ssh1 *ssh = ssh1_of(c);

    /* Once: a server takes one name. */
    if (may_ask(ssh) && buf_len(&ssh->user) == 0)
        send_user(ssh, user);
}

void
auth1_password(struct ssh_conn *c, const char *user, struct span password)
{
    struct ssh1 *ssh = ssh1_of(c);

    if (!may_ask(ssh))
        return;
    if (buf_len(&ssh->user) > 0) {
        send_password(ssh, password);
        return;
    }
    buf_put_span(&ssh->password, password);
    ssh->password_held = true;
    send_user(ssh, user);
}

static void
tell_failure(struct ssh1 *ssh)
{
    struct ssh_event *event = ssh_event_add(ssh->conn, SSH_EVENT_AUTH_FAILURE);

    event->bytes = span_text("password");
}

enum err
on_auth_answer(struct ssh1 *ssh, bool ok)
{
    enum ssh1_request request = ssh->request;

    if (request == REQUEST1_NONE)
        return ssh1_fail(ssh, ERR_PROTOCOL, "an answer without a request");
    ssh->request = REQUEST1_NONE;
    if (ok) {
        ssh->state = STATE1_PREPARE;
        SSH_TELL(ssh->conn, SSH_TRACE_LOGGED_IN);
        ssh_event_add(ssh->conn, SSH_EVENT_AUTH_SUCCESS);
    } else if (request == REQUEST1_USER && ssh->password_held) {
        send_password(ssh, buf_span(&ssh->password));
    } else {
        SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_RECEIVED,
                 .name = "SSH_SMSG_FAILURE");
        tell_failure(ssh);
    }
    ssh->password_held = false;
    buf_clear(&ssh->password);
    return OK;
}
