#include "os/sandbox.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sanitized.h"

#ifdef SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

/* As many files as eight channels may have open, and what else there is. */
#define WORKER_FDS       320
#define WORKER_MEMORY    (256u << 20) /* bytes of address space */
#define TAKEN_AWAY_MAX   32
#define CLONE_OF_SIBLING (CLONE_PARENT | SIGCHLD)

/* One system call that is allowed, or forbidden by control's filter. */
struct rule {
    int call;
    enum { ANY, EQUAL, EQUAL_LOW, WITHOUT } when;
    unsigned argument;
    /* EQUAL: the argument; EQUAL_LOW: its lower half, which is all that the
       kernel takes of an int; WITHOUT: bits it must not have. */
    uint64_t value;
};

#define CALL(name)                \
    {                             \
        SCMP_SYS(name), ANY, 0, 0 \
    }
#define CALL_EQUAL(name, n, v)      \
    {                               \
        SCMP_SYS(name), EQUAL, n, v \
    }
#define CALL_EQUAL_LOW(name, n, v)      \
    {                                   \
        SCMP_SYS(name), EQUAL_LOW, n, v \
    }
#define CALL_WITHOUT(name, n, v)      \
    {                                 \
        SCMP_SYS(name), WITHOUT, n, v \
    }

/*
 * What every sandboxed program needs: bytes over open descriptors, memory
 * that is never executable, time, random bytes, its own end.
 */
static const struct rule common_rules[] = {
    CALL(read),
    CALL(write),
    CALL(close),
    CALL(recvmsg),
    CALL(sendmsg),
    CALL(poll),
    CALL(ppoll),
    CALL(futex),
    CALL(brk),
    CALL(munmap),
    CALL(mremap),
    CALL(madvise),
    CALL(getrandom),
    CALL(getpid), /* libcrypto's generator: is this a child? */
    CALL(clock_gettime),
    CALL(gettimeofday),
    CALL(time),
    CALL(restart_syscall),
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(exit),
    CALL(exit_group),
    CALL_WITHOUT(mmap, 2, PROT_EXEC),
    CALL_EQUAL(fcntl, 1, F_GETFD),
    CALL_EQUAL(fcntl, 1, F_SETFD),
    CALL_EQUAL(fcntl, 1, F_GETFL),
    CALL_EQUAL(fcntl, 1, F_SETFL),
    CALL_EQUAL(fcntl, 1, F_DUPFD_CLOEXEC),
};

#ifdef SANITIZED
/* What the sanitizers' run-time does behind the program's back. */
static const struct rule sanitizer_rules[] = {
    CALL(sigaltstack),
    CALL(rt_sigaction),
    CALL(gettid),
    CALL(sched_yield),
    CALL(sched_getaffinity),
    CALL(getrusage),
    CALL(set_robust_list),
    CALL(readlink),
    CALL(readlinkat),
    CALL_WITHOUT(mprotect, 2, PROT_EXEC),
};

/* The leak check stops threads by ptrace: a filter forbids it. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
    return "detect_leaks=0";
}

/* Once behind the filter no file with symbols can be opened for a report. */
static void
load_symbols(void)
{
    char place[256];

    __sanitizer_symbolize_pc(__builtin_return_address(0), "%f", place,
                             sizeof(place));
}
#endif

/* A worker: the user's terminal and transfers besides. */
static const struct rule worker_rules[] = {
    CALL(writev),
    CALL(pread64),
    CALL(lseek),
    CALL(fstatfs), /* does a file leave enough of its disk free? */
    CALL(preadv),
    CALL(pwritev),
    CALL(ftruncate),
    CALL(fsync),
    CALL(shutdown), /* the end of one direction of a stream */
    CALL_EQUAL(ioctl, 1, TCGETS),
    CALL_EQUAL(ioctl, 1, TCSETS),
    CALL_EQUAL(ioctl, 1, TCSETSW),
    CALL_EQUAL(ioctl, 1, TCSETSF),
    CALL_EQUAL(ioctl, 1, TIOCGWINSZ),
    CALL_EQUAL(ioctl, 1, FIONREAD),
};

/* What os/tty.h does to a port that is open; TIOCSTI is none of it. */
static const struct rule line_rules[] = {
    CALL_EQUAL(ioctl, 1, TCGETS2),  CALL_EQUAL(ioctl, 1, TCSETS2),
    CALL_EQUAL(ioctl, 1, TIOCSBRK), CALL_EQUAL(ioctl, 1, TIOCCBRK),
    CALL_EQUAL(ioctl, 1, TIOCOUTQ), CALL_EQUAL(ioctl, 1, TCFLSH),
    CALL_EQUAL(ioctl, 1, TIOCMBIS), CALL_EQUAL(ioctl, 1, TIOCMBIC),
};

/*
 * Output in pieces; the end of a stream, for who reads it; how much a read
 * waits for.
 */
static const struct rule vtyssh_rules[] = {
    CALL(writev),
    CALL_EQUAL(shutdown, 1, SHUT_WR),
    CALL_EQUAL_LOW(setsockopt, 2, SO_RCVLOWAT),
};

/* The way from the nursery to a worker; the worker gives it up. */
static const struct rule birth_rules[] = {
    CALL_EQUAL(clone, 0, CLONE_OF_SIBLING),
    CALL_EQUAL(prctl, 0, PR_SET_PDEATHSIG),
    CALL_EQUAL(prctl, 0, PR_SET_NAME),
    CALL_EQUAL(prctl, 0, PR_SET_DUMPABLE),
    CALL_EQUAL(prctl, 0, PR_SET_NO_NEW_PRIVS),
    CALL_EQUAL(prlimit64, 0, 0), /* of the process itself */
    CALL_EQUAL(sched_setaffinity, 0, 0),
    CALL(getppid),
    CALL(dup3),
    CALL(close_range),
    CALL(seccomp),
};

static const int birth_calls[] = {
    SCMP_SYS(clone),     SCMP_SYS(prctl),
    SCMP_SYS(prlimit64), SCMP_SYS(getppid),
    SCMP_SYS(dup3),      SCMP_SYS(close_range),
    SCMP_SYS(seccomp),   SCMP_SYS(sched_setaffinity),
};

/* Key files come and go by descriptor; their pages stay out of swap. */
static const struct rule signer_rules[] = {
    CALL(fstat), CALL(pread64), CALL(fsync), CALL(mlock), CALL(writev),
};

/* A key maker computes, writes to one descriptor, syncs it and ends. */
static const int key_maker_gives_up[] = {
    SCMP_SYS(clone),   SCMP_SYS(prctl),   SCMP_SYS(prlimit64),
    SCMP_SYS(getppid), SCMP_SYS(dup3),    SCMP_SYS(close_range),
    SCMP_SYS(seccomp), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg),
    SCMP_SYS(poll),    SCMP_SYS(ppoll),   SCMP_SYS(read),
    SCMP_SYS(pread64), SCMP_SYS(mlock),   SCMP_SYS(fcntl),
};

/* libuv's loop, and memory of threads that were started before. */
static const struct rule loop_rules[] = {
    CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_ctl),
    CALL(writev),     CALL(sched_yield), CALL_WITHOUT(mprotect, 2, PROT_EXEC),
};

/* Sockets of its own, to servers anywhere. */
static const struct rule sockets_rules[] = {
    CALL_EQUAL_LOW(socket, 0, AF_INET),
    CALL_EQUAL_LOW(socket, 0, AF_INET6),
    CALL(bind),
    CALL(connect),
    CALL(sendto),
    CALL(recvfrom),
    CALL(getsockname),
    CALL_EQUAL_LOW(getsockopt, 2, SO_ERROR),
    CALL_EQUAL_LOW(ioctl, 1, FIONBIO), /* libuv, of each descriptor */
};

/*
 * How a connection that nobody answers on ends, and what is left of it then:
 * by the option's number alone, which means nothing worse at other levels.
 */
static const struct rule connection_rules[] = {
    CALL_EQUAL_LOW(setsockopt, 2, TCP_NODELAY),
    CALL_EQUAL_LOW(setsockopt, 2, SO_KEEPALIVE),
    CALL_EQUAL_LOW(setsockopt, 2, TCP_KEEPIDLE),
    CALL_EQUAL_LOW(setsockopt, 2, TCP_KEEPINTVL),
    CALL_EQUAL_LOW(setsockopt, 2, TCP_KEEPCNT),
    CALL_EQUAL_LOW(setsockopt, 2, TCP_USER_TIMEOUT),
    CALL_EQUAL_LOW(ioctl, 1, TIOCOUTQ),
};

/* Who comes to a socket that was handed over; listening takes more. */
static const struct rule accepting_rules[] = {
    CALL(accept4),
    CALL(shutdown),
};

/* What a router's control never does, whoever got hold of it. */
static const struct rule control_forbidden[] = {
    CALL(ptrace),
    CALL(process_vm_readv),
    CALL(process_vm_writev),
    CALL(bpf),
    CALL(perf_event_open),
    CALL(userfaultfd),
    CALL(init_module),
    CALL(finit_module),
    CALL(delete_module),
    CALL(kexec_load),
    CALL(kexec_file_load),
    CALL(reboot),
    CALL(swapon),
    CALL(swapoff),
    CALL(acct),
    CALL(iopl),
    CALL(ioperm),
    CALL(mount),
    CALL(umount2),
    CALL(move_mount),
    CALL(open_tree),
    CALL(fsopen),
    CALL(pivot_root),
    CALL(setns),
    CALL(unshare),
    CALL(open_by_handle_at),
    CALL(add_key),
    CALL(request_key),
    CALL(keyctl),
    /* What is forbidden must be so in every disguise. */
    CALL_EQUAL_LOW(ioctl, 1, TIOCSTI),
};

/* --- filters ------------------------------------------------------------ */

static bool
add_rules(scmp_filter_ctx filter, uint32_t action, const struct rule *rules,
          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = &rules[i];
        struct scmp_arg_cmp compare = {.arg = rule->argument};

        if (rule->when == EQUAL) {
            compare.op = SCMP_CMP_EQ;
            compare.datum_a = rule->value;
        } else if (rule->when == EQUAL_LOW) {
            compare.op = SCMP_CMP_MASKED_EQ;
            compare.datum_a = UINT32_MAX;
            compare.datum_b = rule->value;
        } else {
            compare.op = SCMP_CMP_MASKED_EQ;
            compare.datum_a = rule->value;
            compare.datum_b = 0;
        }
        if (seccomp_rule_add_array(filter, action, rule->call,
                                   rule->when == ANY ? 0 : 1, &compare) != 0)
            return false;
    }
    return true;
}

#define ADD(filter, action, rules) \
    add_rules(filter, action, rules, sizeof(rules) / sizeof((rules)[0]))

/* A filter that kills, with what all may do; NULL on failure. */
static scmp_filter_ctx
allow_list_new(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

#ifdef SANITIZED
    load_symbols();
#endif
    if (filter == NULL)
        return NULL;
    if (ADD(filter, SCMP_ACT_ALLOW, common_rules)
#ifdef SANITIZED
        && ADD(filter, SCMP_ACT_ALLOW, sanitizer_rules)
#endif
    )
        return filter;
    seccomp_release(filter);
    return NULL;
}

/* Install it if it is complete, on all threads; frees it. */
static enum err
install(scmp_filter_ctx filter, bool complete)
{
    int result = -1;

    if (filter == NULL)
        return ERR_SYSTEM;
    if (complete && seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result == 0 ? OK : ERR_SYSTEM;
}

/* The lower half of an argument on a little-endian machine, or the number. */
static struct sock_filter
load_word(size_t at)
{
    return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)at);
}

/* Over so many instructions when what was loaded is this, or when it is not. */
static struct sock_filter
jump_if(uint32_t value, size_t when, size_t otherwise)
{
    return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value,
                                        (unsigned char)when,
                                        (unsigned char)otherwise);
}

/*
 * A short filter in front of the one installed before (which looks after
 * foreign architectures): these calls kill, and these ioctls; all else is as
 * it was. Built by hand, since every worker pays for it.
 */
static enum err
take_away(const int *calls, size_t count, const struct rule *ioctls,
          size_t ioctl_count)
{
    struct sock_filter code[TAKEN_AWAY_MAX + 5];
    struct sock_fprog program = {.filter = code};
    size_t all = count + (ioctl_count > 0 ? ioctl_count + 2 : 0);
    unsigned short n = 0;

    if (count + ioctl_count > TAKEN_AWAY_MAX)
        return ERR_LIMIT;
    code[n++] = load_word(offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < count; i++)
        /* Negative: this architecture has no such call. */
        code[n++] = jump_if((uint32_t)calls[i], calls[i] < 0 ? 0 : all - i, 0);
    if (ioctl_count > 0) {
        code[n++] = jump_if((uint32_t)SCMP_SYS(ioctl), 0, ioctl_count + 1);
        code[n++] = load_word(offsetof(struct seccomp_data, args[1]));
        for (size_t i = 0; i < ioctl_count; i++)
            code[n++] = jump_if((uint32_t)ioctls[i].value, ioctl_count - i, 0);
    }
    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    program.len = n;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return ERR_SYSTEM;
    return OK;
}

#define TAKE_AWAY(calls) \
    take_away(calls, sizeof(calls) / sizeof((calls)[0]), NULL, 0)

/* --- programs ----------------------------------------------------------- */

/* Both limits, or what is left of them. */
static bool
limit_to(__rlimit_resource_t resource, rlim_t value)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) != 0)
        return false;
    if (limit.rlim_max > value)
        limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(resource, &limit) == 0;
}

enum err
sandbox_prepare(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    umask(077);
    /* A file that is too large is an error of write(2), no reason to end. */
    if (sigaction(SIGPIPE, &ignore, NULL) != 0 ||
        sigaction(SIGXFSZ, &ignore, NULL) != 0 || !limit_to(RLIMIT_CORE, 0) ||
        prctl(PR_SET_DUMPABLE, 0) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return ERR_SYSTEM;
    return OK;
}

/* Descriptors and memory of one worker. */
static bool
limit_worker(void)
{
#ifndef SANITIZED
    /* The sanitizers' shadow alone is terabytes. */
    if (!limit_to(RLIMIT_AS, WORKER_MEMORY))
        return false;
#endif
    return limit_to(RLIMIT_NOFILE, WORKER_FDS);
}

enum err
sandbox_nursery(void)
{
    scmp_filter_ctx filter;

    /* Its workers inherit them: they need not be set for each. */
    if (!limit_worker() || !limit_to(RLIMIT_CORE, 0))
        return ERR_SYSTEM;
    filter = allow_list_new();
    return install(filter, filter != NULL &&
                               ADD(filter, SCMP_ACT_ALLOW, worker_rules) &&
                               ADD(filter, SCMP_ACT_ALLOW, line_rules) &&
                               ADD(filter, SCMP_ACT_ALLOW, birth_rules));
}

enum err
sandbox_worker(bool line)
{
    static const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_NPROC, &none) != 0)
        return ERR_SYSTEM;
    return take_away(birth_calls, sizeof(birth_calls) / sizeof(birth_calls[0]),
                     line_rules,
                     line ? 0 : sizeof(line_rules) / sizeof(line_rules[0]));
}

enum err
sandbox_probe(void)
{
    scmp_filter_ctx filter;

    if (!limit_worker() || !limit_to(RLIMIT_NPROC, 0))
        return ERR_SYSTEM;
    /* Neither socket nor connect: control does that, for each one. */
    filter = allow_list_new();
    return install(filter, filter != NULL);
}

enum err
sandbox_signer(void)
{
    scmp_filter_ctx filter = allow_list_new();

    return install(filter, filter != NULL &&
                               ADD(filter, SCMP_ACT_ALLOW, signer_rules) &&
                               ADD(filter, SCMP_ACT_ALLOW, birth_rules));
}

enum err
sandbox_key_maker(void)
{
    return TAKE_AWAY(key_maker_gives_up);
}

enum err
sandbox_aaa_local(void)
{
    scmp_filter_ctx filter = allow_list_new();

    return install(filter,
                   filter != NULL && ADD(filter, SCMP_ACT_ALLOW, loop_rules));
}

enum err
sandbox_aaa_servers(void)
{
    scmp_filter_ctx filter = allow_list_new();

    if (!limit_to(RLIMIT_NPROC, 0)) {
        seccomp_release(filter);
        return ERR_SYSTEM;
    }
    return install(filter, filter != NULL &&
                               ADD(filter, SCMP_ACT_ALLOW, loop_rules) &&
                               ADD(filter, SCMP_ACT_ALLOW, sockets_rules));
}

enum err
sandbox_notify(void)
{
    scmp_filter_ctx filter = allow_list_new();

    if (!limit_to(RLIMIT_NPROC, 0)) {
        seccomp_release(filter);
        return ERR_SYSTEM;
    }
    return install(filter, filter != NULL &&
                               ADD(filter, SCMP_ACT_ALLOW, loop_rules) &&
                               ADD(filter, SCMP_ACT_ALLOW, sockets_rules) &&
                               ADD(filter, SCMP_ACT_ALLOW, connection_rules) &&
                               ADD(filter, SCMP_ACT_ALLOW, accepting_rules));
}

/* The only signal, and only to itself: ^Z of its user. */
static bool
allow_stop(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), 2,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()),
                            SCMP_A1(SCMP_CMP_EQ, SIGSTOP)) == 0;
}

enum err
sandbox_vtyssh(void)
{
    scmp_filter_ctx filter = allow_list_new();

    return install(filter, filter != NULL &&
                               ADD(filter, SCMP_ACT_ALLOW, worker_rules) &&
                               ADD(filter, SCMP_ACT_ALLOW, vtyssh_rules) &&
                               allow_stop(filter));
}

enum err
sandbox_control(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

    return install(filter, filter != NULL && ADD(filter, SCMP_ACT_KILL_PROCESS,
                                                 control_forbidden));
}

/* --- giving up root ----------------------------------------------------- */

/* A root that is empty for ever: its directory is removed already. */
static bool
enter_empty_root(void)
{
    char in_run[] = "/run/vtyd.XXXXXX";
    char in_tmp[] = "/tmp/vtyd.XXXXXX";
    char *dir = mkdtemp(in_run);

    if (dir == NULL)
        dir = mkdtemp(in_tmp);
    if (dir == NULL)
        return false;
    if (chdir(dir) != 0) {
        rmdir(dir);
        return false;
    }
    return rmdir(dir) == 0 && chroot(".") == 0 && chdir("/") == 0;
}

static bool
can_return(void)
{
    return setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0 ||
           seteuid(0) == 0 || setegid(0) == 0;
}

enum err
drop_privileges(unsigned uid, unsigned gid)
{
    pid_t parent = getppid();
    int death_signal = 0;

    if (geteuid() != 0)
        return OK;
    if (uid == 0 || gid == 0)
        return ERR_REFUSED;
    /* The kernel forgets this signal when the user changes. */
    if (prctl(PR_GET_PDEATHSIG, &death_signal) != 0 || !enter_empty_root() ||
        setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
        setresuid(uid, uid, uid) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0 ||
        (death_signal != 0 && prctl(PR_SET_PDEATHSIG, death_signal) != 0))
        return ERR_SYSTEM;
    if (death_signal != 0 && getppid() != parent)
        return ERR_CLOSED;
    return can_return() ? ERR_REFUSED : OK;
}
