#include "control/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define ARGUMENTS_MAX 40

/* Parse "vtyd" and the given words; what it says on stderr goes to `said`. */
static enum err
parse(struct options *o, char *said, size_t room, const char *const *words)
{
    char *argv[ARGUMENTS_MAX] = {(char[]){"vtyd"}};
    int argc = 1, kept = dup(STDERR_FILENO);
    FILE *file = tmpfile();
    enum err err;
    size_t len;

    assert_non_null(file);
    assert_true(kept >= 0);
    while (*words != NULL && argc < ARGUMENTS_MAX - 1)
        argv[argc++] = (char *)(uintptr_t)*words++;
    dup2(fileno(file), STDERR_FILENO);
    err = options_parse(argc, argv, o);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    len = fread(said, 1, room - 1, file);
    said[len] = '\0';
    fclose(file);
    return err;
}

#define PARSE(o, said, ...) \
    parse(o, said, sizeof(said), (const char *const[]){__VA_ARGS__, NULL})

static void
test_nothing_said_is_the_service(void **state)
{
    struct options o;
    char said[1000];

    (void)state;
    assert_int_equal(PARSE(&o, said, NULL), OK);
    assert_string_equal(said, "");
    assert_int_equal(o.mode, PROGRAM_ROUTER);
    assert_string_equal(o.state, "/var/lib/vtyd");
    assert_int_equal(o.listen_count, 1);
    assert_int_equal(net_port(&o.listen[0]), 22);
    assert_int_equal(o.console, CONSOLE_DEFAULT);
    assert_null(o.user);
}

static void
test_listen_replaces_the_default_and_repeats(void **state)
{
    struct options o;
    char said[1000];

    (void)state;
    assert_int_equal(
        PARSE(&o, said, "--listen", "127.0.0.1:2222", "--listen=[::1]:0"), OK);
    assert_int_equal(o.listen_count, 2);
    assert_int_equal(net_port(&o.listen[0]), 2222);
    assert_true(net_is_loopback(&o.listen[1]));
    assert_int_equal(net_port(&o.listen[1]), 0);
}

static void
test_values_come_behind_a_blank_or_an_equals_sign(void **state)
{
    struct options o;
    char said[1000];

    (void)state;
    assert_int_equal(
        PARSE(&o, said, "--state", "d", "--user=nobody", "--no-console"), OK);
    assert_string_equal(o.state, "d");
    assert_string_equal(o.user, "nobody");
    assert_int_equal(o.console, CONSOLE_OFF);
    assert_int_equal(PARSE(&o, said, "--console"), OK);
    assert_int_equal(o.console, CONSOLE_ON);
}

static void
test_other_modes(void **state)
{
    struct options o;
    char said[1000];

    (void)state;
    assert_int_equal(PARSE(&o, said, "attach"), OK);
    assert_int_equal(o.mode, PROGRAM_ATTACH);
    assert_string_equal(o.state, "/var/lib/vtyd");
    assert_int_equal(PARSE(&o, said, "attach", "--state", "d"), OK);
    assert_string_equal(o.state, "d");
    assert_int_equal(PARSE(&o, said, "check", "FILE"), OK);
    assert_int_equal(o.mode, PROGRAM_CHECK);
    assert_string_equal(o.check, "FILE");
    assert_int_equal(PARSE(&o, said, "--version"), OK);
    assert_int_equal(o.mode, PROGRAM_VERSION);
}

static void
test_bad_usage_is_told_with_the_usage(void **state)
{
    static const char *const bad[][4] = {
        {"--bad"},
        {"stray"},
        {"--listen"},
        {"--listen", "nonsense"},
        {"--listen", "127.0.0.1:65536"},
        {"--listen", "127.0.0.1"},
        {"--state"},
        {"--state="},
        {"--state", ""},
        {"--stat", "d"},
        {"--user"},
        {"--console", "--no-console"},
        {"--no-console", "--console"},
        {"--console=yes"},
        {"--version", "--console"},
        {"attach", "--console"},
        {"attach", "--state"},
        {"attach", "d"},
        {"check"},
        {"check", "a", "b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct options o;
        char said[1000];

        assert_int_equal(parse(&o, said, sizeof(said), bad[i]), ERR_FORMAT);
        assert_non_null(strstr(said, "usage: vtyd "));
    }
}

static void
test_too_many_addresses_are_refused(void **state)
{
    const char *words[2 * (OPTIONS_LISTEN_MAX + 1) + 1] = {NULL};
    struct options o;
    char said[1000];

    (void)state;
    for (size_t i = 0; i < OPTIONS_LISTEN_MAX; i++) {
        words[2 * i] = "--listen";
        words[2 * i + 1] = "127.0.0.1:0";
    }
    assert_int_equal(parse(&o, said, sizeof(said), words), OK);
    assert_int_equal(o.listen_count, OPTIONS_LISTEN_MAX);
    words[2 * OPTIONS_LISTEN_MAX] = "--listen";
    words[2 * OPTIONS_LISTEN_MAX + 1] = "127.0.0.1:0";
    assert_int_equal(parse(&o, said, sizeof(said), words), ERR_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_said_is_the_service),
        cmocka_unit_test(test_listen_replaces_the_default_and_repeats),
        cmocka_unit_test(test_values_come_behind_a_blank_or_an_equals_sign),
        cmocka_unit_test(test_other_modes),
        cmocka_unit_test(test_bad_usage_is_told_with_the_usage),
        cmocka_unit_test(test_too_many_addresses_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
