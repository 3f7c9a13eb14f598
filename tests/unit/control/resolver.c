/* Laws of names: who is asked for which, and what a probe can make of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/reader.h"
#include "control/probe.h"
#include "control/resolver.h"

struct probe {
    bool running;
};

/* The probe, played by the test. */
static struct {
    struct probe probe;
    const struct probe_events *events;
    void *owner;
    enum err start;
    unsigned started;
    struct buf names, servers;
    struct message sent;
    bool with_socket;
} played;

static struct {
    unsigned answers, asked;
    struct resolver_answer answer;
    struct config_address first, second;
} told;

static struct router router;
static int somebody;

enum err
probe_start(struct router *r, const struct message *work, int fd,
            const struct probe_events *events, void *owner,
            struct probe **probe)
{
    (void)r;
    assert_int_equal(work->type, MSG_PROBE_NAME);
    assert_int_equal(fd, -1);
    if (played.start != OK)
        return played.start;
    buf_reset(&played.names);
    buf_put_span(&played.names, work->probe_name.names);
    buf_reset(&played.servers);
    buf_put_span(&played.servers, work->probe_name.servers);
    played.events = events;
    played.owner = owner;
    played.started++;
    played.probe.running = true;
    *probe = &played.probe;
    return OK;
}

void
probe_send(struct probe *p, const struct message *m, int fd)
{
    assert_true(p->running);
    played.sent = *m;
    played.with_socket = fd >= 0;
}

void
probe_stop(struct probe *p)
{
    p->running = false;
}

struct span
probe_address_bytes(const struct config_address *address)
{
    return span_of(address->bytes,
                   address->family == CONFIG_FAMILY_IPV4 ? 4 : 16);
}

bool
probe_address_take(struct span bytes, struct config_address *address)
{
    if (bytes.len != 4 && bytes.len != 16)
        return false;
    *address = (struct config_address){0};
    address->family = bytes.len == 4 ? CONFIG_FAMILY_IPV4 : CONFIG_FAMILY_IPV6;
    memcpy(address->bytes, bytes.ptr, bytes.len);
    return true;
}

/* Where UDP can be sent to without anybody there. */
void
probe_address_net(const struct config_address *address, uint16_t port,
                  struct net_address *net)
{
    (void)address;
    assert_int_equal(port, 53);
    assert_int_equal(net_parse("127.0.0.1:53", net), OK);
}

/* --- the owner ---------------------------------------------------------- */

static void
on_asked(void *owner, const struct config_address *server)
{
    (void)server;
    assert_ptr_equal(owner, &somebody);
    told.asked++;
}

static void
on_answer(void *owner, const struct resolver_answer *answer)
{
    assert_ptr_equal(owner, &somebody);
    told.answers++;
    told.answer = *answer;
    if (answer->count > 0)
        told.first = answer->addresses[0];
    if (answer->count > 1)
        told.second = answer->addresses[1];
}

static const struct resolver_events events = {on_asked, on_answer};

static void
ask(const char *name, bool ipv4, bool ipv6)
{
    resolver_ask(&router, name, ipv4, ipv6, &events, &somebody);
}

static struct config_address
address(const char *text)
{
    struct config_address a;

    if (config_address_parse_ipv4(span_text(text), &a) != OK)
        assert_int_equal(config_address_parse_ipv6(span_text(text), &a), OK);
    return a;
}

static void
add(struct config_list *list, const char *text)
{
    struct config_server *entry = config_list_append(list, &config_server_type);

    entry->address = address(text);
}

static int
setup(void **state)
{
    struct config_host *host;

    (void)state;
    memset(&told, 0, sizeof(told));
    memset(&played, 0, sizeof(played));
    buf_init(&played.names, 4096);
    buf_init(&played.servers, 4096);
    memset(&router, 0, sizeof(router));
    config_init(&router.config);
    config_text_set(&router.config.domain_name, "example.org");
    add(&router.config.name_servers.list, "192.0.2.1");
    add(&router.config.name_servers.list, "2001:db8::1");
    host = config_list_append(&router.config.hosts.list, &config_host_type);
    config_text_set(&host->name, "Far");
    add(&host->addresses.list, "2001:db8::9");
    add(&host->addresses.list, "192.0.2.9");
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    resolver_stop(&router);
    assert_false(played.probe.running);
    config_clear(&router.config);
    buf_clear(&played.names);
    buf_clear(&played.servers);
    return 0;
}

static void
say(const struct message *m)
{
    played.events->on_message(played.owner, m);
}

static void
want(uint32_t server)
{
    struct message m = {.type = MSG_PROBE_WANT};

    m.probe_want.server = server;
    say(&m);
}

static void
found(enum probe_answer answer, const struct buf *addresses)
{
    struct message m = {.type = MSG_PROBE_FOUND};

    m.probe_found.answer = (uint8_t)answer;
    m.probe_found.addresses = buf_span(addresses);
    say(&m);
}

/* --- laws --------------------------------------------------------------- */

static void
test_hosts_come_first_and_ipv4_before_ipv6(void **state)
{
    (void)state;
    ask("fAR", true, true);
    assert_int_equal(told.answer.result, RESOLVER_FOUND);
    assert_int_equal(told.answer.count, 2);
    assert_int_equal(told.first.family, CONFIG_FAMILY_IPV4);
    assert_int_equal(told.second.family, CONFIG_FAMILY_IPV6);
    ask("far", false, true);
    assert_int_equal(told.answer.count, 1);
    assert_int_equal(told.first.family, CONFIG_FAMILY_IPV6);
    assert_int_equal(played.started, 0);
}

static void
test_the_domain_goes_behind_names_without_a_dot(void **state)
{
    struct reader r;

    (void)state;
    ask("near", true, false);
    r = reader_over(buf_span(&played.names));
    assert_true(span_is(read_string(&r), "near.example.org"));
    assert_true(span_is(read_string(&r), "near"));
    assert_true(read_done(&r));
    resolver_forget(&router, &somebody);
    ask("near.net", true, false);
    r = reader_over(buf_span(&played.names));
    assert_true(span_is(read_string(&r), "near.net"));
    assert_true(read_done(&r));
    r = reader_over(buf_span(&played.servers));
    assert_int_equal(read_string(&r).len, 4);
    assert_int_equal(read_string(&r).len, 16);
    assert_true(read_done(&r));
}

static void
test_what_is_no_name_is_asked_of_nobody(void **state)
{
    static const char *const wrong[] = {"",    ".",   ".a",      "a..b",
                                        "a b", "a/b", "\xc3\xa4"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ask(wrong[i], true, true);
        assert_int_equal(told.answer.result, RESOLVER_UNKNOWN);
    }
    router.config.domain_lookup = false;
    ask("near", true, true);
    assert_int_equal(told.answer.result, RESOLVER_OFF);
    assert_int_equal(played.started, 0);
}

static void
test_a_probe_gets_sockets_to_its_servers_only(void **state)
{
    (void)state;
    ask("near", true, true);
    want(0);
    assert_int_equal(played.sent.type, MSG_PROBE_SOCKET);
    assert_true(played.with_socket);
    want(0);
    assert_int_equal(told.asked, 1);
    want(2);
    assert_false(played.with_socket);
    want(UINT32_MAX);
    assert_false(played.with_socket);
    for (unsigned i = 0; i < 100; i++)
        want(1);
    assert_false(played.with_socket);
    assert_int_equal(told.asked, 2);
}

static void
test_an_answer_is_looked_at_before_it_is_believed(void **state)
{
    struct buf addresses;

    (void)state;
    buf_init(&addresses, 4096);
    ask("near", true, false);
    buf_put_text(&addresses, "odd");
    found(PROBE_NAME_FOUND, &addresses);
    assert_int_equal(told.answer.result, RESOLVER_SILENCE);
    buf_put_string(&addresses, span_of(address("::1").bytes, 16));
    ask("near", true, false);
    found(PROBE_NAME_FOUND, &addresses);
    assert_int_equal(told.answer.result, RESOLVER_SILENCE);
    for (unsigned i = 0; i < 100; i++)
        buf_put_string(&addresses, span_text("\x7f\1\1\1"));
    buf_put_u32(&addresses, UINT32_MAX);
    ask("near", true, false);
    found(PROBE_NAME_FOUND, &addresses);
    assert_int_equal(told.answer.result, RESOLVER_FOUND);
    assert_int_equal(told.answer.count, RESOLVER_ADDRESSES_MAX);
    ask("near", true, false);
    found(PROBE_NAME_UNKNOWN, &addresses);
    assert_int_equal(told.answer.result, RESOLVER_UNKNOWN);
    assert_int_equal(told.answers, 4);
    buf_clear(&addresses);
}

static void
test_every_end_is_told_once(void **state)
{
    (void)state;
    played.start = ERR_LIMIT;
    ask("near", true, true);
    assert_int_equal(told.answer.result, RESOLVER_BUSY);
    played.start = OK;
    ask("near", true, true);
    played.probe.running = false;
    played.events->on_end(played.owner, true);
    assert_int_equal(told.answer.result, RESOLVER_FAILED);
    ask("near", true, true);
    resolver_forget(&router, &somebody);
    assert_false(played.probe.running);
    assert_int_equal(told.answers, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_hosts_come_first_and_ipv4_before_ipv6),
        TEST(test_the_domain_goes_behind_names_without_a_dot),
        TEST(test_what_is_no_name_is_asked_of_nobody),
        TEST(test_a_probe_gets_sockets_to_its_servers_only),
        TEST(test_an_answer_is_looked_at_before_it_is_believed),
        TEST(test_every_end_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
