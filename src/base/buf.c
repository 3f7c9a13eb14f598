#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"

#define ROOM_MIN 64 /* bytes; the smallest allocation worth making */

void
buf_init(struct buf *b, size_t max)
{
    /* So that no sum of lengths below can wrap. */
    *b = (struct buf){.max = max < SIZE_MAX / 4 ? max : SIZE_MAX / 4};
}

void
buf_init_secret(struct buf *b, size_t max)
{
    buf_init(b, max);
    b->secret = true;
}

void
buf_clear(struct buf *b)
{
    if (b->secret && b->bytes != NULL)
        wipe(b->bytes, b->room);
    free(b->bytes);
    *b = (struct buf){.max = b->max, .secret = b->secret};
}

void
buf_reset(struct buf *b)
{
    buf_consume(b, buf_len(b));
    b->failed = false;
}

uint8_t *
buf_bytes(struct buf *b)
{
    return b->bytes == NULL ? NULL : b->bytes + b->start;
}

void
buf_consume(struct buf *b, size_t len)
{
    assert(len <= buf_len(b));
    if (b->secret && len > 0)
        wipe(b->bytes + b->start, len);
    b->start += len;
    if (b->start == b->end)
        b->start = b->end = 0;
}

void
buf_truncate(struct buf *b, size_t len)
{
    assert(len <= buf_len(b));
    if (b->secret && len < buf_len(b))
        wipe(b->bytes + b->start + len, buf_len(b) - len);
    b->end = b->start + len;
    if (len == 0)
        b->start = b->end = 0;
}

/* Move the unread bytes to the front of the memory. */
static void
compact(struct buf *b)
{
    size_t len = buf_len(b);

    memmove(b->bytes, b->bytes + b->start, len);
    if (b->secret)
        wipe(b->bytes + len, b->end - len);
    b->start = 0;
    b->end = len;
}

static void
enlarge(struct buf *b, size_t room)
{
    uint8_t *bytes;

    if (b->secret) {
        bytes = alloc_zero(room, 1);
        if (b->bytes != NULL) {
            memcpy(bytes, b->bytes, b->end);
            wipe(b->bytes, b->room);
        }
        free(b->bytes);
    } else {
        bytes = alloc_resize(b->bytes, room, 1);
    }
    b->bytes = bytes;
    b->room = room;
}

/*
 * `len` bytes and a NUL fit behind the end afterwards. Bytes are moved only
 * when at least a third of the memory is gained by it, or memory may not
 * grow: so a queue that is filled and drained costs a constant per byte.
 */
static void
make_room(struct buf *b, size_t len)
{
    size_t wanted = buf_len(b) + len + 1;
    size_t room;

    if (b->room - b->end > len)
        return;
    if (wanted <= b->room && (b->start >= b->room / 3 || b->room > b->max)) {
        compact(b);
        return;
    }
    if (b->start > 0)
        compact(b);
    room = wanted + wanted / 2;
    if (room > b->max + 1)
        room = b->max + 1;
    if (room < ROOM_MIN)
        room = ROOM_MIN;
    enlarge(b, room);
}

uint8_t *
buf_reserve(struct buf *b, size_t len)
{
    if (b->failed)
        return NULL;
    /* One byte is kept for the NUL of buf_text(). */
    if (len > b->max - buf_len(b)) {
        b->failed = true;
        return NULL;
    }
    make_room(b, len);
    return b->bytes + b->end;
}

void
buf_commit(struct buf *b, size_t len)
{
    if (b->failed)
        return;
    assert(b->bytes == NULL ? len == 0 : len < b->room - b->end);
    b->end += len;
}

void
buf_put(struct buf *b, const void *bytes, size_t len)
{
    uint8_t *to = buf_reserve(b, len);

    if (to == NULL)
        return;
    if (len > 0)
        memcpy(to, bytes, len);
    buf_commit(b, len);
}

void
buf_put_span(struct buf *b, struct span bytes)
{
    buf_put(b, bytes.ptr, bytes.len);
}

/* The low `len` bytes of `value`, big-endian. */
static void
put_number(struct buf *b, uint64_t value, size_t len)
{
    uint8_t *to = buf_reserve(b, len);

    if (to == NULL)
        return;
    for (size_t i = len; i > 0; i--) {
        to[i - 1] = (uint8_t)(value & 0xff);
        value >>= 8;
    }
    buf_commit(b, len);
}

void
buf_put_u8(struct buf *b, uint8_t value)
{
    put_number(b, value, 1);
}

void
buf_put_bool(struct buf *b, bool value)
{
    put_number(b, value ? 1 : 0, 1);
}

void
buf_put_u16(struct buf *b, uint16_t value)
{
    put_number(b, value, 2);
}

void
buf_put_u32(struct buf *b, uint32_t value)
{
    put_number(b, value, 4);
}

void
buf_put_u64(struct buf *b, uint64_t value)
{
    put_number(b, value, 8);
}

void
buf_put_string(struct buf *b, struct span bytes)
{
    if (bytes.len > UINT32_MAX) {
        b->failed = true;
        return;
    }
    buf_put_u32(b, (uint32_t)bytes.len);
    buf_put_span(b, bytes);
}

void
buf_put_text(struct buf *b, const char *text)
{
    buf_put_string(b, span_text(text));
}

void
buf_put_mpint(struct buf *b, struct span magnitude)
{
    size_t sign;

    while (magnitude.len > 0 && magnitude.ptr[0] == 0) {
        magnitude.ptr++;
        magnitude.len--;
    }
    if (magnitude.len >= UINT32_MAX) {
        b->failed = true;
        return;
    }
    /* A set top bit would read as a minus: RFC 4251 section 5. */
    sign = magnitude.len > 0 && (magnitude.ptr[0] & 0x80) ? 1 : 0;
    buf_put_u32(b, (uint32_t)(magnitude.len + sign));
    if (sign)
        buf_put_u8(b, 0);
    buf_put_span(b, magnitude);
}

void
buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    uint8_t *to;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        b->failed = true;
        return;
    }
    to = buf_reserve(b, (size_t)len);
    if (to == NULL)
        return;
    va_start(args, format);
    vsnprintf((char *)to, (size_t)len + 1, format, args);
    va_end(args);
    buf_commit(b, (size_t)len);
}

size_t
buf_begin_string(struct buf *b)
{
    /* Counted from the first unread byte: that survives moves and growth. */
    size_t mark = buf_len(b);

    buf_put_u32(b, 0);
    return mark;
}

void
buf_end_string(struct buf *b, size_t mark)
{
    size_t len;
    uint8_t *at;

    if (b->failed)
        return;
    assert(mark + 4 <= buf_len(b));
    len = buf_len(b) - mark - 4;
    if (len > UINT32_MAX) {
        b->failed = true;
        return;
    }
    at = b->bytes + b->start + mark;
    at[0] = (uint8_t)(len >> 24 & 0xff);
    at[1] = (uint8_t)(len >> 16 & 0xff);
    at[2] = (uint8_t)(len >> 8 & 0xff);
    at[3] = (uint8_t)(len & 0xff);
}

const char *
buf_text(struct buf *b)
{
    if (b->failed)
        return "";
    make_room(b, 0);
    b->bytes[b->end] = '\0';
    return (const char *)b->bytes + b->start;
}
