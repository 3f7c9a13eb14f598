/*
 * The device: read in batches, written as it takes, broken when all that was
 * typed before is out.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/line_parts.h"

/*
 * While it prints, it is looked at so often, and at the same moments as all
 * other lines: one that wakes a sleeping processor for itself alone costs twice
 * as much. What comes first and what answers a key is read at once. A batch
 * that is full (a terminal's buffer in the kernel has 4 KiB) is followed soon:
 * the device may be fast, or has printed while this process could not run. Only
 * one that is full after that short time too is not waited for at all.
 */
#define BATCH_MS      250
#define BATCH_SOON_MS 10
#define BATCH_GROWTH  5    /* times longer is each wait behind that */
#define BATCH_FULL    3840 /* bytes */
#define BATCH_HURRY   16   /* reads behind such a one that do not wait */

#define BREAK_WAIT_MS 2000 /* for what is before it */
#define BREAK_LOOK_MS 10
#define BREAK_MAX_MS  3000
#define SETTLE_MS     1000
#define READY_MS      1000 /* DTR is down so long */

void
port_init(struct line_port *p)
{
    *p = (struct line_port){
        .fd = -1, .batch_ms = BATCH_MS, .ready_at_ms = LINE_NEVER};
    buf_init_secret(&p->out, LINE_OUT_MAX);
}

static void
forget(struct line *l)
{
    struct line_port *p = &l->port;

    if (p->fd >= 0)
        close(p->fd);
    telnet_free(p->telnet);
    buf_clear(&p->out);
    port_init(p);
}

/* It is over with it: control knows, and opens it again. */
static void
gone(struct line *l, const char *why)
{
    struct message m = {.type = MSG_LINE_GONE};

    forget(l);
    users_leave(l);
    m.line_gone.text = span_text(why);
    uplink_send(l->up, &m);
}

void
port_open(struct line *l, int fd, enum line_device kind, bool held)
{
    struct line_port *p = &l->port;

    /* They came to the one that is let go. */
    if (p->fd >= 0)
        users_leave(l);
    forget(l);
    p->fd = fd;
    p->kind = kind;
    p->held = held;
    if (fd >= 0 && kind == LINE_DEVICE_TELNET) {
        p->telnet = telnet_new(&l->settings);
        telnet_begin(p->telnet, &p->out);
        p->settled_by_ms = l->now_ms + SETTLE_MS;
    }
}

void
port_set(struct line *l)
{
    struct line_port *p = &l->port;

    if (p->fd < 0)
        return;
    if (p->telnet != NULL)
        telnet_set(p->telnet, &l->settings, &p->out);
    else if (p->kind == LINE_DEVICE_TTY &&
             tty_port_set(p->fd, &l->settings) != OK)
        log_line(LOG_ERROR, "The device does not take these settings: %s",
                 strerror(errno));
}

/* --- writing -------------------------------------------------------------- */

/* A peer that does not talk telnet is not waited for. */
static bool
is_unsettled(const struct line *l)
{
    return l->now_ms < l->port.settled_by_ms &&
           telnet_is_unsettled(l->port.telnet);
}

size_t
port_room(const struct line *l)
{
    const struct line_port *p = &l->port;
    size_t held = buf_len(&p->out);

    /* What is typed behind a break goes behind it. */
    if (p->fd < 0 || p->breaking != BREAK_NONE || held >= LINE_TYPED)
        return 0;
    if (p->telnet != NULL &&
        (telnet_is_suspended(p->telnet) || is_unsettled(l)))
        return 0;
    return LINE_TYPED;
}

void
port_put(struct line *l, struct span typed)
{
    struct line_port *p = &l->port;

    if (p->telnet != NULL)
        telnet_output(p->telnet, typed, &p->out);
    else
        buf_put_span(&p->out, typed);
    l->bytes_out += typed.len;
    p->typed = true;
}

static bool
may_write(const struct line_port *p)
{
    return buf_len(&p->out) > 0 &&
           (p->breaking != BREAK_ON || p->kind != LINE_DEVICE_TTY);
}

/* False: it is gone. */
static bool
write_out(struct line *l)
{
    struct line_port *p = &l->port;

    while (may_write(p)) {
        struct span out = buf_span(&p->out);
        ssize_t sent = write(p->fd, out.ptr, out.len);

        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (sent <= 0) {
            gone(l, sent < 0 ? strerror(errno) : "it takes nothing");
            return false;
        }
        buf_consume(&p->out, (size_t)sent);
    }
    return true;
}

/* --- reading -------------------------------------------------------------- */

static void
take(struct line *l, struct span bytes)
{
    struct line_port *p = &l->port;
    struct buf plain;

    if (p->telnet == NULL) {
        l->bytes_in += bytes.len;
        ring_put(&l->ring, bytes);
        return;
    }
    buf_init(&plain, LINE_PIECE);
    telnet_input(p->telnet, bytes, &plain, &p->out);
    l->bytes_in += buf_len(&plain);
    ring_put(&l->ring, buf_span(&plain));
    buf_clear(&plain);
}

/* Somebody would lose what it sends now, and it can keep that. */
static bool
is_held(const struct line *l)
{
    bool can_wait = l->port.held || l->settings.flow != TTY_FLOW_NONE;

    return can_wait && (users_hold(l) || log_holds(l));
}

static bool
may_read(const struct line *l)
{
    const struct line_port *p = &l->port;

    /* A peer that takes no answers gets no further questions. */
    return p->fd >= 0 && !is_held(l) &&
           (p->telnet == NULL ||
            buf_len(&p->out) + TELNET_ANSWER_MAX(LINE_PIECE) <= LINE_OUT_MAX);
}

/* When it is to be read next, which has just given `got` of `most` bytes. */
static void
plan_reading(struct line *l, size_t got, size_t most)
{
    struct line_port *p = &l->port;
    bool full = got >= BATCH_FULL || got == most;

    if (full && p->batch_ms == BATCH_SOON_MS)
        p->hurry = BATCH_HURRY;
    else if (full)
        p->batch_ms = BATCH_SOON_MS;
    else if (p->hurry == 0 && p->batch_ms < BATCH_MS)
        p->batch_ms *= BATCH_GROWTH;
    p->talks = got > 0 && p->hurry == 0 && !p->typed;
    if (p->hurry > 0)
        p->hurry--;
    p->read_at_ms = (l->now_ms / p->batch_ms + 1) * p->batch_ms;
    p->typed = false;
}

static void
read_in(struct line *l)
{
    struct line_port *p = &l->port;
    uint8_t piece[LINE_PIECE];
    size_t most =
        l->ring.size / 2 < sizeof(piece) ? l->ring.size / 2 : sizeof(piece);
    ssize_t got = read(p->fd, piece, most);

    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        plan_reading(l, 0, most);
        return;
    }
    if (got <= 0) {
        gone(l, got < 0 && errno != EIO ? strerror(errno) : "it hung up");
        return;
    }
    take(l, span_of(piece, (size_t)got));
    plan_reading(l, (size_t)got, most);
}

/* --- breaks, DTR ---------------------------------------------------------- */

void
port_break(struct line *l, uint32_t ms)
{
    struct line_port *p = &l->port;

    if (p->fd < 0 || p->kind == LINE_DEVICE_TCP || p->breaking != BREAK_NONE)
        return;
    /* His keys and his wish come by two ways; they were typed in order. */
    users_type(l);
    p->breaking = BREAK_WAITS;
    p->break_ms = ms < BREAK_MAX_MS ? ms : BREAK_MAX_MS;
    p->break_by_ms = l->now_ms + BREAK_WAIT_MS;
}

static void
begin_break(struct line *l)
{
    struct line_port *p = &l->port;

    if (p->telnet != NULL) {
        telnet_break(p->telnet, true, &p->out);
    } else {
        /* A device that takes nothing would keep us waiting. */
        if (tty_port_unsent(p->fd) > 0)
            tty_port_forget_unsent(p->fd);
        if (tty_port_break(p->fd, true) != OK) {
            log_line(LOG_ERROR, "The device takes no break: %s",
                     strerror(errno));
            p->breaking = BREAK_NONE;
            return;
        }
    }
    l->breaks++;
    p->breaking = BREAK_ON;
    p->break_by_ms = l->now_ms + p->break_ms;
}

static void
end_break(struct line *l)
{
    struct line_port *p = &l->port;

    p->breaking = BREAK_NONE;
    p->typed = true;
    if (p->telnet != NULL)
        telnet_break(p->telnet, false, &p->out);
    else if (tty_port_break(p->fd, false) != OK)
        log_line(LOG_ERROR, "A break cannot be ended: %s", strerror(errno));
}

static bool
all_is_out(const struct line_port *p)
{
    return buf_len(&p->out) == 0 &&
           (p->kind != LINE_DEVICE_TTY || tty_port_unsent(p->fd) == 0);
}

static void
work_on_break(struct line *l)
{
    struct line_port *p = &l->port;

    if (p->breaking == BREAK_WAITS &&
        (all_is_out(p) || l->now_ms >= p->break_by_ms))
        begin_break(l);
    else if (p->breaking == BREAK_ON && l->now_ms >= p->break_by_ms)
        end_break(l);
}

static void
set_ready(struct line *l, bool ready)
{
    struct line_port *p = &l->port;

    if (p->telnet != NULL)
        telnet_ready(p->telnet, ready, &p->out);
    else if (tty_port_ready(p->fd, ready) != OK && errno != ENOTTY)
        log_line(LOG_ERROR, "DTR cannot be set: %s", strerror(errno));
    p->ready_at_ms = ready ? LINE_NEVER : l->now_ms + READY_MS;
}

void
port_hang_up(struct line *l)
{
    if (l->port.fd < 0 || !l->settings.hang_up)
        return;
    /* A connection without such a line has its end for it. */
    if (l->port.kind == LINE_DEVICE_TCP)
        gone(l, "it was hung up");
    else
        set_ready(l, false);
}

/* --- turns ---------------------------------------------------------------- */

short
port_events(const struct line *l)
{
    const struct line_port *p = &l->port;
    bool reads = may_read(l) && !(p->talks && l->now_ms < p->read_at_ms);

    return (short)((reads ? POLLIN : 0) |
                   (p->fd >= 0 && may_write(p) ? POLLOUT : 0));
}

uint64_t
port_deadline(const struct line *l)
{
    const struct line_port *p = &l->port;
    uint64_t at = p->ready_at_ms;

    if (p->fd < 0)
        return LINE_NEVER;
    if (p->talks && may_read(l) && p->read_at_ms < at)
        at = p->read_at_ms;
    if (p->telnet != NULL && is_unsettled(l) && p->settled_by_ms < at)
        at = p->settled_by_ms;
    if (p->breaking != BREAK_NONE && p->break_by_ms < at)
        at = p->break_by_ms;
    if (p->breaking == BREAK_WAITS && l->now_ms + BREAK_LOOK_MS < at)
        at = l->now_ms + BREAK_LOOK_MS;
    return at;
}

void
port_work(struct line *l, short revents)
{
    struct line_port *p = &l->port;

    if (p->fd < 0 || !write_out(l))
        return;
    work_on_break(l);
    if (p->ready_at_ms <= l->now_ms)
        set_ready(l, true);
    /* Typed: the batch that was planned is not waited for. */
    if (p->typed)
        p->talks = false;
    if (may_read(l) && ((revents & (POLLIN | POLLHUP | POLLERR)) ||
                        (p->talks && l->now_ms >= p->read_at_ms)))
        read_in(l);
}
