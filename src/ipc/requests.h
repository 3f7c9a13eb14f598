/*
 * What control asks of a process that it has started, taken one by one.
 */
#ifndef IPC_REQUESTS_H
#define IPC_REQUESTS_H

#include "ipc/messages.h"
#include "ipc/pipe.h"

/*
 * False: the message is not for this process. `bytes` is `m` as it came; both
 * are borrowed. `*fd`: -1 or what came first with it; who keeps it puts -1
 * there.
 */
typedef bool (*request_fn)(void *owner, const struct message *m,
                           struct span bytes, int *fd);

/*
 * Take the next request; descriptors that `handle` did not keep are closed.
 * ERR_MORE: none now. Anything else: control is gone, or cannot be followed
 * (ERR_REFUSED: what came is no message, or is not for us).
 */
MUST_CHECK enum err request_take(struct pipe *control, request_fn handle,
                                 void *owner);

#endif
