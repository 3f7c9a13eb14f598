#include "control/helpers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "control/aaa_servers.h"
#include "control/children.h"
#include "control/collectors.h"
#include "control/journal.h"
#include "control/judge.h"
#include "control/keys.h"
#include "control/metrics.h"
#include "control/server_key.h"
#include "control/signing.h"
#include "control/snmp.h"
#include "control/telemetry.h"
#include "ipc/pipe.h"
#include "os/spawn.h"

/*
 * The pause before a helper that died is started again: none after a long
 * life, then doubling, so that one that dies at once costs nearly nothing.
 */
#define RESTART_FIRST_MS 100
#define RESTART_MOST_MS  10000
#define LONG_LIFE_MS     10000
/* One that was sent away has so long to end, then it is killed. */
#define LEAVE_MS 1000
/* Messages that the pipe does not take yet: one a session, and some keys. */
#define WAITING_MAX 12000

struct helper_kind {
    const char *program;
    const char *role;
    void (*on_message)(struct router *r, const struct message *m);
    void (*on_lost)(struct router *r);
    void (*on_started)(struct router *r);
    bool is_waited_for; /* what it is asked before it is there waits for it */
};

static void on_signer_message(struct router *r, const struct message *m);
static void on_signer_lost(struct router *r);
static void on_notify_message(struct router *r, const struct message *m);
static void on_notify_lost(struct router *r);
static void on_notify_started(struct router *r);

/* In the order of enum helper_name. */
static const struct helper_kind kinds[HELPER_COUNT] = {
    {"vtyd-signer", "keys", on_signer_message, on_signer_lost, keys_load,
     false},
    {"vtyd-aaa", "local", judge_on_message, judge_lost, NULL, false},
    {"vtyd-aaa", "servers", aaa_servers_on_message, aaa_servers_lost, NULL,
     true},
    {"vtyd-notify", "collectors", on_notify_message, on_notify_lost,
     on_notify_started, false},
};

/* An encoded message on its way to a helper that is busy. */
struct waiting {
    struct list node;
    int fd; /* ours; -1: none */
    size_t len;
    uint8_t bytes[];
};

struct helper {
    struct router *router;
    const struct helper_kind *kind;
    struct pipe *pipe; /* NULL: not running */
    uv_poll_t poll;
    bool poll_open;
    bool wanted;
    bool sent_away; /* it ends because nobody wants it */
    uint64_t sent_away_ms;
    bool died;         /* and has not been started again */
    bool cannot_start; /* the last try failed */
    uv_timer_t restart;
    pid_t pid; /* 0: reaped, or never started */
    uint64_t started_ms;
    uint64_t pause_ms; /* before the next start */
    struct list waiting;
    size_t waiting_count;
};

struct helpers {
    struct helper all[HELPER_COUNT];
    uid_t uid;
    gid_t gid;
    unsigned needs; /* of enum notify_need */
    bool stopping;
    unsigned handles_open;
    struct buf encoded; /* reused for every message */
};

/* --- sending ------------------------------------------------------------ */

static void
waiting_free(struct helper *h, struct waiting *w)
{
    list_remove(&w->node);
    h->waiting_count--;
    if (w->fd >= 0)
        close(w->fd);
    wipe(w->bytes, w->len);
    free(w);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static bool
is_writing(const struct helper *h)
{
    return h->pipe != NULL &&
           (pipe_wants_write(h->pipe) || h->waiting_count > 0);
}

static void
watch_pipe(struct helper *h)
{
    uv_poll_start(&h->poll, UV_READABLE | (is_writing(h) ? UV_WRITABLE : 0),
                  on_poll);
}

static bool
enqueue(struct helper *h, struct span bytes, int fd)
{
    struct waiting *w;

    if (h->waiting_count >= WAITING_MAX)
        return false;
    w = alloc_zero(1, sizeof(*w) + bytes.len);
    w->fd = -1;
    if (fd >= 0) {
        w->fd = dup(fd);
        if (w->fd < 0) {
            free(w);
            return false;
        }
    }
    w->len = bytes.len;
    memcpy(w->bytes, bytes.ptr, bytes.len);
    list_append(&h->waiting, &w->node);
    h->waiting_count++;
    return true;
}

/* What waits goes first; ERR_LIMIT: the pipe's own queue is full again. */
static enum err
send_waiting(struct helper *h)
{
    LIST_EACH(node, &h->waiting)
    {
        struct waiting *w = LIST_ITEM(node, struct waiting, node);
        enum err err = pipe_send(h->pipe, span_of(w->bytes, w->len), &w->fd,
                                 w->fd >= 0 ? 1 : 0);

        if (err != OK)
            return err;
        waiting_free(h, w);
    }
    return OK;
}

/* It was never there, or another one is on its way out. */
static bool
is_coming(const struct helper *h)
{
    return h->kind->is_waited_for && h->wanted && !h->died &&
           !h->cannot_start && !h->router->helpers->stopping;
}

static bool
send_or_enqueue(struct helper *h, struct span bytes, int fd)
{
    enum err err = ERR_LIMIT;

    if (h->pipe != NULL && h->waiting_count == 0)
        err = pipe_send(h->pipe, bytes, &fd, fd >= 0 ? 1 : 0);
    return err == OK || (err == ERR_LIMIT && enqueue(h, bytes, fd));
}

static bool
helper_send(struct helpers *all, enum helper_name name, const struct message *m,
            int fd)
{
    struct helper *h = &all->all[name];
    bool was_writing = is_writing(h), taken;

    if (h->pipe == NULL && !is_coming(h))
        return false;
    message_encode(&all->encoded, m);
    taken = buf_ok(&all->encoded) &&
            send_or_enqueue(h, buf_span(&all->encoded), fd);
    /* It may have held a password: gone now, not when next used. */
    buf_consume(&all->encoded, buf_len(&all->encoded));
    buf_reset(&all->encoded);
    if (!was_writing && is_writing(h))
        watch_pipe(h);
    return taken;
}

bool
signer_send(struct router *r, const struct message *m, int fd)
{
    return helper_send(r->helpers, HELPER_SIGNER, m, fd);
}

bool
aaa_send(struct router *r, const struct message *m)
{
    return helper_send(r->helpers, HELPER_AAA, m, -1);
}

bool
aaa_servers_send(struct router *r, const struct message *m)
{
    return helper_send(r->helpers, HELPER_SERVERS, m, -1);
}

bool
notify_send(struct router *r, const struct message *m, int fd)
{
    return r->helpers != NULL && helper_send(r->helpers, HELPER_NOTIFY, m, fd);
}

bool
notify_is_there(const struct router *r)
{
    return r->helpers != NULL && r->helpers->all[HELPER_NOTIFY].pipe != NULL;
}

/* --- receiving ---------------------------------------------------------- */

static void
on_signer_message(struct router *r, const struct message *m)
{
    if (m->type == MSG_HASH_SIGNED)
        signing_on_message(r, &m->hash_signed);
    else if (m->type == MSG_SESSION_KEY_OPENED)
        signing_on_opened(r, &m->session_key_opened);
    else if (m->type == MSG_SERVER_KEY_MADE)
        server_key_on_made(r, &m->server_key_made);
    else
        keys_on_message(r, m);
}

static void
on_signer_lost(struct router *r)
{
    signing_lost(r);
    server_key_lost(r);
}

static void
on_notify_message(struct router *r, const struct message *m)
{
    if (m->type == MSG_SYSLOG_FATE)
        collectors_on_fate(r, &m->syslog_fate);
    else if (m->type == MSG_TRAP_FATE)
        snmp_on_fate(r, &m->trap_fate);
    else if (m->type == MSG_METRICS_ASK)
        telemetry_on_ask(r, &m->metrics_ask);
}

static void
on_notify_lost(struct router *r)
{
    collectors_lost(r);
    snmp_lost(r);
}

static void
on_notify_started(struct router *r)
{
    collectors_ready(r);
    snmp_ready(r);
    telemetry_ready(r);
}

/* Some of their lines are caused by what workers ask. */
static void
report(struct helper *h, const struct msg_report *m)
{
    char line[LOG_LINE_MAX / 2];

    text_escape(line, sizeof(line), m->line);
    journal_limited(h->router, h->kind->program, "SYS",
                    m->level <= LOG_DEBUGGING ? m->level : LOG_DEBUGGING,
                    "REPORT", "%s: %s", h->kind->program, line);
}

/* Helpers are trusted, but not to be without faults: a bad message is death. */
static bool
receive_one(struct helper *h)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    struct message m;
    enum err err = pipe_receive(h->pipe, &bytes, fds);

    if (err == ERR_MORE)
        return true;
    if (err != OK)
        return false;
    pipe_close_fds(fds);
    if (message_decode(bytes, &m) != OK)
        return false;
    if (m.type == MSG_REPORT)
        report(h, &m.report);
    else
        h->kind->on_message(h->router, &m);
    return true;
}

static void helper_lost(struct helper *h);

static void
on_poll(uv_poll_t *poll, int status, int events)
{
    struct helper *h = poll->data;
    bool was_writing = is_writing(h);

    if (status < 0) {
        helper_lost(h);
        return;
    }
    if (events & UV_WRITABLE) {
        enum err err = pipe_flush(h->pipe);

        if (err == OK && !pipe_wants_write(h->pipe))
            err = send_waiting(h);
        if (err != OK && err != ERR_LIMIT) {
            helper_lost(h);
            return;
        }
    }
    if ((events & (UV_READABLE | UV_DISCONNECT)) && !receive_one(h)) {
        helper_lost(h);
        return;
    }
    if (was_writing && h->pipe != NULL && !is_writing(h))
        watch_pipe(h);
}

/* --- life --------------------------------------------------------------- */

static void
on_closed(uv_handle_t *handle)
{
    struct helper *h = handle->data;
    struct helpers *all = h->router->helpers;

    if (handle == (uv_handle_t *)&h->poll)
        h->poll_open = false;
    if (--all->handles_open > 0 || !all->stopping)
        return;
    buf_clear(&all->encoded);
    h->router->helpers = NULL;
    free(all);
}

static void
drop_waiting(struct helper *h)
{
    LIST_EACH(node, &h->waiting)
    {
        waiting_free(h, LIST_ITEM(node, struct waiting, node));
    }
}

/* No pipe, no messages; the process ends when its pipe does. */
static void
close_pipe(struct helper *h)
{
    drop_waiting(h);
    if (h->pipe == NULL)
        return;
    uv_close((uv_handle_t *)&h->poll, on_closed);
    pipe_free(h->pipe);
    h->pipe = NULL;
}

/* It cannot be asked any more, and what it was asked has no answer. */
static void
end_of_pipe(struct helper *h)
{
    close_pipe(h);
    h->kind->on_lost(h->router);
}

static void on_restart(uv_timer_t *timer);

static void
plan_restart(struct helper *h)
{
    if (h->router->helpers->stopping || !h->wanted)
        return;
    uv_timer_start(&h->restart, on_restart, h->pause_ms, 0);
    h->pause_ms *= 2;
    if (h->pause_ms < RESTART_FIRST_MS)
        h->pause_ms = RESTART_FIRST_MS;
    if (h->pause_ms > RESTART_MOST_MS)
        h->pause_ms = RESTART_MOST_MS;
}

/* Its pipe has ended, or it said what nobody understands. */
static void
helper_lost(struct helper *h)
{
    if (h->pipe == NULL)
        return;
    if (h->pid > 0)
        kill(h->pid, SIGKILL);
    if (router_now_ms(h->router) - h->started_ms >= LONG_LIFE_MS)
        h->pause_ms = 0;
    h->died = true;
    end_of_pipe(h);
    plan_restart(h);
}

static void
on_exit_status(void *owner, pid_t pid, int status)
{
    struct helper *h = owner;
    char text[64];

    h->pid = 0;
    if (!h->router->helpers->stopping && !h->sent_away) {
        child_status_text(status, text, sizeof(text));
        journal_limited(h->router, "", "SYS", LOG_CRITICAL, "HELPER",
                        "%s (process %d) ended with %s; it is started again",
                        h->kind->program, (int)pid, text);
    }
    helper_lost(h);
}

static enum err
helper_start(struct helper *h)
{
    struct helpers *all = h->router->helpers;
    char path[4096], program[32], role[16], uid[16], gid[16];
    char *argv[] = {program, role, uid, gid, NULL};
    int ends[2];
    enum err err = program_path(h->kind->program, path, sizeof(path));

    text_copy(program, sizeof(program), h->kind->program);
    text_copy(role, sizeof(role), h->kind->role);
    /* It gives root away itself, once nobody can trace it. */
    snprintf(uid, sizeof(uid), "%u", (unsigned)all->uid);
    snprintf(gid, sizeof(gid), "%u", (unsigned)all->gid);
    if (err == OK)
        err = pipe_pair(ends);
    if (err != OK)
        return err;
    err = spawn_program(path, argv, ends[1], 0, 0, &h->pid);
    close(ends[1]);
    if (err == OK) {
        children_watch(h->router, h->pid, on_exit_status, h);
        if (uv_poll_init(&h->router->loop, &h->poll, ends[0]) != 0)
            err = ERR_SYSTEM;
    }
    if (err != OK) {
        close(ends[0]);
        return err;
    }
    all->handles_open++;
    h->poll_open = true;
    h->sent_away = false;
    h->pipe = pipe_new(ends[0]);
    h->started_ms = router_now_ms(h->router);
    watch_pipe(h);
    return OK;
}

/* One that was sent away must be reaped, its handle closed; true: it is not. */
static bool
is_still_here(struct helper *h)
{
    uint64_t now_ms = router_now_ms(h->router);

    if (h->pid > 0 && h->sent_away && now_ms >= h->sent_away_ms + LEAVE_MS)
        kill(h->pid, SIGKILL);
    if (h->pid == 0 && !h->poll_open)
        return false;
    uv_timer_start(&h->restart, on_restart, RESTART_FIRST_MS, 0);
    return true;
}

static void
on_restart(uv_timer_t *timer)
{
    struct helper *h = timer->data;

    if (is_still_here(h) || !h->wanted)
        return;
    h->cannot_start = helper_start(h) != OK;
    if (h->cannot_start) {
        journal_limited(h->router, "", "SYS", LOG_CRITICAL, "HELPER",
                        "%s cannot be started: %s", h->kind->program,
                        strerror(errno));
        end_of_pipe(h);
        plan_restart(h);
        return;
    }
    if (h->died)
        metrics_helper_restarted(h->router,
                                 (enum helper_name)(h->kind - kinds));
    h->died = false;
    if (h->kind->on_started != NULL)
        h->kind->on_started(h->router);
}

/* `--user`, else vtyd, else nobody; only root can give its rights away. */
static enum err
find_user(struct helpers *all, const char *wish)
{
    if (geteuid() != 0)
        return OK;
    if (wish != NULL)
        return user_find(wish, &all->uid, &all->gid);
    if (user_find("vtyd", &all->uid, &all->gid) == OK)
        return OK;
    return user_find("nobody", &all->uid, &all->gid);
}

enum err
helpers_start(struct router *r)
{
    struct helpers *all = alloc_zero(1, sizeof(*all));
    enum err err = OK;

    buf_init_secret(&all->encoded, PIPE_MESSAGE_MAX);
    r->helpers = all;
    for (size_t i = 0; i < HELPER_COUNT; i++) {
        struct helper *h = &all->all[i];

        h->router = r;
        h->kind = &kinds[i];
        h->poll.data = h->restart.data = h;
        list_init(&h->waiting);
        h->wanted = i == HELPER_SIGNER || i == HELPER_AAA;
        uv_timer_init(&r->loop, &h->restart);
        all->handles_open++;
    }
    err = find_user(all, r->options.user);
    for (size_t i = 0; err == OK && i < HELPER_COUNT; i++)
        if (all->all[i].wanted)
            err = helper_start(&all->all[i]);
    return err;
}

static void
want(struct router *r, enum helper_name name, bool wanted)
{
    struct helper *h = &r->helpers->all[name];

    if (wanted == h->wanted)
        return;
    h->wanted = wanted;
    if (wanted) {
        h->pause_ms = 0;
        plan_restart(h);
        return;
    }
    if (h->pipe != NULL) {
        h->sent_away = true;
        h->sent_away_ms = router_now_ms(r);
        uv_timer_start(&h->restart, on_restart, LEAVE_MS, 0);
    }
    end_of_pipe(h);
}

void
helpers_want_servers(struct router *r, bool wanted)
{
    if (r->helpers != NULL && !r->helpers->stopping)
        want(r, HELPER_SERVERS, wanted);
}

void
helpers_want_notify(struct router *r, enum notify_need need, bool wanted)
{
    if (r->helpers == NULL || r->helpers->stopping)
        return;
    if (wanted)
        r->helpers->needs |= (unsigned)need;
    else
        r->helpers->needs &= ~(unsigned)need;
    want(r, HELPER_NOTIFY, r->helpers->needs != 0);
}

pid_t
helper_pid(const struct router *r, enum helper_name name)
{
    return r->helpers == NULL ? 0 : r->helpers->all[name].pid;
}

void
helpers_user(const struct router *r, uid_t *uid, gid_t *gid)
{
    *uid = r->helpers->uid;
    *gid = r->helpers->gid;
}

void
helpers_stop(struct router *r)
{
    if (r->helpers == NULL || r->helpers->stopping)
        return;
    r->helpers->stopping = true;
    for (size_t i = 0; i < HELPER_COUNT; i++) {
        struct helper *h = &r->helpers->all[i];

        close_pipe(h);
        if (h->pid > 0)
            children_forget(r, h->pid);
        uv_close((uv_handle_t *)&h->restart, on_closed);
    }
}
