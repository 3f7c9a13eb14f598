/*
 * Laws of accounting: what is recorded, where records go, and that nobody
 * waits for them; servers are played here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/reader.h"
#include "base/text.h"
#include "config/aaa.h"
#include "control/aaa_servers.h"
#include "control/accounting.h"
#include "control/grant.h"
#include "control/journal.h"

#define ASKED_MAX 8

static struct world {
    struct router router;
    struct session session;
    unsigned asked;
    struct {
        char group[32], user[32], port[16], remote[64], arguments[512];
        enum aaa_accounting what;
        const struct aaa_events *events;
        void *owner;
    } ask[ASKED_MAX];
    unsigned finished;
    uint64_t now_ms;
    struct list sessions;
    uv_timer_cb look; /* at what goes on */
    uv_timer_t *timer;
} world;

/* --- what the others would do ------------------------------------------- */

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

int __real_uv_timer_start(uv_timer_t *timer, uv_timer_cb call, uint64_t ms,
                          uint64_t repeat);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb call, uint64_t ms,
                          uint64_t repeat);

int
__wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb call, uint64_t ms,
                      uint64_t repeat)
{
    if (repeat == 0)
        return __real_uv_timer_start(timer, call, ms, repeat);
    world.timer = timer;
    world.look = call;
    return 0;
}

int __real_uv_timer_stop(uv_timer_t *timer);
int __wrap_uv_timer_stop(uv_timer_t *timer);

int
__wrap_uv_timer_stop(uv_timer_t *timer)
{
    return __real_uv_timer_stop(timer);
}

void
journal_limited(struct router *r, const char *source, const char *facility,
                enum log_level severity, const char *mnemonic,
                const char *format, ...)
{
    (void)r;
    (void)source;
    (void)facility;
    (void)severity;
    (void)mnemonic;
    (void)format;
    fail();
}

struct config_method
grant_method(const struct session *s)
{
    (void)s;
    return (struct config_method){.kind = CONFIG_METHOD_LOCAL};
}

struct span
grant_attributes(const struct session *s)
{
    (void)s;
    return SPAN_EMPTY;
}

/* Arguments but for times and numbers, which differ. */
static void
keep_arguments(struct span from, char *to, size_t room)
{
    struct reader r = reader_over(from);
    struct buf text;

    buf_init(&text, room);
    while (r.left > 0) {
        struct span one = read_string(&r);

        if (one.len > 8 && (memcmp(one.ptr, "task_id=", 8) == 0 ||
                            memcmp(one.ptr, "start_ti", 8) == 0))
            continue;
        buf_put_span(&text, one);
        buf_printf(&text, "|");
    }
    text_copy_span(to, room, buf_span(&text));
    buf_clear(&text);
}

uint64_t
aaa_group_ask(struct router *r, const char *group, const struct aaa_ask *ask,
              const struct aaa_events *events, void *owner)
{
    unsigned i = world.asked++;

    (void)r;
    assert_true(i < ASKED_MAX);
    assert_int_equal(ask->kind, AAA_ACCOUNT);
    text_copy(world.ask[i].group, sizeof(world.ask[i].group), group);
    text_copy_span(world.ask[i].user, sizeof(world.ask[i].user), ask->user);
    text_copy(world.ask[i].port, sizeof(world.ask[i].port), ask->port);
    text_copy(world.ask[i].remote, sizeof(world.ask[i].remote), ask->remote);
    keep_arguments(ask->arguments, world.ask[i].arguments,
                   sizeof(world.ask[i].arguments));
    world.ask[i].what = ask->accounting;
    world.ask[i].events = events;
    world.ask[i].owner = owner;
    return i + 1;
}

void
aaa_forget(struct router *r, void *owner)
{
    (void)r;
    (void)owner;
}

bool
aaa_plan_make(const struct config *config, const char *group,
              struct aaa_plan *plan)
{
    (void)config;
    *plan = (struct aaa_plan){
        .protocol = text_starts_nocase(group, "r") ? AAA_RADIUS : AAA_TACACS,
        .count = strcmp(group, "empty") == 0 ? 0 : 1};
    return strcmp(group, "nowhere") != 0;
}

/* --- the stage ---------------------------------------------------------- */

static int
setup(void **state)
{
    (void)state;
    world = (struct world){.now_ms = 61000};
    list_init(&world.sessions);
    list_append(&world.sessions, &world.session.node);
    world.session.socket = -1;
    uv_loop_init(&world.router.loop);
    config_init(&world.router.config);
    world.router.config.aaa.new_model = true;
    world.session.router = &world.router;
    world.session.kind = SESSION_SSH;
    world.session.line = 3;
    text_copy(world.session.user, sizeof(world.session.user), "lab");
    text_copy(world.session.peer_text, sizeof(world.session.peer_text),
              "192.0.2.7");
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    accounting_stop(&world.router);
    uv_run(&world.router.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world.router.loop), 0);
    config_clear(&world.router.config);
    return 0;
}

static void
record(enum config_aaa_use use, unsigned level, enum config_aaa_record what,
       const char *groups)
{
    struct config_methods *m =
        config_methods_make(&world.router.config, use, level, "default");

    m->record = (uint8_t)what;
    config_text_set(&m->methods, groups);
}

static void
says(unsigned i, enum aaa_outcome outcome)
{
    world.ask[i].events->result(world.ask[i].owner, outcome, SPAN_EMPTY, "");
}

static void
count_finish(struct router *r)
{
    assert_ptr_equal(r, &world.router);
    world.finished++;
}

/* --- laws --------------------------------------------------------------- */

static void
test_a_command_is_recorded_when_it_has_ended(void **state)
{
    (void)state;
    record(CONFIG_AAA_COUNT_COMMANDS, 15, CONFIG_AAA_START_STOP, "group tac");
    accounting_command(&world.session, 15, span_text("show running-config"));
    accounting_command(&world.session, 1, span_text("show clock"));
    assert_int_equal(world.asked, 1);
    assert_int_equal(world.ask[0].what, AAA_STOP);
    assert_string_equal(world.ask[0].user, "lab");
    assert_string_equal(world.ask[0].port, "tty3");
    assert_string_equal(world.ask[0].remote, "192.0.2.7");
    assert_string_equal(world.ask[0].arguments,
                        "timezone=UTC|service=shell|priv-lvl=15|"
                        "cmd=show running-config <cr>|");
    says(0, AAA_PASS);
}

static void
test_radius_has_no_records_of_commands(void **state)
{
    (void)state;
    record(CONFIG_AAA_COUNT_COMMANDS, 15, CONFIG_AAA_STOP_ONLY,
           "group radius group tac");
    accounting_command(&world.session, 15, span_text("reload"));
    assert_int_equal(world.asked, 1);
    assert_string_equal(world.ask[0].group, "tac");
}

static void
test_an_exec_has_a_start_and_a_stop(void **state)
{
    (void)state;
    record(CONFIG_AAA_COUNT_EXEC, 0, CONFIG_AAA_START_STOP, "group radius");
    world.session.begun_ms = 1000;
    accounting_exec_begin(&world.session);
    assert_int_equal(world.ask[0].what, AAA_START);
    assert_string_equal(world.ask[0].arguments, "timezone=UTC|service=shell|");
    accounting_exec_end(&world.session, NULL);
    accounting_exec_end(&world.session, NULL);
    assert_int_equal(world.asked, 2);
    assert_int_equal(world.ask[1].what, AAA_STOP);
    assert_string_equal(world.ask[1].arguments,
                        "timezone=UTC|service=shell|elapsed_time=60|");
}

static void
stops_with(enum session_cause cause, const char *number)
{
    struct session_end end = {
        .bytes_in = 1056, .bytes_out = 5ULL << 32, .cause = cause};
    char expected[128];
    unsigned stop = world.asked + 1;

    snprintf(expected, sizeof(expected),
             "timezone=UTC|service=shell|elapsed_time=60|bytes_in=1056|"
             "bytes_out=21474836480|disc-cause=%s|",
             number);
    world.session.begun_ms = 1000;
    accounting_exec_begin(&world.session);
    accounting_exec_end(&world.session, &end);
    assert_string_equal(world.ask[stop].arguments, expected);
    says(stop - 1, AAA_PASS);
    says(stop, AAA_PASS);
}

static void
test_a_stop_tells_how_the_connection_ended(void **state)
{
    (void)state;
    record(CONFIG_AAA_COUNT_EXEC, 0, CONFIG_AAA_START_STOP, "group radius");
    stops_with(CAUSE_LOGOUT, "1");
    stops_with(CAUSE_NETWORK, "2");
    stops_with(CAUSE_CLEARED, "6");
    stops_with(CAUSE_WORKER, "9");
}

static void
test_stop_only_and_none_are_obeyed(void **state)
{
    (void)state;
    record(CONFIG_AAA_COUNT_EXEC, 0, CONFIG_AAA_STOP_ONLY, "group radius");
    accounting_exec_begin(&world.session);
    assert_int_equal(world.asked, 0);
    record(CONFIG_AAA_COUNT_EXEC, 0, CONFIG_AAA_NO_RECORD, NULL);
    accounting_exec_end(&world.session, NULL);
    assert_int_equal(world.asked, 0);
}

static void
test_silence_goes_on_to_the_next_group(void **state)
{
    (void)state;
    record(CONFIG_AAA_COUNT_EXEC, 0, CONFIG_AAA_START_STOP,
           "group nowhere group empty group radius group tac");
    accounting_exec_begin(&world.session);
    assert_string_equal(world.ask[0].group, "radius");
    says(0, AAA_ERROR);
    assert_int_equal(world.asked, 2);
    assert_string_equal(world.ask[1].group, "tac");
    /* The last one's word, whatever it is, ends it. */
    says(1, AAA_ERROR);
    assert_int_equal(world.asked, 2);
}

static void
test_broadcast_asks_every_group(void **state)
{
    (void)state;
    record(CONFIG_AAA_COUNT_EXEC, 0, CONFIG_AAA_START_STOP,
           "group radius group tac");
    config_methods_find(&world.router.config, CONFIG_AAA_COUNT_EXEC, 0,
                        "default")
        ->broadcast = true;
    accounting_exec_begin(&world.session);
    assert_int_equal(world.asked, 2);
    assert_string_equal(world.ask[0].group, "radius");
    assert_string_equal(world.ask[1].group, "tac");
    says(0, AAA_ERROR);
    assert_int_equal(world.asked, 2);
}

static void
test_a_connection_has_an_address(void **state)
{
    struct accounting_connection c;

    (void)state;
    record(CONFIG_AAA_COUNT_CONNECTION, 0, CONFIG_AAA_START_STOP, "group tac");
    accounting_connection_begin(&world.session, "ssh", "192.0.2.9", 0, &c);
    assert_string_equal(
        world.ask[0].arguments,
        "timezone=UTC|service=connection|protocol=ssh|addr=192.0.2.9|");
    accounting_connection_end(&world.session, &c,
                              &(struct accounting_bytes){4467, 96});
    accounting_connection_end(&world.session, &c, NULL);
    assert_int_equal(world.asked, 2);
    assert_string_equal(world.ask[1].arguments,
                        "timezone=UTC|service=connection|protocol=ssh|"
                        "addr=192.0.2.9|elapsed_time=0|bytes_in=4467|"
                        "bytes_out=96|");
}

static void
test_a_line_has_a_list_for_those_who_come_to_it(void **state)
{
    struct accounting_connection c;
    struct config_tty_range *kept;

    (void)state;
    record(CONFIG_AAA_COUNT_CONNECTION, 0, CONFIG_AAA_START_STOP, "group tac");
    config_methods_make(&world.router.config, CONFIG_AAA_COUNT_CONNECTION, 0,
                        "LINES")
        ->record = CONFIG_AAA_START_STOP;
    config_text_set(&config_methods_find(&world.router.config,
                                         CONFIG_AAA_COUNT_CONNECTION, 0,
                                         "LINES")
                         ->methods,
                    "group radius");
    kept = config_list_append(&world.router.config.ttys.list,
                              &config_tty_range_type);
    kept->first = 5;
    kept->last = 5;
    accounting_connection_begin(&world.session, "ssh", "tty5", 5, &c);
    assert_string_equal(world.ask[0].group, "tac");
    accounting_connection_end(&world.session, &c, NULL);
    config_line_set_methods(&kept->tty.line, CONFIG_AAA_COUNT_CONNECTION, 0,
                            "LINES");
    accounting_connection_begin(&world.session, "ssh", "tty5", 5, &c);
    assert_string_equal(world.ask[2].group, "radius");
    accounting_connection_end(&world.session, &c, NULL);
    assert_string_equal(world.ask[3].group, "radius");
}

static void
look_at(uint64_t now_ms)
{
    world.now_ms = now_ms;
    world.look(world.timer);
}

static void
test_what_goes_on_is_told_again(void **state)
{
    struct accounting_connection c;

    (void)state;
    record(CONFIG_AAA_COUNT_EXEC, 0, CONFIG_AAA_START_STOP, "group radius");
    record(CONFIG_AAA_COUNT_CONNECTION, 0, CONFIG_AAA_START_STOP, "group tac");
    world.session.begun_ms = 61000;
    accounting_exec_begin(&world.session);
    world.now_ms = 71000;
    accounting_connection_begin(&world.session, "ssh", "192.0.2.9", 0, &c);
    assert_int_equal(world.asked, 2);
    look_at(10000000);
    assert_int_equal(world.asked, 2);
    world.router.config.aaa.update_min = 2;
    world.session.told_ms = 61000;
    c.told_ms = 71000;
    look_at(61000 + 119999);
    assert_int_equal(world.asked, 2);
    look_at(61000 + 120000);
    assert_int_equal(world.asked, 3);
    assert_int_equal(world.ask[2].what, AAA_UPDATE);
    assert_string_equal(world.ask[2].arguments,
                        "timezone=UTC|service=shell|elapsed_time=120|");
    look_at(61000 + 130001);
    assert_int_equal(world.asked, 4);
    assert_int_equal(world.ask[3].what, AAA_UPDATE);
    assert_string_equal(world.ask[3].arguments,
                        "timezone=UTC|service=connection|protocol=ssh|"
                        "addr=192.0.2.9|elapsed_time=120|");
    accounting_connection_end(&world.session, &c, NULL);
    look_at(61000 + 239999);
    assert_int_equal(world.asked, 5);
    look_at(61000 + 240000);
    assert_int_equal(world.asked, 6);
    accounting_exec_end(&world.session, NULL);
    look_at(61000 + 999999);
    assert_int_equal(world.asked, 7);
}

static void
test_the_end_waits_for_what_is_left(void **state)
{
    (void)state;
    accounting_finish(&world.router, count_finish);
    assert_int_equal(world.finished, 1);
    record(CONFIG_AAA_COUNT_EXEC, 0, CONFIG_AAA_START_STOP, "group radius");
    accounting_exec_begin(&world.session);
    accounting_finish(&world.router, count_finish);
    assert_int_equal(world.finished, 1);
    says(0, AAA_PASS);
    assert_int_equal(world.finished, 2);
}

static void
test_the_end_does_not_wait_for_ever(void **state)
{
    (void)state;
    record(CONFIG_AAA_COUNT_EXEC, 0, CONFIG_AAA_START_STOP, "group radius");
    accounting_exec_begin(&world.session);
    accounting_finish(&world.router, count_finish);
    while (world.finished == 0)
        uv_run(&world.router.loop, UV_RUN_ONCE);
    assert_int_equal(world.finished, 1);
}

static void
test_without_new_model_nothing_is_recorded(void **state)
{
    (void)state;
    world.router.config.aaa.new_model = false;
    record(CONFIG_AAA_COUNT_EXEC, 0, CONFIG_AAA_START_STOP, "group radius");
    accounting_exec_begin(&world.session);
    accounting_exec_end(&world.session, NULL);
    assert_int_equal(world.asked, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_command_is_recorded_when_it_has_ended),
        TEST(test_radius_has_no_records_of_commands),
        TEST(test_an_exec_has_a_start_and_a_stop),
        TEST(test_a_stop_tells_how_the_connection_ended),
        TEST(test_stop_only_and_none_are_obeyed),
        TEST(test_silence_goes_on_to_the_next_group),
        TEST(test_broadcast_asks_every_group),
        TEST(test_a_connection_has_an_address),
        TEST(test_a_line_has_a_list_for_those_who_come_to_it),
        TEST(test_what_goes_on_is_told_again),
        TEST(test_the_end_waits_for_what_is_left),
        TEST(test_the_end_does_not_wait_for_ever),
        TEST(test_without_new_model_nothing_is_recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
