/* Laws of what is taken for a request of scp. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "control/scp_request.h"

#define T 1 /* flags of what is expected */
#define R 2
#define P 4
#define D 8

static void
test_what_clients_send(void **unused)
{
    static const struct {
        const char *command;
        unsigned flags;
        const char *path;
    } forms[] = {
        {"scp -t flash:name", T, "flash:name"},
        {"scp -f flash:/name", 0, "flash:/name"},
        {"scp -v -p -t flash:name", T | P, "flash:name"},
        {"scp -r -d -t -- flash:", T | R | D, "flash:"},
        {"scp -t 'flash:name'", T, "flash:name"},
        {"scp -pt 'flash:name'", T | P, "flash:name"},
        {"scp -pf 'flash:name'", P, "flash:name"},
        {"scp -t  'flash:name'", T, "flash:name"},
        {"scp\t-q -f\tname ", 0, "name"},
        {"scp -rpt \"a b\"", T | R | P, "a b"},
        {"scp -t a\\ b", T, "a b"},
        {"scp -t 'it'\"'\"'s'", T, "it's"},
        {"scp -t \"a\\\"b\"", T, "a\"b"},
        {"scp -t 'a\\b'", T, "a\\b"},
        {"scp -t \\!", T, "!"},
        {"scp -f -- -x", 0, "-x"},
        {"scp -t ''", T, ""},
        {"scp -t .", T, "."},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct span command = span_text(forms[i].command);
        struct scp_request request;

        assert_true(scp_request_is(command));
        if (scp_request_parse(command, &request) != OK)
            fail_msg("%s", forms[i].command);
        assert_int_equal(request.sink, (forms[i].flags & T) != 0);
        assert_int_equal(request.recursive, (forms[i].flags & R) != 0);
        assert_int_equal(request.times, (forms[i].flags & P) != 0);
        assert_int_equal(request.directory, (forms[i].flags & D) != 0);
        assert_string_equal(request.path, forms[i].path);
    }
}

static void
test_hardening_9_5_what_is_no_request(void **unused)
{
    static const char *const bad[] = {
        "scp",           "scp -t",         "scp -f -t x",
        "scp -ft x",     "scp x",          "scp -t -t x",
        "scp -tt x",     "scp -r -r -t x", "scp -t x y",
        "scp -t x -r",   "scp -S sh -t x", "scp -o a -t x",
        "scp -t 'x",     "scp -t \"x",     "scp -t x\\",
        "scp --help",    "scp - -t x",     "scp -t --",
        "scp -t -- x y", "scp -3 -t x",    "scp -t x\nenable",
        "scp -t \x7f",   "scp -t 'x\x01'", "scp -l5 -t x",
        "scp -t x ''",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct scp_request request;

        if (scp_request_parse(span_text(bad[i]), &request) != ERR_FORMAT)
            fail_msg("%s", bad[i]);
    }
}

static void
test_other_commands_are_none(void **unused)
{
    static const char *const others[] = {"",         "sc",        "scpx -t x",
                                         "show scp", " scp -t x", "SCP -t x"};

    (void)unused;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(scp_request_is(span_text(others[i])));
}

static void
test_hardening_9_5_options_without_end_and_long_paths(void **unused)
{
    size_t room = 65536;
    char *command = malloc(room);
    struct scp_request request;
    size_t len = 3;

    (void)unused;
    memcpy(command, "scp", 3);
    for (size_t i = 0; i < 5000; i++, len += 3)
        memcpy(command + len, " -r", 3);
    memcpy(command + len, " -t x", 5);
    assert_int_equal(scp_request_parse(span_of(command, len + 5), &request),
                     ERR_FORMAT);

    memcpy(command, "scp -t ", 7);
    memset(command + 7, 'a', room - 7);
    assert_int_equal(
        scp_request_parse(span_of(command, 7 + FLASH_PATH_MAX - 1), &request),
        OK);
    assert_int_equal(
        scp_request_parse(span_of(command, 7 + FLASH_PATH_MAX), &request),
        ERR_LENGTH);
    assert_int_equal(scp_request_parse(span_of(command, room), &request),
                     ERR_LENGTH);
    free(command);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_clients_send),
        cmocka_unit_test(test_hardening_9_5_what_is_no_request),
        cmocka_unit_test(test_other_commands_are_none),
        cmocka_unit_test(test_hardening_9_5_options_without_end_and_long_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
