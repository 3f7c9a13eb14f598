/*
 * The instance `servers` of vtyd-aaa: asks RADIUS servers what control wants to
 * know. It keeps nothing: each request says whom to ask, and under which key.
 */
#ifndef AAA_SERVERS_H
#define AAA_SERVERS_H

#include "ipc/pipe.h"

/*
 * Serve control until it is gone. The program is prepared, but has no filter
 * yet. Its exit status.
 */
int servers_run(struct pipe *control);

#endif
