/*
 * Standard input, output and error: without ever blocking, and without
 * changing what other programs share with us.
 */
#ifndef VTYSSH_STREAMS_H
#define VTYSSH_STREAMS_H

#include <sys/uio.h>

#include "base/buf.h"
#include "base/err.h"

#define STREAM_PIECES 64 /* of output, that one call writes */

enum stream_kind {
    STREAM_FILE,   /* a read or write of it takes no time that matters */
    STREAM_OWN,    /* opened again for us alone, O_NONBLOCK */
    STREAM_SOCKET, /* asked not to block at each call */
    STREAM_POLLED, /* little at a time, when poll(2) says so */
};

struct stream {
    int fd; /* -1: closed */
    enum stream_kind kind;
    struct iovec pieces[STREAM_PIECES]; /* collected; borrowed */
    unsigned piece_count;
    struct buf pending; /* output that it did not take yet */
};

/*
 * Standard stream number `fd`. Pipes and terminals are opened again, by their
 * names in /proc, so it comes before anything that hides /proc.
 */
void stream_open(struct stream *s, int fd);
/* Close it for good; what is pending is gone. */
void stream_close(struct stream *s);

/*
 * Read at most `len` bytes. ERR_MORE: nothing there now. ERR_CLOSED: the end,
 * or it failed.
 */
MUST_CHECK enum err stream_read(struct stream *s, uint8_t *to, size_t len,
                                size_t *got);
/* Is reading worth another try before the next poll(2)? */
bool stream_may_have_more(const struct stream *s);

/*
 * Write what it takes and keep the rest. How many bytes left us by it; at
 * once or, by stream_flush(), later. ERR_CLOSED: nobody reads it any more.
 */
MUST_CHECK enum err stream_write(struct stream *s, struct span bytes,
                                 size_t *gone);
MUST_CHECK enum err stream_flush(struct stream *s, size_t *gone);

/*
 * Collect what one call is to write: false when it has to be written alone.
 * The bytes must stay where they are until stream_write_collected(), which
 * tells how many left us, or with ERR_CLOSED were lost. Nothing else is
 * written in between.
 */
bool stream_collect(struct stream *s, struct span bytes);
MUST_CHECK enum err stream_write_collected(struct stream *s, size_t *gone);

#endif
