/* Laws of the ports that lead to groups of lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/journal.h"
#include "control/listener.h"
#include "control/rotary_ports.h"
#include "os/net.h"

/* --- what the others would do ------------------------------------------- */

static struct world {
    struct router router;
    struct config_ssh_port entry;
    void *items[1];
    uint32_t group; /* of the last who came */
    unsigned complaints;
} world;

void
listener_accept(struct router *r, int listener_fd, uint32_t rotary)
{
    struct net_address peer;
    int fd;

    assert_ptr_equal(r, &world.router);
    assert_int_equal(net_accept(listener_fd, &fd, &peer), OK);
    close(fd);
    world.group = rotary;
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
    world.complaints++;
}

/* --- what tests do ------------------------------------------------------ */

/* `count` ports in a row of which none was taken a moment ago. */
static unsigned
free_ports(unsigned count)
{
    struct net_address any, bound[8];
    unsigned first = 0;

    assert_int_equal(net_parse("127.0.0.1:0", &any), OK);
    while (first == 0) {
        int fds[8];
        unsigned n = 1;

        assert_int_equal(net_listen(&any, &fds[0], &bound[0]), OK);
        first = net_port(&bound[0]);
        for (; n < count; n++) {
            struct net_address next = any;

            net_set_port(&next, (uint16_t)(first + n));
            if (net_listen(&next, &fds[n], &bound[n]) != OK)
                break;
        }
        if (n < count)
            first = 0;
        while (n-- > 0)
            close(fds[n]);
    }
    return first;
}

static void
configure(unsigned port, unsigned first, unsigned last)
{
    struct config_list *list = &world.router.config.ssh.ports.list;

    world.entry =
        (struct config_ssh_port){.port = port, .first = first, .last = last};
    world.items[0] = &world.entry;
    list->items = port == 0 ? NULL : world.items;
    list->count = port == 0 ? 0 : 1;
}

static bool
is_open(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool open = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;

    close(fd);
    return open;
}

/* Whose port it is: somebody comes, and the loop turns until he is seen. */
static uint32_t
group_of(unsigned port)
{
    world.group = 0;
    assert_true(is_open(port));
    while (world.group == 0)
        uv_run(&world.router.loop, UV_RUN_ONCE);
    return world.group;
}

static int
begin(void **state)
{
    (void)state;
    world = (struct world){.group = 0};
    uv_loop_init(&world.router.loop);
    world.router.options.listen_count = 2;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(
            net_parse("127.0.0.1:0", &world.router.options.listen[i]), OK);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    rotary_ports_close(&world.router);
    uv_run(&world.router.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&world.router.loop);
}

static void
test_each_group_has_a_port(void **state)
{
    unsigned port = free_ports(3);

    (void)state;
    configure(port, 5, 7);
    assert_true(rotary_ports_update(&world.router));
    rotary_ports_watch(&world.router, true);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(group_of(port + i), 5 + i);
}

static void
test_groups_may_go_down(void **state)
{
    unsigned port = free_ports(2);

    (void)state;
    configure(port, 7, 6);
    assert_true(rotary_ports_update(&world.router));
    rotary_ports_watch(&world.router, true);
    assert_int_equal(group_of(port), 7);
    assert_int_equal(group_of(port + 1), 6);
}

static void
test_without_a_last_group_there_is_one(void **state)
{
    unsigned port = free_ports(2);

    (void)state;
    configure(port, 7, 0);
    assert_true(rotary_ports_update(&world.router));
    assert_true(is_open(port));
    assert_false(is_open(port + 1));
}

static void
test_what_is_configured_no_more_is_closed(void **state)
{
    unsigned port = free_ports(2);

    (void)state;
    configure(port, 1, 2);
    assert_true(rotary_ports_update(&world.router));
    configure(port, 3, 0);
    assert_true(rotary_ports_update(&world.router));
    assert_false(is_open(port + 1));
    rotary_ports_watch(&world.router, true);
    assert_int_equal(group_of(port), 3);
    configure(0, 0, 0);
    assert_true(rotary_ports_update(&world.router));
    assert_false(is_open(port));
}

static void
test_a_port_that_is_taken_is_told(void **state)
{
    struct net_address other, bound;
    int fd;

    (void)state;
    assert_int_equal(net_parse("127.0.0.1:0", &other), OK);
    assert_int_equal(net_listen(&other, &fd, &bound), OK);
    configure(net_port(&bound), 1, 0);
    assert_false(rotary_ports_update(&world.router));
    assert_int_equal(world.complaints, 1);
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_group_has_a_port, begin, end),
        cmocka_unit_test_setup_teardown(test_groups_may_go_down, begin, end),
        cmocka_unit_test_setup_teardown(test_without_a_last_group_there_is_one,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_what_is_configured_no_more_is_closed, begin, end),
        cmocka_unit_test_setup_teardown(test_a_port_that_is_taken_is_told,
                                        begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
