#include "control/outgoing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/journal.h"
#include "control/known_hosts.h"
#include "control/network.h"
#include "control/outgoing_parts.h"
#include "control/probe.h"
#include "control/sessions.h"
#include "os/net.h"

#define DENIED (-1) /* beside the errnos of connecting */

/* --- what a connection is made of --------------------------------------- */

static char *
copy_of(const char *text)
{
    return text == NULL ? NULL : text_dup(text);
}

static void
free_copy(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void
plan_copy(struct outgoing_plan *to, const struct outgoing_plan *from)
{
    *to = *from;
    to->host = copy_of(from->host);
    to->user = copy_of(from->user);
    to->ciphers = copy_of(from->ciphers);
    to->macs = copy_of(from->macs);
    to->v1_ciphers = copy_of(from->v1_ciphers);
    to->command = copy_of(from->command);
    to->path = copy_of(from->path);
    to->terminal = copy_of(from->terminal);
    to->modes = span_of((uint8_t *)text_dup_span(from->modes), from->modes.len);
}

static void
plan_clear(struct outgoing_plan *plan)
{
    free_copy(plan->host);
    free_copy(plan->user);
    free_copy(plan->ciphers);
    free_copy(plan->macs);
    free_copy(plan->v1_ciphers);
    free_copy(plan->command);
    free_copy(plan->path);
    free_copy(plan->terminal);
    free_copy((const char *)plan->modes.ptr);
}

static void
on_handle_closed(uv_handle_t *handle)
{
    free(handle);
}

static void
close_socket(struct outgoing *o)
{
    if (o->connecting != NULL)
        uv_close((uv_handle_t *)o->connecting, on_handle_closed);
    if (o->wait != NULL)
        uv_close((uv_handle_t *)o->wait, on_handle_closed);
    o->connecting = NULL;
    o->wait = NULL;
    if (o->socket >= 0)
        close(o->socket);
    o->socket = -1;
}

static void
close_stream(struct outgoing *o)
{
    if (o->user_end >= 0)
        close(o->user_end);
    if (o->worker_end >= 0)
        close(o->worker_end);
    o->user_end = o->worker_end = -1;
}

static void
outgoing_free(struct outgoing *o)
{
    struct outgoings *all = o->router->outgoings;

    resolver_forget(o->router, o);
    keys_forget_owner(o->router, o);
    known_hosts_forget(o->router, o);
    close_socket(o);
    outgoing_end_worker(o);
    close_stream(o);
    list_remove(&o->node);
    all->count--;
    plan_clear(&o->plan);
    buf_clear(&o->said_text);
    buf_clear(&o->said_signal);
    free(o);
}

void
outgoing_settle(struct outgoing *o, enum outgoing_outcome outcome)
{
    const struct outgoing_events *events = o->events;

    o->events = NULL;
    o->end.outcome = outcome;
    outgoing_end_worker(o);
    if (events != NULL)
        events->on_end(o->owner, &o->end);
    outgoing_free(o);
}

void
outgoing_abandon(struct outgoing *o)
{
    o->events = NULL;
    /* Whoever called the owner's function frees it behind that. */
    o->abandoned = true;
    o->state = OUTGOING_OVER;
    if (!o->handling)
        outgoing_free(o);
}

/* --- to a socket -------------------------------------------------------- */

static void connect_next(struct outgoing *o, int error);

static enum outgoing_outcome
outcome_of(int error)
{
    switch (error) {
    case DENIED:
        return OUTGOING_DENIED;
    case ECONNREFUSED:
    case ECONNRESET:
        return OUTGOING_REFUSED;
    case ETIMEDOUT:
        return OUTGOING_TIMED_OUT;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENONET:
    case EACCES:
    case EPERM:
    case EADDRNOTAVAIL: /* also: none on `ip ssh source-interface` */
    case EAFNOSUPPORT:
    case EINVAL: /* a link-local address, which needs an interface */
        return OUTGOING_UNREACHABLE;
    default:
        return OUTGOING_NO_MEANS;
    }
}

static void
on_connected(uv_poll_t *poll, int status, int events)
{
    struct outgoing *o = poll->data;
    int error = net_connect_error(o->socket);

    (void)events;
    if (status < 0 && error == 0)
        error = -status;
    if (error != 0) {
        close_socket(o);
        connect_next(o, error);
        return;
    }
    uv_close((uv_handle_t *)o->connecting, on_handle_closed);
    uv_close((uv_handle_t *)o->wait, on_handle_closed);
    o->connecting = NULL;
    o->wait = NULL;
    net_tune(o->socket);
    if (o->router->config.tcp_keepalives_out)
        net_keep_alive(o->socket);
    outgoing_begin_worker(o);
}

static void
on_wait_over(uv_timer_t *timer)
{
    struct outgoing *o = timer->data;

    close_socket(o);
    connect_next(o, ETIMEDOUT);
}

/* 0, or errno. */
static int
watch_socket(struct outgoing *o)
{
    uv_loop_t *loop = &o->router->loop;
    uv_poll_t *poll = alloc_zero(1, sizeof(*poll));
    int failed = uv_poll_init(loop, poll, o->socket);

    if (failed != 0) {
        free(poll);
        return -failed;
    }
    poll->data = o;
    o->connecting = poll;
    o->wait = alloc_zero(1, sizeof(*o->wait));
    uv_timer_init(loop, o->wait);
    o->wait->data = o;
    uv_poll_start(poll, UV_WRITABLE, on_connected);
    uv_timer_start(o->wait, on_wait_over, OUTGOING_WAIT_MS, 0);
    return 0;
}

/* Begin to connect to it; 0, or errno. */
static int
connect_to(struct outgoing *o, const struct config_address *address)
{
    const char *interface = o->router->config.ssh.source_interface;
    struct config_address source;
    struct net_address to, from;

    if (o->events->permits != NULL && !o->events->permits(o->owner, address))
        return DENIED;
    if (interface != NULL) {
        if (!network_source(o->router, interface, address->family, &source))
            return EADDRNOTAVAIL;
        probe_address_net(&source, 0, &from);
    }
    probe_address_net(address, o->plan.port, &to);
    if (net_connect(&to, interface != NULL ? &from : NULL, &o->socket) == OK)
        return watch_socket(o);
    o->socket = -1;
    return errno;
}

/* The next address; `error`: how the last one failed. */
static void
connect_next(struct outgoing *o, int error)
{
    while (o->next_address < o->address_count) {
        error = connect_to(o, &o->addresses[o->next_address++]);
        if (error == 0)
            return;
        close_socket(o);
    }
    if (outcome_of(error) == OUTGOING_NO_MEANS)
        journal_message(o->router, "SSH", LOG_ERROR, "CLIENT",
                        "No connection can be made to %s: %s", o->plan.host,
                        strerror(error));
    outgoing_settle(o, outcome_of(error));
}

/* --- to an address ------------------------------------------------------ */

static void
on_server(void *owner, const struct config_address *server)
{
    struct outgoing *o = owner;

    if (o->events->on_server != NULL)
        o->events->on_server(o->owner, server);
}

static void
on_answer(void *owner, const struct resolver_answer *answer)
{
    struct outgoing *o = owner;

    if (answer->result != RESOLVER_FOUND) {
        outgoing_settle(o, answer->result == RESOLVER_BUSY ||
                                   answer->result == RESOLVER_FAILED
                               ? OUTGOING_NO_MEANS
                               : OUTGOING_UNKNOWN);
        return;
    }
    o->address_count = answer->count;
    memcpy(o->addresses, answer->addresses,
           answer->count * sizeof(o->addresses[0]));
    o->state = OUTGOING_CONNECTING;
    if (o->events->on_found != NULL)
        o->events->on_found(o->owner);
    connect_next(o, 0);
}

static const struct resolver_events answers = {on_server, on_answer};

void
outgoing_connect(struct outgoing *o)
{
    struct span host = span_text(o->plan.host);

    if (config_address_parse_ipv4(host, &o->addresses[0]) == OK ||
        config_address_parse_ipv6(host, &o->addresses[0]) == OK) {
        o->address_count = 1;
        o->state = OUTGOING_CONNECTING;
        connect_next(o, 0);
        return;
    }
    resolver_ask(o->router, o->plan.host, true, true, &answers, o);
}

/* --- life --------------------------------------------------------------- */

/* A stream with an end for the user, or a file. */
static enum err
open_ends(const struct outgoing_plan *plan, int ends[2])
{
    if (plan->path == NULL)
        return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                          0, ends) == 0
                   ? OK
                   : ERR_SYSTEM;
    ends[0] = -1;
    ends[1] = fcntl(plan->file, F_DUPFD_CLOEXEC, 0);
    return ends[1] >= 0 ? OK : ERR_SYSTEM;
}

static unsigned
free_slot(struct router *r)
{
    unsigned slot = 0;

    for (bool taken = true; taken; slot += taken) {
        taken = false;
        LIST_EACH(node, &r->outgoings->all)
        {
            taken =
                taken || LIST_ITEM(node, struct outgoing, node)->slot == slot;
        }
    }
    return slot;
}

enum err
outgoing_new(struct router *r, const struct outgoing_plan *plan,
             const struct outgoing_events *events, void *owner,
             struct outgoing **out)
{
    struct outgoing *o;
    int ends[2];

    if (r->outgoings == NULL) {
        r->outgoings = alloc_zero(1, sizeof(*r->outgoings));
        list_init(&r->outgoings->all);
    }
    if (r->outgoings->count >= OUTGOING_MAX)
        return ERR_LIMIT;
    if (open_ends(plan, ends) != OK)
        return ERR_SYSTEM;
    o = alloc_zero(1, sizeof(*o));
    o->router = r;
    o->number = sessions_next_number(r);
    o->slot = free_slot(r);
    o->events = events;
    o->owner = owner;
    o->socket = -1;
    o->started = true; /* nothing was asked of a nursery */
    o->user_end = ends[0];
    o->worker_end = ends[1];
    plan_copy(&o->plan, plan);
    /* Not the address alone: by that strangers' lines are counted. */
    snprintf(o->source, sizeof(o->source), "to %s", plan->host);
    buf_init(&o->said_text, PIPE_MESSAGE_MAX);
    buf_init(&o->said_signal, PIPE_MESSAGE_MAX);
    list_append(&r->outgoings->all, &o->node);
    r->outgoings->count++;
    *out = o;
    return OK;
}

void
outgoing_hand_over(struct outgoing *o, const struct outgoing_events *events,
                   void *owner)
{
    o->events = events;
    o->owner = owner;
}

const struct config_address *
outgoing_address(const struct outgoing *o)
{
    return &o->addresses[o->next_address - 1];
}

int
outgoing_stream(const struct outgoing *o)
{
    return o->user_end;
}

void
outgoings_stop(struct router *r)
{
    if (r->outgoings == NULL)
        return;
    LIST_EACH(node, &r->outgoings->all)
    {
        outgoing_abandon(LIST_ITEM(node, struct outgoing, node));
    }
    free(r->outgoings);
    r->outgoings = NULL;
}
