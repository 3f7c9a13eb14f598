/*
 * A user's channel joined to a stream, both ways and byte for byte: an
 * outgoing connection, or a serial line. The escape key gives the key
 * behind it a meaning; twice it stands for itself. A text may stand for a
 * break. Who only watches types nothing: all keys have a meaning, or none.
 *
 * Back-pressure: what is typed is taken only while the stream takes it; the
 * stream is read only while the channel has room.
 */
#ifndef WORKER_ATTACH_H
#define WORKER_ATTACH_H

#include "base/buf.h"
#include "base/err.h"

struct attach;

/* What the user wants of us, and not of the far end. */
enum attach_wish {
    ATTACH_NOTHING,
    ATTACH_SUSPEND,    /* x: back to the prompt */
    ATTACH_DISCONNECT, /* d: for good */
    ATTACH_BREAK,      /* b: a break for the far end */
    ATTACH_HELP,       /* ?: which keys there are */
    ATTACH_TAKE,       /* who watches wants to write */
};

struct attach_setup {
    uint8_t escape;         /* 0: there is no escape key */
    bool watches;           /* ^Ec and f, . or ? are all that he can type */
    struct span break_text; /* copied; what stands for a break, or empty */
};

/* Take ownership of `fd`, a stream socket. */
struct attach *attach_new(int fd, const struct attach_setup *setup);
void attach_free(struct attach *a); /* NULL is fine */

/*
 * Typed bytes for the stream; `*taken` of them were used. Bytes behind a wish
 * are not: they are taken by a further call.
 */
enum attach_wish attach_type(struct attach *a, struct span typed,
                             size_t *taken);
/* What was typed may be the beginning of the text for a break. */
bool attach_holds(const struct attach *a);
/* It is not: nothing came behind it. */
void attach_let_go(struct attach *a);
/* The lines of ATTACH_HELP, for a terminal. */
void attach_put_help(const struct attach *a, struct buf *out);
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
