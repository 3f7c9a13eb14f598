#include "notify/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/list.h"
#include "ipc/pipe.h"
#include "notify/http.h"
#include "os/net.h"

#define REQUEST_MS 5000 /* from the connection to its whole request */
#define ANSWER_MS  5000 /* for a page, and again for its last byte */
#define LINGER_MS  1000 /* what else comes is read for so long */
#define PAUSE_MS   100  /* from one question to control to the next */
#define ANSWER_MAX (PIPE_MESSAGE_MAX + HTTP_HEAD_MAX)

enum client_state {
    CLIENT_ASKS,    /* its request is not whole */
    CLIENT_WAITS,   /* for a page */
    CLIENT_READS,   /* the answer */
    CLIENT_LINGERS, /* it has all of it, and may not have closed yet */
};

struct client {
    struct list node; /* in metrics.clients, in order of arrival */
    struct metrics *metrics;
    uv_poll_t poll;
    uv_timer_t deadline;
    unsigned handles_open;
    int fd;
    enum client_state state;
    bool served; /* the page that control is making will do */
    struct http_request request;
    size_t came;
    uint8_t bytes[HTTP_REQUEST_MAX];
    struct buf answer;
};

struct door {
    struct metrics *metrics;
    uv_poll_t poll;
    int fd; /* -1: closed */
};

struct metrics {
    struct link *link;
    struct door *doors[METRICS_SOCKETS]; /* NULL: none */
    struct list clients;
    unsigned count;
    bool full;        /* nobody is accepted */
    uv_timer_t again; /* somebody may be accepted again */
    uv_timer_t next;  /* the pause is over */
    bool asking;
    uint64_t asked_ms; /* when control was asked last */
    uint64_t request;  /* number of that question */
};

static void ask_control(struct metrics *m);
static void watch_doors(struct metrics *m);

/* --- the end of a client ------------------------------------------------ */

static void
on_client_closed(uv_handle_t *handle)
{
    struct client *c = handle->data;

    if (--c->handles_open == 0)
        free(c);
}

static void
client_close(struct client *c)
{
    struct metrics *m = c->metrics;

    list_remove(&c->node);
    m->count--;
    uv_close((uv_handle_t *)&c->poll, on_client_closed);
    uv_close((uv_handle_t *)&c->deadline, on_client_closed);
    close(c->fd);
    buf_clear(&c->answer);
    if (m->full) {
        m->full = false;
        watch_doors(m);
    }
}

static void
on_deadline(uv_timer_t *timer)
{
    client_close(timer->data);
}

/* --- the answer --------------------------------------------------------- */

static void on_client(uv_poll_t *poll, int status, int events);

static void
move_on(struct client *c, enum client_state state, int events,
        uint64_t limit_ms)
{
    c->state = state;
    uv_timer_start(&c->deadline, on_deadline, limit_ms, 0);
    if (events == 0)
        uv_poll_stop(&c->poll);
    else
        uv_poll_start(&c->poll, events, on_client);
}

/*
 * Closing while something of the request is unread would be a reset, which may
 * overtake the answer.
 */
static void
linger(struct client *c)
{
    shutdown(c->fd, SHUT_WR);
    move_on(c, CLIENT_LINGERS, UV_READABLE, LINGER_MS);
}

static void
write_answer(struct client *c)
{
    while (buf_len(&c->answer) > 0) {
        struct span rest = buf_span(&c->answer);
        ssize_t done = send(c->fd, rest.ptr, rest.len, MSG_NOSIGNAL);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno == EAGAIN)
            return;
        if (done <= 0) {
            client_close(c);
            return;
        }
        buf_consume(&c->answer, (size_t)done);
    }
    linger(c);
}

static void
answer(struct client *c, struct span page)
{
    http_answer(&c->answer, &c->request, page);
    move_on(c, CLIENT_READS, UV_WRITABLE, ANSWER_MS);
    write_answer(c);
}

/* --- pages -------------------------------------------------------------- */

static void
on_pause_over(uv_timer_t *timer)
{
    ask_control(timer->data);
}

/* One page for all who wait now; who comes later waits for the next. */
static void
ask_control(struct metrics *m)
{
    struct message question = {.type = MSG_METRICS_ASK};
    uint64_t now_ms = uv_now(m->link->loop);
    bool wanted = false;

    if (m->asking)
        return;
    if (m->request > 0 && now_ms < m->asked_ms + PAUSE_MS) {
        uv_timer_start(&m->next, on_pause_over, m->asked_ms + PAUSE_MS - now_ms,
                       0);
        return;
    }
    LIST_EACH(node, &m->clients)
    {
        struct client *c = LIST_ITEM(node, struct client, node);

        c->served = c->state == CLIENT_WAITS;
        wanted = wanted || c->served;
    }
    if (!wanted)
        return;
    m->asking = true;
    m->asked_ms = now_ms;
    question.metrics_ask.request = ++m->request;
    m->link->send(&question);
}

void
metrics_on_page(struct metrics *m, const struct msg_metrics_page *page)
{
    bool others = false;

    if (!m->asking || page->request != m->request)
        return;
    m->asking = false;
    LIST_EACH(node, &m->clients)
    {
        struct client *c = LIST_ITEM(node, struct client, node);

        if (c->state != CLIENT_WAITS)
            continue;
        if (c->served)
            answer(c, page->page);
        else
            others = true;
    }
    if (others)
        ask_control(m);
}

/* --- requests ----------------------------------------------------------- */

static void
on_request(struct client *c)
{
    if (c->request.status != 200) {
        answer(c, SPAN_EMPTY);
        return;
    }
    c->served = false;
    move_on(c, CLIENT_WAITS, 0, ANSWER_MS);
    ask_control(c->metrics);
}

static void
read_request(struct client *c)
{
    for (;;) {
        ssize_t got =
            recv(c->fd, c->bytes + c->came, sizeof(c->bytes) - c->came, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            client_close(c);
            return;
        }
        c->came += (size_t)got;
        if (http_read(span_of(c->bytes, c->came), &c->request)) {
            on_request(c);
            return;
        }
    }
}

/* Whatever else it sends is of no use to anybody. */
static void
read_rest(struct client *c)
{
    ssize_t got = recv(c->fd, c->bytes, sizeof(c->bytes), 0);

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0)
        client_close(c);
}

static void
on_client(uv_poll_t *poll, int status, int events)
{
    struct client *c = poll->data;

    (void)events;
    if (status < 0) {
        client_close(c);
        return;
    }
    switch (c->state) {
    case CLIENT_ASKS:
        read_request(c);
        break;
    case CLIENT_READS:
        write_answer(c);
        break;
    case CLIENT_LINGERS:
        read_rest(c);
        break;
    case CLIENT_WAITS:
        break; /* its socket is not watched */
    }
}

/* --- coming ------------------------------------------------------------- */

static void
client_new(struct metrics *m, int fd)
{
    struct client *c = alloc_zero(1, sizeof(*c));

    c->metrics = m;
    c->fd = fd;
    c->poll.data = c->deadline.data = c;
    if (uv_poll_init(m->link->loop, &c->poll, fd) != 0) {
        close(fd);
        free(c);
        return;
    }
    uv_timer_init(m->link->loop, &c->deadline);
    c->handles_open = 2;
    buf_init(&c->answer, ANSWER_MAX);
    list_append(&m->clients, &c->node);
    m->count++;
    move_on(c, CLIENT_ASKS, UV_READABLE, REQUEST_MS);
}

/* Whoever has not even asked, or has all that he asked for, makes room. */
static bool
make_room(struct metrics *m)
{
    if (m->count < METRICS_CLIENTS_MAX)
        return true;
    LIST_EACH(node, &m->clients)
    {
        struct client *c = LIST_ITEM(node, struct client, node);

        if (c->state == CLIENT_ASKS || c->state == CLIENT_LINGERS) {
            client_close(c);
            return true;
        }
    }
    return false;
}

static void
on_again(uv_timer_t *timer)
{
    struct metrics *m = timer->data;

    m->full = false;
    watch_doors(m);
}

/* One a turn, so that those who are here come to their turn as well. */
static void
on_door(uv_poll_t *poll, int status, int events)
{
    const struct door *door = poll->data;
    struct metrics *m = door->metrics;
    struct net_address peer;
    int fd;

    (void)status;
    (void)events;
    if (!make_room(m)) {
        m->full = true;
        watch_doors(m);
        return;
    }
    switch (net_accept(door->fd, &fd, &peer)) {
    case OK:
        client_new(m, fd);
        break;
    case ERR_MORE:
        break;
    default: /* nothing is left to accept with, for now */
        m->full = true;
        watch_doors(m);
        uv_timer_start(&m->again, on_again, PAUSE_MS, 0);
        break;
    }
}

static void
watch_doors(struct metrics *m)
{
    for (size_t i = 0; i < METRICS_SOCKETS; i++) {
        struct door *door = m->doors[i];

        if (door == NULL)
            continue;
        if (m->full)
            uv_poll_stop(&door->poll);
        else
            uv_poll_start(&door->poll, UV_READABLE, on_door);
    }
}

bool
metrics_listen(struct metrics *m, int fd)
{
    size_t i = 0;
    struct door *door;

    while (i < METRICS_SOCKETS && m->doors[i] != NULL)
        i++;
    if (i == METRICS_SOCKETS)
        return false;
    door = alloc_zero(1, sizeof(*door));
    door->metrics = m;
    door->fd = fd;
    door->poll.data = door;
    if (uv_poll_init(m->link->loop, &door->poll, fd) != 0) {
        free(door);
        return false;
    }
    m->doors[i] = door;
    watch_doors(m);
    return true;
}

static void
on_door_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
metrics_close(struct metrics *m)
{
    for (size_t i = 0; i < METRICS_SOCKETS; i++) {
        if (m->doors[i] == NULL)
            continue;
        uv_close((uv_handle_t *)&m->doors[i]->poll, on_door_closed);
        close(m->doors[i]->fd);
        m->doors[i] = NULL;
    }
    m->full = false;
    m->asking = false; /* nobody waits for that page any more */
    LIST_EACH(node, &m->clients)
    {
        client_close(LIST_ITEM(node, struct client, node));
    }
}

struct metrics *
metrics_new(struct link *link)
{
    struct metrics *m = alloc_zero(1, sizeof(*m));

    m->link = link;
    list_init(&m->clients);
    uv_timer_init(link->loop, &m->next);
    uv_timer_init(link->loop, &m->again);
    m->next.data = m->again.data = m;
    return m;
}
