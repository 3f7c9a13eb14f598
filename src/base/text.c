#include "base/text.h"

#include "base/alloc.h"

bool
text_copy(char *to, size_t room, const char *from)
{
    return text_copy_span(to, room, span_text(from));
}

bool
text_copy_span(char *to, size_t room, struct span from)
{
    size_t len = from.len;

    if (room == 0)
        return false;
    if (len >= room)
        len = room - 1;
    if (len > 0)
        memcpy(to, from.ptr, len);
    to[len] = '\0';
    return len == from.len;
}

char *
text_dup(const char *text)
{
    return text_dup_span(span_text(text));
}

char *
text_dup_span(struct span text)
{
    char *copy = alloc_zero(text.len + 1, 1);

    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

enum err
text_number(struct span text, uint64_t max, uint64_t *value)
{
    uint64_t number = 0;

    if (text.len == 0)
        return ERR_FORMAT;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return ERR_FORMAT;
    for (size_t i = 0; i < text.len; i++) {
        uint64_t digit = (uint64_t)(text.ptr[i] - '0');

        if (number > (UINT64_MAX - digit) / 10)
            return ERR_LIMIT;
        number = number * 10 + digit;
        if (number > max)
            return ERR_LIMIT;
    }
    *value = number;
    return OK;
}

bool
text_equal_nocase(const char *a, const char *b)
{
    while (*a != '\0' && text_lower(*a) == text_lower(*b)) {
        a++;
        b++;
    }
    return text_lower(*a) == text_lower(*b);
}

bool
text_starts_nocase(const char *text, const char *prefix)
{
    while (*prefix != '\0' && text_lower(*text) == text_lower(*prefix)) {
        text++;
        prefix++;
    }
    return *prefix == '\0';
}
