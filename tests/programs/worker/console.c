/*
 * Role console: on a terminal, on the stream of `vtyd attach`, on a script.
 */
#include "stage.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static const char *program;

struct terminal {
    int near; /* where the user sits */
    int far;  /* kept open, to look at its modes */
};

static int
open_terminal(struct terminal *t, unsigned short columns, unsigned short rows)
{
    struct winsize size = {.ws_col = columns, .ws_row = rows};
    char name[64];
    int far;

    t->near = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(t->near >= 0);
    assert_int_equal(grantpt(t->near), 0);
    assert_int_equal(unlockpt(t->near), 0);
    assert_int_equal(ptsname_r(t->near, name, sizeof(name)), 0);
    t->far = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    far = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(t->far >= 0 && far >= 0);
    assert_int_equal(ioctl(far, TIOCSWINSZ, &size), 0);
    return far;
}

static bool
sees(struct guest *g, const char *text)
{
    return strstr(g->seen, text) != NULL;
}

static bool
sees_prompt(struct guest *g)
{
    return sees(g, "R1#");
}

static bool
sees_answer(struct guest *g)
{
    return sees(g, "did show\r\nR1#");
}

static void
put(struct guest *g, const char *keys)
{
    assert_int_equal(write(g->peer, keys, strlen(keys)), strlen(keys));
}

static void
end(struct nursery *n, struct guest *g)
{
    guest_clear(g);
    assert_int_equal(guest_status(g), 0);
    nursery_stop(n);
}

static bool
is_raw(int terminal)
{
    struct termios modes;

    assert_int_equal(tcgetattr(terminal, &modes), 0);
    return (modes.c_lflag & (ICANON | ECHO | ISIG)) == 0;
}

static void
test_a_terminal_is_raw_while_the_line_is_in_use(void **state)
{
    struct terminal t;
    struct nursery n;
    struct guest g;
    int far;

    (void)state;
    far = open_terminal(&t, 100, 40);
    nursery_start(&n, program);
    guest_start_console(&g, &n, far, t.near, false);
    guest_run(&g, sees_prompt);
    assert_true(g.shell.pty);
    assert_int_equal(g.shell.columns, 100);
    assert_int_equal(g.shell.rows, 40);
    assert_true(is_raw(t.far));
    put(&g, "show\r");
    guest_run(&g, sees_answer);
    assert_string_equal(g.seen, "R1#show\r\ndid show\r\nR1#");
    put(&g, "exit\r");
    guest_run(&g, guest_has_ended);
    assert_int_equal(guest_status(&g), 0);
    assert_false(is_raw(t.far));
    close(t.far);
    guest_clear(&g);
    nursery_stop(&n);
}

static bool
got_window(struct guest *g)
{
    return guest_got(g, "WINDOW");
}

static void
test_a_new_size_is_seen_when_a_line_ends(void **state)
{
    struct winsize size = {.ws_col = 60, .ws_row = 20};
    struct terminal t;
    struct nursery n;
    struct guest g;
    int far;

    (void)state;
    far = open_terminal(&t, 100, 40);
    nursery_start(&n, program);
    guest_start_console(&g, &n, far, t.near, false);
    guest_run(&g, sees_prompt);
    assert_int_equal(ioctl(t.far, TIOCSWINSZ, &size), 0);
    put(&g, "show\r");
    guest_run(&g, got_window);
    assert_int_equal(g.window.columns, 60);
    assert_int_equal(g.window.rows, 20);
    close(t.far);
    end(&n, &g);
}

static void
test_a_terminal_that_hangs_up_ends_the_line(void **state)
{
    struct terminal t;
    struct nursery n;
    struct guest g;
    int far;

    (void)state;
    far = open_terminal(&t, 0, 0);
    nursery_start(&n, program);
    guest_start_console(&g, &n, far, t.near, false);
    guest_run(&g, sees_prompt);
    assert_int_equal(g.shell.columns, 0);
    close(t.far);
    close(g.peer);
    g.peer = -1;
    guest_run(&g, guest_has_ended);
    assert_true(g.ended.by_peer);
    end(&n, &g);
}

static int
open_stream(int *near)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    *near = ends[0];
    return ends[1];
}

static void
test_a_script_sees_prompts_but_no_echo(void **state)
{
    struct nursery n;
    struct guest g;
    int near, far = open_stream(&near);

    (void)state;
    nursery_start(&n, program);
    guest_start_console(&g, &n, far, near, false);
    put(&g, "show\nagain\nask\ny\nlast");
    assert_int_equal(shutdown(g.peer, SHUT_WR), 0);
    guest_run(&g, guest_has_ended);
    assert_false(g.shell.pty);
    assert_string_equal(g.seen, "R1#\r\ndid show\r\nR1#\r\ndid again\r\n"
                                "R1#\r\nReally? \r\nyes\r\n"
                                "R1#\r\ndid last\r\nR1#");
    assert_true(guest_got(&g, "INPUT_END"));
    end(&n, &g);
}

static void
test_a_stream_can_be_a_terminal(void **state)
{
    struct nursery n;
    struct guest g;
    int near, far = open_stream(&near);

    (void)state;
    nursery_start(&n, program);
    guest_start_console(&g, &n, far, near, true);
    guest_run(&g, sees_prompt);
    assert_true(g.shell.pty);
    assert_int_equal(g.shell.columns, 90);
    assert_int_equal(g.shell.rows, 30);
    put(&g, "show\r");
    guest_run(&g, sees_answer);
    assert_string_equal(g.seen, "R1#show\r\ndid show\r\nR1#");
    end(&n, &g);
}

static void
test_control_can_end_the_line(void **state)
{
    struct message m = {.type = MSG_DISCONNECT};
    struct nursery n;
    struct guest g;
    int near, far = open_stream(&near);

    (void)state;
    nursery_start(&n, program);
    guest_start_console(&g, &n, far, near, true);
    guest_run(&g, sees_prompt);
    guest_send(&g, &m, -1);
    guest_run(&g, guest_has_ended);
    end(&n, &g);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_terminal_is_raw_while_the_line_is_in_use),
        cmocka_unit_test(test_a_new_size_is_seen_when_a_line_ends),
        cmocka_unit_test(test_a_terminal_that_hangs_up_ends_the_line),
        cmocka_unit_test(test_a_script_sees_prompts_but_no_echo),
        cmocka_unit_test(test_a_stream_can_be_a_terminal),
        cmocka_unit_test(test_control_can_end_the_line),
    };

    if (argc != 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
