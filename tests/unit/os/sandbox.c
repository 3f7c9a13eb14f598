/* Laws of the sandboxes: what each program dies of, and what it lives on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/sanitized.h"
#include "os/sandbox.h"
#include "os/spawn.h"
#include "os/tty.h"

#include "attempts.h"

#ifdef SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

/* TCSETS2: its name needs a structure that <termios.h> cannot stand. */
#define TCSETS2_OF_PORT 0x402c542b

#define DENIED_STATUS  42 /* the call came back: it did not kill */
#define SANDBOX_STATUS 43 /* the sandbox could not be entered */

typedef enum err (*enter_fn)(void);

static enum err
enter_worker(void)
{
    enum err err = sandbox_nursery();

    return err == OK ? sandbox_worker(false) : err;
}

static enum err
enter_line(void)
{
    enum err err = sandbox_nursery();

    return err == OK ? sandbox_worker(true) : err;
}

static enum err
enter_key_maker(void)
{
    enum err err = sandbox_signer();

    return err == OK ? sandbox_key_maker() : err;
}

/* The wait status of a child that enters the sandbox and makes the attempt. */
static int
status_of(enter_fn enter, attempt_fn attempt)
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        if (sandbox_prepare() != OK || enter() != OK)
            _exit(SANDBOX_STATUS);
        attempt();
        _exit(DENIED_STATUS);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void
assert_killed(enter_fn enter, attempt_fn attempt, const char *what)
{
    int status = status_of(enter, attempt);

    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
        fail_msg("%s: wait status 0x%x, not SIGSYS", what, (unsigned)status);
}

static void
assert_lives(enter_fn enter, attempt_fn attempt, const char *what)
{
    int status = status_of(enter, attempt);

    if (!WIFEXITED(status) || WEXITSTATUS(status) != DENIED_STATUS)
        fail_msg("%s: wait status 0x%x", what, (unsigned)status);
}

#ifdef SANITIZED
static void
break_memory(void)
{
    volatile char *volatile gone = malloc(10);

    free((void *)gone);
    gone[3] = 1;
    _exit(77); /* nobody noticed */
}

static void
test_a_sanitizers_report_comes_through_the_sandbox(void **state)
{
    int ends[2], status;
    char report[4096] = "";
    size_t len = 0;
    ssize_t got;
    pid_t pid;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (dup2(ends[1], STDERR_FILENO) < 0 || sandbox_prepare() != OK ||
            enter_worker() != OK)
            _exit(SANDBOX_STATUS);
        break_memory();
    }
    close(ends[1]);
    while (len < sizeof(report) - 1 &&
           (got = read(ends[0], report + len, sizeof(report) - 1 - len)) > 0)
        len += (size_t)got;
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGPIPE);
    assert_non_null(strstr(report, "heap-use-after-free"));
    assert_non_null(strstr(report, "break_memory"));
}
#endif

static void
assert_all_deadly(enter_fn enter)
{
    for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
        assert_killed(enter, deadly[i].run, deadly[i].name);
}

/* What a helper lives on. */
static void
use_pipes_memory_and_time(void)
{
    struct timespec now;
    struct pollfd none = {.fd = -1};
    char *large = malloc(1 << 20);
    uint8_t byte;

    if (large == NULL)
        _exit(1);
    memset(large, 1, 1 << 20);
    large = realloc(large, 1 << 22);
    free(large);
    clock_gettime(CLOCK_MONOTONIC, &now);
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    if (poll(&none, 1, 1) != 0 ||
        syscall(SYS_getrandom, &byte, sizeof(byte), 0) != 1)
        _exit(1);
    if (fcntl(0, F_GETFL) < 0 || close(0) != 0)
        _exit(1);
}

static void
use_terminal(void)
{
    struct termios settings;
    struct winsize size;
    int waiting;

    /* Descriptor 0 need not be a terminal: the call itself must pass. */
    tcgetattr(0, &settings);
    tcsetattr(0, TCSANOW, &settings);
    tcsetattr(0, TCSADRAIN, &settings);
    ioctl(0, TIOCGWINSZ, &size);
    ioctl(0, FIONREAD, &waiting);
    lseek(0, 0, SEEK_CUR);
}

/* --- the worker --------------------------------------------------------- */

static void
test_a_worker_dies_of_what_it_must_not_do(void **state)
{
    (void)state;
    assert_all_deadly(enter_worker);
}

static void
test_a_worker_gives_up_what_the_nursery_needed(void **state)
{
    (void)state;
    assert_killed(enter_worker, try_sibling, "sibling");
    assert_killed(enter_worker, try_prctl, "prctl");
    assert_killed(enter_worker, try_limits, "prlimit64");
    assert_killed(enter_worker, try_second_filter, "seccomp");
}

/* Descriptor 0 need not be a port: the calls themselves must pass. */
static void
set_port(void)
{
    static const struct tty_settings settings = {.speed = 9600, .databits = 8};

    (void)!tty_port_set(0, &settings);
}

static void
set_port_modes(void)
{
    char modes[64] = {0};

    syscall(SYS_ioctl, 0, TCSETS2_OF_PORT, modes);
}

static void
break_port(void)
{
    (void)!tty_port_break(0, true);
}

static void
end_break(void)
{
    (void)!tty_port_break(0, false);
}

static void
ask_port(void)
{
    (void)tty_port_unsent(0);
}

static void
flush_port(void)
{
    tty_port_forget_unsent(0);
}

static void
raise_port(void)
{
    (void)!tty_port_ready(0, true);
}

static void
lower_port(void)
{
    (void)!tty_port_ready(0, false);
}

static void
test_only_a_line_touches_ports(void **state)
{
    static const attempt_fn uses[] = {set_port,   set_port_modes, break_port,
                                      end_break,  ask_port,       flush_port,
                                      raise_port, lower_port};

    (void)state;
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        assert_lives(enter_line, uses[i], "port");
        assert_killed(enter_worker, uses[i], "port");
    }
    assert_lives(enter_line, use_pipes_memory_and_time, "pipes");
    assert_all_deadly(enter_line);
    assert_killed(enter_line, try_sibling, "sibling");
    assert_killed(enter_line, try_prctl, "prctl");
    assert_killed(enter_line, try_limits, "prlimit64");
    assert_killed(enter_line, try_second_filter, "seccomp");
}

static void
test_a_worker_lives_on_descriptors(void **state)
{
    (void)state;
    assert_lives(enter_worker, use_pipes_memory_and_time, "pipes");
    assert_lives(enter_worker, use_terminal, "terminal");
}

/* The limits of another process: behind its filter it cannot say itself. */
static void
assert_limit(pid_t pid, __rlimit_resource_t resource, rlim_t most)
{
    struct rlimit limit;

    assert_int_equal(prlimit(pid, resource, NULL, &limit), 0);
    assert_in_range(limit.rlim_cur, 0, most);
    assert_in_range(limit.rlim_max, 0, most);
}

static void
test_a_worker_has_its_limits(void **state)
{
    int ready[2], end[2];
    char byte;
    pid_t pid;

    (void)state;
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    assert_int_equal(pipe2(end, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(end[1]);
        if (enter_worker() != OK || write(ready[1], "x", 1) != 1)
            _exit(SANDBOX_STATUS);
        _exit(read(end[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_limit(pid, RLIMIT_NOFILE, 320);
    assert_limit(pid, RLIMIT_NPROC, 0);
    assert_limit(pid, RLIMIT_CORE, 0);
#ifndef SANITIZED
    assert_limit(pid, RLIMIT_AS, 256u << 20);
#endif
    close(ready[0]);
    close(end[0]);
    close(end[1]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* --- a probe ------------------------------------------------------------ */

static void
test_a_probe_dies_of_what_it_must_not_do(void **state)
{
    (void)state;
    assert_all_deadly(sandbox_probe);
    assert_killed(sandbox_probe, try_sibling, "sibling");
    assert_killed(sandbox_probe, try_prctl, "prctl");
    assert_killed(sandbox_probe, try_second_filter, "seccomp");
    assert_lives(sandbox_probe, use_pipes_memory_and_time, "pipes");
}

/* --- vtyssh ------------------------------------------------------------- */

/* A process that is stopped goes on here as soon as it was seen to stop. */
static void
test_vtyssh_stops_itself_and_does_no_more(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    assert_all_deadly(sandbox_vtyssh);
    assert_killed(sandbox_vtyssh, try_sibling, "sibling");
    assert_killed(sandbox_vtyssh, try_second_filter, "seccomp");
    assert_lives(sandbox_vtyssh, use_pipes_memory_and_time, "pipes");
    assert_lives(sandbox_vtyssh, use_terminal, "terminal");
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (sandbox_prepare() != OK || sandbox_vtyssh() != OK)
            _exit(SANDBOX_STATUS);
        kill(getpid(), SIGSTOP);
        /* Neither another signal to itself nor any to others. */
        kill(getpid(), SIGTERM);
        _exit(DENIED_STATUS);
    }
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    assert_int_equal(kill(pid, SIGCONT), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

/* --- the nursery -------------------------------------------------------- */

static void
make_siblings(void)
{
    pid_t pid = spawn_sibling();

    if (pid == 0)
        _exit(0);
    if (pid < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        _exit(1);
    try_limits();
}

static void
test_the_nursery_makes_siblings_and_nothing_else(void **state)
{
    (void)state;
    assert_all_deadly(sandbox_nursery);
    assert_lives(sandbox_nursery, make_siblings, "siblings");
    /* The sibling was ours to reap. */
    assert_true(wait(NULL) > 0);
}

/* --- signer, key maker, aaa, control ------------------------------------ */

static void
test_the_signer_dies_of_what_it_must_not_do(void **state)
{
    (void)state;
    assert_all_deadly(sandbox_signer);
    assert_lives(sandbox_signer, use_pipes_memory_and_time, "pipes");
}

static void
write_and_sync(void)
{
    if (write(1, "", 0) != 0)
        _exit(1);
    fsync(1);
}

static void
test_a_key_maker_only_writes(void **state)
{
    (void)state;
    assert_all_deadly(enter_key_maker);
    assert_killed(enter_key_maker, try_sibling, "sibling");
    assert_killed(enter_key_maker, try_receive, "recvmsg");
    assert_killed(enter_key_maker, try_second_filter, "seccomp");
    assert_lives(enter_key_maker, write_and_sync, "write");
}

static void
test_aaa_dies_of_what_it_must_not_do(void **state)
{
    (void)state;
    assert_all_deadly(sandbox_aaa_local);
    assert_killed(sandbox_aaa_local, try_sibling, "sibling");
    assert_killed(sandbox_aaa_local, try_second_filter, "seccomp");
    assert_lives(sandbox_aaa_local, use_pipes_memory_and_time, "pipes");
}

static void
talk_to_a_server(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    socklen_t len = sizeof(to);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        getsockname(fd, (struct sockaddr *)&to, &len) != 0 ||
        sendto(fd, "", 0, MSG_NOSIGNAL, NULL, 0) != 0)
        _exit(1);
    use_pipes_memory_and_time();
}

static void
try_local_socket(void)
{
    if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
        _exit(1);
}

static void
test_the_aaa_of_servers_has_sockets_of_ip_and_no_more(void **state)
{
    (void)state;
    assert_killed(sandbox_aaa_servers, try_local_socket, "AF_UNIX");
    assert_killed(sandbox_aaa_servers, try_open, "open");
    assert_killed(sandbox_aaa_servers, try_execve, "execve");
    assert_killed(sandbox_aaa_servers, try_listen, "listen");
    assert_killed(sandbox_aaa_servers, try_ptrace, "ptrace");
    assert_killed(sandbox_aaa_servers, try_sibling, "sibling");
    assert_killed(sandbox_aaa_servers, try_second_filter, "seccomp");
    assert_lives(sandbox_aaa_servers, talk_to_a_server, "a server");
}

static void
look_after_a_connection(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    socklen_t len = sizeof(to);
    int on = 1, limit_ms = 1000, waiting;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(9);
    if (fd < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms,
                   sizeof(limit_ms)) != 0 ||
        ioctl(fd, TIOCOUTQ, &waiting) != 0)
        _exit(1);
    /* That nobody listens there is known at once, or later. */
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 &&
        errno != EINPROGRESS && errno != ECONNREFUSED)
        _exit(1);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &on, &len);
    talk_to_a_server();
}

static void
try_filter_of_a_socket(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &fd, sizeof(fd));
    _exit(1);
}

static void
test_notify_has_sockets_of_ip_and_no_more(void **state)
{
    (void)state;
    assert_killed(sandbox_notify, try_local_socket, "AF_UNIX");
    assert_killed(sandbox_notify, try_filter_of_a_socket, "a socket's filter");
    assert_killed(sandbox_notify, try_open, "open");
    assert_killed(sandbox_notify, try_execve, "execve");
    assert_killed(sandbox_notify, try_listen, "listen");
    assert_killed(sandbox_notify, try_ptrace, "ptrace");
    assert_killed(sandbox_notify, try_sibling, "sibling");
    assert_killed(sandbox_notify, try_second_filter, "seccomp");
    assert_lives(sandbox_notify, look_after_a_connection, "a collector");
}

/* Waits for the main thread to enter the sandbox, then breaks its rules. */
static void *
break_rules_in_thread(void *wait_fd)
{
    char byte;

    if (read(*(int *)wait_fd, &byte, 1) == 1)
        try_socket();
    return NULL;
}

static void
test_the_filter_is_on_threads_that_were_there(void **state)
{
    pid_t pid = fork();
    int status;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        pthread_t thread;
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) != 0 || sandbox_prepare() != OK ||
            pthread_create(&thread, NULL, break_rules_in_thread, &ends[0]) !=
                0 ||
            sandbox_aaa_local() != OK || write(ends[1], "x", 1) != 1)
            _exit(SANDBOX_STATUS);
        pthread_join(thread, NULL);
        _exit(DENIED_STATUS);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void
work_as_control(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t pid = fork();

    if (fd < 0 || s < 0 || pid < 0)
        _exit(1);
    if (pid == 0)
        _exit(0);
    if (waitpid(pid, NULL, 0) != pid)
        _exit(1);
}

static void
test_control_works_but_never_traces_or_loads_modules(void **state)
{
    (void)state;
    assert_lives(sandbox_control, work_as_control, "control");
    assert_killed(sandbox_control, try_ptrace, "ptrace");
    assert_killed(sandbox_control, try_bpf, "bpf");
    assert_killed(sandbox_control, try_module, "finit_module");
    assert_killed(sandbox_control, try_other_memory, "process_vm_readv");
    assert_killed(sandbox_control, try_type_ahead_for_others, "TIOCSTI");
    assert_killed(sandbox_control, try_type_ahead_in_disguise,
                  "TIOCSTI in disguise");
}

/* --- for all of them ---------------------------------------------------- */

static enum err
enter_nothing_more(void)
{
    return OK;
}

static void
check_prepared(void)
{
    struct rlimit core;

    if (prctl(PR_GET_DUMPABLE) != 0 ||
        prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
        getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0 ||
        umask(077) != 077 || kill(getpid(), SIGPIPE) != 0)
        _exit(1);
}

static void
test_every_program_is_not_dumpable_and_gains_no_rights(void **state)
{
    (void)state;
    assert_lives(enter_nothing_more, check_prepared, "prepared");
}

/* --- root --------------------------------------------------------------- */

static enum err
enter_nobody(void)
{
    return drop_privileges(65534, 65534);
}

static void
check_nobody(void)
{
    uid_t real, effective, saved;

    if (getresuid(&real, &effective, &saved) != 0 || real != 65534 ||
        effective != 65534 || saved != 65534 || getgid() != 65534 ||
        getegid() != 65534 || getgroups(0, NULL) != 0)
        _exit(1);
    if (setuid(0) == 0 || chroot("/") == 0)
        _exit(2);
    /* An empty place, where nothing can be made. */
    if (access("/etc", F_OK) == 0 || open("/made", O_CREAT | O_RDWR, 0600) >= 0)
        _exit(3);
    if (prctl(PR_GET_DUMPABLE) != 0)
        _exit(4);
}

static void
check_unchanged(void)
{
    if (access("/etc", F_OK) != 0)
        _exit(1);
}

static void
test_root_is_given_up_for_good(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        assert_lives(enter_nobody, check_unchanged, "not root");
        return;
    }
    assert_lives(enter_nobody, check_nobody, "nobody");
    assert_int_equal(drop_privileges(0, 65534), ERR_REFUSED);
    assert_int_equal(drop_privileges(65534, 0), ERR_REFUSED);
}

static enum err
enter_nobody_with_death_signal(void)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return ERR_SYSTEM;
    return enter_nobody();
}

static void
check_death_signal(void)
{
    int signal = 0;

    if (prctl(PR_GET_PDEATHSIG, &signal) != 0 || signal != SIGKILL)
        _exit(1);
}

static void
test_the_death_signal_survives_the_change_of_user(void **state)
{
    (void)state;
    assert_lives(enter_nobody_with_death_signal, check_death_signal,
                 "death signal");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_worker_dies_of_what_it_must_not_do),
        cmocka_unit_test(test_a_worker_gives_up_what_the_nursery_needed),
        cmocka_unit_test(test_a_worker_lives_on_descriptors),
        cmocka_unit_test(test_only_a_line_touches_ports),
        cmocka_unit_test(test_a_worker_has_its_limits),
        cmocka_unit_test(test_a_probe_dies_of_what_it_must_not_do),
        cmocka_unit_test(test_vtyssh_stops_itself_and_does_no_more),
        cmocka_unit_test(test_the_nursery_makes_siblings_and_nothing_else),
        cmocka_unit_test(test_the_signer_dies_of_what_it_must_not_do),
        cmocka_unit_test(test_a_key_maker_only_writes),
        cmocka_unit_test(test_aaa_dies_of_what_it_must_not_do),
        cmocka_unit_test(test_the_aaa_of_servers_has_sockets_of_ip_and_no_more),
        cmocka_unit_test(test_notify_has_sockets_of_ip_and_no_more),
        cmocka_unit_test(test_the_filter_is_on_threads_that_were_there),
        cmocka_unit_test(test_control_works_but_never_traces_or_loads_modules),
        cmocka_unit_test(
            test_every_program_is_not_dumpable_and_gains_no_rights),
        cmocka_unit_test(test_root_is_given_up_for_good),
#ifdef SANITIZED
        cmocka_unit_test(test_a_sanitizers_report_comes_through_the_sandbox),
#endif
        cmocka_unit_test(test_the_death_signal_survives_the_change_of_user),
    };

#ifdef SANITIZED
    /* Once, not again in each of the many children. */
    char place[256];

    __sanitizer_symbolize_pc(__builtin_return_address(0), "%f", place,
                             sizeof(place));
#endif
    return cmocka_run_group_tests_name("os/sandbox", tests, NULL, NULL);
}
