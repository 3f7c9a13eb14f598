/* Laws of the session table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "control/alarms.h"
#include "control/auth.h"
#include "control/grant.h"
#include "control/listener.h"
#include "control/serving.h"
#include "control/sessions.h"
#include "control/shell.h"
#include "control/ssh_events.h"

/* --- who else hears of an end ------------------------------------------- */

static unsigned ended, freed, told;

void
shells_end(struct session *s)
{
    (void)s;
}

void
servings_end(struct session *s)
{
    (void)s;
}

void
alarms_session_end(struct session *s)
{
    /* Everything else has said its last word, but his grant is still there. */
    assert_true(s->off_line);
    told++;
}

void
grant_end(struct session *s)
{
    (void)s;
}

void
auth_free(struct auth *a)
{
    (void)a;
}

void
ssh_events_end(const struct session *s)
{
    (void)s;
}

void
listener_line_freed(struct router *r)
{
    (void)r;
    freed++;
}

void
listener_place_freed(struct session *s)
{
    /* The line must be free by now: the next connection may get it. */
    assert_null(s->kind == SESSION_SSH ? session_on_vty(s->router, s->vty)
                                       : session_on_console(s->router));
    ended++;
}

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return 1;
}

void
router_session_ended(struct router *r)
{
    (void)r;
}

static int
setup(void **state)
{
    struct router *r = calloc(1, sizeof(*r));

    config_init(&r->config);
    r->sessions = sessions_new(r);
    ended = freed = told = 0;
    *state = r;
    return 0;
}

static int
teardown(void **state)
{
    struct router *r = *state;

    LIST_EACH(node, sessions_all(r))
    {
        session_end(LIST_ITEM(node, struct session, node));
    }
    sessions_free(r->sessions);
    config_clear(&r->config);
    free(r);
    return 0;
}

/* --- laws --------------------------------------------------------------- */

static void
test_a_line_has_one_session(void **state)
{
    struct session *s = session_new(*state, SESSION_SSH, 3);

    assert_non_null(s);
    assert_null(session_new(*state, SESSION_SSH, 3));
    assert_ptr_equal(session_on_vty(*state, 3), s);
    assert_int_equal(s->line, 4);
    session_end(s);
    assert_int_equal(ended, 1);
    assert_null(session_on_vty(*state, 3));
    assert_non_null(session_new(*state, SESSION_SSH, 3));
    assert_non_null(session_new(*state, SESSION_CONSOLE, 0));
    assert_null(session_new(*state, SESSION_CONSOLE, 0));
}

static void
test_a_line_is_free_before_its_worker_has_gone(void **state)
{
    struct session *old = session_new(*state, SESSION_SSH, 3), *new;
    unsigned vty;

    session_leave_line(old);
    session_leave_line(old);
    assert_int_equal(freed, 1);
    /* Of the place that strangers have, it is not yet. */
    assert_int_equal(ended, 0);
    assert_int_equal(told, 0);
    assert_int_equal(old->state, SESSION_ENDING);
    assert_null(session_on_vty(*state, 3));
    assert_int_equal(sessions_free_vty(*state, 3, 3, &vty), OK);
    new = session_new(*state, SESSION_SSH, 3);
    assert_non_null(new);
    assert_int_equal(sessions_uses(*state, session_line_id(new)), 2);
    /* Its end takes nothing from whoever has the line now. */
    old->kind = SESSION_CONSOLE; /* for listener_place_freed() above */
    session_end(old);
    assert_int_equal(told, 1);
    assert_int_equal(ended, 1);
    assert_ptr_equal(session_on_vty(*state, 3), new);
    session_end(new);
}

static void
test_sessions_are_listed_in_the_order_of_their_lines(void **state)
{
    static const unsigned vtys[] = {70, 5, 9999, 0, 64, 6, 63};
    int before = -1;
    unsigned listed = 0;

    for (size_t i = 0; i < sizeof(vtys) / sizeof(vtys[0]); i++)
        session_new(*state, SESSION_SSH, vtys[i]);
    session_new(*state, SESSION_CONSOLE, 0);
    session_new(*state, SESSION_SSH, 1);
    LIST_EACH(node, sessions_all(*state))
    {
        struct session *s = LIST_ITEM(node, struct session, node);

        assert_true((int)s->line > before);
        before = (int)s->line;
        listed++;
    }
    assert_int_equal(before, 10000);
    assert_int_equal(listed, 9);
}

static void
test_the_lowest_free_vty_of_a_range_is_found(void **state)
{
    unsigned vty = 0;

    for (unsigned n = 0; n < 130; n++)
        session_new(*state, SESSION_SSH, n);
    assert_int_equal(sessions_free_vty(*state, 0, 129, &vty), ERR_NOT_FOUND);
    assert_int_equal(sessions_free_vty(*state, 0, 9999, &vty), OK);
    assert_int_equal(vty, 130);
    assert_int_equal(sessions_free_vty(*state, 500, 600, &vty), OK);
    assert_int_equal(vty, 500);
    session_end(session_on_vty(*state, 63));
    session_end(session_on_vty(*state, 64));
    assert_int_equal(sessions_free_vty(*state, 5, 129, &vty), OK);
    assert_int_equal(vty, 63);
    assert_int_equal(sessions_free_vty(*state, 64, 129, &vty), OK);
    assert_int_equal(vty, 64);
    assert_int_equal(sessions_free_vty(*state, 65, 129, &vty), ERR_NOT_FOUND);
    assert_int_equal(sessions_free_vty(*state, 9999, 9999, &vty), OK);
    assert_int_equal(vty, 9999);
}

static void
test_a_connection_number_is_never_used_twice(void **state)
{
    uint32_t last = 0;

    for (int i = 0; i < 3000; i++) {
        struct session *s = session_new(*state, SESSION_SSH, 0);

        assert_true(s->connection > last);
        last = s->connection;
        assert_ptr_equal(session_find(*state, last), s);
        session_end(s);
        assert_null(session_find(*state, last));
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_line_has_one_session),
        TEST(test_a_line_is_free_before_its_worker_has_gone),
        TEST(test_sessions_are_listed_in_the_order_of_their_lines),
        TEST(test_the_lowest_free_vty_of_a_range_is_found),
        TEST(test_a_connection_number_is_never_used_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
