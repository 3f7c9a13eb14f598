#include "worker/attach.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

#define ESCAPE 0x1e

static struct attach *
joined(int *far, uint8_t escape)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    *far = ends[1];
    return attach_new(ends[0], &(struct attach_setup){.escape = escape});
}

/* Type it; what the far end gets. */
static void
passed(const char *typed, uint8_t escape, enum attach_wish wish,
       const char *expected)
{
    char got[64] = "";
    size_t taken;
    int far;
    struct attach *a = joined(&far, escape);

    assert_int_equal(attach_type(a, span_text(typed), &taken), wish);
    attach_flush(a);
    (void)recv(far, got, sizeof(got) - 1, MSG_DONTWAIT);
    assert_string_equal(got, expected);
    attach_free(a);
    close(far);
}

static void
test_bytes_pass_unchanged(void **state)
{
    (void)state;
    passed("a\r\n\003\x80", ESCAPE, ATTACH_NOTHING, "a\r\n\003\x80");
}

static void
test_escape_x_is_for_the_user(void **state)
{
    (void)state;
    passed("ab\036xcd", ESCAPE, ATTACH_SUSPEND, "ab");
    passed("ab\036X", ESCAPE, ATTACH_SUSPEND, "ab");
    passed("ab\036", ESCAPE, ATTACH_NOTHING, "ab");
    passed("\036\036x", ESCAPE, ATTACH_NOTHING, "\036x");
    passed("\036y", ESCAPE, ATTACH_NOTHING, "\036y");
}

static void
test_other_keys_behind_the_escape(void **state)
{
    (void)state;
    passed("a\036db", ESCAPE, ATTACH_DISCONNECT, "a");
    passed("a\036D", ESCAPE, ATTACH_DISCONNECT, "a");
    passed("a\036?b", ESCAPE, ATTACH_HELP, "a");
    passed("xxxdxq", 'x', ATTACH_DISCONNECT, "x");
}

static void
test_help_names_the_key(void **state)
{
    struct buf out;
    struct attach *a;
    int far;

    (void)state;
    buf_init(&out, 1000);
    a = joined(&far, ESCAPE);
    attach_put_help(a, &out);
    assert_string_equal(buf_text(&out), "\r\n[Special escape help]\r\n"
                                        "^^B  send BREAK\r\n"
                                        "^^D  disconnect\r\n"
                                        "^^X  suspend\r\n"
                                        "^^^^  send the escape character\r\n");
    attach_free(a);
    close(far);
    buf_reset(&out);
    a = joined(&far, 'q');
    attach_put_help(a, &out);
    assert_non_null(strstr(buf_text(&out), "qD  disconnect\r\n"));
    assert_non_null(strstr(buf_text(&out), "qq  send"));
    attach_free(a);
    close(far);
    buf_clear(&out);
}

static void
test_without_escape_key_there_is_no_escape(void **state)
{
    (void)state;
    passed("ab\036xcd", 0, ATTACH_NOTHING, "ab\036xcd");
}

static void
test_what_follows_the_escape_is_not_taken(void **state)
{
    size_t taken;
    int far;
    struct attach *a = joined(&far, ESCAPE);

    (void)state;
    assert_int_equal(attach_type(a, span_text("\036xshow"), &taken),
                     ATTACH_SUSPEND);
    assert_int_equal(taken, 2);
    attach_free(a);
    close(far);
}

/* Type it on a stream with a text for a break: what went there, up to it. */
static void
passed_with_break(const char *text, const char *const *typed,
                  const char *expected, unsigned breaks)
{
    char got[64] = "";
    int ends[2];
    struct attach *a;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    a = attach_new(ends[0],
                   &(struct attach_setup){.break_text = span_text(text)});
    for (; *typed != NULL; typed++) {
        struct span rest = span_text(*typed);

        while (rest.len > 0) {
            size_t taken;

            if (attach_type(a, rest, &taken) == ATTACH_BREAK)
                breaks--;
            rest = span_of(rest.ptr + taken, rest.len - taken);
        }
    }
    assert_int_equal(breaks, 0);
    attach_flush(a);
    (void)recv(ends[1], got, sizeof(got) - 1, MSG_DONTWAIT);
    assert_string_equal(got, expected);
    attach_free(a);
    close(ends[1]);
}

static void
test_a_text_stands_for_a_break(void **state)
{
    (void)state;
    passed_with_break("~break", (const char *[]){"a~breakb", NULL}, "ab", 1);
    passed_with_break(
        "~break", (const char *[]){"~br", "eak", "~", "break", NULL}, "", 2);
    passed_with_break("~break", (const char *[]){"~brea~break!", NULL},
                      "~brea!", 1);
    passed_with_break("~break", (const char *[]){"~~break", NULL}, "~", 1);
    passed_with_break("aab", (const char *[]){"aaab", "aaxaab", NULL}, "aaax",
                      2);
    passed_with_break("abab", (const char *[]){"abaab", "ab", NULL}, "aba", 1);
    passed_with_break("\036x", (const char *[]){"a\036y", NULL}, "a\036y", 0);
}

static void
test_half_of_that_text_is_held_and_let_go(void **state)
{
    char got[8] = "";
    int ends[2];
    size_t taken;
    struct attach *a;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    a = attach_new(ends[0],
                   &(struct attach_setup){.break_text = span_text("~break")});
    assert_int_equal(attach_type(a, span_text("~br"), &taken), ATTACH_NOTHING);
    assert_int_equal(taken, 3);
    assert_true(attach_holds(a));
    attach_let_go(a);
    assert_false(attach_holds(a));
    attach_flush(a);
    (void)recv(ends[1], got, sizeof(got) - 1, MSG_DONTWAIT);
    assert_string_equal(got, "~br");
    attach_free(a);
    close(ends[1]);
}

static void
watched(const char *typed, enum attach_wish wish)
{
    char got[8];
    int ends[2];
    size_t taken;
    struct attach *a;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    a = attach_new(ends[0], &(struct attach_setup){.watches = true});
    assert_int_equal(attach_type(a, span_text(typed), &taken), wish);
    attach_flush(a);
    assert_int_equal(recv(ends[1], got, sizeof(got), MSG_DONTWAIT), -1);
    attach_free(a);
    close(ends[1]);
}

static void
test_who_watches_types_nothing(void **state)
{
    (void)state;
    watched("reload\r", ATTACH_NOTHING);
    watched("\005cf", ATTACH_TAKE);
    watched("x\005\005c.", ATTACH_DISCONNECT);
    watched("\005c?", ATTACH_HELP);
    watched("\005cx\005f", ATTACH_NOTHING);
}

static void
test_a_deaf_stream_is_read_to_its_end(void **state)
{
    struct buf out;
    size_t taken;
    int far;
    struct attach *a = joined(&far, 0);

    (void)state;
    buf_init(&out, 1000);
    assert_int_equal(send(far, "bye", 3, 0), 3);
    close(far);
    assert_int_equal(attach_type(a, span_text("abc"), &taken), ATTACH_NOTHING);
    attach_flush(a);
    assert_int_equal(attach_events(a, true), POLLIN);
    assert_int_equal(attach_read(a, &out, 100), OK);
    assert_string_equal(buf_text(&out), "bye");
    assert_int_equal(attach_read(a, &out, 100), ERR_CLOSED);
    attach_free(a);
    buf_clear(&out);
}

static void
test_nothing_to_read_is_no_end(void **state)
{
    struct buf out;
    int far;
    struct attach *a = joined(&far, 0);

    (void)state;
    buf_init(&out, 1000);
    assert_int_equal(attach_read(a, &out, 100), ERR_MORE);
    assert_int_equal(attach_read(a, &out, 0), ERR_MORE);
    attach_free(a);
    close(far);
    buf_clear(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_pass_unchanged),
        cmocka_unit_test(test_escape_x_is_for_the_user),
        cmocka_unit_test(test_other_keys_behind_the_escape),
        cmocka_unit_test(test_help_names_the_key),
        cmocka_unit_test(test_without_escape_key_there_is_no_escape),
        cmocka_unit_test(test_what_follows_the_escape_is_not_taken),
        cmocka_unit_test(test_a_text_stands_for_a_break),
        cmocka_unit_test(test_half_of_that_text_is_held_and_let_go),
        cmocka_unit_test(test_who_watches_types_nothing),
        cmocka_unit_test(test_a_deaf_stream_is_read_to_its_end),
        cmocka_unit_test(test_nothing_to_read_is_no_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
