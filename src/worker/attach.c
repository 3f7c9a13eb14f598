#include "worker/attach.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

#define TYPED_MAX (16 * 1024) /* bytes on their way to the stream */

/* Who watches leaves and takes by the keys that conserver has for it. */
static const char watch_keys[] = "\005c";

struct attach {
    int fd;
    uint8_t escape;
    bool watches;
    bool escaped;     /* the last byte was the escape key */
    size_t watch_at;  /* so much of watch_keys was typed */
    bool deaf;        /* the far end takes nothing any more */
    struct buf typed; /* not yet sent; may hold a password */
    char *break_text;
    size_t break_len, break_at; /* so much of it was typed, and is held */
};

struct attach *
attach_new(int fd, const struct attach_setup *setup)
{
    struct attach *a = alloc_zero(1, sizeof(*a));

    a->fd = fd;
    a->escape = setup->escape;
    a->watches = setup->watches;
    a->break_text = text_dup_span(setup->break_text);
    a->break_len = setup->break_text.len;
    buf_init_secret(&a->typed, TYPED_MAX);
    return a;
}

void
attach_free(struct attach *a)
{
    if (a == NULL)
        return;
    close(a->fd);
    buf_clear(&a->typed);
    free(a->break_text);
    free(a);
}

static enum attach_wish
wish_of(uint8_t byte)
{
    switch (byte) {
    case 'x':
    case 'X':
        return ATTACH_SUSPEND;
    case 'b':
    case 'B':
        return ATTACH_BREAK;
    case 'd':
    case 'D':
        return ATTACH_DISCONNECT;
    case '?':
        return ATTACH_HELP;
    default:
        return ATTACH_NOTHING;
    }
}

static enum attach_wish
watch_byte(struct attach *a, uint8_t byte)
{
    size_t at = a->watch_at;

    a->watch_at = 0;
    if (at < strlen(watch_keys)) {
        if (byte == (uint8_t)watch_keys[at])
            a->watch_at = at + 1;
        else if (byte == (uint8_t)watch_keys[0])
            a->watch_at = 1;
        return ATTACH_NOTHING;
    }
    switch (byte) {
    case 'f':
        return ATTACH_TAKE;
    case '.':
        return ATTACH_DISCONNECT;
    case '?':
        return ATTACH_HELP;
    default:
        return ATTACH_NOTHING;
    }
}

/* --- the text for a break ----------------------------------------------- */

bool
attach_holds(const struct attach *a)
{
    return a->break_at > 0;
}

void
attach_let_go(struct attach *a)
{
    buf_put(&a->typed, a->break_text, a->break_at);
    a->break_at = 0;
}

/* What is held, without its first `skip` bytes and with `byte` behind it, is a
   beginning of the text as well. */
static bool
begins_again(const struct attach *a, size_t skip, uint8_t byte)
{
    size_t left = a->break_at - skip;

    return memcmp(a->break_text, a->break_text + skip, left) == 0 &&
           (uint8_t)a->break_text[left] == byte;
}

/* True: it is whole. What cannot belong to it any more is typed. */
static bool
match_break(struct attach *a, uint8_t byte)
{
    size_t skip = 0;

    while (skip <= a->break_at && !begins_again(a, skip, byte))
        skip++;
    if (skip > a->break_at) {
        attach_let_go(a);
        buf_put_u8(&a->typed, byte);
        return false;
    }
    buf_put(&a->typed, a->break_text, skip);
    a->break_at -= skip;
    if (++a->break_at < a->break_len)
        return false;
    a->break_at = 0;
    return true;
}

/* --- typing ------------------------------------------------------------- */

static enum attach_wish
type_byte(struct attach *a, uint8_t byte)
{
    bool escaped = a->escaped;
    enum attach_wish wish = ATTACH_NOTHING;

    if (a->watches)
        return watch_byte(a, byte);
    if (a->break_len > 0)
        return match_break(a, byte) ? ATTACH_BREAK : ATTACH_NOTHING;
    a->escaped = false;
    if (escaped && byte != a->escape)
        wish = wish_of(byte);
    if (wish != ATTACH_NOTHING)
        return wish;
    if (!escaped && a->escape != 0 && byte == a->escape) {
        a->escaped = true;
        return ATTACH_NOTHING;
    }
    if (escaped && byte != a->escape)
        buf_put_u8(&a->typed, a->escape);
    buf_put_u8(&a->typed, byte);
    return ATTACH_NOTHING;
}

enum attach_wish
attach_type(struct attach *a, struct span typed, size_t *taken)
{
    enum attach_wish wish = ATTACH_NOTHING;

    *taken = 0;
    /* One byte may become two, or let go of what was held. */
    while (wish == ATTACH_NOTHING && *taken < typed.len &&
           buf_len(&a->typed) + a->break_len + 2 <= TYPED_MAX)
        wish = type_byte(a, typed.ptr[(*taken)++]);
    return wish;
}

/* As users read it: "^^", "^]", "q". */
static void
put_key(struct buf *out, uint8_t key)
{
    if (key < ' ')
        buf_printf(out, "^%c", key + '@');
    else
        buf_put_u8(out, key);
}

static void
put_help_line(const struct attach *a, struct buf *out, const char *key,
              const char *text)
{
    put_key(out, a->escape);
    if (key != NULL)
        buf_printf(out, "%s", key);
    else
        put_key(out, a->escape);
    buf_printf(out, "  %s\r\n", text);
}

void
attach_put_help(const struct attach *a, struct buf *out)
{
    buf_printf(out, "\r\n[Special escape help]\r\n");
    if (a->watches) {
        buf_printf(out, "^Ecf  write from now on\r\n"
                        "^Ec.  leave\r\n"
                        "^Ec?  this help\r\n");
        return;
    }
    put_help_line(a, out, "B", "send BREAK");
    put_help_line(a, out, "D", "disconnect");
    put_help_line(a, out, "X", "suspend");
    put_help_line(a, out, NULL, "send the escape character");
}

static bool
is_busy_error(void)
{
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
}

enum err
attach_read(struct attach *a, struct buf *out, size_t room)
{
    struct iovec piece = {buf_reserve(out, room), room};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t got;

    if (piece.iov_base == NULL || room == 0)
        return ERR_MORE;
    got = recvmsg(a->fd, &header, MSG_DONTWAIT);
    if (got < 0)
        return is_busy_error() ? ERR_MORE : ERR_CLOSED;
    if (got == 0)
        return ERR_CLOSED;
    buf_commit(out, (size_t)got);
    return OK;
}

void
attach_flush(struct attach *a)
{
    while (!a->deaf && buf_len(&a->typed) > 0) {
        struct span typed = buf_span(&a->typed);
        struct iovec piece = {(void *)(uintptr_t)typed.ptr, typed.len};
        struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
        ssize_t sent = sendmsg(a->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && is_busy_error())
            return;
        a->deaf = sent < 0;
        if (sent > 0)
            buf_consume(&a->typed, (size_t)sent);
    }
    /* What it still has to say is read; then its end is seen. */
    if (a->deaf)
        buf_reset(&a->typed);
}

void
attach_type_end(struct attach *a)
{
    if (a->deaf || buf_len(&a->typed) > 0)
        return;
    shutdown(a->fd, SHUT_WR);
    a->deaf = true;
}

int
attach_fd(const struct attach *a)
{
    return a->fd;
}

short
attach_events(const struct attach *a, bool readable)
{
    return (short)((readable ? POLLIN : 0) |
                   (buf_len(&a->typed) > 0 ? POLLOUT : 0));
}
