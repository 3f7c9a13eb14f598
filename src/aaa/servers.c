#include "aaa/servers.h"

#include <uv.h>

#include "aaa/exchange.h"
#include "base/log.h"
#include "ipc/requests.h"
#include "ipc/send.h"
#include "os/sandbox.h"

struct servers {
    uv_loop_t loop;
    uv_poll_t watch;
    int watched; /* events that `watch` waits for */
    struct pipe *control;
    struct exchanges exchanges;
};

static void update_watch(struct servers *s);

/* Control is gone or cannot be followed: the loop ends. */
static void
end(struct servers *s)
{
    uv_stop(&s->loop);
}

/* An answer that is lost would leave control waiting: better restarted. */
static void
send_message(void *owner, const struct message *m)
{
    struct servers *s = owner;

    if (message_send(s->control, m) != OK)
        end(s);
    update_watch(s);
}

/* Of a connection that is no single request's. */
static void
tell_connection(void *owner, const struct aaa_server *server, bool open)
{
    struct message m = {.type = MSG_AAA_CONNECTION};

    m.aaa_connection.address = server->address;
    m.aaa_connection.port = server->port;
    m.aaa_connection.open = open;
    send_message(owner, &m);
}

static void
report(void *owner, enum log_level level, const char *line)
{
    struct message m = {.type = MSG_REPORT,
                        .report = message_report(level, line)};

    send_message(owner, &m);
}

static bool
handle(void *owner, const struct message *m, struct span bytes, int *fd)
{
    struct servers *s = owner;

    (void)fd; /* no request of ours carries one */
    switch (m->type) {
    case MSG_AAA_REQUEST:
        return exchange_start(&s->exchanges, bytes);
    case MSG_AAA_CONTINUE:
        exchange_continue(&s->exchanges, &m->aaa_continue);
        return true;
    case MSG_AAA_CANCEL:
        exchange_cancel(&s->exchanges, m->aaa_cancel.request);
        return true;
    default:
        return false;
    }
}

static void
handle_requests(struct servers *s)
{
    enum err err = OK;

    while (err == OK && !pipe_wants_write(s->control))
        err = request_take(s->control, handle, s);
    if (err != OK && err != ERR_MORE)
        end(s);
}

static void
on_ready(uv_poll_t *watch, int status, int events)
{
    struct servers *s = watch->data;

    if (status < 0 ||
        ((events & UV_WRITABLE) && pipe_flush(s->control) != OK)) {
        end(s);
        return;
    }
    if (events & (UV_READABLE | UV_DISCONNECT))
        handle_requests(s);
    update_watch(s);
}

/* Requests, or while answers are queued the rest of these. */
static void
update_watch(struct servers *s)
{
    int wanted = pipe_wants_write(s->control) ? UV_WRITABLE : UV_READABLE;

    if (wanted == s->watched)
        return;
    s->watched = wanted;
    if (uv_poll_start(&s->watch, wanted, on_ready) != 0)
        end(s);
}

int
servers_run(struct pipe *control)
{
    struct servers s = {.control = control};

    s.exchanges.loop = s.exchanges.links.loop = &s.loop;
    s.exchanges.links.owner = &s;
    s.exchanges.links.changed = tell_connection;
    list_init(&s.exchanges.links.shared);
    s.exchanges.owner = &s;
    s.exchanges.send = send_message;
    list_init(&s.exchanges.list);
    s.watch.data = &s;
    log_set_sink(report, &s);
    if (uv_loop_init(&s.loop) != 0 ||
        uv_poll_init(&s.loop, &s.watch, pipe_fd(control)) != 0 ||
        sandbox_aaa_servers() != OK)
        return 1;
    update_watch(&s);
    uv_run(&s.loop, UV_RUN_DEFAULT);
    return 0;
}
