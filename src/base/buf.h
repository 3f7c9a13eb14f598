/*
 * A growable byte buffer with a hard maximum.
 *
 * Failure is sticky: what would pass the maximum is not appended, and from
 * then on buf_ok() is false. Build a whole message, then ask once.
 * Allocation does not fail: out of memory ends the process.
 * Integers are big-endian, strings are RFC 4251 section 5.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"
#include "base/span.h"

struct buf {
    uint8_t *bytes; /* owned; NULL while nothing was ever appended */
    size_t start;   /* first unread byte */
    size_t end;     /* one past the last byte */
    size_t room;    /* allocated bytes */
    size_t max;     /* most bytes it may hold unread */
    bool secret;    /* wiped on growth, consumption and clear */
    bool failed;
};

/* `max` in bytes. Nothing is allocated until the first append. */
void buf_init(struct buf *b, size_t max);
/* As buf_init(); growing copies and wipes, never realloc(). */
void buf_init_secret(struct buf *b, size_t max);
/* Free the memory (wiped if secret) and be as after init. */
void buf_clear(struct buf *b);
/* Forget the contents and a failure, keep the memory. */
void buf_reset(struct buf *b);

static inline bool
buf_ok(const struct buf *b)
{
    return !b->failed;
}

static inline size_t
buf_len(const struct buf *b)
{
    return b->end - b->start;
}

/* The unread bytes, borrowed until the next change of the buffer. */
static inline struct span
buf_span(const struct buf *b)
{
    return span_of(b->bytes == NULL ? NULL : b->bytes + b->start, buf_len(b));
}

/* Writable pointer to the unread bytes (packets are opened in place). */
uint8_t *buf_bytes(struct buf *b);

/* Drop `len` unread bytes from the front; wiped if secret. */
void buf_consume(struct buf *b, size_t len);
/* Cut the unread bytes to `len`. */
void buf_truncate(struct buf *b, size_t len);

/*
 * Make room for `len` bytes behind the end and return where they go; NULL and
 * a sticky failure beyond the maximum. Commit what was written there with
 * buf_commit().
 */
uint8_t *buf_reserve(struct buf *b, size_t len);
void buf_commit(struct buf *b, size_t len);

void buf_put(struct buf *b, const void *bytes, size_t len);
void buf_put_span(struct buf *b, struct span bytes);
void buf_put_u8(struct buf *b, uint8_t value);
void buf_put_bool(struct buf *b, bool value);
void buf_put_u16(struct buf *b, uint16_t value);
void buf_put_u32(struct buf *b, uint32_t value);
void buf_put_u64(struct buf *b, uint64_t value);
/* uint32 length, then the bytes. */
void buf_put_string(struct buf *b, struct span bytes);
void buf_put_text(struct buf *b, const char *text); /* as a string */
/* An unsigned big-endian number as mpint: no needless zeros, sign byte. */
void buf_put_mpint(struct buf *b, struct span magnitude);
/* Plain characters, no length in front. */
void buf_printf(struct buf *b, const char *format, ...) PRINTF(2, 3);

/*
 * Begin a string whose length is not known yet; buf_end_string() fills in the
 * length of all that was appended since. They nest.
 */
size_t buf_begin_string(struct buf *b);
void buf_end_string(struct buf *b, size_t mark);

/*
 * A NUL behind the unread bytes, not counted; the text borrowed until the
 * next change. "" for a failed buffer.
 */
const char *buf_text(struct buf *b);

#endif
