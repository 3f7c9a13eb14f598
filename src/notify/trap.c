#include "notify/trap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <net-snmp/library/large_fd_set.h>

#include "base/alloc.h"
#include "base/list.h"
#include "notify/trap_packet.h"
#include "os/net.h"

#define LATE_MS 10 /* the library's clock may be behind the loop's */

struct traps {
    const struct link *link;
    struct list sending;
    size_t count;
};

/* One inform that has no answer yet, or a trap while it is sent. */
struct trap {
    struct list node;
    struct traps *traps;
    uint32_t id;
    int fd;
    uv_poll_t poll;
    uv_timer_t timer;
    unsigned open; /* handles */
    unsigned timeout_ms;
    void *session; /* the library's; NULL: closed */
    bool inform;
    bool done;          /* told; it only closes */
    enum trap_fate end; /* of a done one */
    int error;          /* errno of a datagram that was not sent */
    long status, index; /* of the answer */
};

/* --- what became of it -------------------------------------------------- */

static void
tell(const struct trap *trap, enum trap_fate fate)
{
    struct message m = {.type = MSG_TRAP_FATE};

    m.trap_fate.id = trap->id;
    m.trap_fate.fate = (uint8_t)fate;
    m.trap_fate.error = fate == TRAP_FAILED ? (uint32_t)trap->error : 0;
    m.trap_fate.status = (uint32_t)trap->status;
    m.trap_fate.index = (uint32_t)trap->index;
    trap->traps->link->send(&m);
}

static void
trap_free(struct trap *trap)
{
    struct traps *t = trap->traps;

    if (trap->fd >= 0)
        close(trap->fd);
    list_remove(&trap->node);
    free(trap);
    if (--t->count == 0)
        trap_packet_forget_users();
}

static void
on_closed(uv_handle_t *handle)
{
    struct trap *trap = handle->data;

    if (--trap->open == 0)
        trap_free(trap);
}

/* Not from within the library's calls: they go on using the session. */
static void
trap_close(struct trap *trap)
{
    if (trap->session != NULL)
        snmp_sess_close(trap->session);
    trap->session = NULL;
    if (trap->open == 0) {
        trap_free(trap);
        return;
    }
    uv_close((uv_handle_t *)&trap->timer, on_closed);
    uv_close((uv_handle_t *)&trap->poll, on_closed);
}

static void
finish(struct trap *trap, enum trap_fate end)
{
    tell(trap, end);
    trap_close(trap);
}

/* --- the library's transport: our socket -------------------------------- */

static void on_time(uv_timer_t *timer);

static int
transport_receive(netsnmp_transport *transport, void *to, int room,
                  void **opaque, int *opaque_len)
{
    *opaque = NULL;
    *opaque_len = 0;
    return (int)recv(transport->sock, to, (size_t)room, 0);
}

/*
 * That an earlier datagram met nobody is told to the next one. An inform that
 * could not be sent is as one that was lost on the way: its time runs.
 */
static int
transport_send(netsnmp_transport *transport, const void *bytes, int len,
               void **opaque, int *opaque_len)
{
    struct trap *trap = transport->data;
    ssize_t sent = send(transport->sock, bytes, (size_t)len, 0);

    (void)opaque;
    (void)opaque_len;
    if (sent < 0 && errno == ECONNREFUSED)
        sent = send(transport->sock, bytes, (size_t)len, 0);
    trap->error = sent < 0 ? errno : 0;
    if (sent >= 0)
        tell(trap, TRAP_SENT);
    if (trap->inform)
        uv_timer_start(&trap->timer, on_time, trap->timeout_ms, 0);
    return trap->inform ? len : (int)sent;
}

/* The socket is closed when libuv has let go of it. */
static int
transport_close(netsnmp_transport *transport)
{
    transport->sock = -1;
    transport->data = NULL; /* not the library's to free */
    return 0;
}

static netsnmp_transport *
transport_new(struct trap *trap)
{
    netsnmp_transport *transport = alloc_zero(1, sizeof(*transport));

    transport->domain = netsnmpUDPDomain;
    transport->domain_length = (int)netsnmpUDPDomain_len;
    transport->sock = trap->fd;
    transport->data = trap;
    transport->msgMaxSize = SNMP_MAX_MSG_SIZE;
    transport->f_recv = transport_receive;
    transport->f_send = transport_send;
    transport->f_close = transport_close;
    return transport;
}

/* --- informs ------------------------------------------------------------ */

/* 1: the request is over. */
static int
on_event(int operation, netsnmp_session *session, int reqid, netsnmp_pdu *pdu,
         void *magic)
{
    struct trap *trap = magic;

    (void)session;
    (void)reqid;
    switch (operation) {
    case NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE:
        /* A report may come from anybody: the time that is left decides. */
        if (pdu->command != SNMP_MSG_RESPONSE)
            return 0;
        trap->end = TRAP_ANSWERED;
        trap->status = pdu->errstat;
        trap->index = pdu->errindex;
        trap->done = true;
        return 1;
    case NETSNMP_CALLBACK_OP_TIMED_OUT:
        trap->end = TRAP_SILENT;
        trap->done = true;
        return 1;
    case NETSNMP_CALLBACK_OP_SEND_FAILED:
        trap->end = TRAP_FAILED;
        trap->done = true;
        return 1;
    default:
        return 0;
    }
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
    struct trap *trap = poll->data;
    netsnmp_large_fd_set set;

    (void)events;
    if (trap->session == NULL)
        return;
    if (status < 0) {
        /* Nobody listened: libuv lets go of the socket, whose error is taken
           here; the next transmission may find somebody. */
        trap->error = net_connect_error(trap->fd);
        if (uv_poll_start(poll, UV_READABLE, on_readable) != 0)
            finish(trap, TRAP_FAILED);
        return;
    }
    netsnmp_large_fd_set_init(&set, FD_SETSIZE);
    netsnmp_large_fd_setfd(trap->fd, &set);
    snmp_sess_read2(trap->session, &set);
    netsnmp_large_fd_set_cleanup(&set);
    if (trap->done)
        finish(trap, trap->end);
}

static void
on_time(uv_timer_t *timer)
{
    struct trap *trap = timer->data;

    if (trap->session == NULL)
        return;
    snmp_sess_timeout(trap->session);
    if (trap->done)
        finish(trap, trap->end);
    else if (!uv_is_active((uv_handle_t *)timer))
        uv_timer_start(timer, on_time, LATE_MS, 0);
}

static enum err
watch(struct trap *trap)
{
    uv_loop_t *loop = trap->traps->link->loop;

    if (uv_poll_init(loop, &trap->poll, trap->fd) != 0)
        return ERR_SYSTEM;
    uv_timer_init(loop, &trap->timer);
    trap->poll.data = trap->timer.data = trap;
    trap->open = 2;
    if (uv_poll_start(&trap->poll, UV_READABLE, on_readable) != 0)
        return ERR_SYSTEM;
    return OK;
}

/* --- sending ------------------------------------------------------------ */

/* A socket to the manager alone, of a port of its own. */
static enum err
open_socket(const struct msg_notify_trap *m, int *fd)
{
    struct net_address to, from;
    bool bound = m->source.len > 0;

    if (!net_from_bytes(m->address, (uint16_t)m->port, &to) ||
        (bound && !net_from_bytes(m->source, 0, &from)))
        return ERR_FORMAT;
    return net_connect_datagrams(&to, bound ? &from : NULL, fd);
}

/* OK: it is on its way, or told to have failed. */
static enum err
send_one(struct trap *trap, const struct msg_notify_trap *m)
{
    struct trap_packet packet;
    netsnmp_pdu *pdu = NULL;
    enum err err = trap_packet_session(m, &packet);

    if (err == OK)
        err = trap_packet_pdu(m, &pdu);
    if (err != OK)
        return err;
    trap->session =
        snmp_sess_add(&packet.session, transport_new(trap), NULL, NULL);
    if (trap->session != NULL &&
        snmp_sess_async_send(trap->session, pdu, trap->inform ? on_event : NULL,
                             trap) != 0) {
        if (!trap->inform)
            trap_close(trap);
        return OK;
    }
    snmp_free_pdu(pdu);
    if (trap->error == 0)
        trap->error = EPROTO; /* the library's own */
    finish(trap, TRAP_FAILED);
    return OK;
}

bool
traps_send(struct traps *t, const struct msg_notify_trap *m)
{
    struct trap *trap = alloc_zero(1, sizeof(*trap));
    enum err err;

    trap->traps = t;
    trap->id = m->id;
    trap->inform = m->inform;
    trap->timeout_ms = m->timeout_ms;
    trap->fd = -1;
    list_append(&t->sending, &trap->node);
    errno = ENOBUFS;
    err = ++t->count > TRAPS_MAX ? ERR_LIMIT : open_socket(m, &trap->fd);
    if (err == OK && trap->inform)
        err = watch(trap);
    if (err == OK) {
        err = send_one(trap, m);
    } else if (err != ERR_FORMAT) {
        trap->error = errno;
        finish(trap, TRAP_FAILED);
    }
    return err != ERR_FORMAT;
}

void
traps_prepare(void)
{
    trap_packet_begin();
}

struct traps *
traps_new(const struct link *link)
{
    struct traps *t = alloc_zero(1, sizeof(*t));

    t->link = link;
    list_init(&t->sending);
    return t;
}
