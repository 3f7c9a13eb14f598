/* Laws of what messages say of SNMP notifications. */
#include "ipc/snmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct snmp_variable
variable(enum snmp_type type, uint32_t number, const char *octets)
{
    struct snmp_variable v = {
        .type = type, .number = number, .octets = span_text(octets)};

    snmp_oid_add(&v.name, (const uint32_t[]){1, 3, 6, 4294967295u}, 4);
    return v;
}

static void
assert_same(const struct snmp_oid *a, const struct snmp_oid *b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->ids, b->ids, a->count * sizeof(a->ids[0]));
}

static void
test_variables_come_back(void **state)
{
    struct snmp_variable sent[] = {
        variable(SNMP_INTEGER, INT32_MAX, ""),
        variable(SNMP_TICKS, UINT32_MAX, ""),
        variable(SNMP_OCTETS, 0, "lab"),
        variable(SNMP_OBJECT, 0, ""),
    };
    struct reader r;
    struct buf b;

    (void)state;
    snmp_oid_add(&sent[3].object, (const uint32_t[]){1, 3, 6, 1, 4, 1, 9}, 7);
    buf_init(&b, 4096);
    for (size_t i = 0; i < 4; i++)
        snmp_variable_put(&b, &sent[i]);
    r = reader_over(buf_span(&b));
    for (size_t i = 0; i < 4; i++) {
        struct snmp_variable got;

        snmp_variable_read(&r, &got);
        assert_true(read_ok(&r));
        assert_same(&got.name, &sent[i].name);
        assert_same(&got.object, &sent[i].object);
        assert_int_equal(got.type, sent[i].type);
        assert_int_equal(got.number, sent[i].number);
        assert_true(span_equal(got.octets, sent[i].octets));
    }
    assert_true(read_done(&r));
    buf_clear(&b);
}

/* The record, and whether it can be read. */
static bool
reads(const struct snmp_variable *v)
{
    struct snmp_variable got;
    struct reader r;
    struct buf b;
    bool ok;

    buf_init(&b, 4096);
    snmp_variable_put(&b, v);
    r = reader_over(buf_span(&b));
    snmp_variable_read(&r, &got);
    ok = read_done(&r);
    buf_clear(&b);
    return ok;
}

static void
test_what_ber_cannot_say_is_refused(void **state)
{
    struct snmp_variable v = variable(SNMP_INTEGER, 1, "");
    static char long_text[SNMP_TEXT_MAX + 2];

    (void)state;
    assert_true(reads(&v));
    v.number = (uint32_t)INT32_MAX + 1;
    assert_false(reads(&v));
    v = variable((enum snmp_type)0, 1, "");
    assert_false(reads(&v));
    v = variable((enum snmp_type)5, 1, "");
    assert_false(reads(&v));
    v = variable(SNMP_OBJECT, 1, ""); /* none */
    assert_false(reads(&v));
    v = variable(SNMP_INTEGER, 1, "");
    v.name.count = 1;
    assert_false(reads(&v));
    v.name.count = 0;
    assert_false(reads(&v));
    v.name.count = 4;
    v.name.ids[1] = 40;
    assert_false(reads(&v));
    v.name.ids[0] = 3;
    assert_false(reads(&v));
    memset(long_text, 'x', sizeof(long_text) - 1);
    v = variable(SNMP_OCTETS, 1, long_text);
    assert_false(reads(&v));
}

static void
test_any_cut_is_refused(void **state)
{
    struct snmp_variable v = variable(SNMP_OCTETS, 1, "lab"), got;
    struct buf b;

    (void)state;
    buf_init(&b, 4096);
    snmp_variable_put(&b, &v);
    for (size_t len = 0; len < buf_len(&b); len++) {
        struct reader r = reader_over(span_of(buf_span(&b).ptr, len));

        snmp_variable_read(&r, &got);
        assert_false(read_ok(&r));
    }
    buf_clear(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables_come_back),
        cmocka_unit_test(test_what_ber_cannot_say_is_refused),
        cmocka_unit_test(test_any_cut_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
