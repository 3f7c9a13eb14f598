/*
 * A user's channel joined to a stream, both ways and byte for byte: an
 * outgoing connection, later a serial line. The escape key, followed by x,
 * takes the user back; twice it stands for itself.
 *
 * Back-pressure: what is typed is taken only while the stream takes it; the
 * stream is read only while the channel has room.
 */
#ifndef WORKER_ATTACH_H
#define WORKER_ATTACH_H

#include "base/buf.h"
#include "base/err.h"

struct attach;

/* Take ownership of `fd`, a stream socket. `escape` 0: no escape key. */
struct attach *attach_new(int fd, uint8_t escape);
void attach_free(struct attach *a); /* NULL is fine */

/*
 * Typed bytes for the stream; `*taken` of them were used. ERR_CLOSED: the
 * user escaped, and what is behind is not for the stream.
 */
MUST_CHECK enum err attach_type(struct attach *a, struct span typed,
                                size_t *taken);
/*
 * Bytes of the stream, at most `room`, appended to `out`. ERR_MORE: none now.
 * ERR_CLOSED: the stream has ended.
 */
MUST_CHECK enum err attach_read(struct attach *a, struct buf *out, size_t room);
/*
 * Nothing more will be typed: the far end sees the end of what was, once that
 * is sent. To be called again while the stream is open.
 */
void attach_type_end(struct attach *a);
/* Send what was typed, as far as it goes. */
void attach_flush(struct attach *a);

int attach_fd(const struct attach *a);
/* What poll(2) should look for; `readable`: the channel has room. */
short attach_events(const struct attach *a, bool readable);

#endif
