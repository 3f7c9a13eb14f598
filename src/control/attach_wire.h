/*
 * What both ends of console.sock know: its name, the first line each way
 * (attach.h) and how to name a socket whose directory has a long path.
 */
#ifndef CONTROL_ATTACH_WIRE_H
#define CONTROL_ATTACH_WIRE_H

#include <sys/un.h>

#include "base/err.h"
#include "control/workers.h"

#define ATTACH_SOCKET   "console.sock"
#define ATTACH_LINE_MAX 128  /* bytes of either first line, LF included */
#define ATTACH_SIZE_MAX 1000 /* columns, rows; more are cut to this */

/* The socket in the directory that `dir` is open on. */
void attach_address(int dir, struct sockaddr_un *address);

/* Length of the line with its LF. */
size_t attach_put_greeting(char line[ATTACH_LINE_MAX],
                           const struct worker_terminal *terminal);
/* `line` without its LF. ERR_FORMAT. Sets all of `terminal`. */
MUST_CHECK enum err attach_parse_greeting(struct span line,
                                          struct worker_terminal *terminal);

#endif
