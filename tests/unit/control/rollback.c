/*
 * Laws of a change that has to be confirmed: when it is warned of, and when it
 * comes back. Time is played, and so is the replacement.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/text.h"
#include "control/journal.h"
#include "control/replace.h"
#include "control/rollback.h"
#include "control/sessions.h"

int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb call, uint64_t timeout,
                          uint64_t repeat);
int __wrap_uv_timer_stop(uv_timer_t *timer);

static struct {
    struct router router;
    struct session session;
    bool here; /* the session is */
    uint64_t now_ms, due_ms;
    uv_timer_cb timer; /* NULL: it does not run */
    char log[2048];
    bool busy; /* another replacement is under way */
    replace_done_fn done;
    void *owner;
    char hostname[64]; /* that it was to have */
    bool told, whole;
} t;

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return t.now_ms;
}

int
__wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb call, uint64_t timeout,
                      uint64_t repeat)
{
    (void)timer;
    assert_int_equal(repeat, 0);
    t.timer = call;
    t.due_ms = t.now_ms + timeout;
    return 0;
}

int
__wrap_uv_timer_stop(uv_timer_t *timer)
{
    (void)timer;
    t.timer = NULL;
    return 0;
}

void
journal_message(struct router *r, const char *facility, enum log_level severity,
                const char *mnemonic, const char *format, ...)
{
    size_t len = strlen(t.log);

    (void)r, (void)facility, (void)severity, (void)format;
    snprintf(t.log + len, sizeof(t.log) - len, "%s\n", mnemonic);
}

struct session *
session_find(struct router *r, uint32_t connection)
{
    (void)r;
    assert_int_equal(connection, 7);
    return t.here ? &t.session : NULL;
}

bool
replace_begin(struct router *r, const struct config *target,
              const struct replace_by *by, replace_done_fn done, void *owner)
{
    (void)r;
    assert_string_equal(by->user, "");
    assert_null(by->from);
    if (t.busy)
        return false;
    text_copy(t.hostname, sizeof(t.hostname), target->hostname);
    t.done = done;
    t.owner = owner;
    return true;
}

static void
on_rolled(void *owner, bool whole)
{
    assert_ptr_equal(owner, &t);
    t.told = true;
    t.whole = whole;
}

/* The timer's time comes. */
static void
wait_for_timer(void)
{
    uv_timer_cb call = t.timer;

    assert_non_null(call);
    t.now_ms = t.due_ms;
    t.timer = NULL;
    call(&t.router.rollback->timer);
}

static void
end_replacement(enum replace_end end)
{
    struct replacement outcome = {.end = end};
    replace_done_fn done = t.done;

    assert_non_null(done);
    t.done = NULL;
    done(t.owner, &outcome);
}

static void
assert_log(const char *lines)
{
    assert_string_equal(t.log, lines);
    t.log[0] = '\0';
}

static int
begin(void **state)
{
    (void)state;
    memset(&t, 0, sizeof(t));
    t.now_ms = 1000;
    assert_int_equal(uv_loop_init(&t.router.loop), 0);
    config_init(&t.router.config);
    t.router.rollback = rollback_new(&t.router);
    assert_true(rollback_keep(&t.router, 7, "lab on vty0"));
    config_text_set(&t.router.config.hostname, "changed");
    return 0;
}

static int
end(void **state)
{
    (void)state;
    rollback_free(t.router.rollback);
    uv_run(&t.router.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&t.router.loop), 0);
    config_clear(&t.router.config);
    return 0;
}

static void
start(unsigned minutes, bool idle)
{
    rollback_start(&t.router,
                   &(struct rollback_limit){.minutes = minutes, .idle = idle},
                   "flash:/a-1");
    assert_log(idle ? "ROLLBK_CNFMD_CHG_BACKUP\n"
                      "ROLLBK_CNFMD_CHG_START_IDLETIMER\n"
                    : "ROLLBK_CNFMD_CHG_BACKUP\n"
                      "ROLLBK_CNFMD_CHG_START_ABSTIMER\n");
}

static void
test_what_is_not_confirmed_comes_back(void **state)
{
    (void)state;
    start(5, false);
    wait_for_timer();
    assert_int_equal(t.now_ms, 1000 + 4 * 60000);
    assert_log("ROLLBK_CNFMD_CHG_WARNING_ABSTIMER\n");
    assert_null(t.done);
    assert_true(rollback_is_pending(&t.router));
    wait_for_timer();
    assert_int_equal(t.now_ms, 1000 + 5 * 60000);
    assert_log("ROLLBK_CNFMD_CHG_ROLLBACK_START\n");
    assert_string_equal(t.hostname, "Router");
    /* There is nothing to be confirmed any more, nor to be kept yet. */
    assert_false(rollback_is_pending(&t.router));
    assert_false(rollback_keep(&t.router, 7, "other"));
    end_replacement(REPLACE_DONE);
    assert_log("");
    assert_null(t.timer);
    assert_true(rollback_keep(&t.router, 7, "other"));
}

static void
test_what_is_confirmed_stays(void **state)
{
    (void)state;
    start(5, false);
    rollback_cancel(&t.router);
    assert_null(t.timer);
    assert_false(rollback_is_pending(&t.router));
}

static void
test_of_one_minute_nobody_is_warned(void **state)
{
    (void)state;
    start(1, false);
    wait_for_timer();
    assert_int_equal(t.now_ms, 1000 + 60000);
    assert_log("ROLLBK_CNFMD_CHG_ROLLBACK_START\n");
    end_replacement(REPLACE_RESTORED);
    assert_log("ROLLBK_CNFMD_CHG_ROLLBACK_FAIL\n");
}

static void
test_whoever_types_is_not_idle(void **state)
{
    (void)state;
    t.here = true;
    start(2, true);
    t.session.active_ms = 1000 + 50000;
    wait_for_timer();
    assert_log("");
    wait_for_timer();
    assert_int_equal(t.now_ms, 1000 + 50000 + 60000);
    assert_log("ROLLBK_CNFMD_CHG_WARNING_IDLETIMER\n");
    /* One key more, and all of the time begins anew. */
    t.session.active_ms = t.now_ms + 1;
    wait_for_timer();
    assert_null(t.done);
    wait_for_timer();
    assert_log("ROLLBK_CNFMD_CHG_WARNING_IDLETIMER\n");
    /* Who is gone types nothing. */
    t.here = false;
    wait_for_timer();
    assert_log("ROLLBK_CNFMD_CHG_ROLLBACK_START\n");
}

static void
test_it_waits_for_another_replacement(void **state)
{
    (void)state;
    start(1, false);
    t.busy = true;
    wait_for_timer();
    assert_null(t.done);
    assert_true(rollback_is_pending(&t.router));
    assert_log("");
    t.busy = false;
    wait_for_timer();
    assert_log("ROLLBK_CNFMD_CHG_ROLLBACK_START\n");
    end_replacement(REPLACE_DONE);
}

static void
test_who_wants_it_at_once_is_told_of_its_end(void **state)
{
    (void)state;
    start(5, false);
    assert_true(rollback_now(&t.router, on_rolled, &t));
    assert_null(t.timer);
    assert_false(t.told);
    end_replacement(REPLACE_BROKEN);
    assert_true(t.told);
    assert_false(t.whole);
}

static void
test_it_comes_back_though_nobody_waits_for_it(void **state)
{
    (void)state;
    start(5, false);
    assert_true(rollback_now(&t.router, on_rolled, &t));
    rollback_forget(&t.router, &t);
    end_replacement(REPLACE_DONE);
    assert_false(t.told);
    assert_true(rollback_keep(&t.router, 7, "other"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_not_confirmed_comes_back),
        TEST(test_what_is_confirmed_stays),
        TEST(test_of_one_minute_nobody_is_warned),
        TEST(test_whoever_types_is_not_idle),
        TEST(test_it_waits_for_another_replacement),
        TEST(test_who_wants_it_at_once_is_told_of_its_end),
        TEST(test_it_comes_back_though_nobody_waits_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
