/*
 * vtyd-worker [UID GID]: the nursery, and each worker that it forks; or
 * vtyd-worker probe [UID GID]: a probe, for one purpose. Started by control,
 * with its pipe as descriptor 3; as root it becomes UID and GID.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/crypto.h"
#include "crypto/random.h"
#include "ipc/send.h"
#include "os/affinity.h"
#include "os/huge_text.h"
#include "os/sandbox.h"
#include "os/spawn.h"
#include "worker/client.h"
#include "worker/console.h"
#include "worker/heap.h"
#include "worker/line.h"
#include "worker/nursery.h"
#include "worker/probe.h"
#include "worker/server.h"

static struct {
    struct process_title title;
    struct affinity affinity; /* the nursery's */
    struct uplink up;
} worker;

/* Where lines of the log go: to control, like everything else. */
static void
report(void *owner, enum log_level level, const char *line)
{
    struct message m = {.type = MSG_REPORT,
                        .report = message_report(level, line)};

    uplink_send(owner, &m);
}

/* All that every child would have to do again. */
static enum err
prepare(unsigned uid, unsigned gid)
{
    enum err err = sandbox_prepare();

    /* Where it cannot be done, all works as well, only not as fast. */
    (void)huge_text();
    if (err == OK)
        err = crypto_warm_up();
    random_forget();
    if (err == OK)
        err = drop_privileges(uid, gid);
    title_set(&worker.title, "vtyd-nursery", "");
    affinity_stay(&worker.affinity);
    if (err == OK)
        err = sandbox_nursery();
    /* Behind all that allocates, and before the first fork. */
    heap_trim();
    heap_close_holes();
    return err;
}

/* In a child: what it is, what it may not do, then its one connection. */
static void
work(const struct msg_start *start)
{
    char line[sizeof("line ") + 10] = "line aux 0";

    if (start->line != 0)
        snprintf(line, sizeof(line), "line %u", start->line);
    title_set(&worker.title, "vtyd-worker",
              start->role == ROLE_CONSOLE  ? "console"
              : start->role == ROLE_CLIENT ? "client"
              : start->role == ROLE_LINE   ? line
                                           : "server");
    affinity_roam(&worker.affinity);
    if (sandbox_worker(start->role == ROLE_LINE) != OK)
        _exit(1);
    uplink_init(&worker.up, WORKER_PIPE_FD);
    log_set_sink(report, &worker.up);
    if (start->role == ROLE_CONSOLE)
        console_run(WORKER_PEER_FD, &worker.up);
    else if (start->role == ROLE_CLIENT)
        client_run(WORKER_PEER_FD, &worker.up);
    else if (start->role == ROLE_LINE)
        line_run(&worker.up);
    else if (start->role == ROLE_SERVER)
        server_run(WORKER_PEER_FD, &worker.up);
    /* The process is the cleanup. */
    _exit(0);
}

/* A program of its own but for the file: nothing of a nursery is needed. */
static int
probe_main(int argc, char **argv)
{
    struct probe_resolver *resolver = probe_resolver_new();
    unsigned uid, gid;

    if (user_from_arguments(argc, argv, 2, &uid, &gid) != OK)
        return 2;
    title_init(&worker.title, argc, argv);
    title_set(&worker.title, "vtyd-worker", "probe");
    if (resolver == NULL || sandbox_prepare() != OK ||
        drop_privileges(uid, gid) != OK || sandbox_probe() != OK)
        return 1;
    uplink_init(&worker.up, SPAWN_PIPE_FD);
    log_set_sink(report, &worker.up);
    probe_run(&worker.up, resolver);
    _exit(0);
}

int
main(int argc, char **argv)
{
    struct msg_start start;
    unsigned uid, gid;
    enum err err;

    if (argc > 1 && strcmp(argv[1], "probe") == 0 && pipe_is_end(SPAWN_PIPE_FD))
        return probe_main(argc, argv);
    if (user_from_arguments(argc, argv, 1, &uid, &gid) != OK) {
        fprintf(stderr, "usage: vtyd-worker [UID GID], by vtyd only\n");
        return 2;
    }
    heap_begin();
    title_init(&worker.title, argc, argv);
    err = prepare(uid, gid);
    if (err != OK) {
        fprintf(stderr, "vtyd-worker: cannot start: %s\n", err_text(err));
        return 1;
    }
    if (nursery_run(SPAWN_PIPE_FD, &start))
        work(&start);
    return 0;
}
