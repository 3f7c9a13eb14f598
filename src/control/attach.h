/*
 * The socket console.sock in the state directory, both ends: control's, and
 * the program `vtyd attach`.
 *
 * The far end sends one line, "terminal COLUMNS ROWS" or "stream", and waits.
 * Control answers "ok", or "no " and the reason; behind "ok" the socket is the
 * line itself, both ways, until it ends.
 */
#ifndef CONTROL_ATTACH_H
#define CONTROL_ATTACH_H

#include "control/workers.h"

struct attach; /* control's end */

/*
 * Somebody who may do so asks for the line. ATTACH_YES: it is his; `fd` must
 * be copied, the caller closes its own. ATTACH_BUSY: asked again for a second
 * (who had the line may just be leaving), then as ATTACH_NO: he is told `why`.
 */
enum attach_answer { ATTACH_YES, ATTACH_NO, ATTACH_BUSY };
typedef enum attach_answer (*attach_fn)(void *owner, int fd,
                                        const struct worker_terminal *terminal,
                                        char *why, size_t room);

/*
 * Listen in the state directory `dir` (a descriptor). A socket that an ended
 * router left is replaced. ERR_SYSTEM.
 */
MUST_CHECK enum err attach_listen(uv_loop_t *loop, int dir, attach_fn asked,
                                  void *owner, struct attach **out);
/* Close and remove the socket; freed when the loop has let go of it. */
void attach_close(struct attach *a); /* NULL is fine */

/* `vtyd attach`: the whole program. The exit status: 0 or 1. */
int attach_run(const struct options *o);

#endif
