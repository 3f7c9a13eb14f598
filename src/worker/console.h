/*
 * Role console: line con 0 on a terminal, or on a stream; no SSH.
 */
#ifndef WORKER_CONSOLE_H
#define WORKER_CONSOLE_H

#include "worker/uplink.h"

/*
 * Serve the user on `fd`, which is a terminal (set to raw mode, and back at
 * the end) or a stream: the far end of `vtyd attach`, or a script. SETUP is
 * awaited first; the shell is channel 0. Returns when the line is over.
 */
void console_run(int fd, struct uplink *up);

#endif
