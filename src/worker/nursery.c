#include "worker/nursery.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/sanitized.h"
#include "ipc/send.h"
#include "os/spawn.h"

#define FLUSH_MS 1000

/* --- in the child ------------------------------------------------------ */

/*
 * The peer, if there is one, to 3, the pipe to 4, nothing above them: what the
 * nursery holds besides is the pipe on which all later clients arrive.
 */
static bool
place_descriptors(int peer, int pipe)
{
    /* Each came after the nursery's own pipe at 3, so only 4 can collide. */
    if (peer >= 0 && dup3(peer, WORKER_PEER_FD, O_CLOEXEC) < 0)
        return false;
    if (pipe != WORKER_PIPE_FD && dup3(pipe, WORKER_PIPE_FD, O_CLOEXEC) < 0)
        return false;
#ifndef SANITIZED /* which tells there why it ended the program */
    if (dup3(STDIN_FILENO, STDERR_FILENO, O_CLOEXEC) < 0)
        return false;
#endif
    return close_range(WORKER_PIPE_FD + 1, ~0U, 0) == 0;
}

/* Death with control, whose child this is, also if it is dead by now. */
static bool
die_with_control(pid_t control)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == control;
}

/* --- in the nursery ---------------------------------------------------- */

static enum err
answer(struct pipe *p, uint32_t connection, pid_t pid)
{
    struct message m = {.type = MSG_STARTED};

    m.started.connection = connection;
    m.started.pid = pid < 0 ? 0 : (uint32_t)pid;
    return message_send(p, &m);
}

/* A line's worker gets its device later, and again. */
static bool
has_peer(const struct msg_start *start)
{
    return start->role != ROLE_LINE;
}

static bool
is_start(struct span bytes, const int fds[PIPE_FDS_MAX], struct message *m)
{
    return message_decode(bytes, m) == OK && m->type == MSG_START &&
           fds[0] >= 0 && (fds[1] >= 0) == has_peer(&m->start);
}

/* Take one START; true in the child. */
static bool
take_start(struct pipe *p, pid_t control, struct msg_start *start,
           enum err *err)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    struct message m;
    pid_t pid;

    *err = pipe_receive(p, &bytes, fds);
    if (*err != OK)
        return false;
    if (!is_start(bytes, fds, &m)) {
        pipe_close_fds(fds);
        *err = ERR_PROTOCOL;
        return false;
    }
    *start = m.start;
    pid = spawn_sibling();
    if (pid == 0) {
        pipe_free(p);
        if (!die_with_control(control) ||
            !(has_peer(start) ? place_descriptors(fds[0], fds[1])
                              : place_descriptors(-1, fds[0])))
            _exit(1);
        return true;
    }
    pipe_close_fds(fds);
    *err = answer(p, start->connection, pid);
    return false;
}

/* Wait until there is something to receive, sending what is queued. */
static enum err
await(struct pipe *p)
{
    struct pollfd end = {.fd = pipe_fd(p), .events = POLLIN};

    if (pipe_wants_write(p))
        end.events |= POLLOUT;
    if (poll(&end, 1, -1) < 0)
        return OK;
    return (end.revents & POLLOUT) ? pipe_flush(p) : OK;
}

/* A retiring nursery still answers what it was asked. */
static void
flush_answers(struct pipe *p)
{
    struct pollfd end = {.fd = pipe_fd(p), .events = POLLOUT};

    while (pipe_wants_write(p) && poll(&end, 1, FLUSH_MS) == 1 &&
           (end.revents & POLLOUT) && pipe_flush(p) == OK)
        continue;
}

bool
nursery_run(int pipe_fd, struct msg_start *start)
{
    struct pipe *p = pipe_new(pipe_fd);
    pid_t control = getppid();
    enum err err = OK;

    while (err == OK) {
        err = await(p);
        while (err == OK)
            if (take_start(p, control, start, &err))
                return true;
        if (err == ERR_MORE)
            err = OK;
    }
    flush_answers(p);
    pipe_free(p);
    return false;
}
