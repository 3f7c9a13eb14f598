#include "worker/client.h"

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
#include "worker/client_parts.h"
#include "worker/heap.h"

#define READ_SIZE   (64 * 1024) /* bytes of one read */
#define COMMAND_MAX PIPE_MESSAGE_MAX
#define TRIM_MS     1000 /* of silence, before memory is given back */
#define LAST_OUT_MS 1000 /* for the peer to take our last words */
#define DRAIN_MS    1000 /* for control to take the last message */

/* --- beginning ---------------------------------------------------------- */

static void
begin_core(struct client *c, const struct msg_client_setup *m)
{
    char *software = text_dup_span(m->software);
    char *kex = text_dup_span(m->kex);
    char *host_key_algorithms = text_dup_span(m->host_key_algorithms);
    char *ciphers = text_dup_span(m->ciphers);
    char *macs = text_dup_span(m->macs);
    char *v1_ciphers = text_dup_span(m->v1_ciphers);
    struct ssh_setup setup = {
        .role = SSH_CLIENT,
        .software = software,
        .now_ms = c->now_ms,
        .kex = kex,
        .host_key_algorithms = host_key_algorithms,
        .ciphers = ciphers,
        .macs = macs,
        .versions = m->versions,
        .v1_ciphers = v1_ciphers,
        .user_key_algorithms = "",
        .rekey_bytes = m->rekey_bytes,
        .rekey_ms = m->rekey_ms,
        .window = m->window,
        .group_min = m->group_min,
        .random = random_bytes,
    };

    trace_init(&c->trace, c->up, m->debug);
    setup.trace = trace_listener(&c->trace);
    setup.trace_owner = &c->trace;
    c->ssh = ssh_conn_new(&setup);
    trace_watch(&c->trace, c->ssh);
    free(software);
    free(kex);
    free(host_key_algorithms);
    free(ciphers);
    free(macs);
    free(v1_ciphers);
}

static void
begin_login(struct client *c, const struct msg_client_setup *m)
{
    char *user = text_dup_span(m->user);
    struct reader keys = reader_over(m->keys);
    struct client_login_setup setup = {
        .conn = c->ssh,
        .user = user,
        .prompts_max = m->prompts,
        .sha1_signatures = m->sha1,
        .warn_version_1 = m->warn_v1,
    };

    while (keys.left > 0 && read_ok(&keys) &&
           setup.key_count < CLIENT_LOGIN_KEYS_MAX)
        setup.keys[setup.key_count++] = read_string(&keys);
    c->login = client_login_new(&setup);
    free(user);
}

static void
begin(struct client *c, const struct msg_client_setup *m, int stream)
{
    c->purpose = (enum client_purpose)m->purpose;
    c->pty = m->pty;
    c->columns = m->columns;
    c->rows = m->rows;
    text_copy_span(c->terminal, sizeof(c->terminal), m->terminal);
    buf_init(&c->modes, COMMAND_MAX);
    buf_put_span(&c->modes, m->modes);
    buf_init(&c->command, COMMAND_MAX);
    buf_put_span(&c->command, m->command);
    c->keys_by_ms = c->now_ms + m->keys_ms;
    c->silence_ms = m->silence_ms;
    c->moved_ms = c->now_ms;
    c->channel = CLIENT_CHANNEL_NONE;
    c->in = alloc_zero(READ_SIZE, 1);
    if (transfer_is_wanted(c->purpose)) {
        transfer_init(&c->transfer, m, stream);
        stream = -1;
    }
    stream_init(&c->stream, stream, m->cooked);
    begin_core(c, m);
    begin_login(c, m);
}

/* --- bytes -------------------------------------------------------------- */

static bool
is_busy_error(void)
{
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
}

void
client_note_life(struct client *c)
{
    c->moved_ms = c->now_ms;
    c->parts = 0;
}

static void
read_socket(struct client *c)
{
    struct iovec piece = {c->in, READ_SIZE};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t got;

    got = recvmsg(c->fd, &header, MSG_DONTWAIT);
    if (got < 0 && is_busy_error())
        return;
    if (got <= 0) {
        c->input_ended = true;
        return;
    }
    c->in_start = 0;
    c->in_end = (size_t)got;
    client_note_life(c);
}

static void
write_socket(struct client *c)
{
    struct span out = ssh_conn_output(c->ssh);
    struct iovec piece = {(void *)(uintptr_t)out.ptr, out.len};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t sent;

    if (out.len == 0 || c->output_ended)
        return;
    sent = sendmsg(c->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
        ssh_conn_output_sent(c->ssh, (size_t)sent);
        client_note_life(c);
    } else if (sent < 0 && !is_busy_error()) {
        c->output_ended = true;
    }
}

/* --- a turn ------------------------------------------------------------- */

void
client_set_end(struct client *c, enum client_end end, const char *why)
{
    if (c->end_known)
        return;
    c->end_known = true;
    c->end = end;
    text_copy(c->why, sizeof(c->why), why);
}

static bool
take_events(struct client *c)
{
    struct ssh_event event;
    bool any = false;

    while (!uplink_is_busy(c->up) && ssh_conn_next_event(c->ssh, &event)) {
        client_on_event(c, &event);
        any = true;
    }
    while (!uplink_is_busy(c->up) && client_step(c))
        any = true;
    return any;
}

/* Give the core what was read; true: it took some. */
static bool
feed(struct client *c)
{
    size_t taken;

    if (c->in_start == c->in_end || uplink_is_busy(c->up))
        return false;
    taken =
        ssh_conn_input(c->ssh, c->in + c->in_start, c->in_end - c->in_start);
    c->in_start += taken;
    return taken > 0;
}

/* What was read is used, and no event points into it any more. */
static void
settle_input(struct client *c)
{
    if (c->in_end == 0 || c->in_start < c->in_end || uplink_is_busy(c->up))
        return;
    wipe(c->in, c->in_end);
    c->in_start = c->in_end = 0;
}

static void
notice_ends(struct client *c)
{
    if (c->output_ended || (c->input_ended && c->in_start == c->in_end))
        ssh_conn_input_end(c->ssh);
    if (c->now_ms >= c->keys_by_ms) {
        c->keys_by_ms = UINT64_MAX;
        client_set_end(c, CLIENT_SILENT, "no keys were agreed upon in time");
        ssh_conn_disconnect(c->ssh, SSH_REASON_BY_APPLICATION,
                            "no keys were agreed upon in time");
    }
}

/* Do what can be done now. */
static void
turn(struct client *c)
{
    bool moved;

    do {
        ssh_conn_tick(c->ssh, c->now_ms);
        moved = take_events(c);
        while (feed(c) || take_events(c))
            moved = true;
        settle_input(c);
        moved = (transfer_is_wanted(c->purpose) ? transfer_pump(c)
                                                : stream_pump(c)) ||
                moved;
        write_socket(c);
        notice_ends(c);
        moved = take_events(c) || moved;
        c->now_ms = clock_now_ms();
    } while (moved && !c->closed && !c->up->failed);
    trace_flush(&c->trace, false);
}

/* --- waiting ------------------------------------------------------------ */

enum { WAIT_SOCKET, WAIT_PIPE, WAIT_STREAM, WAITS };

static bool
wants_read(const struct client *c)
{
    return !c->closed && !c->input_ended && c->in_end == 0 &&
           ssh_conn_wants_input(c->ssh) && !uplink_is_busy(c->up);
}

static void
collect_waits(const struct client *c, struct pollfd fds[WAITS])
{
    bool output = !c->output_ended && ssh_conn_output(c->ssh).len > 0;
    short socket = (short)((wants_read(c) ? POLLIN : 0) |
                           (output && !c->closed ? POLLOUT : 0));
    short stream = stream_events(c);

    /* Its end counts behind what came before it: it is not looked for alone. */
    fds[WAIT_SOCKET] =
        (struct pollfd){.fd = socket == 0 ? -1 : c->fd, .events = socket};
    fds[WAIT_PIPE] = (struct pollfd){.fd = pipe_fd(c->up->pipe),
                                     .events = uplink_events(c->up, true)};
    fds[WAIT_STREAM] = (struct pollfd){.fd = stream == 0 ? -1 : c->stream.fd,
                                       .events = stream};
}

/* It is the peer who has to say, or to take, something. */
static bool
is_peers_turn(const struct client *c)
{
    return c->answers_due == 0 && !c->closed &&
           (wants_read(c) || ssh_conn_output(c->ssh).len > 0);
}

/* When the silence is as long as control has to hear of, or as it may be. */
static uint64_t
silence_deadline(const struct client *c)
{
    if (c->silence_ms == 0 || !is_peers_turn(c))
        return UINT64_MAX;
    return c->moved_ms + (c->parts + 1) * c->silence_ms / CLIENT_SILENCE_PARTS;
}

static uint64_t
next_deadline(const struct client *c)
{
    uint64_t first = c->closed ? UINT64_MAX : ssh_conn_deadline(c->ssh);
    uint64_t silence = silence_deadline(c);

    if (c->keys_by_ms < first)
        first = c->keys_by_ms;
    if (trace_deadline(&c->trace) < first)
        first = trace_deadline(&c->trace);
    return silence < first ? silence : first;
}

/* poll(2) found nothing: what has not come is not just late in being seen. */
static void
notice_silence(struct client *c)
{
    struct message m = {.type = MSG_CLIENT_STALLED};

    if (c->now_ms < silence_deadline(c))
        return;
    m.client_stalled.parts = ++c->parts;
    if (c->parts == CLIENT_SILENCE_PARTS) {
        client_set_end(c, CLIENT_SILENT, "no byte came or went in time");
        ssh_conn_disconnect(c->ssh, SSH_REASON_BY_APPLICATION,
                            "no byte came or went in time");
    } else if (c->ready) {
        uplink_send(c->up, &m);
    }
}

static void
on_pipe(struct client *c, short revents)
{
    struct message m;
    struct span encoded;
    int fd;

    if (revents & POLLOUT)
        uplink_flush(c->up);
    if (revents & (POLLHUP | POLLERR | POLLNVAL))
        c->up->failed = true;
    while ((revents & POLLIN) && uplink_receive(c->up, &m, &encoded, &fd))
        client_on_message(c, &m, fd);
}

/* Wait for something to do; after a second of silence give memory back. */
static void
wait_for_work(struct client *c)
{
    struct pollfd fds[WAITS];
    uint64_t deadline, trim_at = c->now_ms + TRIM_MS;
    int ready;

    if (!is_peers_turn(c))
        client_note_life(c);
    deadline = next_deadline(c);
    collect_waits(c, fds);
    ready = poll(
        fds, WAITS,
        clock_poll_timeout(deadline < trim_at ? deadline : trim_at, c->now_ms));
    if (ready == 0 && trim_at < deadline) {
        ssh_conn_trim(c->ssh);
        heap_trim();
        c->now_ms = clock_now_ms();
        ready = poll(fds, WAITS, clock_poll_timeout(deadline, c->now_ms));
    }
    c->now_ms = clock_now_ms();
    if (ready == 0)
        notice_silence(c);
    if (ready <= 0)
        return;
    if (fds[WAIT_SOCKET].revents & POLLIN)
        read_socket(c);
    else if (fds[WAIT_SOCKET].revents & (POLLHUP | POLLERR | POLLNVAL))
        c->input_ended = c->output_ended = true;
    on_pipe(c, fds[WAIT_PIPE].revents);
}

/* --- the end ------------------------------------------------------------ */

/* The user may still be reading what came before the end. */
static void
finish_stream(struct client *c)
{
    while (!c->up->failed && !stream_is_empty(&c->stream)) {
        if (!stream_pump(c))
            wait_for_work(c);
    }
}

static void
finish_output(struct client *c)
{
    uint64_t end_ms = clock_now_ms() + LAST_OUT_MS;
    struct pollfd socket = {.fd = c->fd, .events = POLLOUT};

    write_socket(c);
    while (!c->output_ended && ssh_conn_output(c->ssh).len > 0 &&
           poll(&socket, 1, clock_poll_timeout(end_ms, clock_now_ms())) == 1)
        write_socket(c);
}

static void
send_ended(struct client *c)
{
    struct message m = {.type = MSG_CLIENT_ENDED};

    trace_flush(&c->trace, true);
    m.client_ended.end = (uint8_t)c->end;
    m.client_ended.has_status = c->has_status;
    m.client_ended.status = c->status;
    m.client_ended.signal = span_text(c->signal);
    m.client_ended.text = span_text(c->why);
    ssh_conn_traffic(c->ssh, &m.client_ended.bytes_in,
                     &m.client_ended.bytes_out);
    uplink_send(c->up, &m);
    uplink_drain(c->up, DRAIN_MS);
}

void
client_run(int fd, struct uplink *up)
{
    struct client *c = alloc_zero(1, sizeof(*c));
    struct message m;
    int stream;

    c->up = up;
    c->fd = fd;
    if (!uplink_await(up, -1, &m, &stream) || m.type != MSG_CLIENT_SETUP)
        return;
    c->now_ms = clock_now_ms();
    begin(c, &m.client_setup, stream);
    for (;;) {
        turn(c);
        if (c->closed || up->failed)
            break;
        wait_for_work(c);
    }
    finish_output(c);
    finish_stream(c);
    if (!up->failed)
        send_ended(c);
}
