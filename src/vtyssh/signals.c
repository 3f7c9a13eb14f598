#include "vtyssh/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int listened[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                               SIGTSTP, SIGCONT, SIGWINCH};

enum err
signals_open(int *fd)
{
    sigset_t set;
    int made;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(listened) / sizeof(listened[0]); i++)
        sigaddset(&set, listened[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return ERR_SYSTEM;
    made = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (made < 0)
        return ERR_SYSTEM;
    *fd = made;
    return OK;
}

enum signal_wish
signals_next(int fd)
{
    struct signalfd_siginfo info;

    if (read(fd, &info, sizeof(info)) != sizeof(info))
        return SIGNAL_NONE;
    switch (info.ssi_signo) {
    case SIGTSTP:
        return SIGNAL_SUSPEND;
    case SIGWINCH:
        return SIGNAL_RESIZE;
    case SIGCONT:
        return SIGNAL_CONTINUE;
    default:
        return SIGNAL_END;
    }
}

void
signals_stop_self(void)
{
    (void)kill(getpid(), SIGSTOP);
}
