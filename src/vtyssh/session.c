#include "vtyssh/session.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "os/clock.h"
#include "ssh/ttymodes.h"
#include "vtyssh/escape.h"
#include "vtyssh/say.h"
#include "vtyssh/signals.h"

#define READ_MAX  SSH_CHANNEL_PACKET_MAX /* bytes read into one packet */
#define TYPED_MAX 4096                   /* bytes of one read from a terminal */
#define TURN_MS   20 /* until signals and the peer are looked at again */
#define BREAK_MS  1000
#define DRAIN_MS  500 /* for our goodbye to leave */
/* Output is written from here on: what one write(2) copies is still in the
   cache of the processor that has just encrypted it. */
#define WRITE_MIN (32 * 1024)

struct session {
    const struct session_parts *parts;
    struct ssh_conn *ssh;
    uint32_t channel;
    int status;
    bool has_status;
    unsigned replies_due; /* answers to our requests, in their order */
    bool has_terminal;    /* a remote one was asked for */
    bool is_started;      /* shell or command runs */
    bool is_over;         /* nothing more comes, or is to be waited for */
    bool is_lost;         /* it ended as it should not */
    bool is_channel_closed;
    bool is_full;              /* nothing can be sent until WRITABLE */
    bool input_ended;          /* EOF was sent */
    bool output_ends;          /* EOF came: close output when it is written */
    struct stream *collecting; /* it has output to be written; or NULL */
    size_t gone;               /* bytes that left us, and no credit is given */

    struct escape escape;
    uint8_t typed[TYPED_MAX];
    struct span typed_left; /* of it: not looked at yet */
    struct span unsent;     /* what escape made of it: not taken yet */
};

/* --- ends --------------------------------------------------------------- */

static void
give_up(struct session *s)
{
    s->is_over = s->is_lost = true;
}

/* A line of ours, on a terminal that is as the user knows it. */
static void
say_closed(struct session *s, const char *text)
{
    terminal_set_back(s->parts->terminal);
    say("connection to %s closed%s%s", s->parts->options->host,
        text[0] == '\0' ? "" : ": ", text);
}

/* --- beginning ---------------------------------------------------------- */

bool
session_wants_terminal(const struct options *o, const struct terminal *t)
{
    if (o->terminal == TERMINAL_DEFAULT)
        return o->command == NULL && t->has_input;
    return o->terminal == TERMINAL_ALWAYS;
}

static void
request_terminal(struct session *s)
{
    const char *name = getenv("TERM");
    struct ssh_pty pty = {.columns = 0};
    uint32_t columns, rows;
    struct buf modes;

    terminal_size(s->parts->terminal, &columns, &rows);
    ttymodes_set_pty(&pty, span_text(name == NULL ? "" : name), columns, rows);
    buf_init(&modes, 1024);
    terminal_put_modes(s->parts->terminal, &modes);
    pty.modes = buf_span(&modes);
    ssh_channel_pty(s->ssh, s->channel, &pty);
    buf_clear(&modes);
    s->replies_due++;
    s->has_terminal = true;
}

/* Both requests at once: the answers come in their order. */
static void
on_opened(struct session *s)
{
    const struct options *o = s->parts->options;

    if (session_wants_terminal(o, s->parts->terminal))
        request_terminal(s);
    if (o->command != NULL)
        ssh_channel_exec(s->ssh, s->channel, span_text(o->command));
    else
        ssh_channel_shell(s->ssh, s->channel);
    s->replies_due++;
}

static void
on_reply(struct session *s, bool ok)
{
    const struct options *o = s->parts->options;

    if (s->replies_due == 0)
        return;
    if (--s->replies_due > 0) {
        if (!ok)
            say("%s gives no terminal", o->host);
        s->has_terminal = ok;
        return;
    }
    if (!ok) {
        say("%s refuses %s", o->host,
            o->command == NULL ? "a shell" : "the command");
        give_up(s);
        return;
    }
    s->is_started = true;
    if (s->has_terminal)
        terminal_set_raw(s->parts->terminal);
}

/* --- output ------------------------------------------------------------- */

/* Not while an event's bytes are in use: this is a call on its connection. */
static void
give_credit(struct session *s)
{
    if (s->gone > 0)
        ssh_channel_consumed(s->ssh, s->channel, s->gone);
    s->gone = 0;
}

static void
say_failed(struct session *s, const char *what)
{
    int failure = errno;

    terminal_set_back(s->parts->terminal);
    say("%s: %s", what, strerror(failure));
}

/* Nobody reads what we write: there is no reason to go on. */
static void
on_broken(struct session *s, struct stream *stream, size_t lost)
{
    bool is_output = stream == s->parts->out;

    if (errno != EPIPE && stream->fd >= 0)
        say_failed(s, is_output ? "standard output" : "standard error");
    s->gone += lost + buf_len(&stream->pending);
    stream_close(stream);
    if (is_output && !s->output_ends)
        give_up(s);
}

/* In the order in which it came, also when both streams are one file. */
static void
write_collected(struct session *s)
{
    struct stream *stream = s->collecting;
    size_t gone;

    if (stream == NULL)
        return;
    s->collecting = NULL;
    if (stream_write_collected(stream, &gone) == OK)
        s->gone += gone;
    else
        on_broken(s, stream, gone);
}

static void
on_data(struct session *s, struct stream *stream, struct span bytes)
{
    size_t gone;

    if (stream != s->collecting)
        write_collected(s);
    if (link_keeps(s->parts->link, bytes) && stream_collect(stream, bytes)) {
        s->collecting = stream;
        return;
    }
    write_collected(s);
    if (stream_write(stream, bytes, &gone) == OK)
        s->gone += gone;
    else
        on_broken(s, stream, bytes.len);
}

/* True: something left. */
static bool
flush(struct session *s, struct stream *stream)
{
    size_t before = buf_len(&stream->pending), gone;

    if (before == 0)
        return false;
    if (stream_flush(stream, &gone) != OK) {
        on_broken(s, stream, 0);
        return true;
    }
    s->gone += gone;
    return gone > 0;
}

static bool
flush_output(struct session *s)
{
    struct stream *out = s->parts->out;
    bool moved = flush(s, out);

    moved = flush(s, s->parts->error) || moved;
    give_credit(s);
    if (s->output_ends && out->fd >= 0 && buf_len(&out->pending) == 0)
        stream_close(out);
    return moved;
}

static bool
has_output(const struct session *s)
{
    return buf_len(&s->parts->out->pending) > 0 ||
           buf_len(&s->parts->error->pending) > 0;
}

/* --- input -------------------------------------------------------------- */

static void
end_input(struct session *s)
{
    s->input_ended = true;
    ssh_channel_eof(s->ssh, s->channel);
}

/* Straight into the packet that will be encrypted; true: bytes moved. */
static bool
pump_bytes(struct session *s)
{
    uint8_t *place;
    size_t room = ssh_channel_reserve(s->ssh, s->channel, READ_MAX, &place);
    size_t got = 0;
    enum err err;

    if (room == 0) {
        s->is_full = true;
        return false;
    }
    err = stream_read(s->parts->in, place, room, &got);
    ssh_channel_commit(s->ssh, s->channel, got);
    if (err == ERR_CLOSED)
        end_input(s);
    return got > 0;
}

static void
on_escape(struct session *s, enum escape_wish wish)
{
    switch (wish) {
    case ESCAPE_CLOSE:
        say_closed(s, "");
        give_up(s);
        break;
    case ESCAPE_SUSPEND:
        link_write(s->parts->link);
        terminal_suspend(s->parts->terminal);
        break;
    case ESCAPE_HELP:
        say_text("~?\r\n");
        say_text(escape_help);
        break;
    case ESCAPE_BREAK:
        ssh_channel_break(s->ssh, s->channel, BREAK_MS);
        break;
    case ESCAPE_REKEY:
        ssh_conn_rekey(s->ssh);
        break;
    default:
        break;
    }
}

/* Send what was typed, as far as it is taken; true: bytes moved. */
static bool
send_typed(struct session *s)
{
    bool moved = false;

    while (!s->is_over) {
        enum escape_wish wish;
        size_t taken;

        if (s->unsent.len == 0) {
            wish = escape_next(&s->escape, &s->typed_left, &s->unsent);
            if (wish == ESCAPE_NOTHING)
                break;
            if (wish != ESCAPE_SEND) {
                on_escape(s, wish);
                continue;
            }
        }
        taken = ssh_channel_write(s->ssh, s->channel, s->unsent);
        s->unsent = span_of(s->unsent.ptr + taken, s->unsent.len - taken);
        moved = moved || taken > 0;
        s->is_full = s->unsent.len > 0;
        if (s->is_full)
            break;
    }
    return moved;
}

static void
read_typed(struct session *s)
{
    size_t got = 0;
    enum err err = stream_read(s->parts->in, s->typed, sizeof(s->typed), &got);

    s->typed_left = span_of(s->typed, got);
    if (err == ERR_CLOSED)
        end_input(s);
}

static bool
wants_input(const struct session *s)
{
    return s->is_started && !s->input_ended && !s->is_channel_closed &&
           !s->is_full && s->unsent.len == 0 && s->typed_left.len == 0;
}

/* `is_ready`: poll(2) said that reading gives something. True: bytes moved. */
static bool
pump_input(struct session *s, bool is_ready)
{
    if (s->parts->terminal->is_raw || s->typed_left.len > 0 ||
        s->unsent.len > 0) {
        if (is_ready && wants_input(s))
            read_typed(s);
        return !s->is_full && send_typed(s);
    }
    if (!wants_input(s) || (!is_ready && !stream_may_have_more(s->parts->in)))
        return false;
    return pump_bytes(s);
}

/* --- events ------------------------------------------------------------- */

static void
on_exit_signal(struct session *s, struct span name)
{
    char shown[64];

    text_escape(shown, sizeof(shown), name);
    terminal_set_back(s->parts->terminal);
    say("the remote command was ended by signal %s", shown);
    s->is_lost = true;
}

/* A command ends once, whatever is said later. */
static void
on_command_end(struct session *s, const struct ssh_event *event)
{
    if (s->has_status || s->is_lost)
        return;
    if (event->type == SSH_EVENT_EXIT_SIGNAL) {
        on_exit_signal(s, event->bytes);
        return;
    }
    /* What does not fit must not become a success. */
    s->status = event->number > 255 ? 255 : (int)event->number;
    s->has_status = true;
}

static void
on_closed(struct session *s, const struct ssh_event *event)
{
    s->is_over = true;
    if (s->has_status || s->is_lost)
        return;
    s->is_lost = true;
    say_closed(s, event->text == NULL ? "" : event->text);
}

static bool
is_data(const struct ssh_event *event)
{
    return event->type == SSH_EVENT_DATA ||
           event->type == SSH_EVENT_EXTENDED_DATA;
}

static void
on_event(struct session *s, const struct ssh_event *event)
{
    if (!is_data(event))
        write_collected(s);
    switch (event->type) {
    case SSH_EVENT_OPENED:
        on_opened(s);
        break;
    case SSH_EVENT_OPEN_FAILED:
        say("%s opens no session", s->parts->options->host);
        give_up(s);
        break;
    case SSH_EVENT_REQUEST_REPLY:
        on_reply(s, event->number != 0);
        break;
    case SSH_EVENT_DATA:
        on_data(s, s->parts->out, event->bytes);
        break;
    case SSH_EVENT_EXTENDED_DATA:
        on_data(s, s->parts->error, event->bytes);
        break;
    case SSH_EVENT_WRITABLE:
        s->is_full = false;
        break;
    case SSH_EVENT_EOF:
        s->output_ends = true;
        break;
    case SSH_EVENT_EXIT_STATUS:
    case SSH_EVENT_EXIT_SIGNAL:
        on_command_end(s, event);
        break;
    case SSH_EVENT_CHANNEL_CLOSED:
        s->is_channel_closed = true;
        break;
    case SSH_EVENT_CLOSED:
        on_closed(s, event);
        break;
    default:
        break;
    }
}

static bool
take_events(struct session *s)
{
    struct ssh_event event;
    bool any = false;

    while (!s->is_over && link_next_event(s->parts->link, &event)) {
        on_event(s, &event);
        any = true;
    }
    write_collected(s);
    give_credit(s);
    link_settle(s->parts->link);
    return any;
}

/* --- waiting ------------------------------------------------------------ */

static void
send_size(struct session *s)
{
    uint32_t columns, rows;

    if (!s->has_terminal || !s->is_started)
        return;
    terminal_size(s->parts->terminal, &columns, &rows);
    ssh_channel_window_size(s->ssh, s->channel, columns, rows);
}

static void
on_signal(struct session *s)
{
    enum signal_wish wish = signals_next(s->parts->terminal->signals_fd);

    switch (wish) {
    case SIGNAL_END:
        say_closed(s, "by a signal");
        give_up(s);
        break;
    case SIGNAL_SUSPEND:
        terminal_suspend(s->parts->terminal);
        break;
    case SIGNAL_CONTINUE:
        /* What had the terminal meanwhile left it in other modes. */
        if (s->parts->terminal->is_raw)
            terminal_set_raw(s->parts->terminal);
        send_size(s);
        break;
    case SIGNAL_RESIZE:
        send_size(s);
        break;
    case SIGNAL_NONE:
        break;
    }
}

enum { WAIT_SOCKET, WAIT_SIGNALS, WAIT_IN, WAIT_OUT, WAIT_ERROR, WAITS };

static void
collect_waits(const struct session *s, struct pollfd fds[WAITS])
{
    const struct session_parts *p = s->parts;

    fds[WAIT_SOCKET] =
        (struct pollfd){p->link->fd, link_poll_events(p->link), 0};
    fds[WAIT_SIGNALS] = (struct pollfd){p->terminal->signals_fd, POLLIN, 0};
    fds[WAIT_IN] = (struct pollfd){wants_input(s) ? p->in->fd : -1, POLLIN, 0};
    fds[WAIT_OUT] = (struct pollfd){
        buf_len(&p->out->pending) > 0 ? p->out->fd : -1, POLLOUT, 0};
    fds[WAIT_ERROR] = (struct pollfd){
        buf_len(&p->error->pending) > 0 ? p->error->fd : -1, POLLOUT, 0};
}

/* Wait for something to do; true: input is there to be read. */
static bool
wait_for_more(struct session *s)
{
    struct pollfd fds[WAITS];

    collect_waits(s, fds);
    if (poll(fds, WAITS, link_poll_timeout(s->parts->link, UINT64_MAX)) < 0) {
        if (errno != EINTR)
            give_up(s);
        return false;
    }
    if (fds[WAIT_SIGNALS].revents != 0)
        on_signal(s);
    link_on_poll(s->parts->link, fds[WAIT_SOCKET].revents);
    return fds[WAIT_IN].revents != 0;
}

/* Do what can be done without waiting, for a while. */
static void
turn(struct session *s, bool is_ready)
{
    uint64_t end_ms = s->parts->link->now_ms + TURN_MS;
    bool moved;

    do {
        moved = take_events(s);
        moved = flush_output(s) || moved;
        while (!s->is_over && pump_input(s, is_ready)) {
            moved = true;
            is_ready = false;
            if (ssh_conn_output(s->ssh).len >= WRITE_MIN)
                link_write(s->parts->link);
        }
        is_ready = false;
        link_write(s->parts->link);
    } while (moved && !s->is_over && clock_now_ms() < end_ms);
}

/* --- life --------------------------------------------------------------- */

/* Say goodbye; the peer is not waited for. */
static void
leave(struct session *s)
{
    struct link *link = s->parts->link;
    uint64_t end_ms = clock_now_ms() + DRAIN_MS;

    ssh_conn_disconnect(s->ssh, SSH_REASON_BY_APPLICATION, "goodbye");
    link_write(link);
    while (link_poll_events(link) & POLLOUT) {
        struct pollfd socket = {.fd = link->fd, .events = POLLOUT};

        if (poll(&socket, 1, clock_poll_timeout(end_ms, clock_now_ms())) <= 0)
            break;
        link_write(link);
    }
}

int
session_run(const struct session_parts *parts)
{
    struct session *s = alloc_zero(1, sizeof(*s));
    bool is_ready = false;
    int status;

    s->parts = parts;
    s->ssh = parts->link->ssh;
    s->channel = ssh_conn_open_session(s->ssh);
    for (;;) {
        turn(s, is_ready);
        /* The last output is the user's, also when its reader is slow. */
        if (s->is_over || (s->is_channel_closed && !has_output(s)))
            break;
        is_ready = wait_for_more(s);
    }
    terminal_set_back(parts->terminal);
    leave(s);
    if (s->has_terminal && !s->is_lost && parts->options->command == NULL)
        say_closed(s, "");
    status = s->is_lost || !s->has_status ? STATUS_FAILED : s->status;
    free(s);
    return status;
}
