/* Laws of the notification that a session has ended. */
#include "control/snmp_notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct snmp_end
end_between(const char *local, const char *peer)
{
    struct net_address from, to;
    struct session_end end = {
        .line = 2,
        .index = 1,
        .local = &from,
        .peer = &to,
        .elapsed_ms = 10159,
        .bytes_in = 1056,
        .bytes_out = 1392,
        .user = "lab",
    };
    struct snmp_end kept;

    assert_int_equal(net_parse(local, &from), OK);
    assert_int_equal(net_parse(peer, &to), OK);
    snmp_end_keep(&kept, &end, 93434);
    return kept;
}

static void
assert_lines(const struct snmp_notice *notice, const char *const *lines,
             size_t count)
{
    assert_int_equal(notice->count, count);
    for (size_t i = 0; i < count; i++) {
        char line[SNMP_LINE_MAX];

        snmp_notice_line(&notice->variables[i], line);
        assert_string_equal(line, lines[i]);
    }
}

#define ASSERT_LINES(notice, ...)                       \
    assert_lines(notice, (const char *[]){__VA_ARGS__}, \
                 sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

#define CONNECTION "10.0.0.1.22.10.0.0.2.55246"

static void
test_version_1_has_the_six_variables_of_ios(void **state)
{
    struct snmp_end end = end_between("10.0.0.1:22", "10.0.0.2:55246");
    struct snmp_notice notice;

    (void)state;
    snmp_notice_make(&notice, &end, true);
    ASSERT_LINES(
        &notice, "local.9.3.1.1.2.1 = 6", "tcpConnEntry.1." CONNECTION " = 4",
        "ltcpConnEntry.5." CONNECTION " = 1015",
        "ltcpConnEntry.1." CONNECTION " = 1056",
        "ltcpConnEntry.2." CONNECTION " = 1392", "local.9.2.1.18.2 = lab");
    assert_int_equal(notice.variables[0].type, SNMP_INTEGER);
    assert_int_equal(notice.variables[2].type, SNMP_TICKS);
    assert_int_equal(notice.variables[5].type, SNMP_OCTETS);
}

static void
test_later_versions_say_uptime_and_kind_first(void **state)
{
    struct snmp_end end = end_between("10.0.0.1:22", "10.0.0.2:55246");
    struct snmp_notice notice;

    (void)state;
    snmp_notice_make(&notice, &end, false);
    ASSERT_LINES(&notice, "sysUpTime.0 = 93434", "snmpTrapOID.0 = cisco.0.1",
                 "local.9.3.1.1.2.1 = 6", "tcpConnEntry.1." CONNECTION " = 4",
                 "ltcpConnEntry.5." CONNECTION " = 1015",
                 "ltcpConnEntry.1." CONNECTION " = 1056",
                 "ltcpConnEntry.2." CONNECTION " = 1392",
                 "local.9.2.1.18.2 = lab");
}

static void
test_ipv6_has_no_place_in_the_old_tables(void **state)
{
    struct snmp_end end = end_between("[2001:db8::1]:22", "[2001:db8::2]:4");
    struct snmp_notice notice;

    (void)state;
    snmp_notice_make(&notice, &end, true);
    ASSERT_LINES(&notice, "local.9.3.1.1.2.1 = 6", "local.9.2.1.18.2 = lab");
    snmp_notice_make(&notice, &end, false);
    ASSERT_LINES(&notice, "sysUpTime.0 = 93434", "snmpTrapOID.0 = cisco.0.1",
                 "local.9.3.1.1.2.1 = 6",
                 "tcpConnectionEntry.7.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0."
                 "1.22.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.2.4 = 5",
                 "local.9.2.1.18.2 = lab");
}

static void
test_counts_of_an_integer_begin_anew(void **state)
{
    struct net_address a;
    struct session_end end = {.local = &a,
                              .peer = &a,
                              .user = "",
                              .bytes_in = (uint64_t)INT32_MAX + 1,
                              .bytes_out = INT32_MAX};
    struct snmp_end kept;

    (void)state;
    assert_int_equal(net_parse("127.0.0.1:1", &a), OK);
    snmp_end_keep(&kept, &end, 0);
    assert_int_equal(kept.bytes_in, 0);
    assert_int_equal(kept.bytes_out, INT32_MAX);
}

static void
test_a_user_is_shown_as_far_as_that_is_harmless(void **state)
{
    struct snmp_variable v = {.type = SNMP_OCTETS,
                              .octets = span_text("a\033[2J\n")};
    char line[SNMP_LINE_MAX];

    (void)state;
    snmp_oid_add(&v.name, (const uint32_t[]){1, 3, 9}, 3);
    snmp_notice_line(&v, line);
    assert_string_equal(line, "1.3.9 = a\\x1b[2J\\x0a");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_1_has_the_six_variables_of_ios),
        cmocka_unit_test(test_later_versions_say_uptime_and_kind_first),
        cmocka_unit_test(test_ipv6_has_no_place_in_the_old_tables),
        cmocka_unit_test(test_counts_of_an_integer_begin_anew),
        cmocka_unit_test(test_a_user_is_shown_as_far_as_that_is_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
