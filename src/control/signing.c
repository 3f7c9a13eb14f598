#include "control/signing.h"

#include "control/helpers.h"
#include "control/server_key.h"
#include "control/sessions.h"

static void
reply_version_1(struct session *s, struct span session_id, struct span key)
{
    struct message m = {.type = MSG_SESSION_KEY_REPLY};

    m.session_key_reply.session_id = session_id;
    m.session_key_reply.key = key;
    session_send(s, &m);
}

/* Of version 1: session id and key. */
static void
reply(struct session *s, struct span hash, struct span signature)
{
    struct message m = {.type = MSG_SIGN_REPLY};

    s->signing = false;
    s->exchange_signed = signature.len > 0;
    if (s->version == 1) {
        reply_version_1(s, hash, signature);
        return;
    }
    m.sign_reply.hash = hash;
    m.sign_reply.signature = signature;
    session_send(s, &m);
}

bool
signing_ask(struct session *s, const struct msg_sign *m)
{
    struct message to = {.type = MSG_HASH_SIGN};

    if (s->signing || s->exchange_signed || s->version == 1 ||
        m->host_key >= s->host_key_count)
        return false;
    s->signing = true;
    s->version = 2;
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

bool
signing_open(struct session *s, const struct msg_session_key *m)
{
    struct message to = {.type = MSG_SESSION_KEY_OPEN};

    if (s->version != 0 || s->server_key == 0)
        return false;
    s->version = 1;
    s->signing = true;
    to.session_key_open.connection = s->connection;
    to.session_key_open.key = s->v1_host_key;
    to.session_key_open.server_key = s->server_key;
    to.session_key_open.cookie = m->cookie;
    to.session_key_open.wrapped = m->wrapped;
    if (!signer_send(s->router, &to, -1))
        reply(s, SPAN_EMPTY, SPAN_EMPTY);
    return true;
}

static void
keep_session_id(struct session *s, struct span hash)
{
    if (s->session_id.len > 0 || hash.len > sizeof(s->session_id.bytes))
        return;
    s->session_id.len = hash.len;
    if (hash.len > 0)
        memcpy(s->session_id.bytes, hash.ptr, hash.len);
}

void
signing_on_message(struct router *r, const struct msg_hash_signed *m)
{
    struct session *s = session_find(r, m->connection);

    /* It may have ended meanwhile. */
    if (s == NULL || !s->signing)
        return;
    keep_session_id(s, m->hash);
    reply(s, m->hash, m->signature);
}

void
signing_on_opened(struct router *r, const struct msg_session_key_opened *m)
{
    struct session *s = session_find(r, m->connection);

    if (s != NULL && s->signing) {
        keep_session_id(s, m->session_id);
        reply(s, m->session_id, m->key);
    }
    /* Behind the answer: it takes as long whatever there is to be done. */
    if (m->session_id.len > 0 && !m->right)
        server_key_suspect(r);
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
