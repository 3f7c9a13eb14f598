/* `vtyd attach`: this terminal, or the script on standard input, on line
   con 0 of a running router. */
#include "control/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "control/attach_wire.h"
#include "control/relay.h"

#define ANSWER_MS 10000
#define SIGNALS   3

struct client {
    uv_loop_t loop;
    int fd; /* the line */
    struct worker_terminal terminal;
    struct termios before;
    int input_flags, output_flags;
    struct relay *in, *out;
    uv_signal_t signals[SIGNALS];
    int status;
};

/* --- connecting -------------------------------------------------------- */

static int
complain(const char *state, const char *what)
{
    fprintf(stderr, "vtyd: %s: %s\n", state, what);
    return 1;
}

static enum err
connect_socket(struct client *c, const char *state)
{
    struct sockaddr_un address;
    int dir = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC);
    enum err err = OK;

    if (dir < 0) {
        complain(state, strerror(errno));
        return ERR_SYSTEM;
    }
    attach_address(dir, &address);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&address,
                             sizeof(address)) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED)
            complain(state, "no router is running here");
        else
            complain(state, strerror(errno));
        err = ERR_SYSTEM;
    }
    close(dir);
    return err;
}

/* One line, a byte at a time: what follows belongs to the line con 0. */
static enum err
read_answer(int fd, char line[ATTACH_LINE_MAX])
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    size_t len = 0;

    while (len < ATTACH_LINE_MAX - 1) {
        if (poll(&readable, 1, ANSWER_MS) != 1 ||
            recv(fd, line + len, 1, 0) != 1)
            return ERR_CLOSED;
        if (line[len] == '\n') {
            line[len] = '\0';
            return OK;
        }
        len++;
    }
    return ERR_FORMAT;
}

/* Say who we are; be let in. */
static enum err
greet(struct client *c, const char *state)
{
    char line[ATTACH_LINE_MAX];
    size_t len = attach_put_greeting(line, &c->terminal);

    /* Who is not wanted is told so at once, and the socket closed: sending
       may fail then, but the answer is there to be read. */
    (void)!send(c->fd, line, len, MSG_NOSIGNAL);
    if (read_answer(c->fd, line) != OK) {
        complain(state, "the router does not answer");
        return ERR_CLOSED;
    }
    if (strcmp(line, "ok") == 0)
        return OK;
    complain(state, strncmp(line, "no ", 3) == 0 ? line + 3 : "what is this?");
    return ERR_REFUSED;
}

/* --- this terminal ----------------------------------------------------- */

static void
look_at_terminal(struct client *c)
{
    struct winsize size;

    c->terminal.interactive = tcgetattr(STDIN_FILENO, &c->before) == 0;
    if (c->terminal.interactive &&
        ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
        c->terminal.columns = size.ws_col;
        c->terminal.rows = size.ws_row;
    }
    c->input_flags = fcntl(STDIN_FILENO, F_GETFL);
    c->output_flags = fcntl(STDOUT_FILENO, F_GETFL);
}

/* The router edits the line and echoes; every key is for it. */
static void
terminal_raw(const struct client *c)
{
    struct termios raw = c->before;

    cfmakeraw(&raw);
    if (c->terminal.interactive)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

static void
terminal_restore(const struct client *c)
{
    if (c->terminal.interactive)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &c->before);
    if (c->input_flags >= 0)
        fcntl(STDIN_FILENO, F_SETFL, c->input_flags);
    if (c->output_flags >= 0)
        fcntl(STDOUT_FILENO, F_SETFL, c->output_flags);
}

/* --- the session ------------------------------------------------------- */

static void
on_input_ended(void *owner, bool broken)
{
    struct client *c = owner;

    c->in = NULL;
    if (!broken)
        shutdown(c->fd, SHUT_WR);
}

static void
on_output_ended(void *owner, bool broken)
{
    struct client *c = owner;

    c->out = NULL;
    c->status = broken ? 1 : 0;
    uv_stop(&c->loop);
}

static void
on_signal(uv_signal_t *handle, int number)
{
    struct client *c = handle->data;

    (void)number;
    c->status = 1;
    uv_stop(&c->loop);
}

static void
watch_signals(struct client *c)
{
    static const int numbers[SIGNALS] = {SIGTERM, SIGHUP, SIGINT};

    for (size_t i = 0; i < SIGNALS; i++) {
        c->signals[i].data = c;
        uv_signal_init(&c->loop, &c->signals[i]);
        uv_signal_start(&c->signals[i], on_signal, numbers[i]);
    }
}

/* Let the loop finish what it still holds. */
static void
leave(struct client *c)
{
    relay_stop(c->in);
    relay_stop(c->out);
    for (size_t i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&c->signals[i], NULL);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    uv_loop_close(&c->loop);
}

/* Relay until the line ends, or we are told to. */
static int
serve(struct client *c)
{
    if (uv_loop_init(&c->loop) != 0)
        return 1;
    c->status = 1;
    watch_signals(c);
    terminal_raw(c);
    if (relay_start(&c->loop, c->fd, STDOUT_FILENO, on_output_ended, c,
                    &c->out) == OK &&
        relay_start(&c->loop, STDIN_FILENO, c->fd, on_input_ended, c, &c->in) ==
            OK)
        uv_run(&c->loop, UV_RUN_DEFAULT);
    terminal_restore(c);
    leave(c);
    return c->status;
}

int
attach_run(const struct options *o)
{
    struct client c = {.fd = -1};
    int status = 1;

    signal(SIGPIPE, SIG_IGN);
    look_at_terminal(&c);
    if (connect_socket(&c, o->state) == OK && greet(&c, o->state) == OK)
        status = serve(&c);
    if (c.fd >= 0)
        close(c.fd);
    return status;
}
