/*
 * vtyd-aaa: judges every proof of identity. The instance `local` does so from
 * stored passwords and users' keys; a proof needs nothing but its own request.
 * The instance `servers` asks others (servers.c). The only peer of either is
 * control, on descriptor 3.
 */
#include <assert.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "aaa/local.h"
#include "aaa/pubkey.h"
#include "aaa/servers.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "ipc/requests.h"
#include "ipc/send.h"
#include "os/sandbox.h"
#include "os/spawn.h"

#define PROGRAM   "vtyd-aaa"
#define ARGUMENTS 2 /* vtyd-aaa {local|servers} [UID GID] */

/*
 * Requests on the threads at once. With so many no further one is read: they
 * wait in the pipe, and control's queue has a limit.
 */
#define JOBS_MAX 64

static struct aaa {
    uv_loop_t loop;
    uv_poll_t watch;
    int watched; /* events that `watch` waits for */
    struct pipe *pipe;
    size_t jobs; /* on the threads */
    struct process_title title;
} aaa;

/* One request that a thread works on; it owns a copy of the message. */
struct job {
    uv_work_t work;
    struct buf bytes;
    struct message request; /* borrows from `bytes` */
    bool accepted;
    char stored[PASSWORD_STORED_MAX];
};

static void update_watch(void);

/* --- answers ------------------------------------------------------------ */

/* Control is gone or cannot be followed: the loop ends. */
static void
end(void)
{
    uv_stop(&aaa.loop);
}

static void
send_message(const struct message *m)
{
    /* An answer that is lost would leave control waiting: better restarted. */
    if (message_send(aaa.pipe, m) != OK)
        end();
}

static void
report(void *owner, enum log_level level, const char *line)
{
    struct message m = {.type = MSG_REPORT,
                        .report = message_report(level, line)};

    (void)owner;
    send_message(&m);
}

static void
send_verdict(uint64_t request, bool accepted)
{
    struct message m = {.type = MSG_VERDICT};

    m.verdict.request = request;
    m.verdict.accepted = accepted;
    send_message(&m);
}

static void
send_encoded(uint64_t request, const char *stored)
{
    struct message m = {.type = MSG_ENCODED};

    m.encoded.request = request;
    m.encoded.stored = span_text(stored);
    send_message(&m);
}

/* --- judging ------------------------------------------------------------ */

/* What is not known is not accepted. */
static bool
judge(const struct msg_judge *request)
{
    switch (request->kind) {
    case JUDGE_PASSWORD:
        return local_judge(request);
    case JUDGE_KEY_QUERY:
        return pubkey_is_known(request);
    case JUDGE_KEY:
        return pubkey_judge(request);
    default:
        return false;
    }
}

/* Done at once: a hop to a thread and back would cost as much. */
static bool
is_quick(const struct message *m)
{
    if (m->type != MSG_JUDGE)
        return false;
    return m->judge.kind == JUDGE_KEY_QUERY ||
           (m->judge.kind == JUDGE_PASSWORD && local_is_quick(m->judge.type));
}

/* On a thread: touches its job and nothing else. */
static void
run_job(uv_work_t *work)
{
    struct job *job = work->data;

    if (job->request.type == MSG_JUDGE)
        job->accepted = judge(&job->request.judge);
    else if (local_encode(&job->request.encode, job->stored) != OK)
        job->stored[0] = '\0';
}

static void
finish_job(uv_work_t *work, int status)
{
    struct job *job = work->data;

    if (job->request.type == MSG_JUDGE)
        send_verdict(job->request.judge.request, status == 0 && job->accepted);
    else
        send_encoded(job->request.encode.request,
                     status == 0 ? job->stored : "");
    wipe(job->stored, sizeof(job->stored));
    buf_clear(&job->bytes);
    free(job);
    aaa.jobs--;
    update_watch();
}

static void
start_job(struct span bytes)
{
    struct job *job = alloc_zero(1, sizeof(*job));
    enum err err;
    int started;

    buf_init_secret(&job->bytes, PIPE_MESSAGE_MAX);
    buf_put_span(&job->bytes, bytes);
    err = message_decode(buf_span(&job->bytes), &job->request);
    assert(err == OK); /* it was decoded before */
    job->work.data = job;
    started = uv_queue_work(&aaa.loop, &job->work, run_job, finish_job);
    assert(started == 0);
    aaa.jobs++;
}

/* --- the loop ----------------------------------------------------------- */

static bool
handle(void *owner, const struct message *m, struct span bytes, int *fd)
{
    (void)owner;
    (void)fd; /* no request of ours carries one */
    if (m->type != MSG_JUDGE && m->type != MSG_ENCODE)
        return false;
    if (is_quick(m))
        send_verdict(m->judge.request, judge(&m->judge));
    else
        start_job(bytes);
    return true;
}

static void
handle_requests(void)
{
    enum err err = OK;

    while (err == OK && aaa.jobs < JOBS_MAX && !pipe_wants_write(aaa.pipe))
        err = request_take(aaa.pipe, handle, NULL);
    if (err != OK && err != ERR_MORE)
        end();
}

static void
on_ready(uv_poll_t *watch, int status, int events)
{
    (void)watch;
    if (status < 0 || ((events & UV_WRITABLE) && pipe_flush(aaa.pipe) != OK)) {
        end();
        return;
    }
    if (events & (UV_READABLE | UV_DISCONNECT))
        handle_requests();
    update_watch();
}

/* Requests while there is room for them, the rest of answers while queued. */
static void
update_watch(void)
{
    int wanted = UV_READABLE;

    if (pipe_wants_write(aaa.pipe))
        wanted = UV_WRITABLE;
    else if (aaa.jobs >= JOBS_MAX)
        wanted = 0;
    if (wanted == aaa.watched)
        return;
    aaa.watched = wanted;
    if (wanted == 0)
        uv_poll_stop(&aaa.watch);
    else if (uv_poll_start(&aaa.watch, wanted, on_ready) != 0)
        end();
}

static void
do_nothing(uv_work_t *work)
{
    (void)work;
}

static void
did_nothing(uv_work_t *work, int status)
{
    (void)work;
    (void)status;
}

/* The sandbox lets no thread be started: libuv starts all at the first work. */
static bool
start_threads(void)
{
    uv_work_t work;

    return uv_queue_work(&aaa.loop, &work, do_nothing, did_nothing) == 0 &&
           uv_run(&aaa.loop, UV_RUN_DEFAULT) == 0;
}

static bool
is_started_by_control(int argc, char **argv)
{
    return argc >= ARGUMENTS &&
           (strcmp(argv[1], "local") == 0 || strcmp(argv[1], "servers") == 0) &&
           pipe_is_end(SPAWN_PIPE_FD);
}

/* The instance `local`. */
static int
judge_for(struct pipe *control)
{
    aaa.pipe = control;
    log_set_sink(report, NULL);
    if (uv_loop_init(&aaa.loop) != 0 || !start_threads() ||
        uv_poll_init(&aaa.loop, &aaa.watch, pipe_fd(control)) != 0 ||
        sandbox_aaa_local() != OK)
        return 1;
    update_watch();
    uv_run(&aaa.loop, UV_RUN_DEFAULT);
    return 0;
}

int
main(int argc, char **argv)
{
    struct pipe *control;
    unsigned uid, gid;
    bool servers;

    if (!is_started_by_control(argc, argv) ||
        user_from_arguments(argc, argv, ARGUMENTS, &uid, &gid) != OK) {
        fputs(PROGRAM ": only vtyd starts this program\n", stderr);
        return 2;
    }
    servers = strcmp(argv[1], "servers") == 0;
    title_init(&aaa.title, argc, argv);
    title_set(&aaa.title, PROGRAM, servers ? "servers" : "local");
    /* One arena for all threads: they hash, they hardly allocate. */
    mallopt(M_ARENA_MAX, 1);
    if (sandbox_prepare() != OK || crypto_warm_up() != OK ||
        (uid != 0 && drop_privileges(uid, gid) != OK))
        return 1;
    control = pipe_new(SPAWN_PIPE_FD);
    /* What is still worked on nobody waits for any more. */
    _exit(servers ? servers_run(control) : judge_for(control));
}
