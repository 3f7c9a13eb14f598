/*
 * The nursery: prepared once, it forks a worker for each START that control
 * sends. It never reads a byte from the network.
 */
#ifndef WORKER_NURSERY_H
#define WORKER_NURSERY_H

#include "ipc/messages.h"

/* Where a worker finds its two descriptors. */
#define WORKER_PEER_FD 3
#define WORKER_PIPE_FD 4

/*
 * Serve control on the pipe at `pipe_fd`. Returns twice over: in each child,
 * true, with its descriptors in place and its role in `start`; in the nursery
 * itself once, false, when control has closed the pipe.
 */
MUST_CHECK bool nursery_run(int pipe_fd, struct msg_start *start);

#endif
