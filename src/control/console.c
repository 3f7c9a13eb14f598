#include "control/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "control/attach.h"
#include "control/relay.h"
#include "control/shell.h"
#include "control/storage.h"

#define OFFER_AGAIN_MS 1000 /* after a worker that could not stay */
#define HANDING_MS     1500 /* the terminal steps back for vtyd attach */

/* What standard input is to the line. */
enum local_kind {
    LOCAL_NONE,     /* nothing: attached users only */
    LOCAL_TERMINAL, /* the terminal, handed to each worker as it is */
    LOCAL_STREAM,   /* a script, a pipe: relayed to each worker */
};

struct console {
    struct router *router;
    enum local_kind local;
    int terminal;          /* LOCAL_TERMINAL: our own opening of it */
    struct termios before; /* as the terminal was */
    int input_flags, output_flags;

    struct session *session; /* on the line now; cleared when it has ended */
    bool has_worker, is_attached;
    bool handing_over; /* nobody is at the terminal, somebody attaches */
    uint64_t began_ms;
    struct relay *in, *out; /* LOCAL_STREAM: to and from the worker */
    int stream;             /* our end of its socket pair, or -1 */

    struct attach *attach;
    uv_timer_t again;
    bool stopping;
};

static void offer(struct console *c);

/* --- when the line is offered ------------------------------------------ */

static void
on_again(uv_timer_t *timer)
{
    offer(timer->data);
}

/* A worker that dies at once must not be started in a tight loop. */
static void
offer_later(struct console *c)
{
    bool stayed = router_now_ms(c->router) - c->began_ms > OFFER_AGAIN_MS;
    uint64_t pause_ms = stayed ? 0 : OFFER_AGAIN_MS;

    if (c->handing_over)
        pause_ms = HANDING_MS;
    c->handing_over = false;
    uv_timer_start(&c->again, on_again, pause_ms, 0);
}

/* --- the terminal's modes ---------------------------------------------- */

static void
terminal_restore(const struct console *c)
{
    if (c->local == LOCAL_TERMINAL)
        tcsetattr(c->terminal, TCSANOW, &c->before);
}

/* Nobody sits at it any more: the window was closed, the modem hung up. */
static bool
terminal_is_gone(const struct console *c)
{
    struct pollfd terminal = {.fd = c->terminal};

    return poll(&terminal, 1, 0) == 1 &&
           (terminal.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

/* --- standard input as a stream ---------------------------------------- */

static void
on_input_ended(void *owner, bool broken)
{
    struct console *c = owner;

    c->in = NULL;
    /* The worker is gone; on_worker_ended() sees to it. */
    if (broken)
        return;
    /* The script is through: the router goes on serving without it. */
    c->local = LOCAL_NONE;
    shutdown(c->stream, SHUT_WR);
}

static void
stream_close(struct console *c)
{
    relay_stop(c->in);
    relay_stop(c->out);
    c->in = c->out = NULL;
    if (c->stream >= 0)
        close(c->stream);
    c->stream = -1;
}

static void
on_output_ended(void *owner, bool broken)
{
    struct console *c = owner;
    int nowhere;

    c->out = NULL;
    if (!broken) {
        stream_close(c);
        if (!c->has_worker)
            offer_later(c);
        return;
    }
    /* Nobody reads standard output; the script is carried out all the same. */
    nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0 || relay_start(&c->router->loop, c->stream, nowhere,
                                   on_output_ended, c, &c->out) != OK)
        c->out = NULL;
    if (nowhere >= 0)
        close(nowhere);
}

/* --- workers on the line ----------------------------------------------- */

static void
on_worker_ended(void *owner)
{
    struct console *c = owner;

    c->session = NULL;
    c->has_worker = c->is_attached = false;
    terminal_restore(c);
    if (c->local == LOCAL_TERMINAL && terminal_is_gone(c)) {
        close(c->terminal);
        c->local = LOCAL_NONE;
    }
    /* The worker's last words are still on their way to standard output. */
    if (c->out == NULL)
        offer_later(c);
}

static enum err
start_worker(struct console *c, int fd, const struct worker_terminal *terminal)
{
    enum err err;

    c->began_ms = router_now_ms(c->router);
    err = worker_start_console(c->router, fd, terminal, on_worker_ended, c,
                               &c->session);
    c->has_worker = err == OK;
    c->is_attached = err == OK && terminal->attached;
    return err;
}

static enum err
start_on_stream(struct console *c)
{
    static const struct worker_terminal no_terminal;
    int ends[2];
    enum err err;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                   ends) != 0)
        return ERR_SYSTEM;
    c->stream = ends[0];
    err = start_worker(c, ends[1], &no_terminal);
    close(ends[1]);
    if (err == OK)
        err = relay_start(&c->router->loop, c->stream, STDOUT_FILENO,
                          on_output_ended, c, &c->out);
    if (err == OK)
        err = relay_start(&c->router->loop, STDIN_FILENO, c->stream,
                          on_input_ended, c, &c->in);
    if (err != OK)
        stream_close(c);
    return err;
}

/* Let standard input have the line, if it is free and somebody is there. */
static void
offer(struct console *c)
{
    static const struct worker_terminal by_tty;
    enum err err = OK;

    if (c->stopping || c->router->ending || c->has_worker || c->out != NULL)
        return;
    if (c->local == LOCAL_TERMINAL)
        err = start_worker(c, c->terminal, &by_tty);
    else if (c->local == LOCAL_STREAM)
        err = start_on_stream(c);
    if (err != OK)
        offer_later(c);
}

/* --- vtyd attach ------------------------------------------------------- */

/*
 * The router's own terminal has the line. It steps back when nobody is there:
 * it waits for RETURN or for a login. ATTACH_BUSY in any case.
 */
static enum attach_answer
ask_terminal(struct console *c, char *why, size_t room)
{
    static const char notice[] = "\r\n\r\nvtyd attach has line con 0\r\n";
    char name[64];

    if (c->local != LOCAL_TERMINAL ||
        ttyname_r(c->terminal, name, sizeof(name)) != 0)
        snprintf(name, sizeof(name), "standard input");
    snprintf(why, room, "line con 0 is in use on the router's own %s", name);
    if (c->local == LOCAL_TERMINAL && c->session != NULL && !c->handing_over &&
        !shell_is_started(c->session)) {
        c->handing_over = true;
        (void)!write(c->terminal, notice, sizeof(notice) - 1);
        session_disconnect(c->session, CAUSE_CLEARED, SSH_REASON_BY_APPLICATION,
                           "Line con 0 is handed over");
    }
    return ATTACH_BUSY;
}

static enum attach_answer
on_attach(void *owner, int fd, const struct worker_terminal *terminal,
          char *why, size_t room)
{
    struct console *c = owner;

    if (c->stopping || c->router->ending) {
        snprintf(why, room, "the router is ending");
        return ATTACH_NO;
    }
    if (c->is_attached) {
        snprintf(why, room, "line con 0 is in use by another vtyd attach");
        return ATTACH_BUSY;
    }
    if (c->has_worker || c->out != NULL)
        return ask_terminal(c, why, room);
    if (start_worker(c, fd, terminal) != OK) {
        snprintf(why, room, "no process could be started for line con 0");
        return ATTACH_NO;
    }
    return ATTACH_YES;
}

/* --- life -------------------------------------------------------------- */

/*
 * By default a terminal is taken, but not from behind: a router in the
 * background of a shell leaves the keyboard to the foreground.
 */
static enum local_kind
choose_local(const struct options *o)
{
    bool is_terminal = isatty(STDIN_FILENO) == 1;

    if (o->console == CONSOLE_OFF)
        return LOCAL_NONE;
    if (o->console == CONSOLE_DEFAULT &&
        (!is_terminal || tcgetpgrp(STDIN_FILENO) != getpgrp()))
        return LOCAL_NONE;
    return is_terminal ? LOCAL_TERMINAL : LOCAL_STREAM;
}

static void
take_terminal(struct console *c)
{
    /* Setting modes from the background would stop us. */
    signal(SIGTTOU, SIG_IGN);
    c->terminal = relay_reopen(STDIN_FILENO, O_RDWR);
    if (c->terminal >= 0 && tcgetattr(c->terminal, &c->before) == 0)
        return;
    log_line(LOG_ERROR, "The terminal cannot be line con 0: %s",
             strerror(errno));
    if (c->terminal >= 0)
        close(c->terminal);
    c->local = LOCAL_NONE;
}

enum err
console_start(struct router *r)
{
    struct console *c = alloc_zero(1, sizeof(*c));

    r->console = c;
    c->router = r;
    c->stream = c->terminal = -1;
    c->input_flags = fcntl(STDIN_FILENO, F_GETFL);
    c->output_flags = fcntl(STDOUT_FILENO, F_GETFL);
    uv_timer_init(&r->loop, &c->again);
    c->again.data = c;
    c->local = choose_local(&r->options);
    if (c->local == LOCAL_TERMINAL)
        take_terminal(c);
    if (attach_listen(&r->loop, storage_fd(r->storage), on_attach, c,
                      &c->attach) != OK)
        return ERR_SYSTEM;
    offer(c);
    return OK;
}

void
console_stop(struct router *r)
{
    struct console *c = r->console;

    if (c == NULL)
        return;
    c->stopping = true;
    attach_close(c->attach);
    c->attach = NULL;
    uv_timer_stop(&c->again);
}

static void
on_again_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
console_free(struct router *r)
{
    struct console *c = r->console;

    if (c == NULL)
        return;
    console_stop(r);
    r->console = NULL;
    stream_close(c);
    terminal_restore(c);
    if (c->terminal >= 0)
        close(c->terminal);
    /* Flags are shared with whoever started us. */
    if (c->input_flags >= 0)
        fcntl(STDIN_FILENO, F_SETFL, c->input_flags);
    if (c->output_flags >= 0)
        fcntl(STDOUT_FILENO, F_SETFL, c->output_flags);
    uv_close((uv_handle_t *)&c->again, on_again_closed);
}

bool
console_on_terminal(const struct router *r)
{
    const struct console *c = r->console;

    return c != NULL && c->local == LOCAL_TERMINAL && !c->is_attached;
}
