/*
 * A user's key and what a client signs with it (RFC 4252 section 7), put
 * together here a second time, independent of the code under test.
 */
#ifndef TESTS_AAA_SIGNED_REQUEST_H
#define TESTS_AAA_SIGNED_REQUEST_H

#include "base/buf.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "ipc/messages.h"

struct signed_request {
    struct private_key *key;
    struct buf blob, keys, data, signature;
    uint8_t session_id[32];
    struct msg_judge judge; /* borrows from all of these */
};

static inline void
signed_request_init(struct signed_request *s, enum key_type type, unsigned bits,
                    const char *algorithm)
{
    assert_int_equal(private_key_generate(type, bits, &s->key), OK);
    buf_init(&s->blob, KEY_BLOB_MAX);
    buf_init(&s->keys, 8192);
    buf_init(&s->data, 8192);
    buf_init(&s->signature, SIGNATURE_MAX);
    memset(s->session_id, 0x5a, sizeof(s->session_id));
    private_key_put_public(s->key, &s->blob);
    buf_put_string(&s->keys, buf_span(&s->blob));

    buf_put_string(&s->data, span_of(s->session_id, sizeof(s->session_id)));
    buf_put_u8(&s->data, 50);
    buf_put_text(&s->data, "lab");
    buf_put_text(&s->data, "ssh-connection");
    buf_put_text(&s->data, "publickey");
    buf_put_u8(&s->data, 1);
    buf_put_text(&s->data, algorithm);
    buf_put_string(&s->data, buf_span(&s->blob));
    assert_int_equal(private_key_sign(s->key,
                                      signature_find(span_text(algorithm)),
                                      buf_span(&s->data), &s->signature),
                     OK);
    s->judge = (struct msg_judge){
        .request = 77,
        .kind = JUDGE_KEY,
        .session_id = span_of(s->session_id, sizeof(s->session_id)),
        .user = span_text("lab"),
        .algorithm = span_text(algorithm),
        .blob = buf_span(&s->blob),
        .signature = buf_span(&s->signature),
        .keys = buf_span(&s->keys),
    };
}

static inline void
signed_request_clear(struct signed_request *s)
{
    private_key_free(s->key);
    buf_clear(&s->blob);
    buf_clear(&s->keys);
    buf_clear(&s->data);
    buf_clear(&s->signature);
}

#endif
