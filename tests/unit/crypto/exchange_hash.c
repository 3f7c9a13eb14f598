/* The hash of an exchange of which one knows the host key alone. */
#include "crypto/exchange_hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

static const char ours[] = "our host key", others[] = "the key of another";

/* `inside` stands within I_C. */
static void
put_before(struct buf *to, struct span inside)
{
    static const uint8_t zeros[80];
    size_t mark;

    buf_put_text(to, "SSH-2.0-c");
    buf_put_text(to, "SSH-2.0-s");
    mark = buf_begin_string(to);
    buf_put_u8(to, 20);
    buf_put(to, zeros, sizeof(zeros));
    buf_put_span(to, inside);
    buf_end_string(to, mark);
    mark = buf_begin_string(to);
    buf_put_u8(to, 20);
    buf_put(to, zeros, sizeof(zeros));
    buf_end_string(to, mark);
}

static void
test_it_is_the_hash_of_the_pieces_in_order(void **state)
{
    static const enum hash_id ids[] = {HASH_SHA1, HASH_SHA256, HASH_SHA384,
                                       HASH_SHA512};
    uint8_t hash[HASH_MAX], expected[HASH_MAX];
    struct buf before, whole;

    (void)state;
    buf_init(&before, 1000);
    buf_init(&whole, 2000);
    put_before(&before, SPAN_EMPTY);
    buf_put_span(&whole, buf_span(&before));
    buf_put_text(&whole, ours);
    buf_put(&whole, "values", 6);
    for (size_t i = 0; i < 4; i++) {
        struct span all = buf_span(&whole);
        size_t len = 0;

        assert_int_equal(exchange_hash(ids[i], buf_span(&before),
                                       span_text(ours), span_text("values"),
                                       hash, &len),
                         OK);
        assert_int_equal(hash_pieces(ids[i], &all, 1, expected), OK);
        assert_int_equal(len, hash_len(ids[i]));
        assert_memory_equal(hash, expected, len);
    }
    buf_clear(&before);
    buf_clear(&whole);
}

static void
test_other_hashes_are_refused(void **state)
{
    uint8_t hash[HASH_MAX];
    struct buf before;
    size_t len = 99;

    (void)state;
    buf_init(&before, 1000);
    put_before(&before, SPAN_EMPTY);
    for (unsigned id = 0; id < 300; id++)
        if (id != HASH_SHA1 && id != HASH_SHA256 && id != HASH_SHA384 &&
            id != HASH_SHA512)
            assert_int_equal(exchange_hash(id, buf_span(&before),
                                           span_text(ours), SPAN_EMPTY, hash,
                                           &len),
                             ERR_REFUSED);
    assert_int_equal(len, 99);
    buf_clear(&before);
}

/*
 * Whoever wants the hash of an exchange with another host's key, by telling us
 * of ours, must have us split the same bytes elsewhere. Our key can be among
 * them, where he wrote it himself: in his proposal.
 */
static void
test_the_same_bytes_are_not_split_elsewhere(void **state)
{
    struct buf framed, whole;
    uint8_t hash[HASH_MAX];
    size_t before_len, len;
    unsigned splits = 0;

    (void)state;
    buf_init(&framed, 100);
    buf_init(&whole, 2000);
    buf_put_text(&framed, ours);
    put_before(&whole, buf_span(&framed));
    before_len = buf_len(&whole);
    buf_put_text(&whole, others);
    buf_put(&whole, "values", 6);
    for (size_t at = 0; at <= buf_len(&whole); at++) {
        struct span before = span_of(buf_bytes(&whole), at);

        if (exchange_hash(HASH_SHA256, before, span_text(ours), SPAN_EMPTY,
                          hash, &len) != OK)
            continue;
        assert_int_equal(at, before_len);
        splits++;
    }
    assert_int_equal(splits, 1);
    buf_clear(&framed);
    buf_clear(&whole);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_the_hash_of_the_pieces_in_order),
        cmocka_unit_test(test_other_hashes_are_refused),
        cmocka_unit_test(test_the_same_bytes_are_not_split_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
