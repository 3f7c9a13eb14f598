/* Laws of log lines, as standard error and the console's user see them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "control/collectors.h"
#include "control/console.h"
#include "control/debug.h"
#include "control/journal.h"
#include "control/session.h"

/* --- the console, and the loop's clock ---------------------------------- */

static struct world {
    struct router router;
    struct session console;
    struct list all; /* in which the console is, if it is there */
    bool console_there;
    bool on_terminal;
    char console_line[LOG_LINE_MAX];
    struct session vty; /* that watches */
    unsigned watched;   /* lines it got */
    bool behind;        /* no screen takes a line */
    int pipe[2];        /* standard error */
    int own_error;      /* the test's own */
} world;

struct session *
session_on_console(struct router *r)
{
    (void)r;
    return world.console_there ? &world.console : NULL;
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
    assert_int_equal(m->type, MSG_LOG);
    if (world.behind)
        return false;
    if (s == &world.vty) {
        assert_int_equal(m->log.channel, 3);
        world.watched++;
        return true;
    }
    assert_ptr_equal(s, &world.console);
    assert_int_equal(m->log.channel, CHANNEL_ALL);
    text_copy_span(world.console_line, sizeof(world.console_line), m->log.line);
    return true;
}

void
debug_monitors(struct session *s, int more)
{
    s->monitors = (unsigned)((int)s->monitors + more);
}

bool
console_on_terminal(const struct router *r)
{
    (void)r;
    return world.on_terminal;
}

uint64_t
router_now_ms(const struct router *r)
{
    return uv_now(&r->loop);
}

static int
setup(void **state)
{
    (void)state;
    world = (struct world){0};
    list_init(&world.all);
    uv_loop_init(&world.router.loop);
    config_init(&world.router.config);
    world.router.sessions = (void *)1; /* only asked for by the above */
    world.console.router = &world.router;
    world.console.kind = SESSION_CONSOLE;
    assert_int_equal(pipe2(world.pipe, O_CLOEXEC), 0);
    assert_int_equal(fcntl(world.pipe[0], F_SETFL, O_NONBLOCK), 0);
    fflush(stderr);
    world.own_error = dup(STDERR_FILENO);
    dup2(world.pipe[1], STDERR_FILENO);
    world.router.journal = journal_new(&world.router);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    journal_free(world.router.journal);
    uv_run(&world.router.loop, UV_RUN_DEFAULT);
    uv_loop_close(&world.router.loop);
    config_clear(&world.router.config);
    dup2(world.own_error, STDERR_FILENO);
    close(world.own_error);
    close(world.pipe[0]);
    close(world.pipe[1]);
    return 0;
}

/* What standard error got since the last time. */
static const char *
logged(void)
{
    static char text[1 << 17];
    ssize_t len = read(world.pipe[0], text, sizeof(text) - 1);

    text[len > 0 ? len : 0] = '\0';
    return text;
}

static unsigned
count_lines(const char *text)
{
    unsigned lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static bool
matches(const char *text, const char *pattern)
{
    regex_t regex;
    bool match;

    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    match = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return match;
}

/* --- laws --------------------------------------------------------------- */

static void
test_a_message_has_the_form_of_ios(void **state)
{
    (void)state;
    journal_message(&world.router, "SSH", LOG_NOTICE, "ENABLED",
                    "SSH %s has been enabled", "2.0");
    assert_true(matches(logged(),
                        "^\\*(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
                        " [ 1-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\."
                        "[0-9]{3}: %SSH-5-ENABLED: SSH 2\\.0 has been "
                        "enabled\n$"));
}

static void
test_a_line_without_facility_has_only_a_time(void **state)
{
    (void)state;
    journal_line(&world.router, LOG_NOTICE,
                 " RSA key size needs to be atleast 768 bits");
    assert_true(matches(logged(), "[0-9]{3}:  RSA key size needs"));
}

static void
test_the_console_shows_what_the_service_log_has(void **state)
{
    (void)state;
    world.console_there = true;
    journal_message(&world.router, "SYS", LOG_NOTICE, "TEST", "both");
    assert_true(matches(logged(), "%SYS-5-TEST: both\n$"));
    assert_true(matches(world.console_line, "%SYS-5-TEST: both$"));
}

static void
test_everybody_who_is_logged_in_is_told(void **state)
{
    (void)state;
    list_append(&world.all, &world.console.node);
    world.console.state = SESSION_LOGIN;
    journal_broadcast(&world.router, "***\n*** %s", "--- SHUTDOWN ---");
    assert_string_equal(logged(), "***\n*** --- SHUTDOWN ---\n");
    assert_string_equal(world.console_line, "");
    world.console.state = SESSION_SHELL;
    journal_broadcast(&world.router, "***\n*** %s", "--- SHUTDOWN ---");
    assert_string_equal(world.console_line, "***\n*** --- SHUTDOWN ---");
}

static void
test_the_console_can_be_spared(void **state)
{
    (void)state;
    world.console_there = true;
    world.router.config.logging.console = CONFIG_LOGGING_OFF;
    journal_message(&world.router, "SYS", LOG_NOTICE, "A", "b");
    assert_string_equal(world.console_line, "");
    assert_true(matches(logged(), "%SYS-5-A: b\n$"));
}

static void
test_a_stranger_cannot_fill_the_log(void **state)
{
    char source[32];

    (void)state;
    for (int i = 0; i < 1000; i++)
        journal_limited(&world.router, "192.0.2.1", "SSH", LOG_WARNING, "BAD",
                        "line");
    assert_int_equal(count_lines(logged()), 5);
    /* Another source has its own measure, all together have one too. */
    for (int i = 0; i < 1000; i++) {
        snprintf(source, sizeof(source), "10.0.%d.%d", i / 256, i % 256);
        journal_limited(&world.router, source, "SSH", LOG_WARNING, "BAD",
                        "line");
    }
    assert_in_range(count_lines(logged()), 20, 300);
}

static void
test_many_sources_fill_the_log_no_more_than_one(void **state)
{
    char source[32];

    (void)state;
    /* Ten lines from each of 2,000 addresses: one network of IPv6 has more. */
    for (int i = 0; i < 20000; i++) {
        snprintf(source, sizeof(source), "2001:db8::%x", i / 10);
        journal_limited(&world.router, source, "SSH", LOG_WARNING, "BAD",
                        "line");
    }
    assert_in_range(count_lines(logged()), 20, 40);
    /* One after the other they are no way around it either. */
    for (int i = 0; i < 20000; i++) {
        snprintf(source, sizeof(source), "2001:db8::%x", i % 2000);
        journal_limited(&world.router, source, "SSH", LOG_WARNING, "BAD",
                        "line");
    }
    assert_int_equal(count_lines(logged()), 0);
}

static void
test_another_mnemonic_is_not_silenced(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        journal_limited(&world.router, "192.0.2.1", "SSH", LOG_WARNING, "BAD",
                        "line");
    logged();
    journal_limited(&world.router, "192.0.2.1", "SYS", LOG_ERROR, "OTHER",
                    "line");
    assert_int_equal(count_lines(logged()), 1);
}

static void
test_a_full_pipe_stops_nobody_and_what_was_lost_is_told(void **state)
{
    (void)state;
    for (int i = 0; i < 5000; i++)
        journal_message(&world.router, "SYS", LOG_NOTICE, "TEST",
                        "a line that nobody reads, again and again and again");
    while (*logged() != '\0')
        continue;
    journal_message(&world.router, "SYS", LOG_NOTICE, "TEST", "at last");
    assert_true(matches(logged(), "^\\([0-9]+ lines were lost here\\)\n.*"
                                  "at last\n$"));
}

static void
test_a_line_is_cut_not_overrun(void **state)
{
    static char much[5000];

    (void)state;
    memset(much, 'x', sizeof(much) - 1);
    journal_message(&world.router, "SYS", LOG_NOTICE, "TEST", "%s", much);
    assert_true(strlen(logged()) <= LOG_LINE_MAX);
}

static void
test_a_monitor_gets_every_line_while_it_watches(void **state)
{
    struct monitor monitor = {.session = &world.vty, .channel = 3};

    (void)state;
    world.vty.router = &world.router;
    world.vty.kind = SESSION_SSH;
    list_init(&monitor.node);
    journal_watch(&world.router, &monitor);
    journal_message(&world.router, "SYS", LOG_NOTICE, "TEST", "seen");
    journal_line(&world.router, LOG_NOTICE, "seen, too");
    assert_int_equal(world.watched, 2);
    journal_unwatch(&monitor);
    /* Once more does no harm. */
    journal_unwatch(&monitor);
    journal_message(&world.router, "SYS", LOG_NOTICE, "TEST", "not seen");
    assert_int_equal(world.watched, 2);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_message_has_the_form_of_ios),
        TEST(test_a_line_without_facility_has_only_a_time),
        TEST(test_the_console_shows_what_the_service_log_has),
        TEST(test_everybody_who_is_logged_in_is_told),
        TEST(test_a_monitor_gets_every_line_while_it_watches),
        TEST(test_the_console_can_be_spared),
        TEST(test_a_stranger_cannot_fill_the_log),
        TEST(test_many_sources_fill_the_log_no_more_than_one),
        TEST(test_another_mnemonic_is_not_silenced),
        TEST(test_a_full_pipe_stops_nobody_and_what_was_lost_is_told),
        TEST(test_a_line_is_cut_not_overrun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
