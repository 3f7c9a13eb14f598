/*
 * What the workers of lines are asked: counters, of one line or of all, and
 * what a ring holds.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "control/tty_parts.h"

#define PATIENCE_MS 3000 /* with a worker that is asked for its counters */

/* --- counters ------------------------------------------------------------- */

/* Who waits for counters; in the order of the requests. */
struct tty_waiter {
    struct list node;
    uint64_t request;
    unsigned line; /* 0: all */
    unsigned left; /* lines that have not answered */
    uint64_t by_ms;
    tty_counted_fn done;
    void *owner;
};

static void
waiter_done(struct tty_waiter *w)
{
    tty_counted_fn done = w->done;
    void *owner = w->owner;

    list_remove(&w->node);
    free(w);
    done(owner);
}

static void
on_patience(uv_timer_t *timer)
{
    struct ttys *all = timer->data;
    uint64_t now = uv_now(timer->loop);

    while (!list_empty(&all->waiters)) {
        struct tty_waiter *w =
            LIST_ITEM(all->waiters.next, struct tty_waiter, node);

        if (w->left > 0 && w->by_ms > now) {
            uv_timer_start(timer, on_patience, w->by_ms - now, 0);
            return;
        }
        waiter_done(w);
    }
}

/* What this line was asked up to this request needs no answer any more. */
static void
answered(struct tty *t, uint64_t request)
{
    struct ttys *all = t->router->ttys;

    LIST_EACH(node, &all->waiters)
    {
        struct tty_waiter *w = LIST_ITEM(node, struct tty_waiter, node);

        if ((w->line == 0 || w->line == t->line) && w->request > t->counted &&
            w->request <= request && w->left > 0 && --w->left == 0)
            uv_timer_start(&all->patience, on_patience, 0, 0);
    }
    t->counted = request;
}

bool
tty_counted(struct tty *t, const struct msg_line_counted *m)
{
    if (m->request <= t->counted || m->request > t->asked)
        return false;
    t->counters.bytes_in = m->bytes_in;
    t->counters.bytes_out = m->bytes_out;
    t->counters.lost = m->lost;
    t->counters.breaks = m->breaks;
    answered(t, m->request);
    return true;
}

static void
ask(struct tty *t, struct tty_waiter *w)
{
    struct message m = {.type = MSG_LINE_COUNT};

    if (t->pipe == NULL)
        return;
    t->asked = w->request;
    w->left++;
    m.line_count.request = w->request;
    tty_send(t, &m, -1);
}

void
tty_count(struct router *r, unsigned line, tty_counted_fn done, void *owner)
{
    struct tty_waiter *w = alloc_zero(1, sizeof(*w));
    struct ttys *all = ttys_of(r);

    w->request = ++all->last_request;
    w->line = line;
    w->by_ms = router_now_ms(r) + PATIENCE_MS;
    w->done = done;
    w->owner = owner;
    LIST_EACH(node, &all->all)
    {
        struct tty *t = LIST_ITEM(node, struct tty, node);

        if (line == 0 || line == t->line)
            ask(t, w);
    }
    list_append(&all->waiters, &w->node);
    if (w->left == 0 || !uv_is_active((uv_handle_t *)&all->patience))
        uv_timer_start(&all->patience, on_patience,
                       w->left == 0 ? 0 : PATIENCE_MS, 0);
}

struct tty_counters
tty_counters(const struct router *r, unsigned line)
{
    const struct tty *t = tty_find(r, line);
    struct tty_counters sum = {.bytes_in = 0};

    if (t == NULL)
        return sum;
    sum.bytes_in = t->before.bytes_in + t->counters.bytes_in;
    sum.bytes_out = t->before.bytes_out + t->counters.bytes_out;
    sum.lost = t->before.lost + t->counters.lost;
    sum.breaks = t->before.breaks + t->counters.breaks;
    return sum;
}

/* --- buffers -------------------------------------------------------------- */

/* Who waits for the ring of a line. */
struct tty_reader {
    struct list node;
    uint64_t request;
    int fd;
    tty_buffer_fn done; /* NULL: nobody any more */
    void *owner;
};

static void
reader_done(struct tty_reader *reader, bool whole, uint64_t bytes)
{
    list_remove(&reader->node);
    if (reader->done != NULL)
        reader->done(reader->owner, whole ? reader->fd : -1, bytes);
    if (reader->fd >= 0)
        close(reader->fd);
    free(reader);
}

bool
tty_buffered(struct tty *t, uint64_t request, uint64_t bytes)
{
    struct tty_reader *reader;

    /* They are answered in order. */
    if (list_empty(&t->readers))
        return false;
    reader = LIST_ITEM(t->readers.next, struct tty_reader, node);
    if (reader->request != request)
        return false;
    reader_done(reader, true, bytes);
    return true;
}

enum err
tty_buffer(struct router *r, unsigned line, tty_buffer_fn done, void *owner)
{
    struct message m = {.type = MSG_LINE_BUFFER};
    struct tty *t = tty_find(r, line);
    struct tty_reader *reader;
    int fd;

    if (t == NULL || t->pipe == NULL)
        return ERR_NOT_FOUND;
    fd = memfd_create("line", MFD_CLOEXEC);
    if (fd < 0)
        return ERR_SYSTEM;
    reader = alloc_zero(1, sizeof(*reader));
    reader->request = ++r->ttys->last_request;
    reader->fd = fd;
    reader->done = done;
    reader->owner = owner;
    list_append(&t->readers, &reader->node);
    m.line_buffer.request = reader->request;
    tty_send(t, &m, fd);
    return OK;
}

/* --- the end -------------------------------------------------------------- */

void
tty_answers_end(struct tty *t)
{
    answered(t, t->asked);
    while (!list_empty(&t->readers))
        reader_done(LIST_ITEM(t->readers.next, struct tty_reader, node), false,
                    0);
}

void
tty_forget(struct router *r, const void *owner)
{
    if (r->ttys == NULL)
        return;
    LIST_EACH(node, &r->ttys->waiters)
    {
        struct tty_waiter *w = LIST_ITEM(node, struct tty_waiter, node);

        if (w->owner == owner) {
            list_remove(&w->node);
            free(w);
        }
    }
    LIST_EACH(node, &r->ttys->all)
    {
        struct tty *t = LIST_ITEM(node, struct tty, node);

        LIST_EACH(one, &t->readers)
        {
            struct tty_reader *reader = LIST_ITEM(one, struct tty_reader, node);

            if (reader->owner == owner)
                reader->done = NULL;
        }
    }
}

void
tty_waiters_free(struct ttys *all)
{
    LIST_EACH(node, &all->waiters)
    {
        struct tty_waiter *w = LIST_ITEM(node, struct tty_waiter, node);

        list_remove(&w->node);
        free(w);
    }
}
