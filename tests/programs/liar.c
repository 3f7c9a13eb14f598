/*
 * A vtyd-worker that lies. It is a nursery like the real one, but workers for
 * some connections do what the peer says: each message that he writes goes to
 * control as it is, and each of control's comes back to him. Connections from
 * 127.0.66.0/24 and the console get such a worker, all others an honest one,
 * from the real program that lies beside it as vtyd-worker.honest. So do lines
 * from 66 on, whose peer is the first device that they are handed.
 *
 * The peer writes frames: a letter, a length (four bytes, big-endian), bytes.
 *     m  a message                      d  one, with a descriptor
 *     o  one, with the pipe itself      n  a count (four bytes) and a message
 *     q  read control no more           c  close the pipe, and stay
 *     x  exit with the status           k  die by the signal
 * He reads frames as well: m, a message of control; e, the end of the pipe.
 *
 * For tests only: nothing here is sandboxed.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ipc/messages.h"
#include "ipc/pipe.h"
#include "os/spawn.h"

#define HONEST      "vtyd-worker.honest"
#define LIARS       0x7f004200u /* 127.0.66.0/24 */
#define LIARS_MASK  0xffffff00u
#define LIARS_LINE  66
#define FRAME_MAX   (1024 * 1024)
#define MESSAGE_MAX (PIPE_MESSAGE_MAX + 4096) /* of control: never more */

/* --- a worker that says what it is told ---------------------------------- */

static void
read_whole(int fd, uint8_t *to, size_t len)
{
    while (len > 0) {
        ssize_t got = read(fd, to, len);

        if (got <= 0)
            _exit(0);
        to += got;
        len -= (size_t)got;
    }
}

static void
write_frame(int fd, char kind, const uint8_t *bytes, size_t len)
{
    uint8_t head[5] = {(uint8_t)kind};
    uint32_t size = htonl((uint32_t)len);

    memcpy(head + 1, &size, sizeof(size));
    if (send(fd, head, sizeof(head), MSG_NOSIGNAL | MSG_MORE) < 0 ||
        send(fd, bytes, len, MSG_NOSIGNAL) < 0)
        _exit(0);
}

/* Waits until control takes it; what cannot be sent at all is dropped. */
static bool
send_message(int pipe, const uint8_t *bytes, size_t len, int fd)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec piece = {(void *)(uintptr_t)bytes, len};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};

    if (fd >= 0) {
        struct cmsghdr *rights = &control.align;

        header.msg_control = control.room;
        header.msg_controllen = sizeof(control.room);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(rights), &fd, sizeof(int));
    }
    return sendmsg(pipe, &header, MSG_NOSIGNAL) >= 0;
}

static void
send_often(int pipe, const uint8_t *bytes, size_t len)
{
    uint32_t count;

    if (len < sizeof(count))
        return;
    memcpy(&count, bytes, sizeof(count));
    for (count = ntohl(count); count > 0; count--)
        if (!send_message(pipe, bytes + 4, len - 4, -1))
            return;
}

/* One frame of the peer; false: control is not read any more. */
static bool
obey(int peer, int *pipe)
{
    uint8_t head[5], *bytes;
    uint32_t len;
    bool listen = true;

    read_whole(peer, head, sizeof(head));
    memcpy(&len, head + 1, sizeof(len));
    len = ntohl(len);
    if (len > FRAME_MAX)
        _exit(0);
    bytes = alloc_zero(len + 1, 1);
    read_whole(peer, bytes, len);
    switch (head[0]) {
    case 'm':
        (void)send_message(*pipe, bytes, len, -1);
        break;
    case 'd':
        (void)send_message(*pipe, bytes, len, STDIN_FILENO);
        break;
    case 'o':
        (void)send_message(*pipe, bytes, len, *pipe);
        break;
    case 'n':
        send_often(*pipe, bytes, len);
        break;
    case 'q':
        listen = false;
        break;
    case 'c':
        close(*pipe);
        *pipe = -1;
        break;
    case 'x':
        _exit(bytes[0]);
    case 'k':
        raise(bytes[0]);
        break;
    default:
        _exit(0);
    }
    free(bytes);
    return listen;
}

static void
pass_on(int peer, int *pipe)
{
    static uint8_t bytes[MESSAGE_MAX];
    ssize_t got = recv(*pipe, bytes, sizeof(bytes), 0);

    if (got > 0) {
        write_frame(peer, 'm', bytes, (size_t)got);
        return;
    }
    write_frame(peer, 'e', bytes, 0);
    close(*pipe);
    *pipe = -1;
}

_Noreturn static void
lie(int peer, int pipe)
{
    bool listening = true;

    /* Its own end of both: to wait is what it is for. */
    fcntl(peer, F_SETFL, 0);
    fcntl(pipe, F_SETFL, 0);
    for (;;) {
        struct pollfd fds[] = {{.fd = peer, .events = POLLIN},
                               {.fd = listening ? pipe : -1, .events = POLLIN}};

        if (poll(fds, 2, -1) < 0)
            _exit(1);
        if (fds[1].revents != 0)
            pass_on(peer, &pipe);
        if (fds[0].revents != 0)
            listening = obey(peer, &pipe) && listening;
    }
}

/* --- the nursery --------------------------------------------------------- */

/* The real nursery, a child of control like this one; our end of its pipe. */
static struct pipe *
start_honest(char **argv)
{
    char path[4096];
    int ends[2];
    pid_t pid;

    /* _exit() throughout: a leak check at the end is not for such as these. */
    if (program_path(HONEST, path, sizeof(path)) != OK || pipe_pair(ends) != OK)
        _exit(1);
    pid = spawn_sibling();
    if (pid < 0)
        _exit(1);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(ends[1], SPAWN_PIPE_FD) < 0)
            _exit(127);
        execv(path, argv);
        _exit(127);
    }
    close(ends[1]);
    return pipe_new(ends[0]);
}

/* The next message, waited for; it ends the program when there is none. */
static struct span
await_message(struct pipe *p, int fds[PIPE_FDS_MAX])
{
    struct pollfd end = {.fd = pipe_fd(p), .events = POLLIN};
    struct span bytes;
    enum err err;

    do {
        poll(&end, 1, -1);
        err = pipe_receive(p, &bytes, fds);
    } while (err == ERR_MORE);
    if (err != OK)
        _exit(0);
    return bytes;
}

static bool
is_for_liars(const struct msg_start *start, int peer)
{
    struct sockaddr_in address = {.sin_family = AF_UNSPEC};
    socklen_t len = sizeof(address);

    if (start->role == ROLE_CONSOLE)
        return true;
    if (start->role == ROLE_LINE)
        return start->line >= LIARS_LINE;
    return getpeername(peer, (struct sockaddr *)&address, &len) == 0 &&
           address.sin_family == AF_INET &&
           (ntohl(address.sin_addr.s_addr) & LIARS_MASK) == LIARS;
}

/* Of a line; what came before is forgotten. */
static int
await_device(int end)
{
    struct pipe *p = pipe_new(fcntl(end, F_DUPFD_CLOEXEC, 0));
    int fds[PIPE_FDS_MAX];

    do
        (void)await_message(p, fds);
    while (fds[0] < 0);
    return fds[0];
}

static pid_t
start_liar(struct pipe *control, struct pipe *honest, bool line,
           const int fds[PIPE_FDS_MAX])
{
    pid_t pid = spawn_sibling();

    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "liar");
    pipe_free(control);
    pipe_free(honest);
    if (line)
        lie(await_device(fds[0]), fds[0]);
    lie(fds[0], fds[1]);
}

static void
answer(struct pipe *control, uint32_t connection, pid_t pid)
{
    struct message m = {.type = MSG_STARTED};
    struct buf encoded;

    m.started.connection = connection;
    m.started.pid = pid < 0 ? 0 : (uint32_t)pid;
    buf_init(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, &m);
    if (pipe_send(control, buf_span(&encoded), NULL, 0) != OK)
        _exit(0);
    buf_clear(&encoded);
}

/* Answers go in the order of the questions, so each is waited for. */
static void
ask_honest(struct pipe *honest, struct pipe *control, struct span start,
           const int fds[PIPE_FDS_MAX])
{
    int none[PIPE_FDS_MAX];

    if (pipe_send(honest, start, fds, fds[1] >= 0 ? 2 : 1) != OK ||
        pipe_send(control, await_message(honest, none), NULL, 0) != OK)
        _exit(0);
}

int
main(int argc, char **argv)
{
    struct pipe *control = pipe_new(SPAWN_PIPE_FD);
    struct pipe *honest;
    int fds[PIPE_FDS_MAX];

    if (argc != 3) {
        fprintf(stderr, "liar: for test_lying_worker.py only\n");
        return 2;
    }
    fcntl(SPAWN_PIPE_FD, F_SETFD, FD_CLOEXEC);
    honest = start_honest(argv);
    for (;;) {
        struct span bytes = await_message(control, fds);
        struct message m;

        if (message_decode(bytes, &m) != OK || m.type != MSG_START)
            return 1;
        if (is_for_liars(&m.start, fds[0]))
            answer(control, m.start.connection,
                   start_liar(control, honest, m.start.role == ROLE_LINE, fds));
        else
            ask_honest(honest, control, bytes, fds);
        pipe_close_fds(fds);
    }
}
