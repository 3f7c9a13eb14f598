#include "term/regex.h"

/* One of these bytes, or the start or end of the line. */
#define UNDERSCORE "(?:^|$|[ ,{}()])"

struct translation {
    struct span in;
    size_t at;
    bool atom; /* what was read last can be repeated */
    struct buf *out;
};

static bool
is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

/* The byte itself, whatever it means to PCRE2. */
static void
put_literal(struct translation *t, uint8_t c)
{
    if (c > ' ' && c < 0x7f && !is_alphanumeric(c))
        buf_put_u8(t->out, '\\');
    buf_put_u8(t->out, c);
}

/* Behind a backslash: a group again, or the byte without its meaning. */
static enum err
take_escape(struct translation *t)
{
    uint8_t c;

    if (t->at == t->in.len)
        return ERR_FORMAT;
    c = t->in.ptr[t->at++];
    if (c >= '1' && c <= '9')
        buf_printf(t->out, "\\g{%c}", c);
    else
        put_literal(t, c);
    t->atom = true;
    return OK;
}

/* Behind `[`, to its `]`; the first byte may be one. */
static enum err
take_class(struct translation *t)
{
    bool first = true;

    buf_put_u8(t->out, '[');
    if (t->at < t->in.len && t->in.ptr[t->at] == '^') {
        buf_put_u8(t->out, '^');
        t->at++;
    }
    for (; t->at < t->in.len; first = false) {
        uint8_t c = t->in.ptr[t->at++];

        if (c == ']' && !first) {
            buf_put_u8(t->out, ']');
            t->atom = true;
            return OK;
        }
        if (c == '\\' && t->at < t->in.len)
            put_literal(t, t->in.ptr[t->at++]);
        else if (c == '-')
            buf_put_u8(t->out, '-');
        else
            put_literal(t, c);
    }
    return ERR_FORMAT;
}

static enum err
take_repeat(struct translation *t, uint8_t c)
{
    if (!t->atom)
        return ERR_FORMAT;
    buf_put_u8(t->out, c);
    /* A second one behind it would mean other things to PCRE2. */
    t->atom = false;
    return OK;
}

static enum err
take(struct translation *t, uint8_t c)
{
    switch (c) {
    case '\\':
        return take_escape(t);
    case '[':
        return take_class(t);
    case '*':
    case '+':
    case '?':
        return take_repeat(t, c);
    case '^':
    case '$':
    case '|':
    case '(':
        buf_put_u8(t->out, c);
        t->atom = false;
        return OK;
    case '.':
    case ')':
        buf_put_u8(t->out, c);
        break;
    case '_':
        buf_put_span(t->out, span_text(UNDERSCORE));
        break;
    default:
        put_literal(t, c);
        break;
    }
    t->atom = true;
    return OK;
}

enum err
regex_translate(struct span pattern, struct buf *out)
{
    struct translation t = {.in = pattern, .out = out};
    enum err err = OK;

    if (pattern.len > REGEX_MAX)
        return ERR_LIMIT;
    while (err == OK && t.at < pattern.len)
        err = take(&t, pattern.ptr[t.at++]);
    return err != OK || buf_ok(out) ? err : ERR_LIMIT;
}
