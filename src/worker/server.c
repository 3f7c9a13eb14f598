#include "worker/server.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypto/random.h"
#include "os/clock.h"
#include "worker/heap.h"
#include "worker/server_parts.h"

/* One read: little for keys, growing while reads are full; a stranger who has
   not logged in gets no more than a few packets' room (hardening 6.1). */
#define READ_MIN     2048
#define READ_PREAUTH (8 * 1024)
#define READ_MAX     (128 * 1024)

/*
 * A turn is bounded by time, not by bytes: a burst under a slow cipher must
 * not keep timers and messages waiting.
 */
#define TURN_MS       5
#define MESSAGES_TURN 64   /* messages of control taken in one turn */
#define TRIM_MS       1000 /* of silence, before memory is given back */
#define LINGER_MS     500  /* for the peer to read our last words */
#define DRAIN_MS      1000 /* for control to take the last message */
#define STREAMS_MAX   SSH_CHANNELS_MAX

/* --- beginning --------------------------------------------------------- */

static size_t
read_host_keys(struct span blobs, struct span keys[SSH_HOST_KEYS_MAX])
{
    struct reader r = reader_over(blobs);
    size_t count = 0;

    while (r.left > 0 && read_ok(&r) && count < SSH_HOST_KEYS_MAX)
        keys[count++] = read_string(&r);
    return read_done(&r) ? count : 0;
}

void
server_add_banner(struct server *s, struct span banner)
{
    struct buf *to = &s->banner;

    for (size_t i = 0; i < banner.len; i++) {
        if (banner.ptr[i] == '\n' && (i == 0 || banner.ptr[i - 1] != '\r'))
            buf_put_u8(to, '\r');
        buf_put_u8(to, banner.ptr[i]);
    }
}

static void
begin(struct server *s, const struct msg_setup *m)
{
    char *software = text_dup_span(m->software);
    char *kex = text_dup_span(m->kex);
    char *host_key_algorithms = text_dup_span(m->host_key_algorithms);
    char *ciphers = text_dup_span(m->ciphers);
    char *macs = text_dup_span(m->macs);
    char *user_key_algorithms = text_dup_span(m->user_key_algorithms);
    char *v1_ciphers = text_dup_span(m->v1_ciphers);
    struct ssh_setup setup = {
        .role = SSH_SERVER,
        .software = software,
        .now_ms = s->now_ms,
        .kex = kex,
        .host_key_algorithms = host_key_algorithms,
        .ciphers = ciphers,
        .macs = macs,
        .user_key_algorithms = user_key_algorithms,
        .versions = m->versions,
        .v1_ciphers = v1_ciphers,
        .v1_host_key = m->v1_host_key,
        .v1_server_key = m->v1_server_key,
        .rekey_bytes = m->rekey_bytes,
        .rekey_ms = m->rekey_ms,
        .window = m->window,
        .group_min = m->group_min,
        .random = random_bytes,
    };

    trace_init(&s->trace, s->up, m->debug);
    trace_starting(&s->trace);
    setup.trace = trace_listener(&s->trace);
    setup.trace_owner = &s->trace;
    setup.host_key_count = read_host_keys(m->host_keys, setup.host_keys);
    s->ssh = ssh_conn_new(&setup);
    trace_watch(&s->trace, s->ssh);
    buf_init(&s->banner, PIPE_MESSAGE_MAX);
    server_add_banner(s, m->banner);
    free(software);
    free(kex);
    free(host_key_algorithms);
    free(ciphers);
    free(macs);
    free(user_key_algorithms);
    free(v1_ciphers);
}

/* --- bytes ------------------------------------------------------------- */

static bool
is_busy_error(void)
{
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
}

/* Room for one read; the buffer is empty. */
static void
make_room(struct server *s)
{
    if (s->in != NULL)
        return;
    if (s->in_room == 0)
        s->in_room = READ_MIN;
    s->in = alloc_zero(s->in_room, 1);
}

static void
release_input(struct server *s)
{
    free(s->in);
    s->in = NULL;
}

static void
read_socket(struct server *s)
{
    struct iovec piece;
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t got;

    make_room(s);
    piece = (struct iovec){s->in, s->in_room};
    got = recvmsg(s->fd, &header, MSG_DONTWAIT);
    if (got < 0 && is_busy_error())
        return;
    if (got <= 0) {
        /* Behind an error that was told before, 0 is no end of the peer's. */
        s->peer_closed = s->peer_closed || (got == 0 && !s->output_ended);
        s->input_ended = true;
        return;
    }
    s->in_start = 0;
    s->in_end = (size_t)got;
}

/*
 * All that was read is used, and no event points into it any more: packets
 * were opened in place, so what users typed goes at once. Did the read fill
 * its room, the next one gets more.
 */
static void
settle_input(struct server *s)
{
    size_t most = s->logged_in ? READ_MAX : READ_PREAUTH;
    bool full = s->in_end == s->in_room;

    if (s->in_end == 0 || s->in_start < s->in_end)
        return;
    wipe(s->in, s->in_end);
    s->in_start = s->in_end = 0;
    if (full && s->in_room < most) {
        release_input(s);
        s->in_room = s->in_room * 4 < most ? s->in_room * 4 : most;
    }
}

static void
write_socket(struct server *s)
{
    struct span out = ssh_conn_output(s->ssh);
    struct iovec piece = {(void *)(uintptr_t)out.ptr, out.len};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t sent;

    if (out.len == 0 || s->output_ended)
        return;
    sent = sendmsg(s->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0)
        ssh_conn_output_sent(s->ssh, (size_t)sent);
    else if (sent < 0 && !is_busy_error()) {
        /* A reset after the peer's end is told so, any other by its name. */
        s->peer_closed = s->peer_closed || errno == EPIPE;
        s->output_ended = true;
    }
}

/* --- a turn ------------------------------------------------------------ */

static bool
take_events(struct server *s)
{
    struct ssh_event event;
    bool any = false;

    /* Each event may become a message: none of them while control is busy. */
    while (!uplink_is_busy(s->up)) {
        if (!ssh_conn_next_event(s->ssh, &event)) {
            settle_input(s);
            break;
        }
        server_on_event(s, &event);
        any = true;
    }
    return any;
}

/* Give the core what was read, a packet at a time; true: it took some. */
static bool
feed(struct server *s)
{
    size_t taken;

    if (s->in_start == s->in_end || uplink_is_busy(s->up))
        return false;
    taken =
        ssh_conn_input(s->ssh, s->in + s->in_start, s->in_end - s->in_start);
    s->in_start += taken;
    return taken > 0;
}

static void
notice_ends(struct server *s)
{
    if (s->output_ended || (s->input_ended && s->in_start == s->in_end))
        ssh_conn_input_end(s->ssh);
}

/* Do what can be done now; true: there is more, but the time is up. */
static bool
turn(struct server *s)
{
    uint64_t end_ms = s->now_ms + TURN_MS;
    bool moved;

    do {
        ssh_conn_tick(s->ssh, s->now_ms);
        moved = take_events(s);
        while (feed(s) || take_events(s)) {
            moved = true;
            s->now_ms = clock_now_ms();
            if (s->now_ms >= end_ms)
                break;
        }
        moved = channels_pump(s) || moved;
        write_socket(s);
        notice_ends(s);
        moved = take_events(s) || moved;
        s->now_ms = clock_now_ms();
    } while (moved && !s->closed && s->now_ms < end_ms);
    trace_flush(&s->trace, false);
    return moved;
}

/* --- waiting
 * ------------------------------------------------------------------ */

struct waits {
    struct pollfd fds[2 + STREAMS_MAX];
    nfds_t count;
};

static void
wait_for(struct waits *w, int fd, short events)
{
    w->fds[w->count++] = (struct pollfd){.fd = fd, .events = events};
}

static bool
wants_read(const struct server *s)
{
    return !s->input_ended && s->in_end == 0 && ssh_conn_wants_input(s->ssh) &&
           !uplink_is_busy(s->up);
}

static void
collect_waits(const struct server *s, struct waits *w)
{
    bool output = ssh_conn_output(s->ssh).len > 0;

    w->count = 0;
    /* A lost connection is reported for ever: it is not asked again. */
    wait_for(w, s->input_ended && s->output_ended ? -1 : s->fd,
             (short)((wants_read(s) ? POLLIN : 0) | (output ? POLLOUT : 0)));
    wait_for(w, pipe_fd(s->up->pipe),
             uplink_events(s->up, !channels_hold_control(s)));
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        const struct shell *sh = s->channels[i].shell;
        short events = sh == NULL ? 0 : shell_stream_events(sh);

        if (events != 0)
            wait_for(w, shell_stream_fd(sh), events);
    }
}

static uint64_t
next_deadline(const struct server *s)
{
    uint64_t core = ssh_conn_deadline(s->ssh);
    uint64_t shells = channels_deadline(s);
    uint64_t lines = trace_deadline(&s->trace);
    uint64_t first = core < shells ? core : shells;

    return first < lines ? first : lines;
}

static void
trim(struct server *s)
{
    if (s->in_end == 0) {
        release_input(s);
        s->in_room = READ_MIN;
    }
    ssh_conn_trim(s->ssh);
    channels_trim(s);
    heap_trim();
}

/* Wait for something to do; after a second of silence give memory back. */
static void
wait_for_work(struct server *s, struct waits *w)
{
    uint64_t deadline = next_deadline(s);
    uint64_t trim_at = s->now_ms + TRIM_MS;
    bool first = deadline > trim_at;
    int ready = poll(w->fds, w->count,
                     clock_poll_timeout(first ? trim_at : deadline, s->now_ms));

    if (ready == 0 && first) {
        trim(s);
        s->now_ms = clock_now_ms();
        ready = poll(w->fds, w->count, clock_poll_timeout(deadline, s->now_ms));
    }
    if (ready <= 0)
        for (nfds_t i = 0; i < w->count; i++)
            w->fds[i].revents = 0;
    s->now_ms = clock_now_ms();
}

/* What the socket reports even when nobody asks: it is of no more use. */
static void
on_socket(struct server *s, short revents)
{
    if (revents & POLLIN)
        read_socket(s);
    else if (revents & (POLLHUP | POLLERR | POLLNVAL))
        s->output_ended = s->input_ended = true;
}

static void
on_pipe(struct server *s, short revents)
{
    struct message m;
    struct span encoded;
    int fd;

    if (revents & POLLOUT)
        uplink_flush(s->up);
    /* Control died. Whatever it sent before is of no more use. */
    if (revents & (POLLHUP | POLLERR | POLLNVAL))
        s->up->failed = true;
    if ((revents & POLLIN) == 0)
        return;
    for (int i = 0; i < MESSAGES_TURN && !channels_hold_control(s); i++) {
        if (!uplink_receive(s->up, &m, &encoded, &fd))
            break;
        server_on_message(s, &m, encoded, fd);
    }
}

/* --- the end
 * -------------------------------------------------------------------- */

/*
 * Did the peer break the protocol? Leaving early, or speaking other
 * algorithms, is no breach of it; a missing signature is our own fault.
 */
static bool
is_broken(const struct server *s)
{
    return s->err != OK && s->err != ERR_CLOSED && s->err != ERR_NO_MATCH &&
           s->err != ERR_NOT_FOUND && !s->unsigned_by_us;
}

static enum ended_mismatch
mismatch_of(enum err err)
{
    if (err == ERR_NOT_FOUND)
        return MISMATCH_GROUP;
    if (err == ERR_PROTOCOL)
        return MISMATCH_STATE;
    return err == ERR_NO_MATCH ? MISMATCH_NAMES : MISMATCH_NONE;
}

static void
send_ended(struct server *s)
{
    struct message m = {.type = MSG_ENDED};

    trace_flush(&s->trace, true);
    m.ended.reason = (uint8_t)s->reason;
    m.ended.by_peer = s->by_peer;
    m.ended.broken = is_broken(s);
    m.ended.mismatch = (uint8_t)mismatch_of(s->err);
    m.ended.exchanging = ssh_conn_keys(s->ssh).exchanging;
    m.ended.peer_closed = s->peer_closed;
    m.ended.text = span_text(s->text == NULL ? "" : s->text);
    ssh_conn_traffic(s->ssh, &m.ended.bytes_in, &m.ended.bytes_out);
    uplink_send(s->up, &m);
    uplink_drain(s->up, DRAIN_MS);
}

/*
 * The peer may still be sending: closing now would answer that with a reset,
 * which can overtake our disconnect message. Wait for its end, not for long.
 */
static void
linger(struct server *s)
{
    uint64_t end_ms = clock_now_ms() + LINGER_MS;
    struct pollfd socket = {.fd = s->fd, .events = POLLIN};

    write_socket(s);
    if (s->by_peer || s->input_ended || s->output_ended)
        return;
    while (poll(&socket, 1, clock_poll_timeout(end_ms, clock_now_ms())) == 1) {
        read_socket(s);
        if (s->input_ended)
            return;
    }
}

void
server_run(int fd, struct uplink *up)
{
    struct server *s = alloc_zero(1, sizeof(*s));
    struct message m;
    struct waits waits = {.count = 0};
    int extra;

    s->up = up;
    s->fd = fd;
    if (!uplink_await(up, -1, &m, &extra) || m.type != MSG_SETUP)
        return;
    s->now_ms = clock_now_ms();
    begin(s, &m.setup);
    while (!s->closed && !up->failed) {
        bool more = turn(s);

        if (s->closed || up->failed)
            break;
        collect_waits(s, &waits);
        if (more)
            (void)poll(waits.fds, waits.count, 0);
        else
            wait_for_work(s, &waits);
        on_socket(s, waits.fds[0].revents);
        on_pipe(s, waits.fds[1].revents);
    }
    if (!s->closed)
        return;
    send_ended(s);
    linger(s);
}
