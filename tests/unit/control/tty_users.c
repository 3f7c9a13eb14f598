/* Laws of who may come to a line, and who is there. */
#include "stage.h"

#include "base/text.h"
#include "control/tty_users.h"

#define LINE "line 1\n device /dev/ttyS7\n transport input ssh\n"

static enum tty_refusal
judge(const char *user)
{
    return tty_users_judge(&stage.router, 1, user, false);
}

static void
test_names_are_whole_and_letter_by_letter(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    stage_configure(LINE " access-user lab other\n");
    assert_int_equal(judge("lab"), TTY_ADMITTED);
    assert_int_equal(judge("other"), TTY_ADMITTED);
    assert_int_equal(judge("la"), TTY_NOT_PERMITTED);
    assert_int_equal(judge("labo"), TTY_NOT_PERMITTED);
    assert_int_equal(judge("LAB"), TTY_NOT_PERMITTED);
    assert_int_equal(judge("lab other"), TTY_NOT_PERMITTED);
    assert_int_equal(judge(""), TTY_NOT_PERMITTED);
}

static void
test_a_line_without_names_admits_nobody(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    stage_configure(LINE);
    assert_int_equal(judge("lab"), TTY_NOT_PERMITTED);
    assert_int_equal(judge(""), TTY_NOT_PERMITTED);
}

static void
test_what_else_decides_has_the_word(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    stage_configure(LINE " access-user lab\n");
    assert_int_equal(tty_users_judge(&stage.router, 1, NULL, true),
                     TTY_ADMITTED);
    assert_int_equal(tty_users_judge(&stage.router, 1, NULL, false),
                     TTY_NOT_PERMITTED);
}

/* Whoever may not come learns nothing of the line. */
static void
test_the_name_comes_before_the_state_of_the_line(void **state)
{
    (void)state;
    stage_configure("line 1\n access-user lab\n");
    assert_int_equal(judge("eve"), TTY_NOT_PERMITTED);
    assert_int_equal(judge("lab"), TTY_NO_TRANSPORT);
    stage_configure("line 1\n transport input ssh\n");
    assert_int_equal(judge("lab"), TTY_NO_DEVICE);
    stage.tty_state = TTY_ABSENT;
    assert_int_equal(judge("lab"), TTY_DEVICE_ABSENT);
    assert_int_equal(judge("eve"), TTY_NOT_PERMITTED);
    assert_int_equal(tty_users_judge(&stage.router, 9, "lab", false),
                     TTY_NO_LINE);
}

static void
test_who_is_there_decides_about_the_next(void **state)
{
    struct tty_guest g = {.router = &stage.router,
                          .session = &stage.sessions[0],
                          .line = 1,
                          .tty = 1,
                          .user = "lab"};
    char why[128];

    (void)state;
    stage.tty_state = TTY_READY;
    stage_configure(LINE " access-user lab\n");
    tty_users_add(&g);
    assert_int_equal(judge("lab"), TTY_ADMITTED);
    g.state = TTY_GUEST_WATCHES;
    assert_int_equal(judge("lab"), TTY_ADMITTED);
    g.state = TTY_GUEST_WRITES;
    assert_int_equal(judge("lab"), TTY_IN_USE);
    tty_users_why(&stage.router, 1, TTY_IN_USE, why, sizeof(why));
    assert_string_equal(why, "Line 1 is in use by lab");
    stage_configure("line 1\n share\n");
    assert_int_equal(judge("lab"), TTY_WATCHES);
    g.state = TTY_GUEST_LEAVES;
    assert_int_equal(judge("lab"), TTY_AWAITED);
    assert_null(tty_users_next(&stage.router, 1, NULL));
    assert_ptr_equal(tty_users_writer(&stage.router, 1), &g);
    tty_users_remove(&g);
    assert_null(tty_users_writer(&stage.router, 1));
}

static void
test_guests_come_one_after_the_other(void **state)
{
    struct tty_guest guests[3] = {
        {.router = &stage.router, .tty = 1, .state = TTY_GUEST_WRITES},
        {.router = &stage.router, .tty = 2, .state = TTY_GUEST_WRITES},
        {.router = &stage.router, .tty = 1, .state = TTY_GUEST_WATCHES}};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        tty_users_add(&guests[i]);
    assert_ptr_equal(tty_users_next(&stage.router, 1, NULL), &guests[0]);
    assert_ptr_equal(tty_users_next(&stage.router, 1, &guests[0]), &guests[2]);
    assert_null(tty_users_next(&stage.router, 1, &guests[2]));
    for (size_t i = 0; i < 3; i++)
        tty_users_remove(&guests[i]);
}

static void
test_a_line_is_taken_of_oneself_or_by_an_administrator(void **state)
{
    const struct tty_guest from = {.user = "lab"};

    (void)state;
    assert_true(tty_users_may_take(&from, "lab", 1));
    assert_false(tty_users_may_take(&from, "Lab", 14));
    assert_true(tty_users_may_take(&from, "eve", 15));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_names_are_whole_and_letter_by_letter),
        STAGE_TEST(test_a_line_without_names_admits_nobody),
        STAGE_TEST(test_what_else_decides_has_the_word),
        STAGE_TEST(test_the_name_comes_before_the_state_of_the_line),
        STAGE_TEST(test_who_is_there_decides_about_the_next),
        STAGE_TEST(test_guests_come_one_after_the_other),
        STAGE_TEST(test_a_line_is_taken_of_oneself_or_by_an_administrator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
