/*
 * The server key of version 1 that new connections are given: made by the
 * signer to go with the RSA host key, and again when it has been used for an
 * hour, or soon after somebody sent a session key that did not fit. A signer
 * that fails to make one is asked again after a while.
 */
#ifndef CONTROL_SERVER_KEY_H
#define CONTROL_SERVER_KEY_H

#include "control/session.h"

struct server_key *server_key_new(struct router *r);
/* Freed when the loop has let go of it. NULL is fine. */
void server_key_free(struct server_key *key);

/* The host key or the configured version may have changed. */
void server_key_update(struct router *r);
/* SERVER_KEY_MADE. */
void server_key_on_made(struct router *r, const struct msg_server_key_made *m);
/* The signer died, and with it the key. */
void server_key_lost(struct router *r);
/* A session key that was opened was wrong: somebody may be searching. */
void server_key_suspect(struct router *r);

/* Version 1 can be spoken now. */
bool server_key_is_ready(const struct router *r);
/*
 * It will be in a moment: until then no peer can be told which versions there
 * are. False once the signer has failed, for as long as it does.
 */
bool server_key_is_awaited(struct router *r);
/* The pairs for a new connection; the session remembers which. Borrowed. */
void server_key_use(struct session *s, struct span *host_blob,
                    struct span *server_blob);

#endif
