#include "base/text.h"

#include <assert.h>

void
text_hex(char *to, size_t room, struct span bytes)
{
    static const char digits[] = "0123456789abcdef";

    assert(room / 2 >= bytes.len && room > 2 * bytes.len);
    for (size_t i = 0; i < bytes.len; i++) {
        to[2 * i] = digits[bytes.ptr[i] >> 4];
        to[2 * i + 1] = digits[bytes.ptr[i] & 0x0f];
    }
    to[2 * bytes.len] = '\0';
}

void
text_base64(char *to, size_t room, struct span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t out = 0;

    assert(bytes.len < SIZE_MAX / 2 && room >= TEXT_BASE64_ROOM(bytes.len));
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t group = (uint32_t)bytes.ptr[i] << 16;

        if (left > 1)
            group |= (uint32_t)bytes.ptr[i + 1] << 8;
        if (left > 2)
            group |= bytes.ptr[i + 2];
        for (unsigned j = 0; j < 4; j++)
            to[out++] = j <= left ? digits[group >> (18 - 6 * j) & 63] : '=';
    }
    to[out] = '\0';
}

/* 0..63, or 64 for what is no digit. */
static uint32_t
base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0' + 52);
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

enum err
text_base64_decode(struct span text, uint8_t *to, size_t *len)
{
    size_t padding = 0, out = 0;

    if (text.len % 4 != 0)
        return ERR_FORMAT;
    while (padding < 2 && padding < text.len &&
           text.ptr[text.len - 1 - padding] == '=')
        padding++;
    if (text.len / 4 * 3 - padding > *len)
        return ERR_LENGTH;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t digits = i + 4 == text.len ? 4 - padding : 4;
        uint32_t group = 0;

        for (size_t j = 0; j < 4; j++) {
            uint32_t value = j < digits ? base64_value(text.ptr[i + j]) : 0;

            if (value > 63)
                return ERR_FORMAT;
            group = group << 6 | value;
        }
        /* Bits that no byte takes must be zero: one text for one value. */
        if ((group & ((1U << 8 * (4 - digits)) - 1)) != 0)
            return ERR_FORMAT;
        for (size_t j = 0; j < digits - 1; j++)
            to[out++] = (uint8_t)(group >> (16 - 8 * j) & 0xff);
    }
    *len = out;
    return OK;
}
