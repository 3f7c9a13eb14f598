/* Laws of the ring: the newest bytes, each at its place in the stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/ring.h"

/* A byte that depends on its place in the stream. */
static uint8_t
byte_at(uint64_t place)
{
    return (uint8_t)(place * 131 >> 3);
}

static void
put(struct ring *r, size_t count)
{
    uint8_t bytes[3 * RING_MIN];

    assert_true(count <= sizeof(bytes));
    for (size_t i = 0; i < count; i++)
        bytes[i] = byte_at(r->end + i);
    ring_put(r, span_of(bytes, count));
}

static void
check(const struct ring *r)
{
    assert_true(r->end - r->first <= r->size);
    for (uint64_t at = r->first; at < r->end;) {
        struct span piece = ring_read(r, at);

        assert_true(piece.len > 0);
        for (size_t i = 0; i < piece.len; i++)
            assert_int_equal(piece.ptr[i], byte_at(at + i));
        at += piece.len;
    }
    assert_int_equal(ring_read(r, r->end).len, 0);
}

static void
test_the_newest_bytes_stay(void **state)
{
    static const size_t counts[] = {
        1, 100, RING_MIN - 1, RING_MIN, RING_MIN + 1, 3 * RING_MIN, 7};
    struct ring r;
    uint64_t all = 0;

    (void)state;
    ring_init(&r, RING_MIN);
    check(&r);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        put(&r, counts[i]);
        all += counts[i];
        assert_int_equal(r.end, all);
        assert_int_equal(r.end - r.first, all < RING_MIN ? all : RING_MIN);
        check(&r);
    }
    ring_clear(&r);
}

static void
test_another_size_keeps_what_fits_and_the_places(void **state)
{
    static const size_t sizes[] = {RING_MIN,     RING_MIN + 1,  3 * RING_MIN,
                                   RING_MIN + 5, 10 * RING_MIN, RING_MIN};
    struct ring r;

    (void)state;
    ring_init(&r, 2 * RING_MIN);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint64_t end;

        put(&r, 1 + i * 1777);
        end = r.end;
        ring_resize(&r, sizes[i]);
        assert_int_equal(r.end, end);
        assert_int_equal(r.size, sizes[i]);
        check(&r);
    }
    ring_clear(&r);
}

static void
test_its_size_has_limits(void **state)
{
    struct ring r;

    (void)state;
    ring_init(&r, 0);
    assert_int_equal(r.size, RING_MIN);
    ring_resize(&r, SIZE_MAX);
    assert_int_equal(r.size, RING_MAX);
    ring_clear(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_bytes_stay),
        cmocka_unit_test(test_another_size_keeps_what_fits_and_the_places),
        cmocka_unit_test(test_its_size_has_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
