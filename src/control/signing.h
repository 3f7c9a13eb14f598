/*
 * Signatures under way: a worker's SIGN goes on to the signer under our own
 * connection and key numbers, its answer goes back. One at a time for each
 * connection, and one for each exchange; the first hash becomes the session
 * id.
 */
#ifndef CONTROL_SIGNING_H
#define CONTROL_SIGNING_H

#include "control/session.h"

/*
 * False: one is under way, the last one has not led to KEYS, or the key number
 * was never offered.
 */
MUST_CHECK bool signing_ask(struct session *s, const struct msg_sign *m);
/* The same for a SESSION_KEY of version 1, which comes once. */
MUST_CHECK bool signing_open(struct session *s,
                             const struct msg_session_key *m);
/* HASH_SIGNED, SESSION_KEY_OPENED from the signer. */
void signing_on_message(struct router *r, const struct msg_hash_signed *m);
void signing_on_opened(struct router *r,
                       const struct msg_session_key_opened *m);
/* The signer died: what was under way fails. */
void signing_lost(struct router *r);

#endif
