#include "vtyssh/escape.h"

#define TILDE  '~'
#define CTRL_Z 0x1a

const char escape_help[] = "Escape sequences, at the start of a line:\r\n"
                           " ~.   end the connection\r\n"
                           " ~^Z  suspend vtyssh\r\n"
                           " ~B   send a break\r\n"
                           " ~R   exchange new keys\r\n"
                           " ~?   this list\r\n"
                           " ~~   one ~\r\n";

static bool
ends_line(uint8_t c)
{
    return c == '\r' || c == '\n';
}

static enum escape_wish
wish_of(uint8_t c)
{
    switch (c) {
    case '.':
        return ESCAPE_CLOSE;
    case CTRL_Z:
        return ESCAPE_SUSPEND;
    case '?':
        return ESCAPE_HELP;
    case 'B':
        return ESCAPE_BREAK;
    case 'R':
        return ESCAPE_REKEY;
    default:
        return ESCAPE_SEND;
    }
}

static void
drop(struct span *typed, size_t len)
{
    typed->ptr += len;
    typed->len -= len;
}

/* The character behind a tilde; a wish leaves the line as if it were empty. */
static enum escape_wish
finish(struct escape *e, struct span *typed, struct span *bytes)
{
    enum escape_wish wish = wish_of(typed->ptr[0]);

    e->is_begun = false;
    if (wish != ESCAPE_SEND) {
        drop(typed, 1);
        return wish;
    }
    /* The tilde that was held back; a second one was its disguise. */
    if (typed->ptr[0] == TILDE)
        drop(typed, 1);
    e->in_line = true;
    *bytes = span_text("~");
    return ESCAPE_SEND;
}

enum escape_wish
escape_next(struct escape *e, struct span *typed, struct span *bytes)
{
    size_t len = 0;

    if (typed->len > 0 && e->is_begun)
        return finish(e, typed, bytes);
    while (len < typed->len && (e->in_line || typed->ptr[len] != TILDE)) {
        e->in_line = !ends_line(typed->ptr[len]);
        len++;
    }
    *bytes = span_of(typed->ptr, len);
    drop(typed, len);
    if (len > 0)
        return ESCAPE_SEND;
    if (typed->len == 0)
        return ESCAPE_NOTHING;
    e->is_begun = true;
    drop(typed, 1);
    return typed->len == 0 ? ESCAPE_NOTHING : finish(e, typed, bytes);
}
