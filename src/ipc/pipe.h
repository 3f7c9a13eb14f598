/*
 * Framed messages, with at most two descriptors, over a SOCK_SEQPACKET pair.
 * Nothing blocks: what the socket does not take now is queued.
 */
#ifndef IPC_PIPE_H
#define IPC_PIPE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define PIPE_MESSAGE_MAX 65536        /* bytes of one encoded message */
#define PIPE_QUEUE_MAX   (256 * 1024) /* queued bytes, at most */
#define PIPE_FDS_MAX     2

struct pipe; /* one end */

/*
 * Two connected sockets, non-blocking and close-on-exec, not dumpable into
 * each other's process by accident: ends[0] stays here, ends[1] is for the
 * other process. ERR_SYSTEM.
 */
MUST_CHECK enum err pipe_pair(int ends[2]);
/* Is `fd` one of such ends? A program that control did not start has none. */
bool pipe_is_end(int fd);

/* Take ownership of `fd`. Free closes it and wipes what was queued. */
struct pipe *pipe_new(int fd);
void pipe_free(struct pipe *p); /* NULL is fine */
int pipe_fd(const struct pipe *p);

/*
 * Send one encoded message (1..PIPE_MESSAGE_MAX bytes), or queue it behind
 * others. The descriptors are duplicated when queued; the caller still owns
 * and closes its own. ERR_LIMIT: the queue is full, nothing was queued.
 * ERR_LENGTH: not within 1..PIPE_MESSAGE_MAX. ERR_CLOSED: the other end is
 * gone. ERR_SYSTEM.
 */
MUST_CHECK enum err pipe_send(struct pipe *p, struct span message,
                              const int *fds, size_t fd_count);
/* Send what is queued, as far as it goes. ERR_CLOSED, ERR_SYSTEM. */
MUST_CHECK enum err pipe_flush(struct pipe *p);
bool pipe_wants_write(const struct pipe *p);
/* Bytes queued, each message counted with its bookkeeping. */
size_t pipe_queued(const struct pipe *p);
/*
 * Keep what is sent from now on until pipe_flush(), so that the other end is
 * woken once for several messages. Nothing must be queued. Little is kept,
 * and no descriptor: from then on it goes as ever. What is kept does not
 * count as queued.
 */
void pipe_hold(struct pipe *p);

/*
 * Receive one message: its bytes are borrowed until the next receive (and
 * wiped then). Descriptors become the caller's, close-on-exec; unused places
 * are -1. What was sent beyond PIPE_FDS_MAX, or found no free descriptor
 * here, is closed: a message that needs one is refused by its handler.
 * ERR_MORE: none now. ERR_CLOSED: end; what was sent before it has come.
 * ERR_LENGTH: truncated. ERR_SYSTEM.
 */
MUST_CHECK enum err pipe_receive(struct pipe *p, struct span *message,
                                 int fds[PIPE_FDS_MAX]);
/* Wipe the message that was received last, now. */
void pipe_forget(struct pipe *p);
/* Close what came with a message, or what is left of it; -1 is passed over. */
void pipe_close_fds(int fds[PIPE_FDS_MAX]);

#endif
