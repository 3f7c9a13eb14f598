#include "vtyssh/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#define TERMINAL_FD 0
#define PIPE_FD     1

/* Until its parent says goodbye (a byte) or is gone (the end). */
static bool
was_dismissed(void)
{
    char byte;
    ssize_t got;

    do {
        got = read(PIPE_FD, &byte, 1);
    } while (got < 0 && errno == EINTR);
    return got == 1;
}

/*
 * A shell that took the terminal back has set the modes it wants; then it is
 * not ours any more.
 */
static _Noreturn void
keep(int terminal, int listened, const struct termios *saved)
{
    sigset_t all;

    /* What ends a session must not end its keeper; nor may output to the
       terminal from the background stop it. */
    sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)prctl(PR_SET_NAME, "vtyssh-keeper");
    /* Nobody may wait for the end of a pipe that this process holds open. */
    terminal = fcntl(terminal, F_DUPFD, PIPE_FD + 1);
    listened = fcntl(listened, F_DUPFD, PIPE_FD + 1);
    if (terminal < 0 || listened < 0 || dup2(terminal, TERMINAL_FD) < 0 ||
        dup2(listened, PIPE_FD) < 0 || close_range(PIPE_FD + 1, ~0U, 0) != 0)
        _exit(1);
    if (!was_dismissed() && tcgetpgrp(TERMINAL_FD) == getpgrp())
        (void)tcsetattr(TERMINAL_FD, TCSADRAIN, saved);
    _exit(0);
}

enum err
keeper_start(int terminal, const struct termios *saved, int *fd)
{
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return ERR_SYSTEM;
    pid = fork();
    if (pid == 0)
        keep(terminal, ends[0], saved);
    close(ends[0]);
    if (pid < 0) {
        close(ends[1]);
        return ERR_SYSTEM;
    }
    *fd = ends[1];
    return OK;
}

void
keeper_dismiss(int fd)
{
    (void)!write(fd, "", 1);
    close(fd);
}
