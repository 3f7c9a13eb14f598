#include "os/tty.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/serial.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/text.h"

#define LOCK_FOLDER "/run/lock"
#define LOCK_PREFIX "LCK.."
/* Pseudo-terminals; they are not in /sys. */
#define PTS_MAJOR_FIRST 136
#define PTS_MAJOR_LAST  143

static enum err
failed(int reason)
{
    errno = reason;
    return ERR_SYSTEM;
}

/* --- settings ----------------------------------------------------------- */

static tcflag_t
size_flag(unsigned databits)
{
    static const tcflag_t flags[] = {CS5, CS6, CS7, CS8};

    return databits >= 5 && databits <= 8 ? flags[databits - 5] : CS8;
}

static tcflag_t
parity_flags(unsigned parity)
{
    switch (parity) {
    case TTY_PARITY_ODD:
        return PARENB | PARODD;
    case TTY_PARITY_EVEN:
        return PARENB;
    case TTY_PARITY_MARK:
        return PARENB | PARODD | CMSPAR;
    case TTY_PARITY_SPACE:
        return PARENB | CMSPAR;
    default:
        return 0;
    }
}

enum err
tty_port_set(int fd, const struct tty_settings *settings)
{
    struct termios2 modes;

    if (ioctl(fd, TCGETS2, &modes) != 0)
        return ERR_SYSTEM;
    /* A break that comes is no byte; a bad parity bit takes none away. */
    modes.c_iflag = IGNBRK;
    modes.c_oflag = modes.c_lflag = 0;
    modes.c_cflag = CREAD | CLOCAL | BOTHER | size_flag(settings->databits) |
                    parity_flags(settings->parity);
    if (settings->stopbits > TTY_STOPBITS_1)
        modes.c_cflag |= CSTOPB;
    if (settings->hang_up)
        modes.c_cflag |= HUPCL;
    if (settings->flow == TTY_FLOW_HARDWARE)
        modes.c_cflag |= CRTSCTS;
    if (settings->flow == TTY_FLOW_SOFTWARE)
        modes.c_iflag |= IXON | IXOFF;
    modes.c_ispeed = modes.c_ospeed = settings->speed;
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    return ioctl(fd, TCSETS2, &modes) == 0 ? OK : ERR_SYSTEM;
}

unsigned
tty_port_unsent(int fd)
{
    int unsent = 0;

    return ioctl(fd, TIOCOUTQ, &unsent) == 0 && unsent > 0 ? (unsigned)unsent
                                                           : 0;
}

void
tty_port_forget_unsent(int fd)
{
    (void)ioctl(fd, TCFLSH, TCOFLUSH);
}

enum err
tty_port_break(int fd, bool on)
{
    return ioctl(fd, on ? TIOCSBRK : TIOCCBRK, 0) == 0 ? OK : ERR_SYSTEM;
}

enum err
tty_port_ready(int fd, bool on)
{
    int line = TIOCM_DTR;

    return ioctl(fd, on ? TIOCMBIS : TIOCMBIC, &line) == 0 ? OK : ERR_SYSTEM;
}

/* --- what is behind a name ----------------------------------------------- */

static bool
is_pts(dev_t device)
{
    return major(device) >= PTS_MAJOR_FIRST && major(device) <= PTS_MAJOR_LAST;
}

/* To open some devices is to use them; a watchdog begins to wait. */
static bool
is_terminal(dev_t device)
{
    char path[64], link[PATH_MAX];
    ssize_t len;

    if (is_pts(device))
        return true;
    snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/subsystem", major(device),
             minor(device));
    len = readlink(path, link, sizeof(link) - 1);
    if (len < 0)
        return false;
    link[len] = '\0';
    return len >= 4 && strcmp(link + len - 4, "/tty") == 0;
}

/* The name that it has itself, and that it is one of ours. */
static enum err
find(const char *path, char real[PATH_MAX], struct stat *st)
{
    if (realpath(path, real) == NULL || stat(real, st) != 0)
        return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_SYSTEM;
    return S_ISCHR(st->st_mode) && is_terminal(st->st_rdev) ? OK : ERR_REFUSED;
}

/* --- who else has it ------------------------------------------------------ */

static void
name_holder(pid_t pid, char holder[TTY_HOLDER_MAX])
{
    if (pid == getpid())
        text_copy(holder, TTY_HOLDER_MAX, "another line");
    else if (pid > 0)
        snprintf(holder, TTY_HOLDER_MAX, "process %d", (int)pid);
    else
        text_copy(holder, TTY_HOLDER_MAX, "another process");
}

/* --- lock files, as UUCP began them --------------------------------------- */

static void
lock_path(const char *real, char path[TTY_LOCK_MAX])
{
    const char *name = strncmp(real, "/dev/", 5) == 0 ? real + 5 : real;
    size_t at;

    snprintf(path, TTY_LOCK_MAX, "%s/" LOCK_PREFIX, LOCK_FOLDER);
    at = strlen(path);
    text_copy(path + at, TTY_LOCK_MAX - at, name);
    for (char *c = path + at; *c != '\0'; c++)
        if (*c == '/')
            *c = '_';
}

/* Who holds it; 0: nobody that lives. */
static pid_t
lock_owner(const char *path)
{
    char text[16];
    long pid = 0;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return 0;
    got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got <= 0)
        return 0;
    text[got] = '\0';
    pid = strtol(text, NULL, 10);
    if (pid <= 0 || pid > INT_MAX)
        return 0;
    return kill((pid_t)pid, 0) == 0 || errno == EPERM ? (pid_t)pid : 0;
}

static void
write_lock(int fd)
{
    char text[16];

    snprintf(text, sizeof(text), "%10d\n", (int)getpid());
    /* Others read it, whoever they are; one that is empty counts as stale. */
    if (fchmod(fd, 0644) != 0 || write(fd, text, strlen(text)) < 0)
        errno = 0;
    close(fd);
}

/*
 * ERR_BUSY: a process that lives has it. No lock where none can be written:
 * what else keeps others away is there all the same.
 */
static enum err
take_lock(const char *real, struct tty_port *port, char holder[TTY_HOLDER_MAX])
{
    char path[TTY_LOCK_MAX];

    lock_path(real, path);
    for (unsigned tries = 0; tries < 2; tries++) {
        int fd = open(
            path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        pid_t owner;

        if (fd >= 0) {
            write_lock(fd);
            text_copy(port->lock, sizeof(port->lock), path);
            return OK;
        }
        if (errno != EEXIST)
            return OK;
        owner = lock_owner(path);
        if (owner > 0) {
            name_holder(owner, holder);
            return ERR_BUSY;
        }
        /* Whose end nobody cleaned up behind. */
        if (unlink(path) != 0)
            return OK;
    }
    return OK;
}

/* --- life ----------------------------------------------------------------- */

static enum err
open_device(const char *real, int *fd, char holder[TTY_HOLDER_MAX])
{
    *fd = open(real, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd >= 0)
        return isatty(*fd) ? OK : ERR_REFUSED;
    if (errno == EBUSY) {
        name_holder(0, holder);
        return ERR_BUSY;
    }
    return errno == ENOENT || errno == ENXIO || errno == ENODEV || errno == EIO
               ? ERR_NOT_FOUND
               : ERR_SYSTEM;
}

/* Against programs that look, and those that do not, root's among them. */
static enum err
take(int fd, dev_t device, struct controlled *controlled,
     char holder[TTY_HOLDER_MAX])
{
    pid_t user = controlled_by(controlled, device);
    int exclusive = 0;

    name_holder(user, holder);
    if (user != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
        return ERR_BUSY;
    /* A pseudo-terminal would stay so behind a router that was killed. */
    if (is_pts(device))
        return OK;
    if (ioctl(fd, TIOCGEXCL, &exclusive) == 0 && exclusive != 0)
        return ERR_BUSY;
    return ioctl(fd, TIOCEXCL) == 0 ? OK : ERR_SYSTEM;
}

static void
remove_lock(struct tty_port *port)
{
    int saved = errno;

    if (port->lock[0] != '\0')
        unlink(port->lock);
    port->lock[0] = '\0';
    errno = saved;
}

enum err
tty_port_open(const char *path, const struct tty_settings *settings,
              struct controlled *controlled, struct tty_port *port,
              char holder[TTY_HOLDER_MAX])
{
    char real[PATH_MAX];
    struct stat st;
    enum err err;

    *port = (struct tty_port){.fd = -1};
    holder[0] = '\0';
    err = find(path, real, &st);
    if (err == OK)
        err = take_lock(real, port, holder);
    if (err == OK)
        err = open_device(real, &port->fd, holder);
    if (err == OK)
        err = take(port->fd, st.st_rdev, controlled, holder);
    if (err != OK) {
        int saved = errno;

        /* It is somebody else's to release. */
        if (port->fd >= 0)
            close(port->fd);
        port->fd = -1;
        remove_lock(port);
        errno = saved;
        return err;
    }
    err = tty_port_set(port->fd, settings);
    if (err != OK) {
        int saved = errno;

        tty_port_close(port);
        return failed(saved);
    }
    port->held = is_pts(st.st_rdev);
    return OK;
}

void
tty_port_close(struct tty_port *port)
{
    if (port->fd < 0)
        return;
    (void)ioctl(port->fd, TIOCNXCL);
    (void)flock(port->fd, LOCK_UN);
    /* Without this the kernel waits for a device that takes nothing. */
    tty_port_forget_unsent(port->fd);
    close(port->fd);
    port->fd = -1;
    remove_lock(port);
}

struct tty_errors
tty_port_errors(int fd)
{
    struct serial_icounter_struct counted;

    if (ioctl(fd, TIOCGICOUNT, &counted) != 0)
        return (struct tty_errors){.noise = 0};
    return (struct tty_errors){
        .noise = (uint32_t)counted.frame + (uint32_t)counted.parity,
        .hardware = (uint32_t)counted.overrun,
        .software = (uint32_t)counted.buf_overrun,
    };
}
