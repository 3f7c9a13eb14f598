/*
 * A line's device, with the port played: when it is read, and what a break
 * waits for.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "worker/line_parts.h"

static struct {
    struct line line;
    int near;        /* where the device sits */
    unsigned unsent; /* bytes, as the port says */
    unsigned forgotten;
    unsigned breaks_on, breaks_off, ready_on, ready_off, set;
    unsigned left;     /* users_leave() */
    char gone[128];    /* why; "" while it is there */
    const char *typed; /* what users_type() finds, once */
    bool held;         /* by a writer */
    size_t printed;    /* bytes, as prints_a_full_batch() counts */
} play;

/* --- what is played ------------------------------------------------------- */

enum err
tty_port_set(int fd, const struct tty_settings *settings)
{
    (void)fd;
    play.set += settings->speed == 1200;
    return OK;
}

unsigned
tty_port_unsent(int fd)
{
    (void)fd;
    return play.unsent;
}

void
tty_port_forget_unsent(int fd)
{
    (void)fd;
    play.forgotten++;
    play.unsent = 0;
}

enum err
tty_port_break(int fd, bool on)
{
    (void)fd;
    assert_int_equal(play.unsent, 0);
    play.breaks_on += on;
    play.breaks_off += !on;
    return OK;
}

enum err
tty_port_ready(int fd, bool on)
{
    (void)fd;
    play.ready_on += on;
    play.ready_off += !on;
    return OK;
}

void
uplink_send(struct uplink *u, const struct message *m)
{
    assert_null(u);
    assert_int_equal(m->type, MSG_LINE_GONE);
    snprintf(play.gone, sizeof(play.gone), "%.*s", (int)m->line_gone.text.len,
             m->line_gone.text.ptr);
}

void
users_leave(struct line *l)
{
    (void)l;
    play.left++;
}

bool
users_hold(const struct line *l)
{
    (void)l;
    return play.held;
}

bool
log_holds(const struct line *l)
{
    (void)l;
    return false;
}

void
users_type(struct line *l)
{
    if (play.typed != NULL)
        port_put(l, span_text(play.typed));
    play.typed = NULL;
}

/* --- the stage ------------------------------------------------------------ */

static int
begin(void **state)
{
    int ends[2];

    (void)state;
    memset(&play, 0, sizeof(play));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends),
                     0);
    play.near = ends[0];
    play.line.now_ms = 1000;
    play.line.settings.hang_up = true;
    port_init(&play.line.port);
    ring_init(&play.line.ring, 65536);
    port_open(&play.line, ends[1], LINE_DEVICE_TTY, true);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    port_open(&play.line, -1, LINE_DEVICE_TTY, false);
    ring_clear(&play.line.ring);
    buf_clear(&play.line.port.out);
    if (play.near >= 0)
        close(play.near);
    return 0;
}

/* Time passes; the poll finds what there is. */
static void
turn(unsigned ms)
{
    struct pollfd port = {.fd = play.line.port.fd};

    play.line.now_ms += ms;
    port.events = port_events(&play.line);
    if (port.events == 0)
        port.fd = -1;
    assert_true(poll(&port, 1, 0) >= 0);
    port_work(&play.line, port.fd < 0 ? 0 : port.revents);
}

static void
prints(const char *text)
{
    assert_int_equal(write(play.near, text, strlen(text)), strlen(text));
}

static size_t
has_read(void)
{
    return (size_t)play.line.bytes_in;
}

static void
assert_got(const char *text)
{
    char got[256];
    ssize_t len = read(play.near, got, sizeof(got));

    if (text[0] == '\0') {
        assert_int_equal(len, -1);
        assert_int_equal(errno, EAGAIN);
        return;
    }
    assert_int_equal(len, strlen(text));
    assert_memory_equal(got, text, strlen(text));
}

/* --- laws ----------------------------------------------------------------- */

static void
test_what_goes_on_is_read_in_batches(void **state)
{
    (void)state;
    prints("a");
    turn(0);
    assert_int_equal(has_read(), 1);
    prints("b");
    turn(1);
    assert_int_equal(has_read(), 1);
    assert_int_equal(port_deadline(&play.line), 1250);
    turn(249);
    assert_int_equal(has_read(), 2);
    /* Silence: nothing is waited for but the device. */
    turn(250);
    assert_int_equal(port_deadline(&play.line), LINE_NEVER);
    assert_int_equal(port_events(&play.line), POLLIN);
    prints("c");
    turn(1);
    assert_int_equal(has_read(), 3);
}

static void
test_an_answer_to_a_key_is_read_at_once(void **state)
{
    (void)state;
    prints("a");
    turn(0);
    port_put(&play.line, span_text("k"));
    turn(1);
    assert_got("k");
    prints("k");
    turn(1);
    assert_int_equal(has_read(), 2);
}

/* Lines that print wake up together, whenever each began. */
static void
test_batches_end_at_the_same_moments(void **state)
{
    static const unsigned began[] = {1003, 1100, 1249};

    (void)state;
    for (size_t i = 0; i < sizeof(began) / sizeof(began[0]); i++) {
        play.line.now_ms = began[i];
        prints("a");
        turn(0);
        assert_int_equal(has_read(), i + 1);
        assert_int_equal(port_deadline(&play.line), 1250);
        turn(1250 - began[i]);
        assert_int_equal(port_deadline(&play.line), LINE_NEVER);
    }
}

/* So much at once: the device is fast, or this process was late. */
static void
prints_a_full_batch(void)
{
    static char much[4096];

    memset(much, 'x', sizeof(much) - 1);
    prints(much);
    play.printed += sizeof(much) - 1;
}

static void
test_one_full_batch_is_followed_soon(void **state)
{
    (void)state;
    prints_a_full_batch();
    turn(0);
    assert_int_equal(has_read(), play.printed);
    for (unsigned at = 1010; at <= 1250; at = at == 1010 ? 1050 : at + 200) {
        prints("y");
        assert_int_equal(port_deadline(&play.line), at);
        turn((unsigned)(at - play.line.now_ms));
        assert_int_equal(has_read(), ++play.printed);
    }
    assert_int_equal(port_deadline(&play.line), 1500);
}

static void
test_a_fast_device_is_not_waited_for(void **state)
{
    (void)state;
    prints_a_full_batch();
    turn(0);
    prints_a_full_batch();
    turn(10);
    for (unsigned i = 0; i < 15; i++) {
        assert_int_equal(port_deadline(&play.line), LINE_NEVER);
        prints("y");
        turn(0);
        assert_int_equal(has_read(), ++play.printed);
    }
    /* It is still looked at more often than one that was never so fast. */
    prints("y");
    turn(0);
    assert_int_equal(port_deadline(&play.line), 1050);
}

/* A read takes no more than half of the ring: then that is a full batch. */
static void
test_a_small_ring_does_not_slow_the_device_down(void **state)
{
    (void)state;
    ring_resize(&play.line.ring, 4096);
    prints_a_full_batch();
    turn(0);
    assert_int_equal(has_read(), 2048);
    turn(10);
    assert_int_equal(has_read(), 4095);
    prints_a_full_batch();
    turn(0);
    assert_int_equal(has_read(), 4095);
}

static void
test_a_device_that_is_held_is_not_read(void **state)
{
    (void)state;
    play.held = true;
    prints("a");
    turn(0);
    assert_int_equal(has_read(), 0);
    /* It cannot keep what it sends: nobody waits. */
    play.line.port.held = false;
    turn(0);
    assert_int_equal(has_read(), 1);
    play.line.settings.flow = TTY_FLOW_HARDWARE;
    prints("b");
    turn(100);
    assert_int_equal(has_read(), 1);
}

static void
test_a_break_waits_for_what_was_typed(void **state)
{
    (void)state;
    play.typed = "before";
    play.unsent = 6;
    port_break(&play.line, 250);
    assert_int_equal(port_room(&play.line), 0);
    turn(0);
    assert_got("before");
    assert_int_equal(play.breaks_on, 0);
    play.unsent = 0;
    turn(10);
    assert_int_equal(play.breaks_on, 1);
    assert_int_equal(play.line.breaks, 1);
    assert_int_equal(play.forgotten, 0);
    /* A second one while it lasts is the same. */
    port_break(&play.line, 250);
    assert_int_equal(port_deadline(&play.line), play.line.now_ms + 250);
    turn(249);
    assert_int_equal(play.breaks_off, 0);
    turn(1);
    assert_int_equal(play.breaks_off, 1);
    assert_true(port_room(&play.line) > 0);
    assert_int_equal(play.line.breaks, 1);
}

static void
test_a_break_does_not_wait_for_ever(void **state)
{
    (void)state;
    play.unsent = 100;
    port_break(&play.line, UINT32_MAX);
    turn(1999);
    assert_int_equal(play.breaks_on, 0);
    turn(1);
    assert_int_equal(play.forgotten, 1);
    assert_int_equal(play.breaks_on, 1);
    /* Nor does it last for ever. */
    turn(3000);
    assert_int_equal(play.breaks_off, 1);
}

static void
test_nothing_is_typed_into_a_break(void **state)
{
    (void)state;
    port_break(&play.line, 100);
    turn(0);
    assert_int_equal(play.breaks_on, 1);
    port_put(&play.line, span_text("late"));
    turn(10);
    assert_got("");
    turn(100);
    turn(0);
    assert_got("late");
}

static void
test_dtr_falls_and_rises(void **state)
{
    (void)state;
    port_hang_up(&play.line);
    assert_int_equal(play.ready_off, 1);
    turn(999);
    assert_int_equal(play.ready_on, 0);
    turn(1);
    assert_int_equal(play.ready_on, 1);
    play.line.settings.hang_up = false;
    port_hang_up(&play.line);
    assert_int_equal(play.ready_off, 1);
}

static void
test_settings_change_without_a_new_beginning(void **state)
{
    (void)state;
    play.line.settings.speed = 1200;
    port_set(&play.line);
    assert_int_equal(play.set, 1);
    assert_string_equal(play.gone, "");
}

static void
test_a_device_that_goes_is_told_once(void **state)
{
    (void)state;
    prints("last words");
    turn(0);
    close(play.near);
    play.near = -1;
    turn(250);
    assert_string_equal(play.gone, "it hung up");
    assert_int_equal(play.left, 1);
    assert_int_equal(has_read(), 10);
    assert_int_equal(play.line.port.fd, -1);
    assert_int_equal(port_room(&play.line), 0);
    turn(100);
    port_break(&play.line, 10);
    port_hang_up(&play.line);
    port_set(&play.line);
    assert_int_equal(play.left, 1);
    assert_int_equal(play.breaks_on + play.ready_off + play.set, 0);
}

#define LAW(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LAW(test_what_goes_on_is_read_in_batches),
        LAW(test_an_answer_to_a_key_is_read_at_once),
        LAW(test_batches_end_at_the_same_moments),
        LAW(test_one_full_batch_is_followed_soon),
        LAW(test_a_fast_device_is_not_waited_for),
        LAW(test_a_small_ring_does_not_slow_the_device_down),
        LAW(test_a_device_that_is_held_is_not_read),
        LAW(test_a_break_waits_for_what_was_typed),
        LAW(test_a_break_does_not_wait_for_ever),
        LAW(test_nothing_is_typed_into_a_break),
        LAW(test_dtr_falls_and_rises),
        LAW(test_settings_change_without_a_new_beginning),
        LAW(test_a_device_that_goes_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
