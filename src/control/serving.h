/*
 * The channels of a session over which files go: which requests begin one, who
 * may, and what its worker then asks.
 */
#ifndef CONTROL_SERVING_H
#define CONTROL_SERVING_H

#include "control/session.h"

/*
 * An exec request that is one for scp: SERVE_SCP, also when it is refused, for
 * the client is told in scp's own words. False: it is none.
 */
MUST_CHECK bool serving_exec(struct session *s, const struct msg_exec *m);
/*
 * SERVE_SFTP, or a REQUEST_REPLY that refuses: there is no such subsystem, it
 * is not enabled, or not for this user. False: the worker lies.
 */
MUST_CHECK bool serving_subsystem(struct session *s,
                                  const struct msg_subsystem *m);
/* The channel is in use for files. */
bool serving_has(const struct session *s, uint32_t channel);

/* A FILE_... message for `channel`. False: the worker lies. */
MUST_CHECK bool serving_on_message(struct session *s, uint32_t channel,
                                   const struct message *m);
/* No byte went over the channel for so long; false: it is not for files. */
bool serving_on_idle(struct session *s, uint32_t channel);
/* The channel, or the whole session, is gone. */
void serving_end(struct session *s, uint32_t channel);
void servings_end(struct session *s);

#endif
