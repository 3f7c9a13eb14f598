/* Laws of how long somebody may stay on a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "control/grant.h"
#include "control/journal.h"
#include "control/sessions.h"
#include "control/shell.h"
#include "control/stays.h"

#define MINUTE_MS 60000

/* --- what the others would do ------------------------------------------- */

static struct world {
    struct router router;
    struct session vty, console;
    struct list sessions;
    uint64_t now_ms;
    unsigned disconnects, clears, console_uses;
    char log[256];
} world;

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return world.now_ms;
}

struct list *
sessions_all(struct router *r)
{
    (void)r;
    return &world.sessions;
}

void
sessions_count_use(struct router *r, struct config_line_id line)
{
    (void)r;
    assert_int_equal(line.kind, CONFIG_LINE_CONSOLE);
    world.console_uses++;
}

unsigned
grant_stay_min(const struct session *s)
{
    return session_line(s)->absolute_timeout;
}

void
session_disconnect(struct session *s, enum session_cause cause,
                   enum ssh_reason reason, const char *text)
{
    (void)reason;
    assert_int_equal(cause, CAUSE_TIME);
    (void)text;
    assert_ptr_equal(s, &world.vty);
    world.disconnects++;
}

void
shells_clear_console(struct session *s)
{
    assert_ptr_equal(s, &world.console);
    world.clears++;
}

void
journal_message(struct router *r, const char *facility, enum log_level severity,
                const char *mnemonic, const char *format, ...)
{
    int len = snprintf(world.log, sizeof(world.log), "%%%s-%d-%s: ", facility,
                       (int)severity, mnemonic);
    va_list args;

    (void)r;
    va_start(args, format);
    vsnprintf(world.log + len, sizeof(world.log) - (size_t)len, format, args);
    va_end(args);
}

static int
setup(void **state)
{
    (void)state;
    world = (struct world){.now_ms = 1000};
    uv_loop_init(&world.router.loop);
    config_init(&world.router.config);
    list_init(&world.sessions);
    world.vty = (struct session){.router = &world.router,
                                 .kind = SESSION_SSH,
                                 .line = 1,
                                 .user = "lab",
                                 .peer_text = "192.0.2.1"};
    world.console =
        (struct session){.router = &world.router, .kind = SESSION_CONSOLE};
    list_append(&world.sessions, &world.console.node);
    list_append(&world.sessions, &world.vty.node);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    stays_stop(&world.router);
    uv_run(&world.router.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world.router.loop), 0);
    config_clear(&world.router.config);
    return 0;
}

static struct config_line *
vtys(void)
{
    struct config_vty *range = world.router.config.vtys.list.items[0];

    return &range->line;
}

/* --- laws --------------------------------------------------------------- */

static void
test_a_stay_ends_when_the_line_says_so(void **state)
{
    (void)state;
    vtys()->absolute_timeout = 2;
    stays_begin(&world.vty);
    assert_int_equal(world.vty.begun_ms, 1000);
    world.now_ms += 2 * MINUTE_MS - 1;
    stays_expire(&world.router);
    assert_int_equal(world.disconnects, 0);
    world.now_ms++;
    stays_expire(&world.router);
    stays_expire(&world.router);
    assert_int_equal(world.disconnects, 1);
    assert_string_equal(world.log,
                        "%SYS-6-TTY_EXPIRE_TIMER: (absolute timer expired, tty "
                        "1 (192.0.2.1)), user lab");
}

static void
test_a_stay_without_a_limit_does_not_end(void **state)
{
    (void)state;
    stays_begin(&world.vty);
    world.now_ms += 100000ull * MINUTE_MS;
    stays_expire(&world.router);
    assert_int_equal(world.disconnects, 0);
    assert_null(world.router.stays);
    /* What is configured later is for those who come later. */
    vtys()->absolute_timeout = 1;
    stays_expire(&world.router);
    assert_int_equal(world.disconnects, 0);
}

static void
test_the_console_goes_on_for_whoever_comes_next(void **state)
{
    (void)state;
    world.router.config.console.absolute_timeout = 1;
    stays_begin(&world.console);
    assert_int_equal(world.console_uses, 1);
    world.now_ms += MINUTE_MS;
    stays_expire(&world.router);
    assert_int_equal(world.clears, 1);
    assert_string_equal(world.log,
                        "%SYS-6-TTY_EXPIRE_TIMER: (absolute timer expired, tty "
                        "0 (0.0.0.0)), user ");
}

int
main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_stay_ends_when_the_line_says_so),
        TEST(test_a_stay_without_a_limit_does_not_end),
        TEST(test_the_console_goes_on_for_whoever_comes_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
