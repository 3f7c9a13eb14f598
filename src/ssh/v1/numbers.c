#include "ssh/v1/numbers.h"

#include "base/names.h"
#include "crypto/cipher1.h"

#define BITS_MAX 16384

static struct span
without_zeros(struct span bytes)
{
    while (bytes.len > 0 && bytes.ptr[0] == 0)
        bytes = span_of(bytes.ptr + 1, bytes.len - 1);
    return bytes;
}

uint32_t
numbers_bits(struct span magnitude)
{
    struct span bytes = without_zeros(magnitude);
    uint32_t bits = (uint32_t)bytes.len * 8;

    if (bytes.len > 0)
        for (unsigned top = bytes.ptr[0]; top < 0x80; top <<= 1)
            bits--;
    return bits;
}

void
numbers_put(struct buf *to, struct span magnitude)
{
    buf_put_u16(to, (uint16_t)numbers_bits(magnitude));
    buf_put_span(to, without_zeros(magnitude));
}

struct span
numbers_read(struct reader *r)
{
    uint16_t bits = read_u16(r);
    struct span bytes = read_bytes(r, ((size_t)bits + 7) / 8);

    if (bits > BITS_MAX)
        read_fail(r);
    return read_ok(r) ? without_zeros(bytes) : SPAN_EMPTY;
}

uint32_t
numbers_cipher_mask(const char *ciphers)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < 32; i++) {
        const char *name = cipher1_name(i);

        if (name != NULL && names_has(span_text(ciphers), span_text(name)))
            mask |= 1U << i;
    }
    return mask;
}
