/* Laws of where lines of the log go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "control/collectors.h"
#include "control/console.h"
#include "control/log_outputs.h"
#include "control/session.h"

static struct world {
    struct router router;
    struct session console, vtys[2];
    struct monitor monitors[2];
    struct list all;
    uint64_t now_ms;
    unsigned shown[3]; /* lines on the console, and on each vty */
    bool behind[3];
    int own_error, nowhere;
} world;

struct session *
session_on_console(struct router *r)
{
    (void)r;
    return &world.console;
}

struct list *
sessions_all(struct router *r)
{
    (void)r;
    return &world.all;
}

void
collectors_log(struct router *r, const struct log_record *record)
{
    (void)r;
    (void)record;
}

bool
session_log(struct session *s, const struct message *m)
{
    size_t who = s == &world.console ? 0 : s == &world.vtys[0] ? 1 : 2;

    assert_int_equal(m->type, MSG_LOG);
    world.shown[who] += !world.behind[who];
    return !world.behind[who];
}

bool
console_on_terminal(const struct router *r)
{
    (void)r;
    return false;
}

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return world.now_ms;
}

static int
setup(void **state)
{
    (void)state;
    world = (struct world){.now_ms = 1000000};
    list_init(&world.all);
    config_init(&world.router.config);
    world.router.sessions = (void *)1; /* only asked for by the above */
    world.console.router = &world.router;
    world.console.kind = SESSION_CONSOLE;
    world.router.log_outputs = log_outputs_new(&world.router);
    log_outputs_update(&world.router);
    for (unsigned i = 0; i < 2; i++) {
        world.vtys[i].router = &world.router;
        world.vtys[i].vty = i;
        world.monitors[i].session = &world.vtys[i];
        list_init(&world.monitors[i].node);
    }
    world.own_error = dup(STDERR_FILENO);
    world.nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(world.nowhere, STDERR_FILENO);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dup2(world.own_error, STDERR_FILENO);
    close(world.own_error);
    close(world.nowhere);
    log_outputs_free(world.router.log_outputs);
    config_clear(&world.router.config);
    return 0;
}

static void
give(enum log_level severity, const char *mnemonic)
{
    struct log_record record = {.severity = severity,
                                .facility = "SYS",
                                .mnemonic = mnemonic,
                                .text = "said",
                                .stamp = "then: "};

    log_outputs_give(world.router.log_outputs, &record, false);
}

static const char *
buffered(void)
{
    static struct buf text;
    struct span older, newer;

    log_outputs_read(&world.router, &older, &newer);
    buf_clear(&text);
    buf_init(&text, 65536);
    buf_put_span(&text, older);
    buf_put_span(&text, newer);
    return buf_text(&text);
}

static void
test_each_place_has_its_level(void **state)
{
    struct config_logging *logging = &world.router.config.logging;

    (void)state;
    logging->console = LOG_ERROR;
    logging->monitor = LOG_WARNING;
    logging->buffered = LOG_NOTICE;
    log_outputs_watch(world.router.log_outputs, &world.monitors[0]);
    give(LOG_ERROR, "A");
    give(LOG_WARNING, "B");
    give(LOG_NOTICE, "C");
    give(LOG_DEBUGGING, "D");
    assert_int_equal(world.shown[0], 1);
    assert_int_equal(world.shown[1], 2);
    assert_string_equal(buffered(), "then: %SYS-3-A: said\n"
                                    "then: %SYS-4-B: said\n"
                                    "then: %SYS-5-C: said\n");
    logging->console = logging->monitor = logging->buffered =
        CONFIG_LOGGING_OFF;
    give(LOG_EMERGENCY, "E");
    log_outputs_update(&world.router);
    assert_int_equal(world.shown[0], 1);
    assert_int_equal(world.shown[1], 2);
    assert_string_equal(buffered(), "");
    assert_int_equal(log_outputs_counts(&world.router).console, 1);
    assert_int_equal(log_outputs_counts(&world.router).monitor, 2);
    assert_int_equal(log_outputs_counts(&world.router).buffer, 3);
}

static void
test_without_logging_only_the_console_is_told(void **state)
{
    (void)state;
    world.router.config.logging.on = false;
    log_outputs_watch(world.router.log_outputs, &world.monitors[0]);
    give(LOG_ALERT, "A");
    assert_int_equal(world.shown[0], 1);
    assert_int_equal(world.shown[1], 0);
    assert_string_equal(buffered(), "");
}

static void
test_who_is_behind_misses_lines_and_others_do_not(void **state)
{
    (void)state;
    log_outputs_watch(world.router.log_outputs, &world.monitors[0]);
    log_outputs_watch(world.router.log_outputs, &world.monitors[1]);
    world.behind[1] = true;
    for (unsigned i = 0; i < 1000; i++)
        give(LOG_NOTICE, "A");
    assert_int_equal(world.shown[0], 1000);
    assert_int_equal(world.shown[1], 0);
    assert_int_equal(world.shown[2], 1000);
    assert_int_equal(log_outputs_counts(&world.router).dropped, 1000);
    /* A line that somebody saw counts once. */
    assert_int_equal(log_outputs_counts(&world.router).monitor, 1000);
    assert_int_equal(strlen(buffered()), 4096);
}

static void
test_a_second_has_room_for_so_many(void **state)
{
    struct config_logging *logging = &world.router.config.logging;

    (void)state;
    logging->rate = 3;
    logging->rate_except = LOG_ERROR;
    for (unsigned i = 0; i < 10; i++) {
        give(LOG_NOTICE, "A");
        give(LOG_ERROR, "B");
        give(LOG_DEBUGGING, "");
    }
    assert_int_equal(world.shown[0], 3 + 10 + 10);
    assert_int_equal(log_outputs_counts(&world.router).rate_limited, 7);
    world.now_ms += 1000;
    logging->rate_all = true;
    for (unsigned i = 0; i < 10; i++)
        give(LOG_DEBUGGING, "");
    assert_int_equal(world.shown[0], 23 + 3);
    assert_int_equal(log_outputs_counts(&world.router).rate_limited, 14);
    assert_int_equal(log_outputs_counts(&world.router).buffer, 26);
}

static void
test_the_console_can_have_a_rate_of_its_own(void **state)
{
    (void)state;
    world.router.config.logging.rate = 1;
    world.router.config.logging.rate_console = true;
    for (unsigned i = 0; i < 10; i++)
        give(LOG_NOTICE, "A");
    assert_int_equal(world.shown[0], 1);
    assert_int_equal(log_outputs_counts(&world.router).buffer, 10);
}

static void
test_the_buffer_can_be_emptied(void **state)
{
    (void)state;
    give(LOG_NOTICE, "A");
    log_outputs_empty(&world.router);
    assert_string_equal(buffered(), "");
    give(LOG_NOTICE, "B");
    assert_string_equal(buffered(), "then: %SYS-5-B: said\n");
    assert_int_equal(log_outputs_counts(&world.router).flushes, 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_each_place_has_its_level),
        TEST(test_without_logging_only_the_console_is_told),
        TEST(test_who_is_behind_misses_lines_and_others_do_not),
        TEST(test_a_second_has_room_for_so_many),
        TEST(test_the_console_can_have_a_rate_of_its_own),
        TEST(test_the_buffer_can_be_emptied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
