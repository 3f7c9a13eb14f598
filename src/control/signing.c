#include "control/signing.h"

#include "control/helpers.h"
#include "control/sessions.h"

static void
reply(struct session *s, struct span hash, struct span signature)
{
    struct message m = {.type = MSG_SIGN_REPLY};

    s->signing = false;
    s->exchange_signed = signature.len > 0;
    m.sign_reply.hash = hash;
    m.sign_reply.signature = signature;
    session_send(s, &m);
}

bool
signing_ask(struct session *s, const struct msg_sign *m)
{
    struct message to = {.type = MSG_HASH_SIGN};

    if (s->signing || s->exchange_signed || m->host_key >= s->host_key_count)
        return false;
    s->signing = true;
    to.hash_sign.connection = s->connection;
    to.hash_sign.key = s->host_keys[m->host_key];
    to.hash_sign.method = m->method;
    to.hash_sign.hash = m->hash;
    to.hash_sign.before = m->before;
    to.hash_sign.after = m->after;
    if (!signer_send(s->router, &to, -1))
        reply(s, SPAN_EMPTY, SPAN_EMPTY);
    return true;
}

void
signing_on_message(struct router *r, const struct msg_hash_signed *m)
{
    struct session *s = session_find(r, m->connection);

    /* It may have ended meanwhile. */
    if (s == NULL || !s->signing)
        return;
    if (s->session_id.len == 0 && m->hash.len <= sizeof(s->session_id.bytes)) {
        s->session_id.len = m->hash.len;
        if (m->hash.len > 0)
            memcpy(s->session_id.bytes, m->hash.ptr, m->hash.len);
    }
    reply(s, m->hash, m->signature);
}

void
signing_lost(struct router *r)
{
    LIST_EACH(node, sessions_all(r))
    {
        struct session *s = LIST_ITEM(node, struct session, node);

        if (s->signing)
            reply(s, SPAN_EMPTY, SPAN_EMPTY);
    }
}
