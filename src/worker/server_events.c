/*
 * What the peer did, as messages to control.
 */
#include "worker/server_parts.h"

static void
send_keys(struct server *s)
{
    struct ssh_keys keys = ssh_conn_keys(s->ssh);
    struct message m = {.type = MSG_KEYS};

    m.keys.kex = span_text(keys.kex);
    m.keys.host_key = span_text(keys.host_key);
    m.keys.cipher_in = span_text(keys.cipher_in);
    m.keys.cipher_out = span_text(keys.cipher_out);
    m.keys.mac_in = span_text(keys.mac_in);
    m.keys.mac_out = span_text(keys.mac_out);
    m.keys.ident = ssh_conn_peer_ident(s->ssh);
    uplink_send(s->up, &m);
}

static void
send_sign(struct server *s, const struct ssh_event *event)
{
    struct message m = {.type = MSG_SIGN};

    m.sign.method = event->sign.method;
    m.sign.host_key = (uint32_t)event->sign.host_key;
    m.sign.hash = (uint8_t)event->sign.hash;
    m.sign.before = event->sign.before;
    m.sign.after = event->sign.after;
    uplink_send(s->up, &m);
    s->signature_due = true;
}

static void
send_session_key(struct server *s, const struct ssh_event *event)
{
    struct message m = {.type = MSG_SESSION_KEY};

    m.session_key.cookie = event->cookie;
    m.session_key.wrapped = event->bytes;
    uplink_send(s->up, &m);
    s->signature_due = true;
}

static void
send_auth_try(struct server *s, const struct ssh_event *event)
{
    struct message m = {.type = MSG_AUTH_TRY};

    m.auth_try.method = (uint8_t)event->auth.method;
    m.auth_try.user = event->auth.user;
    m.auth_try.password = event->auth.password;
    m.auth_try.algorithm = event->auth.algorithm;
    m.auth_try.key = event->auth.key;
    m.auth_try.signature = event->auth.signature;
    uplink_send(s->up, &m);
    s->verdict_due = true;
}

static void
send_auth_answer(struct server *s, const struct ssh_event *event)
{
    struct message m = {.type = MSG_AUTH_ANSWER};
    struct buf answers;

    buf_init_secret(&answers, PIPE_MESSAGE_MAX);
    for (size_t i = 0; i < event->auth.answer_count; i++)
        buf_put_string(&answers, event->auth.answers[i]);
    m.auth_answer.count = (uint32_t)event->auth.answer_count;
    m.auth_answer.answers = buf_span(&answers);
    uplink_send(s->up, &m);
    buf_clear(&answers);
    s->verdict_due = true;
}

void
server_on_event(struct server *s, const struct ssh_event *event)
{
    switch (event->type) {
    case SSH_EVENT_KEYS:
        send_keys(s);
        break;
    case SSH_EVENT_NEED_SIGNATURE:
        send_sign(s, event);
        break;
    case SSH_EVENT_NEED_SESSION_KEY:
        send_session_key(s, event);
        break;
    case SSH_EVENT_AUTH_REQUEST:
        send_auth_try(s, event);
        break;
    case SSH_EVENT_AUTH_ANSWER:
        send_auth_answer(s, event);
        break;
    case SSH_EVENT_CLOSED:
        s->closed = true;
        s->reason = event->reason;
        s->by_peer = event->by_peer;
        s->err = event->err;
        s->text = event->text;
        break;
    default:
        channels_on_event(s, event);
        break;
    }
}
