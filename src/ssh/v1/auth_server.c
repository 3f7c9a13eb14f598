#include "ssh/auth_limits.h"
#include "ssh/v1/ssh1.h"

static enum err
report(struct ssh1 *ssh, enum ssh_auth_method method, struct span password)
{
    struct ssh_event *event;

    if (++ssh->tries > SSH_AUTH_REQUESTS_MAX)
        return ssh_end(ssh->conn, SSH_REASON_NO_MORE_AUTH_METHODS, ERR_LIMIT,
                       "too many authentication requests");
    if (!auth_user_is_fit(buf_span(&ssh->user)) ||
        !auth_secret_is_fit(password))
        method = SSH_AUTH_OTHER;
    event = ssh_event_add(ssh->conn, SSH_EVENT_AUTH_REQUEST);
    event->auth.method = method;
    event->auth.user = buf_span(&ssh->user);
    if (method == SSH_AUTH_PASSWORD)
        event->auth.password = password;
    ssh->awaiting = AWAIT1_VERDICT;
    return OK;
}

enum err
on_user(struct ssh1 *ssh, struct reader *msg)
{
    struct span user = read_string(msg);

    if (!read_done(msg))
        return ERR_FORMAT;
    buf_put_span(&ssh->user, user);
    ssh->state = STATE1_AUTH;
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_RECEIVED, .name = "SSH_CMSG_USER");
    if (ssh->conn->trace != NULL)
        rules1_tell_text(ssh, SSH1_CMSG_USER, SSH_TRACE_USER, user);
    /* Is it enough to be him? Almost never; FAILURE asks for a proof. */
    return report(ssh, SSH_AUTH_NONE, SPAN_EMPTY);
}

/* Some clients hide its length: zeros behind it are no part of it. */
enum err
on_password1(struct ssh1 *ssh, struct reader *msg)
{
    struct span password = read_string(msg);
    const uint8_t *end;

    if (!read_done(msg))
        return ERR_FORMAT;
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_RECEIVED,
             .name = "SSH_CMSG_AUTH_PASSWORD");
    end = password.len == 0 ? NULL : memchr(password.ptr, 0, password.len);
    if (end != NULL)
        password.len = (size_t)(end - password.ptr);
    return report(ssh, SSH_AUTH_PASSWORD, password);
}

enum err
on_other_method(struct ssh1 *ssh, struct reader *msg)
{
    (void)msg; /* its fields are not looked at */
    return report(ssh, SSH_AUTH_OTHER, SPAN_EMPTY);
}

/* The packet held the password; it is wiped when it goes. */
static void
drop_packet(struct ssh_conn *c)
{
    buf_consume(&c->in, c->in_used);
    c->in_used = 0;
}

void
auth1_reply(struct ssh_conn *c, enum ssh_verdict verdict, const char *methods,
            const struct ssh_question *question)
{
    struct ssh1 *ssh = ssh1_of(c);

    (void)methods; /* version 1 named them at its beginning */
    (void)question;
    if (ssh->awaiting != AWAIT1_VERDICT)
        return;
    ssh->awaiting = AWAIT1_NOTHING;
    drop_packet(c);
    if (verdict != SSH_VERDICT_ACCEPT) {
        if (ssh->tries > 1)
            SSH_TELL(c, SSH_TRACE_WRONG, .text = buf_span(&ssh->user));
        (void)ssh1_send_empty(ssh, SSH1_SMSG_FAILURE);
        SSH_TELL(c, SSH_TRACE_MESSAGE_SENT, .name = "SSH_SMSG_FAILURE");
        return;
    }
    SSH_TELL(c, SSH_TRACE_LOGGED_IN, .text = buf_span(&ssh->user));
    ssh->state = STATE1_PREPARE;
    ssh_event_add(c, SSH_EVENT_CHANNEL_OPEN)->channel = CHANNEL1;
    (void)ssh1_send_empty(ssh, SSH1_SMSG_SUCCESS);
}
