/*
 * The device of a line. A port is opened and closed on a thread, where it may
 * take its time; a connection is made by the loop. What is absent is looked
 * for every second, a peer that does not answer less and less often.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/journal.h"
#include "control/probe.h"
#include "control/tty_parts.h"
#include "os/net.h"

#define CONNECT_MS 30000

/* An opening on a thread. */
struct tty_open {
    uv_work_t work;
    struct tty *tty; /* NULL: it is not wanted any more */
    char *path;
    struct tty_settings settings;
    struct controlled *controlled; /* an owner's share */
    struct tty_port port;
    char holder[TTY_HOLDER_MAX];
    enum err err;
    int system_error;
};

/* A closing on a thread. */
struct tty_shut {
    uv_work_t work;
    struct tty_port port;
};

/* --- closing -------------------------------------------------------------- */

static void
shut_work(uv_work_t *work)
{
    struct tty_shut *shut = work->data;

    tty_port_close(&shut->port);
}

static void
on_shut(uv_work_t *work, int status)
{
    (void)status;
    free(work->data);
}

static void
shut_port(struct router *r, struct tty_port *port)
{
    struct tty_shut *shut;

    if (port->fd < 0)
        return;
    shut = alloc_zero(1, sizeof(*shut));
    shut->work.data = shut;
    shut->port = *port;
    port->fd = -1;
    if (uv_queue_work(&r->loop, &shut->work, shut_work, on_shut) != 0)
        free(shut);
}

static void
on_handle_closed(uv_handle_t *handle)
{
    free(handle);
}

static void
close_socket(struct tty_device *d)
{
    if (d->connecting != NULL)
        uv_close((uv_handle_t *)d->connecting, on_handle_closed);
    d->connecting = NULL;
    if (d->socket >= 0)
        close(d->socket);
    d->socket = -1;
}

/* Whatever was under way or open. */
static void
let_go(struct tty *t)
{
    struct tty_device *d = &t->device;

    if (d->open != NULL)
        d->open->tty = NULL;
    d->open = NULL;
    uv_timer_stop(&d->retry);
    resolver_forget(t->router, d);
    close_socket(d);
    shut_port(t->router, &d->port);
    d->state = DEVICE_CLOSED;
}

void
tty_device_close(struct tty *t)
{
    struct message none = {.type = MSG_LINE_DEVICE};
    bool was_open = t->device.state == DEVICE_OPEN;

    let_go(t);
    if (was_open)
        tty_send(t, &none, -1);
}

/* --- again ---------------------------------------------------------------- */

static void
on_retry(uv_timer_t *timer)
{
    tty_device_open(timer->data);
}

static void
try_later(struct tty *t, const char *why)
{
    struct tty_device *d = &t->device;

    let_go(t);
    text_copy(d->absence, sizeof(d->absence), why);
    if (!d->told)
        journal_limited(t->router, t->source, "LINE", LOG_WARNING, "ABSENT",
                        "Line %s: %s", t->name, why);
    d->told = true;
    uv_timer_start(&d->retry, on_retry, d->pause_ms, 0);
    /* A port's file is looked at, and costs nothing. */
    d->pause_ms = t->plan.device != NULL || 2 * d->pause_ms > TTY_RETRY_MAX_MS
                      ? d->pause_ms
                      : 2 * d->pause_ms;
}

void
tty_device_lost(struct tty *t, const char *why)
{
    char text[TTY_ABSENCE_MAX];

    snprintf(text, sizeof(text), "the device is gone: %s", why);
    t->device.pause_ms = TTY_RETRY_MS;
    t->device.told = false;
    try_later(t, text);
}

static void
found(struct tty *t, enum line_device kind, bool held, int fd)
{
    struct message m = {.type = MSG_LINE_DEVICE};
    struct tty_device *d = &t->device;

    d->state = DEVICE_OPEN;
    d->pause_ms = TTY_RETRY_MS;
    d->absence[0] = '\0';
    if (d->told)
        journal_limited(t->router, t->source, "LINE", LOG_NOTICE, "READY",
                        "Line %s: the device is there", t->name);
    d->told = false;
    m.line_device.kind = (uint8_t)kind;
    m.line_device.held = held;
    tty_send(t, &m, fd);
}

/* --- a port --------------------------------------------------------------- */

static void
open_work(uv_work_t *work)
{
    struct tty_open *o = work->data;

    o->err = tty_port_open(o->path, &o->settings, o->controlled, &o->port,
                           o->holder);
    o->system_error = errno;
}

static void
explain(const struct tty_open *o, char *to, size_t room)
{
    switch (o->err) {
    case ERR_NOT_FOUND:
        snprintf(to, room, "%s is not there", o->path);
        break;
    case ERR_REFUSED:
        snprintf(to, room, "%s is no terminal", o->path);
        break;
    case ERR_BUSY:
        snprintf(to, room, "%s is in use by %s", o->path, o->holder);
        break;
    default:
        snprintf(to, room, "%s cannot be opened: %s", o->path,
                 strerror(o->system_error));
        break;
    }
}

static void
on_opened(uv_work_t *work, int status)
{
    struct tty_open *o = work->data;
    struct tty *t = o->tty;
    char why[TTY_ABSENCE_MAX];

    (void)status;
    if (t == NULL && o->err == OK) {
        /* The same structure of work is done with. */
        uv_loop_t *loop = work->loop;
        struct tty_shut *shut = alloc_zero(1, sizeof(*shut));

        shut->work.data = shut;
        shut->port = o->port;
        if (uv_queue_work(loop, &shut->work, shut_work, on_shut) != 0)
            free(shut);
    } else if (t != NULL) {
        t->device.open = NULL;
        t->device.port = o->port;
        if (o->err == OK) {
            found(t, LINE_DEVICE_TTY, o->port.held, o->port.fd);
        } else {
            explain(o, why, sizeof(why));
            try_later(t, why);
        }
    }
    controlled_drop(o->controlled);
    free(o->path);
    free(o);
}

static void
open_port(struct tty *t)
{
    struct tty_device *d = &t->device;
    struct tty_open *o;
    struct stat st;
    char why[TTY_ABSENCE_MAX];

    /* So much needs no thread, and is what mostly comes of it. */
    if (stat(t->plan.device, &st) != 0 && errno == ENOENT) {
        snprintf(why, sizeof(why), "%s is not there", t->plan.device);
        try_later(t, why);
        return;
    }
    o = alloc_zero(1, sizeof(*o));
    o->work.data = o;
    o->tty = t;
    o->path = text_dup(t->plan.device);
    o->settings = t->plan.settings;
    o->controlled = controlled_share(t->router->ttys->controlled);
    d->open = o;
    if (uv_queue_work(&t->router->loop, &o->work, open_work, on_opened) == 0)
        return;
    d->open = NULL;
    controlled_drop(o->controlled);
    free(o->path);
    free(o);
    try_later(t, "no thread can be had");
}

/* --- a connection --------------------------------------------------------- */

static void connect_next(struct tty *t, int error);

static void
on_connected(uv_poll_t *poll, int status, int events)
{
    struct tty *t = poll->data;
    struct tty_device *d = &t->device;
    int error = net_connect_error(d->socket);

    (void)events;
    if (status < 0 && error == 0)
        error = -status;
    if (error != 0) {
        connect_next(t, error);
        return;
    }
    uv_timer_stop(&d->retry);
    uv_close((uv_handle_t *)d->connecting, on_handle_closed);
    d->connecting = NULL;
    net_tune(d->socket);
    net_keep_alive(d->socket);
    found(t, t->plan.telnet ? LINE_DEVICE_TELNET : LINE_DEVICE_TCP, true,
          d->socket);
    /* The worker's alone: its end is that of the connection. */
    close_socket(d);
}

static void
on_silence(uv_timer_t *timer)
{
    connect_next(timer->data, ETIMEDOUT);
}

/* 0, or errno. */
static int
connect_to(struct tty *t, const struct config_address *address)
{
    struct tty_device *d = &t->device;
    struct net_address to;
    uv_poll_t *poll;
    int failed;

    probe_address_net(address, t->plan.port, &to);
    if (net_connect(&to, NULL, &d->socket) != OK) {
        d->socket = -1;
        return errno;
    }
    poll = alloc_zero(1, sizeof(*poll));
    failed = uv_poll_init(&t->router->loop, poll, d->socket);
    if (failed != 0) {
        free(poll);
        return -failed;
    }
    poll->data = t;
    d->connecting = poll;
    uv_poll_start(poll, UV_WRITABLE, on_connected);
    uv_timer_start(&d->retry, on_silence, CONNECT_MS, 0);
    return 0;
}

/* The next address; `error`: how the last one failed. */
static void
connect_next(struct tty *t, int error)
{
    struct tty_device *d = &t->device;
    char why[TTY_ABSENCE_MAX];

    close_socket(d);
    while (d->next_address < d->address_count) {
        error = connect_to(t, &d->addresses[d->next_address++]);
        if (error == 0)
            return;
        close_socket(d);
    }
    snprintf(why, sizeof(why), "no connection to %s port %u: %s", t->plan.host,
             t->plan.port, strerror(error));
    try_later(t, why);
}

static void
on_answer(void *owner, const struct resolver_answer *answer)
{
    struct tty_device *d = owner;
    struct tty *t =
        (struct tty *)(void *)((char *)d - offsetof(struct tty, device));
    char why[TTY_ABSENCE_MAX];

    if (answer->result != RESOLVER_FOUND) {
        snprintf(why, sizeof(why), "no address of %s is known", t->plan.host);
        try_later(t, why);
        return;
    }
    d->address_count = answer->count;
    memcpy(d->addresses, answer->addresses,
           answer->count * sizeof(d->addresses[0]));
    connect_next(t, 0);
}

static const struct resolver_events answers = {NULL, on_answer};

static void
open_connection(struct tty *t)
{
    struct tty_device *d = &t->device;
    struct span host = span_text(t->plan.host);

    d->next_address = 0;
    if (config_address_parse_ipv4(host, &d->addresses[0]) == OK ||
        config_address_parse_ipv6(host, &d->addresses[0]) == OK) {
        d->address_count = 1;
        connect_next(t, 0);
        return;
    }
    resolver_ask(t->router, t->plan.host, true, true, &answers, d);
}

void
tty_device_open(struct tty *t)
{
    struct tty_device *d = &t->device;

    if (d->state != DEVICE_CLOSED || t->pipe == NULL)
        return;
    uv_timer_stop(&d->retry);
    d->state = DEVICE_OPENING;
    if (t->plan.device != NULL)
        open_port(t);
    else
        open_connection(t);
}
