/* Laws of the end of a session: what is told of it, and to whom, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "control/accounting.h"
#include "control/alarms.h"
#include "control/journal.h"
#include "control/session.h"
#include "control/snmp.h"

static struct world {
    struct router router;
    struct session session;
    int there; /* the client's end */
    unsigned told;
    bool of_console;
    struct session_end end;
    char logged[256];
} world;

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return 11150;
}

void
accounting_exec_end(struct session *s, const struct session_end *end)
{
    assert_ptr_equal(s, &world.session);
    world.told++;
    world.of_console = end == NULL;
    if (end != NULL)
        world.end = *end;
}

void
snmp_session_ended(struct router *r, const struct session_end *end)
{
    (void)r;
    (void)end;
}

void
journal_message(struct router *r, const char *facility, enum log_level severity,
                const char *mnemonic, const char *format, ...)
{
    va_list args;

    (void)r;
    assert_string_equal(facility, "SYS");
    assert_int_equal(severity, LOG_INFORMATIONAL);
    assert_string_equal(mnemonic, "LOGOUT");
    va_start(args, format);
    vsnprintf(world.logged, sizeof(world.logged), format, args);
    va_end(args);
}

static void
connect_session(void)
{
    struct session *s = &world.session;
    struct net_address any, bound;
    struct pollfd ready = {.events = POLLIN};

    assert_int_equal(net_parse("127.0.0.1:0", &any), OK);
    assert_int_equal(net_listen(&any, &ready.fd, &bound), OK);
    world.there = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(
        connect(world.there, (struct sockaddr *)&bound.storage, bound.len), 0);
    assert_int_equal(poll(&ready, 1, 10000), 1);
    assert_int_equal(net_accept(ready.fd, &s->socket, &s->peer), OK);
    assert_int_equal(net_local(s->socket, &s->local), OK);
    close(ready.fd);
}

static int
setup(void **state)
{
    (void)state;
    world = (struct world){.there = -1};
    world.session.router = &world.router;
    world.session.kind = SESSION_SSH;
    world.session.line = 4;
    world.session.accepted_ms = 1000;
    world.session.version = 2;
    text_copy(world.session.user, sizeof(world.session.user), "lab");
    text_copy(world.session.peer_text, sizeof(world.session.peer_text),
              "192.0.2.1");
    connect_session();
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    close(world.there);
    return 0;
}

static void
assert_cause(enum session_cause cause)
{
    alarms_session_end(&world.session);
    assert_int_equal(world.end.cause, cause);
}

static void
test_an_end_has_its_numbers(void **state)
{
    struct session *s = &world.session;

    (void)state;
    assert_int_equal(send(world.there, "0123456789", 10, 0), 10);
    assert_int_equal(send(s->socket, "012", 3, 0), 3);
    alarms_cause(s, CAUSE_LOGOUT);
    alarms_session_end(s);
    assert_int_equal(world.told, 1);
    assert_int_equal(world.end.line, 4);
    assert_int_equal(world.end.index, 1);
    assert_int_equal(world.end.elapsed_ms, 10150);
    assert_int_equal(world.end.bytes_in, 10);
    assert_int_equal(world.end.bytes_out, 3);
    assert_string_equal(world.end.user, "lab");
    assert_int_equal(world.end.version, 2);
    assert_false(world.end.reverse);
    assert_int_equal(world.end.cause, CAUSE_LOGOUT);
    assert_ptr_equal(world.end.peer, &s->peer);
    assert_ptr_equal(world.end.local, &s->local);
    assert_string_equal(world.logged,
                        "User lab has exited tty session 4(192.0.2.1)");
}

static void
test_who_was_never_in_has_not_left(void **state)
{
    (void)state;
    world.session.user[0] = '\0';
    alarms_session_end(&world.session);
    assert_int_equal(world.told, 1);
    assert_string_equal(world.logged, "");
}

static void
test_the_client_hears_of_it(void **state)
{
    char byte;

    (void)state;
    alarms_session_end(&world.session);
    assert_int_equal(world.session.socket, -1);
    assert_int_equal(recv(world.there, &byte, 1, 0), 0);
}

static void
test_the_first_cause_counts(void **state)
{
    (void)state;
    alarms_cause(&world.session, CAUSE_CLEARED);
    alarms_cause(&world.session, CAUSE_PEER);
    assert_cause(CAUSE_CLEARED);
}

static void
test_without_a_word_the_worker_has_died(void **state)
{
    (void)state;
    assert_cause(CAUSE_WORKER);
}

static void
test_a_line_without_a_connection_has_no_numbers(void **state)
{
    (void)state;
    close(world.session.socket);
    world.session.socket = -1;
    alarms_session_end(&world.session);
    assert_int_equal(world.told, 1);
    assert_true(world.of_console);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_end_has_its_numbers),
        TEST(test_the_client_hears_of_it),
        TEST(test_who_was_never_in_has_not_left),
        TEST(test_the_first_cause_counts),
        TEST(test_without_a_word_the_worker_has_died),
        TEST(test_a_line_without_a_connection_has_no_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
