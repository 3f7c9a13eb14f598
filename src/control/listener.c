#include "control/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "control/admission.h"
#include "control/guard.h"
#include "control/journal.h"
#include "control/keys.h"
#include "control/lines.h"
#include "control/metrics.h"
#include "control/penalties.h"
#include "control/rotary_ports.h"
#include "control/server_key.h"
#include "control/sessions.h"
#include "control/workers.h"

#define ACCEPT_MAX  64  /* connections taken in one turn */
#define BACK_OFF_MS 100 /* after descriptors ran out */
#define RETRY_MS    5000

/* One address that is listened on. */
struct socket {
    struct listener *listener;
    uv_poll_t poll;
    bool poll_open;
    int fd; /* -1: closed */
    struct net_address bound;
};

struct listener {
    struct router *router;
    struct socket sockets[OPTIONS_LISTEN_MAX];
    int reserve; /* given up to tell a peer that there is no more; or -1 */
    struct admission *admission;
    struct penalties *penalties;
    uv_timer_t back_off; /* nothing is accepted while it runs */
    uv_timer_t again;    /* somebody's place may be taken, or waiting ends */
    uv_timer_t retry;    /* an address could not be listened on */
    unsigned handles_open;
    bool freed;
};

static void serve(struct listener *l);
static void on_readable(uv_poll_t *poll, int status, int events);

/* --- turning away ------------------------------------------------------- */

static void
peer_text(const struct net_address *peer, char text[NET_TEXT_MAX])
{
    net_host_text(peer, text, NET_TEXT_MAX);
}

/* Before any byte: a reset, and a line of which there are few. */
static void
refuse(struct listener *l, int fd, const struct net_address *peer,
       enum metrics_refusal cause)
{
    static const char *const texts[REFUSALS] = {
        [REFUSED_FAULTS] = "too many faults",
        [REFUSED_BLOCKED] = "logins are blocked",
        [REFUSED_ACCESS_CLASS] = "access-class",
        [REFUSED_NO_LINE] = "all vtys are in use",
    };
    char text[NET_TEXT_MAX];

    peer_text(peer, text);
    net_reset(fd);
    journal_limited(l->router, text, "SSH", LOG_WARNING, "REFUSED",
                    "Connection from %s refused: %s", text, texts[cause]);
    metrics_refused(l->router, cause);
}

static void
refuse_waiting(struct listener *l, struct applicant *p,
               enum metrics_refusal cause)
{
    refuse(l, p->fd, &p->peer, cause);
    admission_remove(l->admission, p);
}

/* The room is full, or the time to log in is over: closed, nothing said. */
static void
drop_waiting(struct listener *l, struct applicant *p)
{
    close(p->fd);
    admission_remove(l->admission, p);
}

/* --- places ------------------------------------------------------------- */

/* Every vty is held by somebody who has logged in. */
static bool
users_hold_all_vtys(const struct listener *l)
{
    return admission_places(l->admission) == 0;
}

/* A worker for `p` on that vty; false: nothing more can be started now. */
static bool
give_place(struct listener *l, struct applicant *p, unsigned vty)
{
    struct router *r = l->router;
    struct net_address peer = p->peer;
    uint64_t accepted_ms = p->accepted_ms;
    uint32_t rotary = p->rotary;
    int fd = p->fd;
    struct session *s;

    admission_place(l->admission, p, router_now_ms(r));
    if (worker_start_server(r, fd, &peer, vty, accepted_ms, &s) != OK) {
        journal_limited(r, "", "SYS", LOG_CRITICAL, "RESOURCE",
                        "A connection was closed: %s", strerror(errno));
        metrics_refused(r, REFUSED_NO_WORKER);
        admission_remove(l->admission, p);
        return false;
    }
    if (rotary != 0)
        s->port_target = (struct line_target){LINE_TARGET_ROTARY, rotary};
    s->applicant = p;
    p->session = s;
    return true;
}

/* Free places and lines go to those that wait. */
static void
fill_places(struct listener *l)
{
    struct router *r = l->router;
    struct applicant *p;
    unsigned vty;

    /* What would he be offered? */
    if (server_key_is_awaited(r))
        return;
    while ((p = admission_next(l->admission)) != NULL) {
        if (admission_places(l->admission) >= r->config.ssh.maxstartups)
            return;
        if (guard_refuses(r, &p->peer)) {
            refuse_waiting(l, p, REFUSED_BLOCKED);
        } else if (lines_free_vty(r, &vty) != OK) {
            if (!users_hold_all_vtys(l))
                return;
            refuse_waiting(l, p, REFUSED_NO_LINE);
        } else if (!line_permits(r, vty, &p->peer)) {
            refuse_waiting(l, p, REFUSED_ACCESS_CLASS);
        } else if (!give_place(l, p, vty)) {
            return;
        }
    }
}

/* Somebody who has nothing waits: the oldest of who has most must go. */
static uint64_t
take_places(struct listener *l, uint64_t now_ms)
{
    struct applicant *victim;
    uint64_t again_ms;

    while ((victim = admission_victim(l->admission, now_ms, &again_ms)) != NULL)
        session_disconnect(victim->session, CAUSE_CROWDED,
                           SSH_REASON_TOO_MANY_CONNECTIONS,
                           "Too many connections");
    return again_ms;
}

/* Whose login deadline ends while he waits. */
static uint64_t
expire_waiting(struct listener *l, uint64_t now_ms)
{
    uint64_t limit_ms = 1000ULL * l->router->config.ssh.timeout;
    struct applicant *p;

    while ((p = admission_oldest(l->admission)) != NULL) {
        if (now_ms < p->accepted_ms + limit_ms)
            return p->accepted_ms + limit_ms;
        drop_waiting(l, p);
        metrics_refused(l->router, REFUSED_WAITED);
    }
    return UINT64_MAX;
}

static void
on_again(uv_timer_t *timer)
{
    serve(timer->data);
}

/*
 * The one place where waiting ends: called whenever somebody came, logged in
 * or went, and when time alone changes who may have a place.
 */
static void
serve(struct listener *l)
{
    uint64_t now_ms = router_now_ms(l->router);
    uint64_t next_ms, again_ms;

    if (l->router->ending || admission_waiting(l->admission) == 0)
        return;
    fill_places(l);
    next_ms = expire_waiting(l, now_ms);
    if (next_ms == UINT64_MAX)
        return;
    again_ms = take_places(l, now_ms);
    if (again_ms < next_ms)
        next_ms = again_ms;
    uv_timer_start(&l->again, on_again, next_ms - now_ms, 0);
}

void
listener_place_freed(struct session *s)
{
    struct listener *l = s->router->listener;

    if (s->applicant == NULL)
        return;
    admission_remove(l->admission, s->applicant);
    s->applicant = NULL;
    serve(l);
}

void
listener_line_freed(struct router *r)
{
    if (r->listener != NULL)
        serve(r->listener);
}

void
listener_fault(struct session *s, enum listener_fault fault)
{
    struct listener *l = s->router->listener;

    if (l == NULL || s->kind != SESSION_SSH)
        return;
    penalties_add(l->penalties, &s->peer,
                  fault == FAULT_CRASH ? PENALTY_CRASH_MS : PENALTY_PROTOCOL_MS,
                  router_now_ms(l->router));
}

/* --- accepting ---------------------------------------------------------- */

/* `ip ssh dscp` stands in the upper six bits, `precedence` in the upper three.
 */
static void
mark_service(const struct router *r, int fd)
{
    uint32_t byte = r->config.ssh.dscp << 2 | r->config.ssh.precedence << 5;

    if (byte != 0)
        net_set_service(fd, (uint8_t)byte);
}

static void
on_connection(struct listener *l, int fd, const struct net_address *peer,
              uint32_t rotary)
{
    struct router *r = l->router;
    struct applicant *p, *crowded_out;

    metrics_accepted(r);
    if (penalties_refuse(l->penalties, peer, router_now_ms(r))) {
        refuse(l, fd, peer, REFUSED_FAULTS);
        return;
    }
    if (guard_refuses(r, peer)) {
        refuse(l, fd, peer, REFUSED_BLOCKED);
        return;
    }
    if (!lines_permit(r, peer)) {
        refuse(l, fd, peer, REFUSED_ACCESS_CLASS);
        return;
    }
    net_tune(fd);
    if (r->config.tcp_keepalives_in)
        net_keep_alive(fd);
    mark_service(r, fd);
    p = admission_wait(l->admission, fd, peer, router_now_ms(r), &crowded_out);
    p->rotary = rotary;
    if (crowded_out != NULL) {
        char text[NET_TEXT_MAX];

        peer_text(&crowded_out->peer, text);
        journal_limited(r, text, "SSH", LOG_WARNING, "CROWDED",
                        "Connection from %s closed: %u are waiting", text,
                        ADMISSION_WAITING_MAX);
        drop_waiting(l, crowded_out);
        metrics_refused(r, REFUSED_WAITING_ROOM);
    }
    serve(l);
}

static void
open_reserve(struct listener *l)
{
    if (l->reserve < 0)
        l->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
watch_sockets(struct listener *l, bool accepting)
{
    for (size_t i = 0; i < OPTIONS_LISTEN_MAX; i++) {
        struct socket *socket = &l->sockets[i];

        if (socket->fd < 0)
            continue;
        if (accepting)
            uv_poll_start(&socket->poll, UV_READABLE, on_readable);
        else
            uv_poll_stop(&socket->poll);
    }
    rotary_ports_watch(l->router, accepting);
}

static void
on_back_off_over(uv_timer_t *timer)
{
    struct listener *l = timer->data;

    open_reserve(l);
    watch_sockets(l, !server_key_is_awaited(l->router));
}

/*
 * No descriptor is left: one who waits is told so with the one in reserve,
 * and then nobody is looked at for a moment.
 */
static void
back_off(struct listener *l, int listener_fd)
{
    struct net_address peer;
    int fd;

    journal_limited(l->router, "", "SYS", LOG_CRITICAL, "RESOURCE",
                    "No connection can be accepted: %s", strerror(errno));
    if (l->reserve >= 0) {
        close(l->reserve);
        l->reserve = -1;
        if (net_accept(listener_fd, &fd, &peer) == OK) {
            net_reset(fd);
            metrics_accepted(l->router);
            metrics_refused(l->router, REFUSED_NO_DESCRIPTOR);
        }
        open_reserve(l);
    }
    watch_sockets(l, false);
    uv_timer_start(&l->back_off, on_back_off_over, BACK_OFF_MS, 0);
}

void
listener_accept(struct router *r, int listener_fd, uint32_t rotary)
{
    struct listener *l = r->listener;
    struct net_address peer;
    int fd;

    for (int i = 0; i < ACCEPT_MAX; i++) {
        enum err err = net_accept(listener_fd, &fd, &peer);

        if (err == ERR_MORE)
            return;
        if (err != OK) {
            back_off(l, listener_fd);
            return;
        }
        on_connection(l, fd, &peer, rotary);
    }
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
    const struct socket *socket = poll->data;

    (void)status;
    (void)events;
    listener_accept(socket->listener->router, socket->fd, 0);
}

/* --- opening and closing ------------------------------------------------ */

static void
free_when_closed(struct listener *l)
{
    if (!l->freed || l->handles_open > 0)
        return;
    free(l);
}

static void
on_closed(uv_handle_t *handle)
{
    struct listener *l = handle->data;

    l->handles_open--;
    free_when_closed(l);
}

static void
on_socket_closed(uv_handle_t *handle)
{
    struct socket *socket = handle->data;
    struct listener *l = socket->listener;

    socket->poll_open = false;
    l->handles_open--;
    if (l->freed)
        free_when_closed(l);
    else
        listener_update(l->router); /* it may have been wanted again */
}

static void
socket_close(struct socket *socket)
{
    if (socket->fd < 0)
        return;
    uv_close((uv_handle_t *)&socket->poll, on_socket_closed);
    close(socket->fd);
    socket->fd = -1;
}

/* "10.0.0.1:22", "[::1]:22". */
static void
address_text(const struct net_address *a, char *to, size_t room)
{
    char host[NET_TEXT_MAX];

    peer_text(a, host);
    if (strchr(host, ':') != NULL)
        snprintf(to, room, "[%s]:%u", host, net_port(a));
    else
        snprintf(to, room, "%s:%u", host, net_port(a));
}

/* ERR_SYSTEM: it is tried again later. */
static enum err
socket_open(struct socket *socket, const struct net_address *wish)
{
    struct router *r = socket->listener->router;
    struct net_address bound;
    char text[NET_TEXT_MAX + 16];
    int fd;

    /* A port that was taken once stays the same. */
    if (socket->bound.len > 0)
        wish = &socket->bound;
    address_text(wish, text, sizeof(text));
    if (net_listen(wish, &fd, &bound) != OK) {
        journal_limited(r, text, "SYS", LOG_ERROR, "LISTEN",
                        "Cannot listen on %s: %s", text, strerror(errno));
        return ERR_SYSTEM;
    }
    if (uv_poll_init(&r->loop, &socket->poll, fd) != 0) {
        close(fd);
        return ERR_SYSTEM;
    }
    socket->bound = bound;
    socket->poll.data = socket;
    socket->poll_open = true;
    socket->listener->handles_open++;
    socket->fd = fd;
    uv_poll_start(&socket->poll, UV_READABLE, on_readable);
    address_text(&socket->bound, text, sizeof(text));
    journal_message(r, "SYS", LOG_INFORMATIONAL, "LISTEN", "Listening on %s",
                    text);
    return OK;
}

static void
on_retry(uv_timer_t *timer)
{
    struct listener *l = timer->data;

    listener_update(l->router);
}

static void
open_all(struct listener *l)
{
    const struct options *options = &l->router->options;
    bool failed = false;

    for (size_t i = 0; i < options->listen_count; i++) {
        struct socket *socket = &l->sockets[i];

        if (socket->fd >= 0 || socket->poll_open)
            continue;
        if (socket_open(socket, &options->listen[i]) != OK)
            failed = true;
    }
    if (!rotary_ports_update(l->router))
        failed = true;
    if (failed)
        uv_timer_start(&l->retry, on_retry, RETRY_MS, 0);
}

static void
close_all(struct listener *l)
{
    struct applicant *p;

    for (size_t i = 0; i < OPTIONS_LISTEN_MAX; i++)
        socket_close(&l->sockets[i]);
    rotary_ports_close(l->router);
    while ((p = admission_oldest(l->admission)) != NULL)
        drop_waiting(l, p);
}

void
listener_update(struct router *r)
{
    struct listener *l = r->listener;
    bool awaited;

    if (l == NULL)
        return;
    awaited = server_key_is_awaited(r);
    if (r->ending || !lines_take_ssh(r) ||
        (keys_ssh_versions(r) == 0 && !awaited)) {
        close_all(l);
        return;
    }
    open_all(l);
    /* Who comes too early waits to be accepted, and notices nothing. */
    if (!uv_is_active((uv_handle_t *)&l->back_off))
        watch_sockets(l, !awaited);
    serve(l);
}

size_t
listener_count(const struct router *r)
{
    size_t count = 0;

    for (size_t i = 0; i < OPTIONS_LISTEN_MAX; i++)
        count += r->listener->sockets[i].fd >= 0;
    return count;
}

const struct net_address *
listener_address(const struct router *r, size_t i)
{
    for (size_t at = 0; at < OPTIONS_LISTEN_MAX; at++) {
        const struct socket *socket = &r->listener->sockets[at];

        if (socket->fd >= 0 && i-- == 0)
            return &socket->bound;
    }
    return NULL;
}

/* --- life --------------------------------------------------------------- */

struct listener *
listener_new(struct router *r)
{
    struct listener *l = alloc_zero(1, sizeof(*l));

    l->router = r;
    l->reserve = -1;
    l->admission = admission_new();
    l->penalties = penalties_new();
    for (size_t i = 0; i < OPTIONS_LISTEN_MAX; i++) {
        l->sockets[i].listener = l;
        l->sockets[i].fd = -1;
    }
    uv_timer_init(&r->loop, &l->back_off);
    uv_timer_init(&r->loop, &l->again);
    uv_timer_init(&r->loop, &l->retry);
    l->back_off.data = l->again.data = l->retry.data = l;
    l->handles_open = 3;
    open_reserve(l);
    return l;
}

void
listener_stop(struct router *r)
{
    if (r->listener == NULL)
        return;
    close_all(r->listener);
    uv_timer_stop(&r->listener->back_off);
    uv_timer_stop(&r->listener->again);
    uv_timer_stop(&r->listener->retry);
}

void
listener_free(struct listener *l)
{
    if (l == NULL)
        return;
    close_all(l);
    if (l->reserve >= 0)
        close(l->reserve);
    admission_free(l->admission);
    penalties_free(l->penalties);
    l->freed = true;
    uv_close((uv_handle_t *)&l->back_off, on_closed);
    uv_close((uv_handle_t *)&l->again, on_closed);
    uv_close((uv_handle_t *)&l->retry, on_closed);
}
