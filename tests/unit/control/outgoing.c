/* The way to a socket, and to a worker. */
#include "outgoing_rig.h"

#include <sys/socket.h>
#include <unistd.h>

/* --- to a socket ---------------------------------------------------------- */

static void
test_a_refusal_is_one(void **state)
{
    (void)state;
    shutdown(world.listener, SHUT_RDWR);
    close(world.listener);
    world.listener = -1;
    connect_to("127.0.0.1", NULL);
    while (world.ends == 0)
        uv_run(&world.router.loop, UV_RUN_ONCE);
    assert_int_equal(world.end.outcome, OUTGOING_REFUSED);
    assert_false(world.end.ready);
    assert_null(world.worker);
}

static void
test_who_may_not_go_there_does_not(void **state)
{
    (void)state;
    world.deny = true;
    connect_to("127.0.0.1", NULL);
    assert_int_equal(world.ends, 1);
    assert_int_equal(world.end.outcome, OUTGOING_DENIED);
}

static void
test_names_that_lead_nowhere(void **state)
{
    static const struct {
        enum resolver_result result;
        enum outgoing_outcome outcome;
    } cases[] = {
        {RESOLVER_UNKNOWN, OUTGOING_UNKNOWN},
        {RESOLVER_SILENCE, OUTGOING_UNKNOWN},
        {RESOLVER_OFF, OUTGOING_UNKNOWN},
        {RESOLVER_BUSY, OUTGOING_NO_MEANS},
        {RESOLVER_FAILED, OUTGOING_NO_MEANS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct resolver_answer answer = {.result = cases[i].result};

        connect_to("far", NULL);
        world.resolving->on_answer(world.resolver_owner, &answer);
        assert_int_equal(world.ends, i + 1);
        assert_int_equal(world.end.outcome, cases[i].outcome);
    }
}

static void
test_the_next_address_is_tried(void **state)
{
    struct config_address addresses[2];
    const struct resolver_answer answer = {
        .result = RESOLVER_FOUND, .addresses = addresses, .count = 2};
    char text[CONFIG_ADDRESS_TEXT];

    (void)state;
    /* Nobody listens at the first one: only at 127.0.0.1. */
    assert_int_equal(
        config_address_parse_ipv4(span_text("127.0.0.2"), &addresses[0]), OK);
    assert_int_equal(
        config_address_parse_ipv4(span_text("127.0.0.1"), &addresses[1]), OK);
    connect_to("far", NULL);
    world.resolving->on_answer(world.resolver_owner, &answer);
    wait_for_worker();
    config_address_text(outgoing_address(world.o), text);
    assert_string_equal(text, "127.0.0.1");
    assert_hears(MSG_CLIENT_SETUP);
}

static void
test_no_process_can_be_had(void **state)
{
    (void)state;
    connect_to("127.0.0.1", NULL);
    wait_for_worker();
    assert_true(outgoing_started(&world.router, NUMBER, 0));
    assert_int_equal(world.ends, 1);
    assert_int_equal(world.end.outcome, OUTGOING_NO_MEANS);
    assert_false(outgoing_started(&world.router, NUMBER, 0));
}

static void
test_what_is_abandoned_tells_nobody(void **state)
{
    (void)state;
    connect_to("127.0.0.1", NULL);
    outgoing_abandon(world.o);
    turn();
    assert_null(world.worker);
    connect_to("127.0.0.1", NULL);
    wait_for_worker();
    outgoing_abandon(world.o);
    assert_true(world.forgotten);
    assert_int_equal(world.ends, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_a_refusal_is_one),
        RIG_TEST(test_who_may_not_go_there_does_not),
        RIG_TEST(test_names_that_lead_nowhere),
        RIG_TEST(test_the_next_address_is_tried),
        RIG_TEST(test_no_process_can_be_had),
        RIG_TEST(test_what_is_abandoned_tells_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
