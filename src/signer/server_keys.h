/*
 * The RSA pairs of version 1 that live for an hour and are never stored, and
 * the session keys that come under them (protocol 1.5 as deployed, sections 5,
 * 6 and 13).
 */
#ifndef SIGNER_SERVER_KEYS_H
#define SIGNER_SERVER_KEYS_H

#include "crypto/rsa1.h"
#include "signer/keys.h"

/* A connection that was given one of the last pairs can still use it. */
#define SERVER_KEYS_KEPT 4

struct server_keys {
    uint32_t last; /* serial number; 0: none was made yet */
    struct {
        uint32_t serial;
        struct private_key *private;
        struct buf blob;
    } kept[SERVER_KEYS_KEPT];
};

void server_keys_init(struct server_keys *keys);
/* Wipes and frees all of them. */
void server_keys_clear(struct server_keys *keys);

/*
 * Make a pair that goes with the host key `host`; it takes some ten
 * milliseconds. `last` is its number, `*blob` its public half, borrowed until
 * it is forgotten. ERR_REFUSED: `host` is no RSA pair. ERR_CRYPTO.
 */
MUST_CHECK enum err server_keys_make(struct server_keys *keys,
                                     const struct key *host, struct span *blob);

/* What was opened; wipe it. */
struct session_key {
    uint8_t session_id[RSA1_SESSION_ID];
    uint8_t key[RSA1_KEY];
    bool right; /* else the key is a random one */
};
/*
 * The session key of a connection. A wrong one is no error: see rsa1_unwrap().
 * ERR_REFUSED: no such keys, or a cookie that is none.
 */
MUST_CHECK enum err server_keys_open(const struct server_keys *keys,
                                     const struct key *host,
                                     const struct msg_session_key_open *request,
                                     struct session_key *opened);

#endif
