/* Laws of the page for who scrapes: what a question costs control at most. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "control/helpers.h"
#include "control/journal.h"
#include "control/metrics.h"
#include "control/telemetry.h"
#include "os/net.h"

#define TEXT "vtyd_sessions 0\n"

static struct router router;
static int somebody; /* the helpers */

/* What notify was told, played by the test. */
static struct {
    unsigned sockets, closings, pages;
    uint32_t request;
} told;

void
helpers_want_notify(struct router *r, enum notify_need need, bool wanted)
{
    (void)r;
    (void)wanted;
    assert_int_equal(need, NOTIFY_METRICS);
}

bool
notify_send(struct router *r, const struct message *m, int fd)
{
    (void)r;
    if (m->type == MSG_METRICS_PAGE) {
        assert_int_equal(m->metrics_page.page.len, strlen(TEXT));
        told.request = m->metrics_page.request;
        told.pages++;
    } else if (m->metrics_listen.first) {
        told.closings++;
    } else {
        assert_true(fd >= 0);
        told.sockets++;
    }
    return true;
}

void
metrics_page(struct router *r, struct buf *to)
{
    (void)r;
    buf_put(to, TEXT, strlen(TEXT));
}

void
journal_limited(struct router *r, const char *about, const char *facility,
                enum log_level severity, const char *mnemonic,
                const char *format, ...)
{
    (void)r;
    (void)about;
    (void)facility;
    (void)severity;
    (void)mnemonic;
    (void)format;
}

/* --- a router that serves ----------------------------------------------- */

static uint32_t
free_port(void)
{
    struct net_address any, bound;
    int fd = -1;

    assert_int_equal(net_parse("127.0.0.1:0", &any), OK);
    assert_int_equal(net_listen(&any, &fd, &bound), OK);
    close(fd);
    return net_port(&bound);
}

static int
begin(void **state)
{
    (void)state;
    memset(&told, 0, sizeof(told));
    memset(&router, 0, sizeof(router));
    router.helpers = (void *)&somebody;
    router.config.telemetry_port = free_port();
    return uv_loop_init(&router.loop);
}

static int
end(void **state)
{
    (void)state;
    telemetry_stop(&router);
    uv_run(&router.loop, UV_RUN_DEFAULT);
    assert_null(router.telemetry);
    return uv_loop_close(&router.loop);
}

static void
ask(uint32_t request)
{
    const struct msg_metrics_ask question = {.request = request};

    telemetry_on_ask(&router, &question);
}

static void
wait_for_page(void)
{
    unsigned before = told.pages;

    while (told.pages == before)
        uv_run(&router.loop, UV_RUN_ONCE);
}

/* --- laws --------------------------------------------------------------- */

static void
test_a_question_is_answered_at_once(void **state)
{
    (void)state;
    telemetry_update(&router);
    assert_true(told.sockets >= 1);
    ask(7);
    assert_int_equal(told.pages, 1);
    assert_int_equal(told.request, 7);
}

static void
test_many_questions_cost_one_more_page(void **state)
{
    (void)state;
    telemetry_update(&router);
    for (uint32_t request = 1; request <= 1000; request++)
        ask(request);
    assert_int_equal(told.pages, 1);
    wait_for_page();
    assert_int_equal(told.pages, 2);
    assert_int_equal(told.request, 1000);
}

static void
test_who_serves_nothing_makes_no_page(void **state)
{
    (void)state;
    ask(1);
    telemetry_update(&router);
    router.config.telemetry_port = 0;
    telemetry_update(&router);
    ask(2);
    assert_int_equal(told.pages, 0);
    assert_true(told.closings >= 1);
}

static void
test_a_question_that_waits_ends_with_the_port(void **state)
{
    (void)state;
    telemetry_update(&router);
    ask(1);
    ask(2);
    router.config.telemetry_port = 0;
    telemetry_update(&router);
    uv_run(&router.loop, UV_RUN_DEFAULT);
    assert_int_equal(told.pages, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_question_is_answered_at_once,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_many_questions_cost_one_more_page,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_who_serves_nothing_makes_no_page,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_question_that_waits_ends_with_the_port, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
