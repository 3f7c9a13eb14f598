#include "control/children.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/list.h"

#define BUCKETS 1024 /* a power of two; lists stay short with 1,000 workers */

/*
 * How long an ended child that nobody watches yet is remembered: its number
 * is on its way in a message. Far less than pids take to come round again.
 */
#define UNCLAIMED_MS  10000
#define UNCLAIMED_MAX 256

/*
 * More than so many that are about to end are found as fast by looking at all
 * children.
 */
#define EXPECTED_FEW 16
#define LOOK_MS      200 /* until a look at all, when a few were asked for */

struct watch {
    struct list node;     /* in its bucket */
    struct list expected; /* linked while its end is expected */
    pid_t pid;
    child_fn fn;
    void *owner;
};

/* Reaped before anybody asked. */
struct unclaimed {
    pid_t pid; /* 0: free */
    int status;
    uint64_t at_ms;
};

struct children {
    struct router *router;
    uv_signal_t signal;
    uv_timer_t look; /* at all of them; runs only behind a signal */
    unsigned handles_open;
    struct list expected; /* of struct watch */
    size_t expected_count;
    struct list buckets[BUCKETS];
    struct unclaimed unclaimed[UNCLAIMED_MAX];
    size_t next_unclaimed; /* the oldest is overwritten */
};

static struct list *
bucket_of(struct children *c, pid_t pid)
{
    return &c->buckets[(unsigned)pid & (BUCKETS - 1)];
}

static struct watch *
watch_find(struct children *c, pid_t pid)
{
    struct list *bucket = bucket_of(c, pid);

    LIST_EACH(node, bucket)
    {
        struct watch *w = LIST_ITEM(node, struct watch, node);

        if (w->pid == pid)
            return w;
    }
    return NULL;
}

static void
watch_free(struct children *c, struct watch *w)
{
    if (!list_empty(&w->expected)) {
        list_remove(&w->expected);
        c->expected_count--;
    }
    list_remove(&w->node);
    free(w);
}

static void
child_ended(struct children *c, pid_t pid, int status)
{
    struct watch *w = watch_find(c, pid);
    struct unclaimed *u;

    if (w != NULL) {
        child_fn fn = w->fn;
        void *owner = w->owner;

        watch_free(c, w);
        fn(owner, pid, status);
        return;
    }
    u = &c->unclaimed[c->next_unclaimed];
    c->next_unclaimed = (c->next_unclaimed + 1) % UNCLAIMED_MAX;
    *u = (struct unclaimed){pid, status, router_now_ms(c->router)};
}

/* Reap all that have ended. */
static void
look_at_all(struct children *c)
{
    int status;
    pid_t pid;

    for (;;) {
        pid = waitpid(-1, &status, WNOHANG);
        if (pid > 0)
            child_ended(c, pid, status);
        else if (pid == 0 || errno != EINTR)
            return;
    }
}

static void
on_look(uv_timer_t *timer)
{
    look_at_all(timer->data);
}

/*
 * Reap one of those that were expected; false: none has ended. What is told
 * of an end may change the list, so nothing of it is kept meanwhile.
 */
static bool
reap_expected(struct children *c)
{
    LIST_EACH(node, &c->expected)
    {
        pid_t pid = LIST_ITEM(node, struct watch, expected)->pid;
        int status;

        if (waitpid(pid, &status, WNOHANG) == pid) {
            child_ended(c, pid, status);
            return true;
        }
    }
    return false;
}

static void
on_sigchld(uv_signal_t *signal, int number)
{
    struct children *c = signal->data;
    bool any = false;

    (void)number;
    if (c->expected_count <= EXPECTED_FEW)
        while (reap_expected(c))
            any = true;
    /* Signals coalesce: this one may have stood for others, too. */
    if (uv_is_active((uv_handle_t *)&c->look))
        return;
    if (any)
        uv_timer_start(&c->look, on_look, LOOK_MS, 0);
    else
        look_at_all(c);
}

enum err
children_start(struct router *r)
{
    struct children *c = alloc_zero(1, sizeof(*c));

    c->router = r;
    list_init(&c->expected);
    for (size_t i = 0; i < BUCKETS; i++)
        list_init(&c->buckets[i]);
    if (uv_signal_init(&r->loop, &c->signal) != 0) {
        free(c);
        return ERR_SYSTEM;
    }
    uv_timer_init(&r->loop, &c->look);
    c->signal.data = c->look.data = c;
    c->handles_open = 2;
    r->children = c;
    if (uv_signal_start(&c->signal, on_sigchld, SIGCHLD) != 0) {
        children_stop(r);
        return ERR_SYSTEM;
    }
    return OK;
}

static void
on_closed(uv_handle_t *handle)
{
    struct children *c = handle->data;

    if (--c->handles_open > 0)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        LIST_EACH(node, &c->buckets[i])
        {
            watch_free(c, LIST_ITEM(node, struct watch, node));
        }
    free(c);
}

void
children_stop(struct router *r)
{
    if (r->children == NULL)
        return;
    uv_close((uv_handle_t *)&r->children->signal, on_closed);
    uv_close((uv_handle_t *)&r->children->look, on_closed);
    r->children = NULL;
}

static struct unclaimed *
unclaimed_find(struct children *c, pid_t pid)
{
    uint64_t now = router_now_ms(c->router);

    for (size_t i = 0; i < UNCLAIMED_MAX; i++) {
        struct unclaimed *u = &c->unclaimed[i];

        if (u->pid == pid && now - u->at_ms < UNCLAIMED_MS)
            return u;
    }
    return NULL;
}

void
children_watch(struct router *r, pid_t pid, child_fn fn, void *owner)
{
    struct children *c = r->children;
    struct unclaimed *u = unclaimed_find(c, pid);
    struct watch *w;

    if (u != NULL) {
        int status = u->status;

        u->pid = 0;
        fn(owner, pid, status);
        return;
    }
    w = alloc_zero(1, sizeof(*w));
    *w = (struct watch){.pid = pid, .fn = fn, .owner = owner};
    list_init(&w->expected);
    list_append(bucket_of(c, pid), &w->node);
}

void
children_expect(struct router *r, pid_t pid)
{
    struct children *c = r->children;
    struct watch *w = c == NULL ? NULL : watch_find(c, pid);

    if (w == NULL || !list_empty(&w->expected))
        return;
    list_append(&c->expected, &w->expected);
    c->expected_count++;
}

void
children_forget(struct router *r, pid_t pid)
{
    struct watch *w;

    if (r->children == NULL)
        return;
    w = watch_find(r->children, pid);
    if (w != NULL)
        watch_free(r->children, w);
}

void
children_kill(struct router *r, pid_t pid)
{
    struct unclaimed *u = unclaimed_find(r->children, pid);
    siginfo_t info;

    if (u != NULL)
        u->pid = 0;
    /* The number may be somebody else's by now. */
    if (u != NULL || watch_find(r->children, pid) != NULL ||
        waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return;
    kill(pid, SIGKILL);
}

void
child_status_text(int status, char *to, size_t room)
{
    if (WIFSIGNALED(status))
        snprintf(to, room, "signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(to, room, "exit status %d", WEXITSTATUS(status));
}

bool
child_crashed(int status)
{
    return WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
}
