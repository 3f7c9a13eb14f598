/* What is counted stands on the page, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/metrics_parts.h"

static struct router router;
static struct list sessions;
static uint64_t now_ms;
static struct buf page;

struct list *
sessions_all(struct router *r)
{
    assert_ptr_equal(r, &router);
    return &sessions;
}

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return now_ms;
}

static int
begin(void **state)
{
    (void)state;
    list_init(&sessions);
    router.metrics = metrics_new();
    buf_init(&page, METRICS_PAGE_MAX);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    metrics_free(router.metrics);
    router.metrics = NULL;
    buf_clear(&page);
    return 0;
}

static const char *
text(void)
{
    buf_reset(&page);
    metrics_page(&router, &page);
    assert_true(buf_ok(&page));
    return buf_text(&page);
}

static bool
says(const char *line)
{
    char whole[200];

    snprintf(whole, sizeof(whole), "\n%s\n", line);
    return strstr(text(), whole) != NULL;
}

static void
test_everything_begins_at_0(void **state)
{
    char *copy, *rest, *line;

    (void)state;
    copy = rest = strdup(text());
    while ((line = strsep(&rest, "\n")) != NULL)
        if (*line != '\0' && *line != '#' &&
            strncmp(line, "vtyd_build_info", 15) != 0 &&
            strncmp(line, "vtyd_start_time", 15) != 0 &&
            strcmp(line, "vtyd_handshake_seconds_sum 0.000") != 0)
            assert_string_equal(strrchr(line, ' '), " 0");
    free(copy);
}

static void
test_each_thing_is_counted_once(void **state)
{
    (void)state;
    metrics_accepted(&router);
    for (int i = 0; i < REFUSALS; i++)
        metrics_refused(&router, (enum metrics_refusal)i);
    metrics_rekeyed(&router);
    metrics_login(&router, METRICS_PUBLIC_KEY, true);
    metrics_login(&router, METRICS_CONSOLE, false);
    metrics_helper_restarted(&router, HELPER_SERVERS);
    metrics_nursery_restarted(&router);
    assert_true(says("vtyd_connections_total 1"));
    assert_true(says("vtyd_connections_refused_total{cause=\"faults\"} 1"));
    assert_true(says("vtyd_connections_refused_total{cause=\"no worker\"} 1"));
    assert_true(says("vtyd_rekeys_total 1"));
    assert_true(
        says("vtyd_logins_total{result=\"accepted\",method=\"publickey\"} 1"));
    assert_true(
        says("vtyd_logins_total{result=\"failed\",method=\"publickey\"} 0"));
    assert_true(
        says("vtyd_logins_total{result=\"failed\",method=\"console\"} 1"));
    assert_true(says("vtyd_process_restarts_total{process=\"aaa-servers\"} 1"));
    assert_true(says("vtyd_process_restarts_total{process=\"nursery\"} 1"));
    assert_true(says("vtyd_process_restarts_total{process=\"signer\"} 0"));
}

static void
test_a_handshake_is_in_all_buckets_above_it(void **state)
{
    struct session s = {.router = &router, .accepted_ms = 1000};

    (void)state;
    now_ms = 1010;
    metrics_keys(&s);
    now_ms = 1011;
    metrics_keys(&s);
    now_ms = 1000 + 30001;
    metrics_keys(&s);
    assert_true(says("vtyd_handshake_seconds_bucket{le=\"0.005\"} 0"));
    assert_true(says("vtyd_handshake_seconds_bucket{le=\"0.01\"} 1"));
    assert_true(says("vtyd_handshake_seconds_bucket{le=\"0.025\"} 2"));
    assert_true(says("vtyd_handshake_seconds_bucket{le=\"30\"} 2"));
    assert_true(says("vtyd_handshake_seconds_bucket{le=\"+Inf\"} 3"));
    assert_true(says("vtyd_handshake_seconds_sum 30.022"));
    assert_true(says("vtyd_handshake_seconds_count 3"));
}

static void
test_ends_have_causes_and_octets(void **state)
{
    (void)state;
    for (int i = CAUSE_LOGOUT; i < SESSION_CAUSES; i++) {
        struct session_end ended = {
            .bytes_in = 1, .bytes_out = 10, .cause = (enum session_cause)i};

        metrics_session_ended(&router, &ended);
    }
    assert_true(says("vtyd_sessions_ended_total{cause=\"logout\"} 1"));
    assert_true(says("vtyd_sessions_ended_total{cause=\"shutdown\"} 1"));
    assert_null(strstr(text(), "{cause=\"none\"}"));
    assert_true(says("vtyd_received_bytes_total 15"));
    assert_true(says("vtyd_sent_bytes_total 150"));
}

static void
test_sessions_are_counted_by_version_and_state(void **state)
{
    struct session one = {.router = &router,
                          .kind = SESSION_SSH,
                          .socket = -1,
                          .version = 2,
                          .state = SESSION_SHELL};
    struct session two = one, console = one, leaving = one;

    (void)state;
    two.version = 0;
    two.state = SESSION_STARTING;
    console.kind = SESSION_CONSOLE;
    leaving.off_line = true;
    list_append(&sessions, &one.node);
    list_append(&sessions, &two.node);
    list_append(&sessions, &console.node);
    list_append(&sessions, &leaving.node);
    assert_true(says("vtyd_sessions{version=\"2.0\",state=\"started\"} 1"));
    assert_true(
        says("vtyd_sessions{version=\"unknown\",state=\"key-exchange\"} 1"));
    assert_true(says("vtyd_sessions{version=\"1.5\",state=\"started\"} 0"));
}

static void
test_the_largest_numbers_fit_a_page(void **state)
{
    struct metrics *m = router.metrics;
    uint64_t started = m->started_s;

    (void)state;
    memset(m, 0xff, sizeof(*m));
    m->started_s = started;
    assert_true(says("vtyd_rekeys_total 18446744073709551615"));
    assert_true(strlen(text()) < METRICS_PAGE_MAX / 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_everything_begins_at_0, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_each_thing_is_counted_once, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_a_handshake_is_in_all_buckets_above_it, begin, end),
        cmocka_unit_test_setup_teardown(test_ends_have_causes_and_octets, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_sessions_are_counted_by_version_and_state, begin, end),
        cmocka_unit_test_setup_teardown(test_the_largest_numbers_fit_a_page,
                                        begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
