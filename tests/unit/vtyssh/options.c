#include "vtyssh/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "ssh/conn.h"

#define WORDS_MAX 64

/* Parse a line of words; '_' stands for an empty word. */
static enum err
parse(const char *line, struct options *o)
{
    static char text[1024];
    static char *words[WORDS_MAX];
    char *rest = text, *word;
    int count = 0;

    assert_true(text_copy(text, sizeof(text), line));
    words[count++] = (char[]){"vtyssh"};
    while ((word = strsep(&rest, " ")) != NULL) {
        if (*word == '\0')
            continue;
        if (strcmp(word, "_") == 0)
            *word = '\0';
        assert_true(count < WORDS_MAX);
        words[count++] = word;
    }
    return options_parse(count, words, o);
}

static void
test_defaults(void **state)
{
    struct options o;

    (void)state;
    assert_int_equal(parse("host.example", &o), OK);
    assert_int_equal(o.action, ACTION_CONNECT);
    assert_string_equal(o.host, "host.example");
    assert_null(o.user);
    assert_null(o.command);
    assert_null(o.cipher);
    assert_null(o.mac);
    assert_int_equal(o.port, 22);
    assert_int_equal(o.prompts, 3);
    assert_int_equal(o.key_file_count, 0);
    options_clear(&o);
}

static void
test_everything_at_once(void **state)
{
    struct options o;

    (void)state;
    assert_int_equal(parse("-v 2 -c aes256-cbc -m hmac-sha1-160 -l user2 "
                           "-o numberofpasswordprompts 5 -p 2222 -i one -i two "
                           "-t 10.76.82.24 show users",
                           &o),
                     OK);
    assert_string_equal(o.host, "10.76.82.24");
    assert_string_equal(o.user, "user2");
    assert_string_equal(o.cipher, "aes256-cbc");
    assert_string_equal(o.mac, "hmac-sha1");
    assert_string_equal(o.command, "show users");
    assert_int_equal(o.port, 2222);
    assert_int_equal(o.prompts, 5);
    assert_int_equal(o.key_file_count, 2);
    assert_string_equal(o.key_files[1], "two");
    assert_int_equal(o.terminal, TERMINAL_ALWAYS);
    options_clear(&o);
}

static void
test_forms_of_ssh(void **state)
{
    struct options o;

    (void)state;
    assert_int_equal(parse("-Tp2200 -oNumberOfPasswordPrompts=1 "
                           "-laccount@there user@2001:db8::1 -- -x _ y",
                           &o),
                     OK);
    assert_string_equal(o.host, "2001:db8::1");
    /* -l goes before the name in front of the host. */
    assert_string_equal(o.user, "account@there");
    assert_int_equal(o.port, 2200);
    assert_int_equal(o.prompts, 1);
    assert_int_equal(o.terminal, TERMINAL_NEVER);
    assert_string_equal(o.command, "-- -x  y");
    options_clear(&o);
    assert_int_equal(parse("a@b@fe80::1%eth0", &o), OK);
    assert_string_equal(o.user, "a@b");
    assert_string_equal(o.host, "fe80::1%eth0");
    assert_int_equal(parse("-- host", &o), OK);
    assert_string_equal(o.host, "host");
    assert_int_equal(parse("-p 1 --version", &o), OK);
    assert_int_equal(o.action, ACTION_VERSION);
    assert_int_equal(parse("--help", &o), OK);
    assert_int_equal(o.action, ACTION_HELP);
}

static void
test_bad_usage(void **state)
{
    static const char *const bad[] = {
        "",
        "-p 22",
        "-v 1 -m hmac-md5 h",
        "-v 2 -c des h",
        "-c des -m hmac-md5 h",
        "-v 1 -c 3des-cbc -m hmac-md5 h",
        "-v 3 h",
        "-c aes512-cbc h",
        "-m hmac h",
        "-p 0 h",
        "-p 65536 h",
        "-p 22x h",
        "-p",
        "-c _ h",
        "-o h",
        "-o numberofpasswordprompts 0 h",
        "-o numberofpasswordprompts 6 h",
        "-o numberofpasswordprompts",
        "-o proxycommand=id h",
        "-x h",
        "-",
        "--",
        "--nothing h",
        "-- -oProxyCommand=id",
        "user@-h",
        "@h",
        "-u@h",
        "user@",
        "h;id",
        "h$(id)",
        "h`id`",
        "h|id",
        "h/x",
        "h\tx",
        "h\x7f",
        "-l -x h",
        "us\ner@h",
        "-i 1 -i 2 -i 3 -i 4 -i 5 -i 6 -i 7 -i 8 -i 9 h",
    };
    struct options o;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(parse(bad[i], &o), ERR_FORMAT);
}

static void
test_versions(void **state)
{
    static const struct {
        const char *line;
        unsigned versions;
        bool named;
        const char *v1_cipher;
    } cases[] = {
        {"h", SSH_VERSION_1 | SSH_VERSION_2, false, NULL},
        {"-v 1 h", SSH_VERSION_1, true, NULL},
        {"-v 2 h", SSH_VERSION_2, true, NULL},
        {"-c des h", SSH_VERSION_1, false, "des"},
        {"-c des -v 1 h", SSH_VERSION_1, true, "des"},
        {"-c 3des h", SSH_VERSION_1 | SSH_VERSION_2, false, "3des"},
        {"-c aes128-ctr h", SSH_VERSION_2, false, NULL},
        {"-m hmac-sha1 h", SSH_VERSION_2, false, NULL},
        {"-c 3des -m hmac-sha1 h", SSH_VERSION_2, false, "3des"},
    };
    struct options o;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse(cases[i].line, &o), OK);
        assert_int_equal(o.versions, cases[i].versions);
        assert_int_equal(o.version_named, cases[i].named);
        if (cases[i].v1_cipher == NULL)
            assert_null(o.v1_cipher);
        else
            assert_string_equal(o.v1_cipher, cases[i].v1_cipher);
    }
}

static void
test_lengths(void **state)
{
    static char host[OPTIONS_HOST_MAX + 2], user[OPTIONS_USER_MAX + 2];
    static char command[OPTIONS_COMMAND_MAX + 1];
    char *words[] = {"vtyssh", "-l", user, host, command};
    struct options o;

    (void)state;
    memset(host, 'h', OPTIONS_HOST_MAX);
    memset(user, 'u', OPTIONS_USER_MAX);
    memset(command, 'c', OPTIONS_COMMAND_MAX - 1);
    assert_int_equal(options_parse(5, words, &o), OK);
    assert_string_equal(o.command, command);
    options_clear(&o);
    command[OPTIONS_COMMAND_MAX - 1] = 'c';
    assert_int_equal(options_parse(5, words, &o), ERR_FORMAT);
    host[OPTIONS_HOST_MAX] = 'h';
    assert_int_equal(options_parse(4, words, &o), ERR_FORMAT);
    host[OPTIONS_HOST_MAX] = '\0';
    user[OPTIONS_USER_MAX] = 'u';
    assert_int_equal(options_parse(4, words, &o), ERR_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_everything_at_once),
        cmocka_unit_test(test_forms_of_ssh),
        cmocka_unit_test(test_bad_usage),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
