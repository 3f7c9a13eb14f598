#include "control/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "control/attach_wire.h"

#define GREETING_MS  5000
#define BUSY_MS      50 /* between two questions for a line that is taken */
#define BUSY_TRIES   20
#define AGAIN_MS     500
#define VISITORS_MAX 8 /* who have not sent their first line yet */

struct attach {
    uv_poll_t poll;   /* the listening socket */
    uv_timer_t again; /* when descriptors have run out */
    unsigned open_handles;
    int fd, dir; /* `dir` is borrowed from storage.c */
    uv_loop_t *loop;
    attach_fn asked;
    void *owner;
    struct list visitors;
    unsigned visitor_count;
};

/* Somebody who connected, until he has the line or a refusal. */
struct visitor {
    struct list node;
    struct attach *attach;
    int fd;
    uv_poll_t poll;
    uv_timer_t timer; /* limits the first line; then, the next question */
    struct worker_terminal terminal;
    unsigned tries;
    unsigned open_handles;
    char line[ATTACH_LINE_MAX];
    size_t len;
};

/* --- one visitor ------------------------------------------------------- */

static void
on_visitor_closed(uv_handle_t *handle)
{
    struct visitor *v = handle->data;

    if (--v->open_handles == 0) {
        close(v->fd);
        free(v);
    }
}

static void
visitor_close(struct visitor *v)
{
    list_remove(&v->node);
    v->attach->visitor_count--;
    uv_close((uv_handle_t *)&v->poll, on_visitor_closed);
    uv_close((uv_handle_t *)&v->timer, on_visitor_closed);
}

/* A short line into a fresh socket: it fits, or the visitor is gone. */
static void
tell(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        log_line(LOG_DEBUGGING, "vtyd attach went away: %s", strerror(errno));
}

static void
refuse(int fd, const char *why)
{
    char line[ATTACH_LINE_MAX];

    snprintf(line, sizeof(line), "no %s\n", why);
    tell(fd, line);
}

static void on_busy(uv_timer_t *timer);

/* Ask for the line; tell him. */
static void
ask(struct visitor *v)
{
    char why[ATTACH_LINE_MAX - sizeof("no \n")];
    enum attach_answer answer = v->attach->asked(
        v->attach->owner, v->fd, &v->terminal, why, sizeof(why));

    if (answer == ATTACH_BUSY && ++v->tries < BUSY_TRIES) {
        uv_timer_start(&v->timer, on_busy, BUSY_MS, 0);
        return;
    }
    /* The worker cannot be before us: it shows nothing of its own accord, and
       what it is to show is sent after this turn. */
    if (answer == ATTACH_YES)
        tell(v->fd, "ok\n");
    else
        refuse(v->fd, why);
    visitor_close(v);
}

static void
on_busy(uv_timer_t *timer)
{
    ask(timer->data);
}

/* The whole first line is there. */
static void
on_greeting(struct visitor *v, struct span line)
{
    uv_poll_stop(&v->poll);
    uv_timer_stop(&v->timer);
    if (attach_parse_greeting(line, &v->terminal) == OK) {
        ask(v);
        return;
    }
    refuse(v->fd, "the first line is none of vtyd attach");
    visitor_close(v);
}

static void
on_visitor_readable(uv_poll_t *poll, int status, int events)
{
    struct visitor *v = poll->data;
    ssize_t n =
        recv(v->fd, v->line + v->len, sizeof(v->line) - v->len, MSG_DONTWAIT);
    char *end;

    (void)status, (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        visitor_close(v);
        return;
    }
    v->len += (size_t)n;
    end = memchr(v->line, '\n', v->len);
    /* He waits for the answer, so nothing may stand behind the line. */
    if (end == v->line + v->len - 1) {
        on_greeting(v, span_of(v->line, v->len - 1));
    } else if (end != NULL || v->len == sizeof(v->line)) {
        refuse(v->fd, "the first line is none of vtyd attach");
        visitor_close(v);
    }
}

static void
on_deadline(uv_timer_t *timer)
{
    visitor_close(timer->data);
}

static void
visitor_start(struct attach *a, int fd)
{
    struct visitor *v = alloc_zero(1, sizeof(*v));

    v->attach = a;
    v->fd = fd;
    v->poll.data = v->timer.data = v;
    if (uv_poll_init(a->loop, &v->poll, fd) != 0) {
        close(fd);
        free(v);
        return;
    }
    uv_timer_init(a->loop, &v->timer);
    v->open_handles = 2;
    list_append(&a->visitors, &v->node);
    a->visitor_count++;
    uv_timer_start(&v->timer, on_deadline, GREETING_MS, 0);
    uv_poll_start(&v->poll, UV_READABLE, on_visitor_readable);
}

/* --- the listening socket ---------------------------------------------- */

/* Root, or whoever owns the state directory: to him the line needs no login. */
static bool
may_attach(const struct attach *a, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    struct stat st;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
        len != sizeof(peer) || fstat(a->dir, &st) != 0)
        return false;
    if (peer.uid == 0 || peer.uid == st.st_uid)
        return true;
    log_line(LOG_WARNING, "vtyd attach by user %u is refused",
             (unsigned)peer.uid);
    return false;
}

static void on_visitor(uv_poll_t *poll, int status, int events);

static void
on_again(uv_timer_t *timer)
{
    struct attach *a = timer->data;

    uv_poll_start(&a->poll, UV_READABLE, on_visitor);
}

static void
on_visitor(uv_poll_t *poll, int status, int events)
{
    struct attach *a = poll->data;
    int fd = accept4(a->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)status, (void)events;
    if (fd < 0) {
        /* Without a descriptor he stays in the queue; asking again and again
           would only burn the processor. */
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
            errno == ENOBUFS) {
            uv_poll_stop(&a->poll);
            uv_timer_start(&a->again, on_again, AGAIN_MS, 0);
        }
        return;
    }
    if (!may_attach(a, fd)) {
        refuse(fd, "only the state directory's owner may attach");
        close(fd);
    } else if (a->visitor_count == VISITORS_MAX) {
        refuse(fd, "too many want line con 0");
        close(fd);
    } else {
        visitor_start(a, fd);
    }
}

/* Bind, replacing what a router that ended left: the directory is locked. */
static enum err
bind_socket(int fd, int dir)
{
    struct sockaddr_un address;

    attach_address(dir, &address);
    if (unlinkat(dir, ATTACH_SOCKET, 0) != 0 && errno != ENOENT)
        return ERR_SYSTEM;
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        fchmodat(dir, ATTACH_SOCKET, 0600, 0) != 0 || listen(fd, 8) != 0)
        return ERR_SYSTEM;
    return OK;
}

enum err
attach_listen(uv_loop_t *loop, int dir, attach_fn asked, void *owner,
              struct attach **out)
{
    struct attach *a;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind_socket(fd, dir) != OK) {
        log_line(LOG_ERROR, "Cannot listen on %s: %s", ATTACH_SOCKET,
                 strerror(errno));
        if (fd >= 0)
            close(fd);
        return ERR_SYSTEM;
    }
    a = alloc_zero(1, sizeof(*a));
    a->loop = loop;
    a->fd = fd;
    a->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
    a->asked = asked;
    a->owner = owner;
    list_init(&a->visitors);
    a->poll.data = a->again.data = a;
    if (uv_poll_init(loop, &a->poll, fd) != 0) {
        log_line(LOG_ERROR, "Cannot watch %s", ATTACH_SOCKET);
        close(fd);
        close(a->dir);
        free(a);
        return ERR_SYSTEM;
    }
    uv_timer_init(loop, &a->again);
    a->open_handles = 2;
    uv_poll_start(&a->poll, UV_READABLE, on_visitor);
    *out = a;
    return OK;
}

static void
on_attach_closed(uv_handle_t *handle)
{
    struct attach *a = handle->data;

    if (--a->open_handles == 0) {
        close(a->fd);
        close(a->dir);
        free(a);
    }
}

void
attach_close(struct attach *a)
{
    if (a == NULL)
        return;
    unlinkat(a->dir, ATTACH_SOCKET, 0);
    LIST_EACH(node, &a->visitors)
    {
        visitor_close(LIST_ITEM(node, struct visitor, node));
    }
    uv_close((uv_handle_t *)&a->poll, on_attach_closed);
    uv_close((uv_handle_t *)&a->again, on_attach_closed);
}
