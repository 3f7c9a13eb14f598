#include "term/line_text.h"

#include "base/secret.h"

void
line_text_wipe(struct line_text *t)
{
    wipe(t->bytes, t->len);
    t->len = t->cursor = 0;
}

void
line_text_set(struct line_text *t, struct span text, size_t cursor)
{
    line_text_wipe(t);
    if (text.len > t->max) {
        text.len = t->max;
        while (text.len > 0 && utf8_continues(text.ptr[text.len]))
            text.len--;
    }
    if (text.len > 0)
        memcpy(t->bytes, text.ptr, text.len);
    t->len = text.len;
    t->cursor = cursor < text.len ? cursor : text.len;
    while (t->cursor < t->len && utf8_continues(t->bytes[t->cursor]))
        t->cursor++;
}

bool
line_text_insert(struct line_text *t, struct span text)
{
    uint8_t *at = t->bytes + t->cursor;

    if (text.len == 0 || text.len > t->max - t->len)
        return false;
    memmove(at + text.len, at, t->len - t->cursor);
    memcpy(at, text.ptr, text.len);
    t->len += text.len;
    t->cursor += text.len;
    return true;
}

void
line_text_remove(struct line_text *t, size_t from, size_t to)
{
    size_t removed = to - from;

    memmove(t->bytes + from, t->bytes + to, t->len - to);
    t->len -= removed;
    t->cursor = from;
    /* It may have been a password. */
    wipe(t->bytes + t->len, removed);
}

size_t
line_text_left(const struct line_text *t)
{
    return utf8_previous(line_text_span(t), t->cursor);
}

size_t
line_text_right(const struct line_text *t)
{
    return utf8_next(line_text_span(t), t->cursor);
}

static bool
is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

size_t
line_text_word_left(const struct line_text *t)
{
    size_t at = t->cursor;

    while (at > 0 && is_blank(t->bytes[at - 1]))
        at--;
    while (at > 0 && !is_blank(t->bytes[at - 1]))
        at--;
    return at;
}

size_t
line_text_word_right(const struct line_text *t)
{
    size_t at = t->cursor;

    while (at < t->len && is_blank(t->bytes[at]))
        at++;
    while (at < t->len && !is_blank(t->bytes[at]))
        at++;
    return at;
}

void
line_text_transpose(struct line_text *t)
{
    struct span text = line_text_span(t);
    size_t middle = t->cursor == t->len ? line_text_left(t) : t->cursor;
    size_t begin = utf8_previous(text, middle);
    size_t end = utf8_next(text, middle);
    uint8_t left[UTF8_MAX];

    if (middle == begin || middle == end)
        return;
    memcpy(left, t->bytes + begin, middle - begin);
    memmove(t->bytes + begin, t->bytes + middle, end - middle);
    memcpy(t->bytes + begin + (end - middle), left, middle - begin);
    t->cursor = end;
}

static uint8_t
change_case(uint8_t byte, bool upper)
{
    if (upper && byte >= 'a' && byte <= 'z')
        return (uint8_t)(byte - 'a' + 'A');
    if (!upper && byte >= 'A' && byte <= 'Z')
        return (uint8_t)(byte - 'A' + 'a');
    return byte;
}

void
line_text_change_case(struct line_text *t, enum line_case to)
{
    size_t end = line_text_word_right(t);
    bool upper = to != LINE_CASE_LOWER;

    while (t->cursor < end) {
        uint8_t *byte = &t->bytes[t->cursor++];

        *byte = change_case(*byte, upper);
        if (to == LINE_CASE_CAPITAL && !is_blank(*byte))
            upper = false;
    }
}
