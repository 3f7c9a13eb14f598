/* Laws of what messages say about AAA servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ipc/aaa.h"

static const uint8_t address[16] = {192, 0, 2, 1};

static struct aaa_server
sample(void)
{
    return (struct aaa_server){
        .address = span_of(address, 4),
        .port = 1812,
        .key = span_text("key"),
        .timeout_ms = 5000,
        .tries = 4,
        .single_connection = true,
        .source = span_of(address, 4),
    };
}

/* What is read of it; true: it was taken. */
static bool
passes(const struct aaa_server *server, struct aaa_server *read)
{
    struct reader r;
    struct buf bytes;
    bool done;

    buf_init(&bytes, 1024);
    aaa_server_put(&bytes, server);
    r = reader_over(buf_span(&bytes));
    aaa_server_read(&r, read);
    done = read_done(&r);
    if (done) {
        assert_true(span_equal(read->address, server->address));
        assert_true(span_equal(read->key, server->key));
        assert_true(span_equal(read->source, server->source));
    }
    buf_clear(&bytes);
    return done;
}

static void
test_a_server_comes_as_it_went(void **state)
{
    struct aaa_server server = sample(), read;

    (void)state;
    assert_true(passes(&server, &read));
    assert_int_equal(read.port, 1812);
    assert_int_equal(read.timeout_ms, 5000);
    assert_int_equal(read.tries, 4);
    assert_true(read.single_connection);
    server.address = span_of(address, 16);
    server.source = SPAN_EMPTY;
    assert_true(passes(&server, &read));
}

static void
test_a_server_that_cannot_be_is_refused(void **state)
{
    static const uint8_t key[AAA_KEY_MAX + 1];
    struct aaa_server wrong[9], read;

    (void)state;
    for (size_t i = 0; i < 9; i++)
        wrong[i] = sample();
    wrong[0].address.len = 5;
    wrong[1].port = 0;
    wrong[2].key = SPAN_EMPTY;
    wrong[3].key = span_of(key, sizeof(key));
    wrong[4].timeout_ms = 0;
    wrong[5].tries = 0;
    wrong[6].tries = AAA_TRIES_MAX + 1;
    wrong[7].source = span_of(address, 16);
    wrong[8].address = SPAN_EMPTY;
    for (size_t i = 0; i < 9; i++)
        assert_false(passes(&wrong[i], &read));
}

static void
assert_found(struct span arguments, const char *name, const char *expected)
{
    struct span value;

    assert_true(aaa_argument_find(arguments, name, &value));
    assert_true(span_is(value, expected));
}

static void
test_arguments_are_found_by_their_names(void **state)
{
    struct span value;
    struct buf to;

    (void)state;
    buf_init(&to, 1024);
    aaa_argument_put(&to, "shell:priv-lvl", "%u", 15u);
    buf_put_text(&to, "priv-lvl=1");
    buf_put_text(&to, "idletime*5");
    buf_put_text(&to, "cmd=a:b=c");
    buf_put_text(&to, "empty=");
    buf_put_text(&to, "bare");
    buf_put_text(&to, "");
    assert_found(buf_span(&to), "priv-lvl", "15");
    assert_found(buf_span(&to), "idletime", "5");
    assert_found(buf_span(&to), "cmd", "a:b=c");
    assert_found(buf_span(&to), "empty", "");
    assert_false(aaa_argument_find(buf_span(&to), "bare", &value));
    assert_false(aaa_argument_find(buf_span(&to), "priv", &value));
    assert_false(aaa_argument_find(buf_span(&to), "b", &value));
    assert_false(aaa_argument_find(SPAN_EMPTY, "cmd", &value));
    buf_clear(&to);
}

static void
test_a_note_comes_as_it_went(void **state)
{
    const struct aaa_note note = {1, AAA_SILENT, 10, 2, 3, 4, 5, 6, 7, 8, 9};
    struct aaa_note read = {0};
    struct reader r;
    struct buf to;

    (void)state;
    buf_init(&to, 1024);
    aaa_note_put(&to, &note);
    r = reader_over(buf_span(&to));
    aaa_note_read(&r, &read);
    assert_true(read_done(&r));
    assert_int_equal(read.server, 1);
    assert_int_equal(read.fate, AAA_SILENT);
    assert_int_equal(read.opened, 10);
    assert_int_equal(read.sent, 2);
    assert_int_equal(read.timeouts, 3);
    assert_int_equal(read.answers, 4);
    assert_int_equal(read.challenges, 5);
    assert_int_equal(read.malformed, 6);
    assert_int_equal(read.bad, 7);
    assert_int_equal(read.unexpected, 8);
    assert_int_equal(read.round_trip_us, 9);
    buf_clear(&to);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server_comes_as_it_went),
        cmocka_unit_test(test_a_server_that_cannot_be_is_refused),
        cmocka_unit_test(test_arguments_are_found_by_their_names),
        cmocka_unit_test(test_a_note_comes_as_it_went),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
