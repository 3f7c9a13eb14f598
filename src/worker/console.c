#include "worker/console.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "os/clock.h"
#include "ssh/event.h"
#include "worker/heap.h"
#include "worker/shell.h"

#define CONSOLE_CHANNEL 0
#define READ_SIZE       4096
/* A terminal may be blocking: what poll(2) says it takes is at least this. */
#define WRITE_SIZE  1024
#define TYPED_HIGH  (64 * 1024) /* typed ahead: then reading waits */
#define TRIM_MS     1000
#define DRAIN_MS    1000
#define LAST_OUT_MS 2000 /* for the terminal to take the last output */

struct console {
    struct uplink *up; /* borrowed */
    int fd;
    bool is_tty;
    struct termios before;  /* to be set again at the end */
    uint32_t columns, rows; /* as told to control last */
    struct shell *shell;
    uint64_t now_ms;
    uint64_t bytes_in, bytes_out;
    bool input_ended, gone; /* gone: nobody is there to read either */
};

/* --- the terminal ------------------------------------------------------ */

static void
set_raw(struct console *c)
{
    struct termios raw;

    c->is_tty = tcgetattr(c->fd, &c->before) == 0;
    if (!c->is_tty)
        return;
    raw = c->before;
    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(c->fd, TCSANOW, &raw);
}

static void
restore(const struct console *c)
{
    if (c->is_tty)
        (void)tcsetattr(c->fd, TCSADRAIN, &c->before);
}

/* The terminal's size, if it has one. */
static void
look_at_size(struct console *c)
{
    struct winsize size;

    if (!c->is_tty || ioctl(c->fd, TIOCGWINSZ, &size) != 0 ||
        (size.ws_col == c->columns && size.ws_row == c->rows))
        return;
    c->columns = size.ws_col;
    c->rows = size.ws_row;
    if (c->shell != NULL)
        shell_resize(c->shell, c->columns, c->rows);
}

/* --- beginning --------------------------------------------------------- */

static void
begin(struct console *c, const struct msg_setup *setup)
{
    struct message m = {.type = MSG_SHELL};
    struct shell_setup shell = {.channel = CONSOLE_CHANNEL};

    c->columns = setup->columns;
    c->rows = setup->rows;
    set_raw(c);
    if (setup->columns == 0)
        look_at_size(c);
    shell.terminal = c->is_tty || setup->interactive;
    shell.columns = c->columns;
    shell.rows = c->rows;
    m.shell.channel = CONSOLE_CHANNEL;
    m.shell.pty = shell.terminal;
    m.shell.columns = c->columns;
    m.shell.rows = c->rows;
    uplink_send(c->up, &m);
    c->shell = shell_new(c->up, &shell, c->now_ms);
}

/* --- bytes ------------------------------------------------------------- */

static void
end_input(struct console *c)
{
    c->input_ended = true;
    shell_typed_end(c->shell, c->now_ms);
}

static void
read_keys(struct console *c)
{
    uint8_t keys[READ_SIZE];
    ssize_t got = read(c->fd, keys, sizeof(keys));

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        /* A terminal that hung up reads as an error or an end for ever. */
        c->gone = c->gone || c->is_tty;
        end_input(c);
        return;
    }
    c->bytes_in += (uint64_t)got;
    /* No signal tells of a new window size here: look when a line ends. */
    if (memchr(keys, '\r', (size_t)got) != NULL)
        look_at_size(c);
    shell_typed(c->shell, span_of(keys, (size_t)got), c->now_ms);
    (void)shell_typed_used(c->shell);
    wipe(keys, (size_t)got);
}

static void
write_output(struct console *c)
{
    struct span out = shell_output(c->shell);
    ssize_t sent;

    if (out.len == 0)
        return;
    sent = write(c->fd, out.ptr, out.len < WRITE_SIZE ? out.len : WRITE_SIZE);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (sent < 0) {
        c->gone = true;
        return;
    }
    c->bytes_out += (uint64_t)sent;
    shell_output_sent(c->shell, (size_t)sent);
    shell_work(c->shell, c->now_ms);
}

/* --- messages ---------------------------------------------------------- */

static void
on_message(struct console *c, const struct message *m, struct span encoded,
           int fd)
{
    switch (m->type) {
    case MSG_REQUEST_REPLY:
        if (m->request_reply.ok)
            shell_start(c->shell, c->now_ms);
        else
            c->gone = true;
        break;
    case MSG_DISCONNECT:
        c->gone = true;
        break;
    case MSG_TERMINAL:
    case MSG_FILTER:
    case MSG_OUTPUT:
    case MSG_OUTPUT_FILE:
    case MSG_ASK:
    case MSG_UNASK:
    case MSG_PROMPT:
    case MSG_HELP:
    case MSG_COMPLETED:
    case MSG_LOG:
    case MSG_ATTACH:
    case MSG_DETACH:
    case MSG_EXIT:
        /* There is one channel, so each is for it. */
        shell_message(c->shell, m, encoded, fd, c->now_ms);
        return;
    default:
        c->up->failed = true;
        break;
    }
    if (fd >= 0)
        close(fd);
}

static bool
takes_messages(const struct console *c)
{
    return shell_held(c->shell) <= SHELL_HELD_HIGH;
}

static void
on_pipe(struct console *c, short revents)
{
    struct message m;
    struct span encoded;
    int fd;

    if (revents & POLLOUT)
        uplink_flush(c->up);
    if (revents & (POLLHUP | POLLERR | POLLNVAL))
        c->up->failed = true;
    while ((revents & POLLIN) && takes_messages(c) && !c->gone &&
           uplink_receive(c->up, &m, &encoded, &fd))
        on_message(c, &m, encoded, fd);
}

/* --- the loop
 * ------------------------------------------------------------------ */

static short
user_events(const struct console *c)
{
    bool reads = !c->input_ended && !uplink_is_busy(c->up) &&
                 shell_typed_waiting(c->shell) < TYPED_HIGH;
    bool writes = shell_output(c->shell).len > 0;

    return (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
}

static void
on_user(struct console *c, short revents)
{
    if (revents & POLLOUT)
        write_output(c);
    if (revents & POLLIN)
        read_keys(c);
    else if (revents & (POLLERR | POLLNVAL))
        c->gone = true;
    else if ((revents & POLLHUP) && !c->input_ended)
        read_keys(c);
}

/* Wait for something to do; after a second of silence give memory back. */
static void
turn(struct console *c)
{
    short user = user_events(c);
    short stream = shell_stream_events(c->shell);
    struct pollfd fds[] = {
        {.fd = user == 0 && c->input_ended ? -1 : c->fd, .events = user},
        {.fd = pipe_fd(c->up->pipe),
         .events = uplink_events(c->up, takes_messages(c))},
        {.fd = stream == 0 ? -1 : shell_stream_fd(c->shell), .events = stream},
    };
    uint64_t deadline = shell_deadline(c->shell);
    uint64_t trim_at = c->now_ms + TRIM_MS;
    int ready = poll(
        fds, 3,
        clock_poll_timeout(deadline < trim_at ? deadline : trim_at, c->now_ms));

    if (ready == 0 && trim_at < deadline) {
        shell_trim(c->shell);
        heap_trim();
        c->now_ms = clock_now_ms();
        ready = poll(fds, 3, clock_poll_timeout(deadline, c->now_ms));
    }
    c->now_ms = clock_now_ms();
    if (ready > 0) {
        on_user(c, fds[0].revents);
        on_pipe(c, fds[1].revents);
    }
    shell_work(c->shell, c->now_ms);
}

/* Show what is left to show, but do not wait for a stopped terminal. */
static void
flush_output(struct console *c)
{
    uint64_t end_ms = clock_now_ms() + LAST_OUT_MS;
    struct pollfd user = {.fd = c->fd, .events = POLLOUT};

    while (shell_output(c->shell).len > 0) {
        if (poll(&user, 1, clock_poll_timeout(end_ms, clock_now_ms())) != 1 ||
            (user.revents & POLLOUT) == 0)
            return;
        c->gone = false;
        write_output(c);
        if (c->gone)
            return;
    }
}

static void
send_ended(struct console *c)
{
    struct message m = {.type = MSG_ENDED};

    m.ended.reason = SSH_REASON_NONE;
    m.ended.by_peer = c->input_ended || c->gone;
    m.ended.bytes_in = c->bytes_in;
    m.ended.bytes_out = c->bytes_out;
    uplink_send(c->up, &m);
    uplink_drain(c->up, DRAIN_MS);
}

void
console_run(int fd, struct uplink *up)
{
    struct console *c = alloc_zero(1, sizeof(*c));
    struct message m;
    uint32_t status;
    int extra;

    c->up = up;
    c->fd = fd;
    if (!uplink_await(up, -1, &m, &extra) || m.type != MSG_SETUP)
        return;
    c->now_ms = clock_now_ms();
    begin(c, &m.setup);
    while (!up->failed && !c->gone && !shell_is_finished(c->shell, &status))
        turn(c);
    flush_output(c);
    restore(c);
    if (!up->failed)
        send_ended(c);
}
