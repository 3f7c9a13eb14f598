/* Laws of averages: what traffic of a known size becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "control/rates.h"

static uint64_t now_ms;
static struct router router;
static struct netlink_link links[2];

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
    memset(&router, 0, sizeof(router));
    assert_int_equal(uv_loop_init(&router.loop), 0);
    config_init(&router.config);
    memset(links, 0, sizeof(links));
    for (unsigned i = 0; i < 2; i++) {
        links[i].index = i + 1;
        links[i].has_counters = true;
        snprintf(links[i].name, sizeof(links[i].name), "eth%u", i);
    }
    now_ms = 1000;
    return 0;
}

static int
end(void **state)
{
    (void)state;
    rates_free(&router);
    uv_run(&router.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&router.loop), 0);
    config_clear(&router.config);
    return 0;
}

/* So many seconds later so many bytes and packets have come. */
static void
pass(unsigned s, uint64_t bytes, uint64_t packets)
{
    now_ms += s * 1000u;
    links[0].counters.rx_bytes += bytes;
    links[0].counters.rx_packets += packets;
    rates_look(&router, links, 2);
}

static void
assert_rate(uint64_t in_bits, uint64_t in_packets)
{
    struct rate rate;

    assert_true(rates_of(&router, &links[0], &rate));
    assert_int_equal(rate.in_bits, in_bits);
    assert_int_equal(rate.in_packets, in_packets);
    assert_int_equal(rate.out_bits, 0);
    assert_true(rates_of(&router, &links[1], &rate));
    assert_int_equal(rate.in_bits, 0);
}

static void
test_nothing_is_known_before_two_looks(void **state)
{
    struct rate rate;

    (void)state;
    assert_false(rates_of(&router, &links[0], &rate));
    pass(0, 500, 5);
    assert_false(rates_of(&router, &links[0], &rate));
    pass(0, 500, 5);
    assert_false(rates_of(&router, &links[0], &rate));
    pass(10, 10000, 100);
    assert_rate(8400, 10);
}

static void
test_up_to_the_interval_it_is_the_mean(void **state)
{
    (void)state;
    pass(0, 0, 0);
    pass(10, 10000, 100);
    pass(30, 0, 0);
    assert_rate(2000, 2);
    pass(5, 12500, 800);
    assert_rate(4000, 20);
}

static void
test_what_is_old_counts_less_and_less(void **state)
{
    struct rate rate;
    uint64_t before = 8001;

    (void)state;
    pass(0, 0, 0);
    for (unsigned i = 0; i < 60; i++)
        pass(5, 5000, 50);
    assert_true(rates_of(&router, &links[0], &rate));
    assert_in_range(rate.in_bits, 7999, 8000);
    for (unsigned i = 0; i < 120; i++) {
        pass(5, 0, 0);
        assert_true(rates_of(&router, &links[0], &rate));
        assert_true(rate.in_bits < before);
        before = rate.in_bits;
    }
    /* After twice the time an eighth of it is left, as of e squared. */
    assert_in_range(before, 900, 1150);
    assert_int_equal(rate.interval_s, 300);
}

static void
test_an_interface_has_its_own_interval(void **state)
{
    struct config_interface *entry = config_list_append(
        &router.config.interfaces.list, &config_interface_type);
    struct rate rate;

    (void)state;
    config_text_set(&entry->name, "eth0");
    entry->load_interval = 30;
    pass(0, 0, 0);
    pass(30, 30000, 0);
    pass(30, 0, 0);
    assert_true(rates_of(&router, &links[0], &rate));
    assert_int_equal(rate.in_bits, 0);
    assert_int_equal(rate.interval_s, 30);
    assert_true(rates_of(&router, &links[1], &rate));
    assert_int_equal(rate.interval_s, 300);
}

static void
test_another_interface_of_that_number_begins_anew(void **state)
{
    struct rate rate;

    (void)state;
    pass(0, 0, 0);
    pass(10, 10000, 100);
    snprintf(links[0].name, sizeof(links[0].name), "new");
    pass(10, 0, 0);
    assert_false(rates_of(&router, &links[0], &rate));
    links[0].counters.rx_bytes = 0;
    pass(10, 0, 0);
    assert_false(rates_of(&router, &links[0], &rate));
    pass(10, 0, 0);
    assert_rate(0, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_is_known_before_two_looks),
        TEST(test_up_to_the_interval_it_is_the_mean),
        TEST(test_what_is_old_counts_less_and_less),
        TEST(test_an_interface_has_its_own_interval),
        TEST(test_another_interface_of_that_number_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
