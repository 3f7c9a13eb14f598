/* When version 1's server key is made, and made again; the signer, the loop's
   timers and the listener are played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/helpers.h"
#include "control/journal.h"
#include "control/keys.h"
#include "control/listener.h"
#include "control/server_key.h"

#define HOUR_MS 3600000u

static struct world {
    struct router router;
    struct key rsa;
    bool has_key, wants, signer_is_there;
    unsigned asked, updates;
    uint64_t now_ms;
    uv_timer_cb callback; /* NULL: the timer does not run */
    uv_timer_t *timer;
    uint64_t due_ms; /* from when it was started */
} world;

bool
signer_send(struct router *r, const struct message *m, int fd)
{
    (void)r;
    assert_int_equal(fd, -1);
    assert_int_equal(m->type, MSG_SERVER_KEY);
    assert_int_equal(m->server_key.key, world.rsa.number);
    if (world.signer_is_there)
        world.asked++;
    return world.signer_is_there;
}

unsigned
keys_wanted_versions(const struct router *r)
{
    (void)r;
    return world.wants ? SSH_VERSION_1 | SSH_VERSION_2 : SSH_VERSION_2;
}

const struct key *
keys_for_version_1(struct router *r)
{
    (void)r;
    return world.has_key ? &world.rsa : NULL;
}

void
journal_message(struct router *r, const char *facility, enum log_level severity,
                const char *mnemonic, const char *format, ...)
{
    (void)r;
    (void)facility;
    (void)severity;
    assert_string_equal(mnemonic, "AUTOGEN");
    assert_string_equal(format, "Generated new %zu bit key pair");
}

void
listener_update(struct router *r)
{
    (void)r;
    world.updates++;
}

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return world.now_ms;
}

int
uv_timer_start(uv_timer_t *timer, uv_timer_cb callback, uint64_t timeout,
               uint64_t repeat)
{
    assert_int_equal(repeat, 0);
    world.timer = timer;
    world.callback = callback;
    world.due_ms = timeout;
    return 0;
}

int
uv_timer_stop(uv_timer_t *timer)
{
    (void)timer;
    world.callback = NULL;
    return 0;
}

static int
setup(void **state)
{
    static char keys; /* only that it is there counts */

    (void)state;
    world = (struct world){
        .rsa = {.number = 4},
        .has_key = true,
        .wants = true,
        .signer_is_there = true,
        .now_ms = 1000000,
    };
    assert_int_equal(uv_loop_init(&world.router.loop), 0);
    world.router.keys = (struct keys *)&keys;
    world.router.server_key = server_key_new(&world.router);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    server_key_free(world.router.server_key);
    uv_run(&world.router.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&world.router.loop);
}

/* The signer's answer; serial 0: it has failed. */
static void
answer(uint32_t host, uint32_t serial)
{
    struct msg_server_key_made m = {
        .key = host,
        .serial = serial,
        .blob = serial != 0 ? span_text("a key") : SPAN_EMPTY,
    };

    server_key_on_made(&world.router, &m);
}

static void
pass_time(void)
{
    uv_timer_cb callback = world.callback;

    assert_non_null(callback);
    world.callback = NULL;
    world.now_ms += world.due_ms;
    callback(world.timer);
}

static void
assert_state(bool ready, bool awaited, unsigned asked)
{
    assert_int_equal(server_key_is_ready(&world.router), ready);
    assert_int_equal(server_key_is_awaited(&world.router), awaited);
    assert_int_equal(world.asked, asked);
}

static void
use(void)
{
    struct session s = {.router = &world.router};
    struct span host, server;

    server_key_use(&s, &host, &server);
    assert_int_equal(s.v1_host_key, 4);
    assert_true(span_is(server, "a key"));
}

static void
test_it_is_made_when_it_is_wanted(void **state)
{
    (void)state;
    world.wants = false;
    server_key_update(&world.router);
    assert_state(false, false, 0);
    world.wants = true;
    world.has_key = false;
    server_key_update(&world.router);
    assert_state(false, false, 0);
    world.has_key = true;
    server_key_update(&world.router);
    assert_state(false, true, 1);
    server_key_update(&world.router);
    assert_state(false, true, 1);
    answer(4, 1);
    assert_state(true, false, 1);
    assert_int_equal(world.updates, 1);
    world.wants = false;
    server_key_update(&world.router);
    assert_state(false, false, 1);
}

static void
test_it_is_renewed_after_an_hour_of_use(void **state)
{
    (void)state;
    server_key_update(&world.router);
    answer(4, 1);
    assert_int_equal(world.due_ms, HOUR_MS);
    pass_time();
    assert_state(true, false, 1);
    assert_int_equal(world.due_ms, HOUR_MS);
    use();
    pass_time();
    assert_state(true, false, 2);
    answer(4, 2);
    assert_int_equal(world.due_ms, HOUR_MS);
    pass_time();
    assert_state(true, false, 2);
}

static void
test_a_wrong_session_key_renews_it_soon_but_not_often(void **state)
{
    (void)state;
    server_key_update(&world.router);
    answer(4, 1);
    world.now_ms += 20000;
    server_key_suspect(&world.router);
    assert_int_equal(world.due_ms, 40000);
    world.due_ms = 0;
    server_key_suspect(&world.router);
    assert_int_equal(world.due_ms, 0);
    pass_time();
    assert_state(true, false, 2);
    answer(4, 2);
    world.now_ms += 70000;
    server_key_suspect(&world.router);
    assert_int_equal(world.due_ms, 0);
    pass_time();
    assert_state(true, false, 3);
}

static void
test_a_signer_that_fails_is_asked_again(void **state)
{
    (void)state;
    server_key_update(&world.router);
    answer(4, 0);
    /* Nobody waits for it any more. */
    assert_state(false, false, 1);
    assert_int_equal(world.updates, 1);
    assert_in_range(world.due_ms, 1000, 60000);
    pass_time();
    assert_state(false, false, 2);
    answer(4, 0);
    pass_time();
    assert_state(false, false, 3);
    answer(4, 1);
    assert_state(true, false, 3);
    /* What there is stays when another cannot be made. */
    use();
    pass_time();
    assert_state(true, false, 4);
    answer(4, 0);
    assert_state(true, false, 4);
    assert_in_range(world.due_ms, 1000, 60000);
    pass_time();
    assert_state(true, false, 5);
}

static void
test_a_signer_that_takes_nothing_is_asked_again(void **state)
{
    (void)state;
    world.signer_is_there = false;
    server_key_update(&world.router);
    assert_state(false, true, 0);
    world.signer_is_there = true;
    pass_time();
    assert_state(false, true, 1);
}

static void
test_the_signers_death_takes_the_key_along(void **state)
{
    (void)state;
    server_key_update(&world.router);
    answer(4, 0);
    server_key_lost(&world.router);
    assert_state(false, true, 1);
    server_key_update(&world.router);
    answer(4, 7);
    assert_state(true, false, 2);
    server_key_lost(&world.router);
    assert_state(false, true, 2);
    assert_null(world.callback);
}

/* Whoever waited for it is let in, also when it is of no use any more. */
static void
test_one_that_came_too_late_leaves_nobody_waiting(void **state)
{
    (void)state;
    server_key_update(&world.router);
    world.wants = false;
    answer(4, 1);
    assert_state(false, false, 1);
    assert_int_equal(world.updates, 1);
}

static void
test_it_goes_with_its_host_key(void **state)
{
    (void)state;
    server_key_update(&world.router);
    world.rsa.number = 5;
    /* One that was asked for with the pair before is of no use. */
    answer(4, 1);
    assert_state(false, true, 2);
    answer(5, 2);
    assert_state(true, false, 2);
    world.rsa.number = 6;
    server_key_update(&world.router);
    assert_state(false, true, 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_it_is_made_when_it_is_wanted,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_is_renewed_after_an_hour_of_use,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_a_wrong_session_key_renews_it_soon_but_not_often, setup,
            teardown),
        cmocka_unit_test_setup_teardown(test_a_signer_that_fails_is_asked_again,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_a_signer_that_takes_nothing_is_asked_again, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_the_signers_death_takes_the_key_along, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_one_that_came_too_late_leaves_nobody_waiting, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_goes_with_its_host_key, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
