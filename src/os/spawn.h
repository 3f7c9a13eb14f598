/*
 * Start our own programs with exactly the descriptors they need.
 */
#ifndef OS_SPAWN_H
#define OS_SPAWN_H

#include <sys/types.h>

#include "base/err.h"
#include "base/span.h"

/* The descriptor on which a started program finds its pipe to control. */
#define SPAWN_PIPE_FD 3

/*
 * Start the program at `path` with `pipe_fd` as its descriptor 3, standard
 * streams on /dev/null (standard error kept), no other descriptor, nothing in
 * its environment but what the C library is told (LD_BIND_NOW and
 * GLIBC_TUNABLES), no signals blocked, and death with its
 * parent (PR_SET_PDEATHSIG: the calling thread's). What a terminal signals to
 * its foreground group (SIGINT, SIGQUIT, SIGHUP, SIGTSTP) is ignored there.
 * As root it runs as `uid`/`gid` when they are not 0. `path` and `argv` are
 * borrowed; argv[0] gets padding that title_set() writes over.
 * ERR_SYSTEM: errno tells, also why `path` could not be executed. ERR_LIMIT:
 * more than 15 arguments.
 */
MUST_CHECK enum err spawn_program(const char *path, char *const argv[],
                                  int pipe_fd, uid_t uid, gid_t gid,
                                  pid_t *pid);

/*
 * clone(CLONE_PARENT | SIGCHLD): the child becomes the caller's sibling, so
 * that control reaps it. 0 in the child, the pid in the caller, -1 on failure.
 */
pid_t spawn_sibling(void);

/* What `ps` shows: short name (15 bytes) and argument line. */
struct process_title {
    char *start;
    size_t room;
};
/*
 * Take over the memory of argv (and what lies behind it). The environment
 * moves away; the strings of argv are gone with the first title_set().
 */
void title_init(struct process_title *t, int argc, char **argv);
/*
 * "vtyd-worker" and "server" give comm vtyd-worker, args "vtyd-worker: server";
 * an empty role gives the name alone.
 */
void title_set(const struct process_title *t, const char *name,
               const char *role);

/*
 * A program that is to become another user starts as root and gives it away
 * itself: between its start and prctl(PR_SET_DUMPABLE) any process of its
 * user could trace it. Its user and group are the two last arguments: "UID
 * GID" behind `before` others (the name counts). Without them both are 0.
 * ERR_FORMAT.
 */
MUST_CHECK enum err user_from_arguments(int argc, char **argv, int before,
                                        unsigned *uid, unsigned *gid);
/* The user and group that `name` means; ERR_NOT_FOUND. */
MUST_CHECK enum err user_find(const char *name, uid_t *uid, gid_t *gid);
/*
 * "DIR/name": beside the running program if it lies there, else libexecdir.
 * ERR_NOT_FOUND: in neither.
 */
MUST_CHECK enum err program_path(const char *name, char *path, size_t room);

#endif
