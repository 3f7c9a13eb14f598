/*
 * What a sandboxed program must not do, each as a function that tries it.
 */
#ifndef TESTS_OS_ATTEMPTS_H
#define TESTS_OS_ATTEMPTS_H

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/spawn.h"

typedef void (*attempt_fn)(void);

static void
try_open(void)
{
#ifdef SYS_open
    syscall(SYS_open, "/dev/null", O_RDONLY);
#else
    syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
#endif
}

static void
try_openat(void)
{
    syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
}

static void
try_socket(void)
{
    socket(AF_INET, SOCK_STREAM, 0);
}

static void
try_connect(void)
{
    struct sockaddr address = {.sa_family = AF_INET};

    syscall(SYS_connect, 0, &address, sizeof(address));
}

static void
try_listen(void)
{
    listen(0, 1);
}

static void
try_execve(void)
{
    char name[] = "true";
    char *argv[] = {name, NULL};

    execve("/bin/true", argv, argv + 1);
}

static void
try_ptrace(void)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void
try_kill(void)
{
    syscall(SYS_kill, getpid(), 0);
}

static void
try_tgkill(void)
{
    syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
}

static void
try_fork(void)
{
    if (fork() == 0)
        _exit(0);
}

static void
try_thread(void)
{
    syscall(SYS_clone,
            CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
            NULL, NULL, NULL, NULL);
}

static void
try_sibling(void)
{
    if (spawn_sibling() == 0)
        _exit(0);
}

static void
try_executable_memory(void)
{
    syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC,
            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
try_make_executable(void)
{
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC);
}

static void
try_type_ahead_for_others(void)
{
    ioctl(0, TIOCSTI, "x");
}

/* The kernel looks at the low half of the request only. */
static void
try_type_ahead_in_disguise(void)
{
    syscall(SYS_ioctl, 0, 1UL << 32 | TIOCSTI, "x");
}

static void
try_prctl(void)
{
    prctl(PR_SET_NAME, "someone");
}

static void
try_dumpable(void)
{
    prctl(PR_SET_SECCOMP, 0);
}

static void
try_second_filter(void)
{
    syscall(SYS_seccomp, 1, 0, NULL);
}

static void
try_limits(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
}

static void
try_limits_of_others(void)
{
    struct rlimit limit;

    prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit);
}

static void
try_receive(void)
{
    struct msghdr header = {0};

    recvmsg(0, &header, MSG_DONTWAIT);
}

static void
try_path_status(void)
{
    struct stat status;

    stat("/etc/passwd", &status);
}

static void
try_unlink(void)
{
    unlink("/nonexistent/file");
}

static void
try_module(void)
{
    syscall(SYS_finit_module, -1, "", 0);
}

static void
try_bpf(void)
{
    syscall(SYS_bpf, 0, NULL, 0);
}

static void
try_other_memory(void)
{
    syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

struct attempt {
    const char *name;
    attempt_fn run;
};

/* What no helper may do, whichever it is. */
static const struct attempt deadly[] = {
    {"open", try_open},
    {"openat", try_openat},
    {"socket", try_socket},
    {"connect", try_connect},
    {"listen", try_listen},
    {"execve", try_execve},
    {"ptrace", try_ptrace},
    {"kill", try_kill},
    {"tgkill", try_tgkill},
    {"fork", try_fork},
    {"thread", try_thread},
    {"executable mmap", try_executable_memory},
    {"executable mprotect", try_make_executable},
    {"TIOCSTI", try_type_ahead_for_others},
    {"TIOCSTI in disguise", try_type_ahead_in_disguise},
    {"stat", try_path_status},
    {"unlink", try_unlink},
    {"finit_module", try_module},
    {"bpf", try_bpf},
    {"process_vm_readv", try_other_memory},
    {"limits of others", try_limits_of_others},
    {"another prctl", try_dumpable},
};

#endif
