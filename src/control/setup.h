/*
 * What a worker is told first: SETUP, filled from configuration and keys as
 * they are at that moment.
 */
#ifndef CONTROL_SETUP_H
#define CONTROL_SETUP_H

#include "control/keys.h"
#include "control/outgoing.h"
#include "control/workers.h"

struct setup;

/* Buffers that are used again for each worker; router->setup. */
struct setup *setup_new(void);
void setup_free(struct setup *setup); /* NULL is fine */

/*
 * Send SETUP to a worker of role server. The session remembers which of the
 * signer's keys it offers.
 */
void setup_send_server(struct session *s);
void setup_send_console(struct session *s,
                        const struct worker_terminal *terminal);
/*
 * What a worker of role client is told; the spans are borrowed until another
 * message is filled, or the plan goes. `keys` are those of ours that it may
 * show; `key_types`: of which keys of the peer are known.
 */
void setup_put_client(struct router *r, const struct outgoing_plan *plan,
                      const struct ssh_host_keys *keys, struct span key_types,
                      struct msg_client_setup *m);

#endif
