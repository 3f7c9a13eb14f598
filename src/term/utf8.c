#include "term/utf8.h"

size_t
utf8_length(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if ((first & 0xf0) == 0xe0)
        return 3;
    if (first >= 0xf0 && first <= 0xf4)
        return 4;
    return 0;
}

bool
utf8_is_text(const uint8_t *bytes, size_t len)
{
    static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
    uint32_t code;

    if (len < 2 || len > UTF8_MAX || utf8_length(bytes[0]) != len)
        return false;
    code = bytes[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if (!utf8_continues(bytes[i]))
            return false;
        code = code << 6 | (bytes[i] & 0x3fU);
    }
    return code >= least[len] && code <= 0x10ffff &&
           (code < 0xd800 || code > 0xdfff);
}

size_t
utf8_next(struct span text, size_t at)
{
    if (at < text.len)
        at++;
    while (at < text.len && utf8_continues(text.ptr[at]))
        at++;
    return at;
}

size_t
utf8_previous(struct span text, size_t at)
{
    if (at > 0)
        at--;
    while (at > 0 && utf8_continues(text.ptr[at]))
        at--;
    return at;
}

size_t
utf8_count(struct span text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        if (!utf8_continues(text.ptr[i]))
            count++;
    return count;
}
