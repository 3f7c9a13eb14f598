/*
 * A worker's end of the pipe to control: messages in the order in which they
 * were sent, nothing blocks. Once it fails the worker can only end.
 */
#ifndef WORKER_UPLINK_H
#define WORKER_UPLINK_H

#include "ipc/messages.h"
#include "ipc/pipe.h"

/* What may wait for control before keys of the user wait, too. */
#define UPLINK_BUSY (64 * 1024)

struct uplink {
    struct pipe *pipe; /* owned */
    bool failed;       /* control is gone, or does not read any more */
};

/* Take ownership of `fd`. */
void uplink_init(struct uplink *u, int fd);
void uplink_clear(struct uplink *u);

/*
 * Send or queue it. The encoded copy is wiped; spans stay the caller's. On
 * failure `failed` is set, and every further message is dropped.
 */
void uplink_send(struct uplink *u, const struct message *m);
/* A message whose only field is the channel. */
void uplink_send_channel(struct uplink *u, enum message_type type,
                         uint32_t channel);
/* So much is queued that nothing which produces messages should go on. */
bool uplink_is_busy(const struct uplink *u);
/* What poll(2) should look for. */
short uplink_events(const struct uplink *u, bool receive);
/* Send what is queued, as far as it goes. */
void uplink_flush(struct uplink *u);

/*
 * The next message; false when there is none now, or when it failed. Spans
 * and `encoded` (the same message undecoded) are borrowed until the next
 * call; `fd` becomes the caller's, -1 if there is none.
 */
MUST_CHECK bool uplink_receive(struct uplink *u, struct message *m,
                               struct span *encoded, int *fd);
/* Wait for a message, at most `timeout_ms`; false if none came. */
MUST_CHECK bool uplink_await(struct uplink *u, int timeout_ms,
                             struct message *m, int *fd);
/* Wait until all is sent, at most `timeout_ms`. */
void uplink_drain(struct uplink *u, int timeout_ms);

#endif
