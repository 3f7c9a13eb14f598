#include "os/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

#define COMM_MAX 16 /* bytes of a process name, NUL included (prctl(2)) */
/* argv[0] is padded to this: what title_set() can write over. */
#define TITLE_ROOM 64
#define ARGV_MAX   16
/* Descriptors are first moved up here, out of the way of 0 to 3. */
#define FD_ASIDE 10
#define ID_MAX   0xfffffffeu /* (uid_t)-1 means none */

/* All that the child needs, prepared before the fork. */
struct start {
    const char *path;
    char *argv[ARGV_MAX];
    char name[TITLE_ROOM];
    int program; /* the file at `path`, or -1 */
    int pipe_fd;
    int report_fd; /* close-on-exec: errno comes through if exec fails */
    uid_t uid;
    gid_t gid;
    pid_t parent;
};

/* --- in the child: async-signal-safe calls only ------------------------- */

static bool
place_streams(int pipe_fd, int *program, int *report_fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int pipe_aside = fcntl(pipe_fd, F_DUPFD_CLOEXEC, FD_ASIDE);

    *program = fcntl(*program, F_DUPFD_CLOEXEC, FD_ASIDE);
    *report_fd = fcntl(*report_fd, F_DUPFD_CLOEXEC, FD_ASIDE);
    if (null < 0 || pipe_aside < 0 || *report_fd < 0)
        return false;
    if (fcntl(STDERR_FILENO, F_GETFD) < 0 &&
        dup2(null, STDERR_FILENO) != STDERR_FILENO)
        return false;
    if (dup2(null, STDIN_FILENO) != STDIN_FILENO ||
        dup2(null, STDOUT_FILENO) != STDOUT_FILENO ||
        dup2(pipe_aside, SPAWN_PIPE_FD) != SPAWN_PIPE_FD)
        return false;
    /* dup2() onto itself keeps close-on-exec: these must survive. */
    for (int fd = 0; fd <= SPAWN_PIPE_FD; fd++)
        if (fcntl(fd, F_SETFD, 0) != 0)
            return false;
    return close_range(SPAWN_PIPE_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

/*
 * Back to what a new program expects, before signals are let in: a handler of
 * the parent's loop must not run here. What a terminal sends to the whole
 * foreground group is control's to answer, not its helpers'.
 */
static bool
reset_signals(void)
{
    static const int terminal[] = {SIGINT, SIGQUIT, SIGHUP, SIGTSTP};
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &action, NULL); /* some cannot be set */
    action.sa_handler = SIG_IGN;
    for (size_t i = 0; i < sizeof(terminal) / sizeof(terminal[0]); i++)
        if (sigaction(terminal[i], &action, NULL) != 0)
            return false;
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static bool
become_user(uid_t uid, gid_t gid)
{
    if (geteuid() != 0 || uid == 0)
        return true;
    /* Raw calls: glibc's also reach for threads that are not here. */
    return syscall(SYS_setgroups, 0, NULL) == 0 &&
           syscall(SYS_setresgid, gid, gid, gid) == 0 &&
           syscall(SYS_setresuid, uid, uid, uid) == 0;
}

_Noreturn static void
run_child(struct start *s)
{
    /*
     * All symbols are bound at the start: the lazy resolver would save vector
     * registers on the stack, with whatever secret was copied through them.
     */
    static char bind_now[] = "LD_BIND_NOW=1";
    /*
     * The C library's cache of freed blocks keeps some of each size, scattered
     * over all pages: 40 KiB of an idle session. Its area for restartable
     * sequences, which nobody uses, Linux writes to at every switch to the
     * process. Both can only be turned off from outside.
     */
    static char tunables[] =
        "GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.pthread.rseq=0";
    static char *const environment[] = {bind_now, tunables, NULL};
    int error;

    if (place_streams(s->pipe_fd, &s->program, &s->report_fd) &&
        become_user(s->uid, s->gid) && reset_signals() &&
        /* Behind the change of user, which clears it. */
        prctl(PR_SET_PDEATHSIG, SIGKILL) == 0) {
        if (getppid() != s->parent)
            _exit(127); /* the parent died before it could be noticed */
        execve(s->path, s->argv, environment);
        /* The new user may lack the right to walk there: no reason to fail. */
        if (errno == EACCES)
            syscall(SYS_execveat, s->program, "", s->argv, environment,
                    AT_EMPTY_PATH);
    }
    error = errno;
    while (write(s->report_fd, &error, sizeof(error)) < 0 && errno == EINTR)
        continue;
    _exit(127);
}

/* --- in the parent ------------------------------------------------------ */

/* ERR_LIMIT: too many arguments. */
static enum err
prepare(struct start *s, const char *path, char *const argv[])
{
    size_t count = 0;

    s->path = path;
    while (argv[count] != NULL) {
        if (count == ARGV_MAX - 1)
            return ERR_LIMIT;
        s->argv[count] = argv[count];
        count++;
    }
    memset(s->name, ' ', sizeof(s->name) - 1);
    if (count > 0) {
        size_t len = strlen(argv[0]);

        if (len < sizeof(s->name)) {
            memcpy(s->name, argv[0], len);
            s->argv[0] = s->name;
        }
    }
    return OK;
}

/* The child with all signals blocked, so that no handler runs in it. */
static pid_t
fork_blocked(struct start *s)
{
    sigset_t all, before;
    pid_t pid;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return -1;
    pid = fork();
    if (pid == 0)
        run_child(s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

/* 0 once the program runs, else the errno with which it could not. */
static int
await_exec(int report_fd)
{
    int error = 0;
    ssize_t got;

    do
        got = read(report_fd, &error, sizeof(error));
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return 0;
    return got == (ssize_t)sizeof(error) ? error : EIO;
}

enum err
spawn_program(const char *path, char *const argv[], int pipe_fd, uid_t uid,
              gid_t gid, pid_t *pid)
{
    struct start start = {
        .pipe_fd = pipe_fd, .uid = uid, .gid = gid, .parent = getpid()};
    int report[2];
    pid_t child;
    int error;
    enum err err = prepare(&start, path, argv);

    if (err != OK)
        return err;
    if (pipe2(report, O_CLOEXEC) != 0)
        return ERR_SYSTEM;
    start.report_fd = report[1];
    start.program = open(path, O_PATH | O_CLOEXEC);
    child = fork_blocked(&start);
    error = errno;
    if (start.program >= 0)
        close(start.program);
    close(report[1]);
    if (child > 0) {
        error = await_exec(report[0]);
        if (error != 0)
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
                continue;
    }
    close(report[0]);
    if (child < 0 || error != 0) {
        errno = error;
        return ERR_SYSTEM;
    }
    *pid = child;
    return OK;
}

pid_t
spawn_sibling(void)
{
    return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL,
                          NULL);
}

/* --- what ps shows ------------------------------------------------------ */

/* environ moves to the heap: its memory becomes part of the title. */
static void
move_environment(void)
{
    extern char **environ;
    size_t count = 0;
    char **moved;

    while (environ[count] != NULL)
        count++;
    moved = alloc_zero(count + 1, sizeof(*moved));
    for (size_t i = 0; i < count; i++)
        moved[i] = text_dup(environ[i]);
    environ = moved;
}

void
title_init(struct process_title *t, int argc, char **argv)
{
    extern char **environ;
    char *end = argv[0] + strlen(argv[0]) + 1;

    /* The kernel lays out arguments, then environment, without a gap. */
    for (int i = 1; i < argc; i++)
        if (argv[i] == end)
            end += strlen(argv[i]) + 1;
    for (char **entry = environ; *entry != NULL; entry++)
        if (*entry == end)
            end += strlen(*entry) + 1;
    if (environ[0] != NULL)
        move_environment();
    *t = (struct process_title){argv[0], (size_t)(end - argv[0])};
}

void
title_set(const struct process_title *t, const char *name, const char *role)
{
    char comm[COMM_MAX];

    text_copy(comm, sizeof(comm), name);
    prctl(PR_SET_NAME, comm);
    memset(t->start, '\0', t->room);
    snprintf(t->start, t->room, "%s%s%s", name, role[0] == '\0' ? "" : ": ",
             role);
}

/* --- who and where ------------------------------------------------------ */

enum err
user_from_arguments(int argc, char **argv, int before, unsigned *uid,
                    unsigned *gid)
{
    uint64_t ids[2] = {0, 0};

    if (argc != before && argc != before + 2)
        return ERR_FORMAT;
    for (int i = 0; before + i < argc; i++)
        if (text_number(span_text(argv[before + i]), ID_MAX, &ids[i]) != OK)
            return ERR_FORMAT;
    *uid = (unsigned)ids[0];
    *gid = (unsigned)ids[1];
    return OK;
}

enum err
user_find(const char *name, uid_t *uid, gid_t *gid)
{
    const struct passwd *user = getpwnam(name);

    if (user == NULL)
        return ERR_NOT_FOUND;
    *uid = user->pw_uid;
    *gid = user->pw_gid;
    return OK;
}

/* DIR/name runs. */
static bool
is_program(const char *dir, const char *name, char *path, size_t room)
{
    int len = snprintf(path, room, "%s/%s", dir, name);

    return len > 0 && (size_t)len < room && access(path, X_OK) == 0;
}

enum err
program_path(const char *name, char *path, size_t room)
{
    char self[4096]; /* PATH_MAX of Linux */
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    if (len > 0) {
        self[len] = '\0';
        slash = strrchr(self, '/');
        if (slash != NULL) {
            *slash = '\0';
            if (is_program(self, name, path, room))
                return OK;
        }
    }
    return is_program(VTYD_LIBEXECDIR, name, path, room) ? OK : ERR_NOT_FOUND;
}
