/* Laws of serial ports, on pseudo-terminals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/tty.h"

static const struct tty_settings plain = {
    .speed = 9600, .databits = 8, .stopbits = TTY_STOPBITS_1};

struct pair {
    int near;
    char name[64], lock[80];
};

static int
begin(void **state)
{
    static struct pair pair;

    pair.near = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(pair.near >= 0);
    assert_int_equal(grantpt(pair.near), 0);
    assert_int_equal(unlockpt(pair.near), 0);
    assert_int_equal(ptsname_r(pair.near, pair.name, sizeof(pair.name)), 0);
    snprintf(pair.lock, sizeof(pair.lock), "/run/lock/LCK..pts_%s",
             strrchr(pair.name, '/') + 1);
    *state = &pair;
    return 0;
}

static int
end(void **state)
{
    const struct pair *pair = *state;

    return close(pair->near);
}

/* With a look of its own at who has it. */
static enum err
opens(const char *path, const struct tty_settings *settings,
      struct tty_port *port, char holder[TTY_HOLDER_MAX])
{
    struct controlled *controlled = controlled_new();
    enum err err = tty_port_open(path, settings, controlled, port, holder);

    controlled_drop(controlled);
    return err;
}

static void
open_port(const struct pair *pair, const struct tty_settings *settings,
          struct tty_port *port)
{
    char holder[TTY_HOLDER_MAX];

    assert_int_equal(opens(pair->name, settings, port, holder), OK);
}

static struct termios2
modes_of(int fd)
{
    struct termios2 modes;

    assert_int_equal(ioctl(fd, TCGETS2, &modes), 0);
    return modes;
}

static void
test_it_is_raw_and_nobodys_controlling_terminal(void **state)
{
    const struct pair *pair = *state;
    struct termios2 modes;
    struct tty_port port;
    char bytes[8];

    open_port(pair, &plain, &port);
    modes = modes_of(port.fd);
    assert_int_equal(modes.c_lflag, 0);
    assert_int_equal(modes.c_oflag, 0);
    assert_int_equal(modes.c_iflag, IGNBRK);
    assert_true(modes.c_cflag & CLOCAL);
    assert_false(modes.c_cflag & HUPCL);
    assert_true(port.held);
    assert_int_equal(write(pair->near, "\r\n\003\377", 4), 4);
    assert_int_equal(read(port.fd, bytes, sizeof(bytes)), 4);
    assert_memory_equal(bytes, "\r\n\003\377", 4);
    assert_int_equal(read(port.fd, bytes, sizeof(bytes)), -1);
    assert_int_equal(errno, EAGAIN);
    assert_true(fcntl(port.fd, F_GETFD) & FD_CLOEXEC);
    tty_port_close(&port);
    assert_int_equal(port.fd, -1);
    tty_port_close(&port);
}

static void
test_settings_reach_the_device(void **state)
{
    static const struct {
        struct tty_settings settings;
        tcflag_t set, clear;
        tcflag_t input;
    } cases[] = {
        {{.speed = 115200,
          .databits = 7,
          .parity = TTY_PARITY_EVEN,
          .stopbits = 4,
          .flow = TTY_FLOW_HARDWARE},
         PARENB | CSTOPB | CRTSCTS,
         PARODD | CMSPAR,
         0},
        {{.speed = 1200,
          .databits = 8,
          .parity = TTY_PARITY_ODD,
          .stopbits = 2,
          .flow = TTY_FLOW_SOFTWARE},
         PARENB | PARODD,
         CSTOPB | CRTSCTS | CMSPAR,
         IXON | IXOFF},
        {{.speed = 31250,
          .databits = 8,
          .parity = TTY_PARITY_MARK,
          .stopbits = 2,
          .hang_up = true},
         PARENB | PARODD | CMSPAR | HUPCL,
         CRTSCTS,
         0},
        {{.speed = 250000,
          .databits = 8,
          .parity = TTY_PARITY_SPACE,
          .stopbits = 2},
         PARENB | CMSPAR,
         PARODD | HUPCL,
         0},
    };
    const struct pair *pair = *state;
    struct tty_port port;

    open_port(pair, &plain, &port);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct termios2 modes;

        assert_int_equal(tty_port_set(port.fd, &cases[i].settings), OK);
        modes = modes_of(port.fd);
        assert_int_equal(modes.c_ospeed, cases[i].settings.speed);
        assert_int_equal(modes.c_ispeed, cases[i].settings.speed);
        assert_int_equal(modes.c_iflag & (IXON | IXOFF), cases[i].input);
        /* A pseudo-terminal has eight bits and no parity, whatever is said:
           the kernel shows that. */
        assert_int_equal(modes.c_cflag & cases[i].set & ~PARENB,
                         cases[i].set & ~PARENB);
        assert_int_equal(modes.c_cflag & cases[i].clear, 0);
    }
    assert_int_equal(tty_port_set(-1, &plain), ERR_SYSTEM);
    tty_port_close(&port);
}

static void
test_one_that_is_taken_is_not_opened(void **state)
{
    const struct pair *pair = *state;
    char holder[TTY_HOLDER_MAX];
    struct tty_port port, other;
    int flocked;

    open_port(pair, &plain, &port);
    assert_int_equal(opens(pair->name, &plain, &other, holder), ERR_BUSY);
    assert_int_equal(other.fd, -1);
    assert_true(holder[0] != '\0');
    /* And it did not take it away. */
    assert_int_equal(access(pair->lock, F_OK), port.lock[0] ? 0 : -1);
    tty_port_close(&port);
    flocked = open(pair->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_int_equal(flock(flocked, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(opens(pair->name, &plain, &other, holder), ERR_BUSY);
    close(flocked);
    open_port(pair, &plain, &port);
    tty_port_close(&port);
}

static void
write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void
test_lock_files_of_other_programs(void **state)
{
    const struct pair *pair = *state;
    char holder[TTY_HOLDER_MAX], text[32];
    struct tty_port port;

    if (access("/run/lock", W_OK) != 0)
        return; /* no program can leave one here */
    snprintf(text, sizeof(text), "%10d\n", (int)getppid());
    write_text(pair->lock, text);
    assert_int_equal(opens(pair->name, &plain, &port, holder), ERR_BUSY);
    snprintf(text, sizeof(text), "process %d", (int)getppid());
    assert_string_equal(holder, text);
    /* One that ended without cleaning up; no pid is that high. */
    write_text(pair->lock, "1999999999\n");
    open_port(pair, &plain, &port);
    assert_string_equal(port.lock, pair->lock);
    tty_port_close(&port);
    assert_int_equal(access(pair->lock, F_OK), -1);
    write_text(pair->lock, "no number");
    open_port(pair, &plain, &port);
    tty_port_close(&port);
}

/* A getty: a session whose terminal it is. */
static void
test_a_terminal_that_controls_a_session_is_taken(void **state)
{
    const struct pair *pair = *state;
    char holder[TTY_HOLDER_MAX], text[32], byte = 0;
    struct tty_port port;
    int ready[2], status;
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setsid();
        byte = open(pair->name, O_RDWR) >= 0;
        if (write(ready[1], &byte, 1) == 1)
            pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 1);
    assert_int_equal(opens(pair->name, &plain, &port, holder), ERR_BUSY);
    snprintf(text, sizeof(text), "process %d", (int)child);
    assert_string_equal(holder, text);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(ready[0]);
    close(ready[1]);
}

static void
test_what_is_no_terminal_is_refused(void **state)
{
    char path[] = "/tmp/vtyd-tty.XXXXXX", holder[TTY_HOLDER_MAX];
    struct tty_port port;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(opens(path, &plain, &port, holder), ERR_REFUSED);
    assert_int_equal(unlink(path), 0);
    close(fd);
    assert_int_equal(opens("/dev/null", &plain, &port, holder), ERR_REFUSED);
    assert_int_equal(opens(path, &plain, &port, holder), ERR_NOT_FOUND);
    assert_int_equal(opens("/dev/null/x", &plain, &port, holder),
                     ERR_NOT_FOUND);
    assert_int_equal(port.fd, -1);
}

static void
test_a_link_leads_to_its_device(void **state)
{
    const struct pair *pair = *state;
    char folder[] = "/tmp/vtyd-tty.XXXXXX", link[64], holder[TTY_HOLDER_MAX];
    struct tty_port port, other;

    assert_non_null(mkdtemp(folder));
    snprintf(link, sizeof(link), "%s/by-id", folder);
    assert_int_equal(symlink(pair->name, link), 0);
    assert_int_equal(opens(link, &plain, &port, holder), OK);
    assert_int_equal(opens(pair->name, &plain, &other, holder), ERR_BUSY);
    tty_port_close(&port);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void
test_a_pseudo_terminal_has_no_lines_to_raise(void **state)
{
    const struct pair *pair = *state;
    struct tty_port port;

    open_port(pair, &plain, &port);
    assert_int_equal(tty_port_unsent(port.fd), 0);
    assert_int_equal(tty_port_unsent(-1), 0);
    tty_port_forget_unsent(port.fd);
    assert_int_equal(tty_port_ready(port.fd, true), ERR_SYSTEM);
    assert_int_equal(errno, ENOTTY);
    assert_int_equal(tty_port_break(-1, true), ERR_SYSTEM);
    tty_port_close(&port);
}

#define LAW(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LAW(test_it_is_raw_and_nobodys_controlling_terminal),
        LAW(test_settings_reach_the_device),
        LAW(test_one_that_is_taken_is_not_opened),
        LAW(test_lock_files_of_other_programs),
        LAW(test_a_terminal_that_controls_a_session_is_taken),
        LAW(test_what_is_no_terminal_is_refused),
        LAW(test_a_link_leads_to_its_device),
        LAW(test_a_pseudo_terminal_has_no_lines_to_raise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
