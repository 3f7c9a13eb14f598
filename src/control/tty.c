#include "control/tty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/tty_parts.h"
#include "control/tty_plans.h"

#define SPREAD_MS    20   /* between some starts and the next */
#define SPREAD_COUNT 4    /* workers that are started at once */
#define AGAIN_MS     1000 /* a line's process is not started sooner again */

/* --- which there are ------------------------------------------------------ */

struct tty *
tty_find(const struct router *r, unsigned line)
{
    return r->ttys == NULL || line > TTY_LINES_MAX ? NULL
                                                   : r->ttys->by_line[line];
}

static void on_spread(uv_timer_t *timer);

void
tty_queue(struct tty *t)
{
    struct ttys *all = t->router->ttys;

    if (t->removed || !list_empty(&t->queued))
        return;
    list_append(&all->starting, &t->queued);
    if (!uv_is_active((uv_handle_t *)&all->spread))
        uv_timer_start(&all->spread, on_spread, 0, 0);
}

/* A few at a time, so that thousands of lines hold nobody else up. */
static void
on_spread(uv_timer_t *timer)
{
    struct ttys *all = timer->data;
    unsigned count = 0;

    LIST_EACH(node, &all->starting)
    {
        struct tty *t = LIST_ITEM(node, struct tty, queued);
        uint64_t now = router_now_ms(t->router);

        if (count >= SPREAD_COUNT)
            break;
        /* One that dies at once is no reason to be busy. */
        if (t->began_ms != 0 && now < t->began_ms + AGAIN_MS)
            continue;
        list_remove(&t->queued);
        t->began_ms = now;
        count++;
        tty_worker_start(t);
    }
    if (!list_empty(&all->starting))
        uv_timer_start(timer, on_spread, SPREAD_MS, 0);
}

/* --- plans ---------------------------------------------------------------- */

static char *
copy_of(const char *text)
{
    return text == NULL ? NULL : text_dup(text);
}

static void
plan_clear(struct tty_plan *plan)
{
    free((void *)(uintptr_t)plan->device);
    free((void *)(uintptr_t)plan->host);
    free((void *)(uintptr_t)plan->log_file);
}

static void
plan_copy(struct tty_plan *to, const struct tty_plan *from)
{
    *to = *from;
    to->device = copy_of(from->device);
    to->host = copy_of(from->host);
    to->log_file = copy_of(from->log_file);
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_device(const struct tty_plan *a, const struct tty_plan *b)
{
    return same_text(a->device, b->device) && same_text(a->host, b->host) &&
           a->port == b->port && a->telnet == b->telnet;
}

static bool
same_settings(const struct tty_plan *a, const struct tty_plan *b)
{
    return a->buffer == b->buffer && a->timestamps == b->timestamps &&
           a->settings.speed == b->settings.speed &&
           a->settings.databits == b->settings.databits &&
           a->settings.parity == b->settings.parity &&
           a->settings.stopbits == b->settings.stopbits &&
           a->settings.flow == b->settings.flow &&
           a->settings.hang_up == b->settings.hang_up;
}

static bool
same_log(const struct tty_plan *a, const struct tty_plan *b)
{
    return same_text(a->log_file, b->log_file) &&
           a->log_bytes == b->log_bytes && a->log_files == b->log_files;
}

/* --- life ----------------------------------------------------------------- */

static void
on_timer_closed(uv_handle_t *handle)
{
    struct tty *t = handle->data;

    if (--t->handles > 0)
        return;
    plan_clear(&t->plan);
    free(t);
}

static void
init_timer(struct tty *t, uv_timer_t *timer)
{
    uv_timer_init(&t->router->loop, timer);
    timer->data = t;
    t->handles++;
}

static struct tty *
tty_new(struct router *r, unsigned line)
{
    struct tty *t = alloc_zero(1, sizeof(*t));

    t->router = r;
    t->line = line;
    if (line == TTY_NUMBER_AUX)
        text_copy(t->source, sizeof(t->source), "line aux 0");
    else
        snprintf(t->source, sizeof(t->source), "line %u", line);
    t->name = t->source + strlen("line ");
    t->started = true; /* nothing was asked of a nursery */
    t->device.port.fd = t->device.socket = -1;
    t->device.pause_ms = TTY_RETRY_MS;
    list_init(&t->queued);
    list_init(&t->users);
    list_init(&t->readers);
    init_timer(t, &t->device.retry);
    init_timer(t, &t->log.retry);
    list_append(&ttys_of(r)->all, &t->node);
    r->ttys->by_line[line] = t;
    return t;
}

static void
tty_remove(struct tty *t)
{
    if (t->removed)
        return;
    t->removed = true;
    list_remove(&t->node);
    t->router->ttys->by_line[t->line] = NULL;
    list_remove(&t->queued);
    tty_log_clear(t);
    tty_device_close(t);
    tty_worker_end(t);
    tty_answers_end(t);
    uv_close((uv_handle_t *)&t->device.retry, on_timer_closed);
    uv_close((uv_handle_t *)&t->log.retry, on_timer_closed);
    tty_end_users(t, TTY_GONE);
}

struct ttys *
ttys_of(struct router *r)
{
    struct ttys *all = r->ttys;

    if (all != NULL)
        return all;
    all = alloc_zero(1, sizeof(*all));
    list_init(&all->all);
    list_init(&all->starting);
    list_init(&all->waiters);
    uv_timer_init(&r->loop, &all->spread);
    uv_timer_init(&r->loop, &all->patience);
    all->spread.data = all->patience.data = all;
    all->controlled = controlled_new();
    r->ttys = all;
    return all;
}

/* What of a line that runs is different now. */
static void
change(struct tty *t, const struct tty_plan *plan)
{
    struct tty_plan old = t->plan;

    plan_copy(&t->plan, plan);
    if (!same_settings(&old, plan))
        tty_send_setup(t);
    if (!same_device(&old, plan)) {
        tty_device_close(t);
        t->device.pause_ms = TTY_RETRY_MS;
        t->device.told = false;
        tty_device_open(t);
    }
    if (!same_log(&old, plan))
        tty_log_set(t);
    if (!same_device(&old, plan))
        tty_end_users(t, TTY_GONE);
    plan_clear(&old);
}

void
tty_configure(struct router *r, unsigned line, const struct tty_plan *plan)
{
    struct tty *t = tty_find(r, line);

    if (plan == NULL) {
        if (t != NULL)
            tty_remove(t);
        return;
    }
    if (t != NULL) {
        change(t, plan);
        return;
    }
    t = tty_new(r, line);
    plan_copy(&t->plan, plan);
    tty_log_set(t);
    tty_queue(t);
}

static void
on_last_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void
on_first_closed(uv_handle_t *handle)
{
    struct ttys *all = handle->data;

    uv_close((uv_handle_t *)&all->patience, on_last_closed);
}

/* --- users ---------------------------------------------------------------- */

enum tty_state
tty_state(const struct router *r, unsigned line)
{
    const struct tty *t = tty_find(r, line);

    if (t == NULL)
        return TTY_NONE;
    return t->device.state == DEVICE_OPEN ? TTY_READY : TTY_ABSENT;
}

const char *
tty_absence(const struct router *r, unsigned line)
{
    const struct tty *t = tty_find(r, line);

    return t == NULL ? "" : t->device.absence;
}

struct tty_errors
tty_errors(const struct router *r, unsigned line)
{
    const struct tty *t = tty_find(r, line);

    return t == NULL || t->device.port.fd < 0
               ? (struct tty_errors){.noise = 0}
               : tty_port_errors(t->device.port.fd);
}

static struct tty_stay *
stay_find(const struct tty *t, uint32_t id)
{
    LIST_EACH(node, &t->users)
    {
        struct tty_stay *stay = LIST_ITEM(node, struct tty_stay, node);

        if (stay->id == id)
            return stay;
    }
    return NULL;
}

static void
stay_free(struct tty *t, struct tty_stay *stay)
{
    list_remove(&stay->node);
    t->user_count--;
    free(stay);
}

static enum err
may_attach(const struct tty *t)
{
    if (t == NULL)
        return ERR_NOT_FOUND;
    if (t->device.state != DEVICE_OPEN)
        return ERR_CLOSED;
    return t->user_count < TTY_USERS_MAX ? OK : ERR_LIMIT;
}

enum err
tty_attach(struct router *r, unsigned line, int fd, const struct tty_user *user,
           uint32_t *id)
{
    struct message m = {.type = MSG_LINE_USER};
    struct tty *t = tty_find(r, line);
    enum err err = may_attach(t);
    struct tty_stay *stay;

    if (err != OK) {
        close(fd);
        return err;
    }
    stay = alloc_zero(1, sizeof(*stay));
    stay->id = ++t->last_id;
    stay->on_end = user->on_end;
    stay->owner = user->owner;
    list_append(&t->users, &stay->node);
    t->user_count++;
    *id = stay->id;
    m.line_user.id = stay->id;
    m.line_user.writer = user->writer;
    m.line_user.name = span_text(user->name);
    tty_send(t, &m, fd);
    close(fd);
    return OK;
}

void
tty_drop(struct router *r, unsigned line, uint32_t id)
{
    struct message m = {.type = MSG_LINE_DROP};
    struct tty *t = tty_find(r, line);
    struct tty_stay *stay = t == NULL ? NULL : stay_find(t, id);

    if (stay == NULL)
        return;
    stay_free(t, stay);
    m.line_drop.id = id;
    tty_send(t, &m, -1);
}

void
tty_writer(struct router *r, unsigned line, uint32_t id)
{
    struct message m = {.type = MSG_LINE_WRITER};
    struct tty *t = tty_find(r, line);

    if (t == NULL)
        return;
    m.line_writer.id = id;
    tty_send(t, &m, -1);
}

bool
tty_break(struct router *r, unsigned line, unsigned ms)
{
    struct message m = {.type = MSG_LINE_BREAK};
    struct tty *t = tty_find(r, line);

    if (t == NULL || t->device.state != DEVICE_OPEN ||
        (t->plan.device == NULL && !t->plan.telnet))
        return false;
    m.line_break.ms = ms;
    tty_send(t, &m, -1);
    return true;
}

void
tty_user_left(struct tty *t, uint32_t id)
{
    struct tty_stay *stay = stay_find(t, id);
    tty_end_fn on_end;
    void *owner;

    /* Gone with the device, or dropped: that crossed it. */
    if (stay == NULL)
        return;
    on_end = stay->on_end;
    owner = stay->owner;
    stay_free(t, stay);
    on_end(owner, TTY_LEFT);
}

void
tty_end_users(struct tty *t, enum tty_end end)
{
    struct list ended;

    /* Who is told may do anything to the line. */
    list_init(&ended);
    LIST_EACH(node, &t->users)
    {
        list_remove(node);
        list_append(&ended, node);
    }
    t->user_count = 0;
    while (!list_empty(&ended)) {
        struct tty_stay *stay = LIST_ITEM(ended.next, struct tty_stay, node);
        struct tty_stay told = *stay;

        list_remove(&stay->node);
        free(stay);
        told.on_end(told.owner, end);
    }
}

/* --- the end -------------------------------------------------------------- */

void
ttys_stop(struct router *r)
{
    struct ttys *all = r->ttys;

    if (all == NULL)
        return;
    LIST_EACH(node, &all->all)
    {
        struct tty *t = LIST_ITEM(node, struct tty, node);

        LIST_EACH(stay, &t->users)
        {
            stay_free(t, LIST_ITEM(stay, struct tty_stay, node));
        }
        tty_remove(t);
    }
    tty_waiters_free(all);
    controlled_drop(all->controlled);
    r->ttys = NULL;
    uv_close((uv_handle_t *)&all->spread, on_first_closed);
}
