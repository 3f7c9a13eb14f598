/*
 * Published vectors are hexadecimal text; tests want bytes.
 */
#ifndef TESTS_UNIT_CRYPTO_HEX_H
#define TESTS_UNIT_CRYPTO_HEX_H

#include <assert.h>

#include "base/span.h"

/* Blanks in `text` are passed over; the result lies in `to`. */
static inline struct span
hex_bytes(const char *text, uint8_t *to, size_t room)
{
    static const char digits[] = "0123456789abcdef";
    size_t count = 0;

    for (; *text != '\0'; text++) {
        const char *digit = strchr(digits, *text | 0x20);

        if (*text == ' ')
            continue;
        assert(digit != NULL && count / 2 < room);
        if (count % 2 == 0)
            to[count / 2] = 0;
        to[count / 2] = (uint8_t)(to[count / 2] << 4 | (digit - digits));
        count++;
    }
    assert(count % 2 == 0);
    return span_of(to, count / 2);
}

#endif
