#include "base/text.h"

#include "base/buf.h"

static const char hex_digits[] = "0123456789abcdef";

size_t
text_utf8(struct span text, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = text.ptr[0];
    size_t len;

    if (first < 0x80)
        len = 1;
    else if ((first & 0xe0) == 0xc0)
        len = 2;
    else if ((first & 0xf0) == 0xe0)
        len = 3;
    else if ((first & 0xf8) == 0xf0)
        len = 4;
    else
        return 0;
    if (len > text.len)
        return 0;
    *code = len == 1 ? first : first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((text.ptr[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (text.ptr[i] & 0x3fU);
    }
    if (*code < least[len] || *code > 0x10ffff ||
        (*code >= 0xd800 && *code <= 0xdfff))
        return 0;
    return len;
}

bool
text_is_harmless(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == '\\')
        return false;
    /* Bidirectional marks, embeddings, overrides and isolates. */
    if (code == 0x061c || code == 0x200e || code == 0x200f ||
        (code >= 0x202a && code <= 0x202e) ||
        (code >= 0x2066 && code <= 0x2069))
        return false;
    /* Line and paragraph separators, byte order mark, interlinear marks. */
    return code != 0x2028 && code != 0x2029 && code != 0xfeff &&
           !(code >= 0xfff9 && code <= 0xfffb);
}

void
text_escape(char *to, size_t room, struct span from)
{
    size_t used = 0;

    if (room == 0)
        return;
    while (from.len > 0) {
        uint32_t code = 0;
        size_t len = text_utf8(from, &code);
        bool plain = len > 0 && text_is_harmless(code);
        size_t need;

        if (len == 0)
            len = 1; /* not UTF-8: this byte alone */
        need = plain ? len : 4 * len;
        if (need >= room - used)
            break;
        if (plain)
            memcpy(to + used, from.ptr, len);
        for (size_t i = 0; !plain && i < len; i++) {
            char *escape = to + used + 4 * i;

            escape[0] = '\\';
            escape[1] = 'x';
            escape[2] = hex_digits[from.ptr[i] >> 4];
            escape[3] = hex_digits[from.ptr[i] & 0x0f];
        }
        used += need;
        from = span_of(from.ptr + len, from.len - len);
    }
    to[used] = '\0';
}

/* Does it stand in lines as it is? None of these is part of a longer
   character. */
static bool
is_kept_in_lines(uint8_t byte)
{
    return byte == '\n' || byte == '\t' || byte == '\\';
}

void
text_escape_lines(struct buf *to, struct span from)
{
    while (from.len > 0) {
        size_t len = 0, room;
        uint8_t *start;

        while (len < from.len && !is_kept_in_lines(from.ptr[len]))
            len++;
        room = 4 * len + 1;
        start = buf_reserve(to, room);
        if (start == NULL)
            return;
        if (len > 0 && from.ptr[len - 1] == '\r' &&
            (len == from.len || from.ptr[len] == '\n'))
            text_escape((char *)start, room, span_of(from.ptr, len - 1));
        else
            text_escape((char *)start, room, span_of(from.ptr, len));
        buf_commit(to, strlen((const char *)start));
        if (len < from.len)
            buf_put_u8(to, from.ptr[len++]);
        from = span_of(from.ptr + len, from.len - len);
    }
}
