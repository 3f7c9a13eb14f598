#include "base/reader.h"

struct span
read_bytes(struct reader *r, size_t len)
{
    struct span bytes;

    if (r->failed || len > r->left) {
        read_fail(r);
        return SPAN_EMPTY;
    }
    if (len == 0)
        return SPAN_EMPTY;
    bytes = span_of(r->ptr, len);
    r->ptr += len;
    r->left -= len;
    return bytes;
}

/* A big-endian number of `len` bytes, at most 8. */
static uint64_t
read_number(struct reader *r, size_t len)
{
    struct span bytes = read_bytes(r, len);
    uint64_t value = 0;

    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | bytes.ptr[i];
    return value;
}

uint8_t
read_u8(struct reader *r)
{
    return (uint8_t)read_number(r, 1);
}

bool
read_bool(struct reader *r)
{
    return read_number(r, 1) != 0;
}

uint16_t
read_u16(struct reader *r)
{
    return (uint16_t)read_number(r, 2);
}

uint32_t
read_u32(struct reader *r)
{
    return (uint32_t)read_number(r, 4);
}

uint64_t
read_u64(struct reader *r)
{
    return read_number(r, 8);
}

struct span
read_string(struct reader *r)
{
    uint32_t len = read_u32(r);

    return read_bytes(r, len);
}

struct span
read_mpint(struct reader *r, size_t max)
{
    struct span number = read_string(r);

    if (number.len == 0)
        return SPAN_EMPTY;
    if (number.ptr[0] & 0x80) {
        read_fail(r); /* negative */
        return SPAN_EMPTY;
    }
    if (number.ptr[0] == 0) {
        /* Only a sign byte may be zero; the number zero has no bytes. */
        if (number.len == 1 || !(number.ptr[1] & 0x80)) {
            read_fail(r);
            return SPAN_EMPTY;
        }
        number = span_of(number.ptr + 1, number.len - 1);
    }
    if (number.len > max) {
        read_fail(r);
        return SPAN_EMPTY;
    }
    return number;
}

struct span
read_rest(struct reader *r)
{
    return read_bytes(r, r->left);
}

bool
read_ok(const struct reader *r)
{
    return !r->failed;
}

bool
read_done(const struct reader *r)
{
    return !r->failed && r->left == 0;
}

void
read_fail(struct reader *r)
{
    r->failed = true;
    r->left = 0;
}
