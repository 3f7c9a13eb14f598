/*
 * vtyd-notify: carries what the router tells to those who collect it. It keeps
 * no configuration: each request names the receiver and brings what is sent.
 * Its only peer besides these is control, on descriptor 3.
 */
#include <stdio.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "ipc/requests.h"
#include "ipc/send.h"
#include "notify/link.h"
#include "notify/metrics.h"
#include "notify/syslog.h"
#include "notify/trap.h"
#include "os/sandbox.h"
#include "os/spawn.h"

#define PROGRAM   "vtyd-notify"
#define ROLE      "collectors"
#define ARGUMENTS 2 /* vtyd-notify collectors [UID GID] */

static struct notify {
    uv_loop_t loop;
    uv_poll_t watch;
    int watched; /* events that `watch` waits for */
    struct pipe *control;
    struct link link;
    struct syslog *syslog;
    struct metrics *metrics;
    struct traps *traps;
    struct process_title title;
} notify;

static void update_watch(void);

/* Control is gone or cannot be followed: the loop ends. */
static void
end(void)
{
    uv_stop(&notify.loop);
}

/* An answer that is lost would leave control's books wrong: better restarted.
 */
static void
send_message(const struct message *m)
{
    if (message_send(notify.control, m) != OK)
        end();
    update_watch();
}

static void
report(void *owner, enum log_level level, const char *line)
{
    struct message m = {.type = MSG_REPORT,
                        .report = message_report(level, line)};

    (void)owner;
    send_message(&m);
}

/* `*fd`, if there is one, becomes ours. */
static bool
listen_on(const struct msg_metrics_listen *m, int *fd)
{
    if (m->first)
        metrics_close(notify.metrics);
    if (*fd < 0)
        return true;
    if (!metrics_listen(notify.metrics, *fd))
        return false;
    *fd = -1;
    return true;
}

static bool
handle(void *owner, const struct message *m, struct span bytes, int *fd)
{
    (void)owner;
    (void)bytes;
    switch (m->type) {
    case MSG_SYSLOG:
        return syslog_send(notify.syslog, &m->syslog);
    case MSG_SYSLOG_END:
        syslog_end(notify.syslog, m->syslog_end.collector);
        return true;
    case MSG_METRICS_LISTEN:
        return listen_on(&m->metrics_listen, fd);
    case MSG_METRICS_PAGE:
        metrics_on_page(notify.metrics, &m->metrics_page);
        return true;
    case MSG_NOTIFY_TRAP:
        return traps_send(notify.traps, &m->notify_trap);
    default:
        return false;
    }
}

static void
handle_requests(void)
{
    enum err err = OK;

    while (err == OK && !pipe_wants_write(notify.control))
        err = request_take(notify.control, handle, NULL);
    if (err != OK && err != ERR_MORE)
        end();
}

static void
on_ready(uv_poll_t *watch, int status, int events)
{
    (void)watch;
    if (status < 0 ||
        ((events & UV_WRITABLE) && pipe_flush(notify.control) != OK)) {
        end();
        return;
    }
    if (events & (UV_READABLE | UV_DISCONNECT))
        handle_requests();
    update_watch();
}

/* Requests, or while answers are queued the rest of these. */
static void
update_watch(void)
{
    int wanted = pipe_wants_write(notify.control) ? UV_WRITABLE : UV_READABLE;

    if (wanted == notify.watched)
        return;
    notify.watched = wanted;
    if (uv_poll_start(&notify.watch, wanted, on_ready) != 0)
        end();
}

/* Until control ends us. */
static int
serve(void)
{
    log_set_sink(report, NULL);
    if (uv_loop_init(&notify.loop) != 0 ||
        uv_poll_init(&notify.loop, &notify.watch, pipe_fd(notify.control)) != 0)
        return 1;
    notify.link.loop = &notify.loop;
    notify.link.send = send_message;
    notify.syslog = syslog_new(&notify.link);
    notify.metrics = metrics_new(&notify.link);
    notify.traps = traps_new(&notify.link);
    if (sandbox_notify() != OK)
        return 1;
    update_watch();
    uv_run(&notify.loop, UV_RUN_DEFAULT);
    return 0;
}

int
main(int argc, char **argv)
{
    unsigned uid, gid;

    if (argc < ARGUMENTS || strcmp(argv[1], ROLE) != 0 ||
        !pipe_is_end(SPAWN_PIPE_FD) ||
        user_from_arguments(argc, argv, ARGUMENTS, &uid, &gid) != OK) {
        fputs(PROGRAM ": only vtyd starts this program\n", stderr);
        return 2;
    }
    title_init(&notify.title, argc, argv);
    title_set(&notify.title, PROGRAM, "");
    if (sandbox_prepare() != OK)
        return 1;
    traps_prepare();
    if (uid != 0 && drop_privileges(uid, gid) != OK)
        return 1;
    notify.control = pipe_new(SPAWN_PIPE_FD);
    /* What is still queued goes with the process. */
    _exit(serve());
}
