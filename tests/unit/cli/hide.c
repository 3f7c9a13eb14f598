#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "typing.h"

static struct typing t;

static int
begin(void **state)
{
    (void)state;
    typing_begin(&t);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    typing_end(&t);
    return 0;
}

/* What may be kept of a line. */
static void
assert_open(const char *line, const char *open)
{
    struct cli_match match;

    (void)cli_parse(t.language, &t.context, line, &match);
    assert_int_equal(match.open_length, strlen(open));
    assert_memory_equal(line, open, strlen(open));
    cli_match_clear(&match);
}

static void
test_a_line_that_is_understood_ends_before_its_secret(void **state)
{
    (void)state;
    assert_open("hostname R1", "hostname R1");
    assert_open("  username  a  sec 5  xyz zy", "  username  a  sec 5  ");
    assert_open("no username a secret 0 x", "no username a secret 0 ");
    assert_open("! secret x", "! secret x");
    assert_open("   ", "   ");
}

static void
test_one_that_is_not_ends_where_one_may_be(void **state)
{
    (void)state;
    assert_open("usrname a secret x", "usrname a secret ");
    assert_open("usrname a sec 0 x", "usrname a sec ");
    assert_open("hostname", "hostname");
    assert_open("secret", "secret");
    assert_open("nothing like it", "nothing like it");
    assert_open("hostname \x01 secret x", "");
}

static void
test_what_an_alias_stands_for_is_not_typed(void **state)
{
    struct config_alias *alias =
        config_list_append(&t.config.aliases.list, &config_alias_type);

    (void)state;
    config_text_set(&alias->name, "in");
    config_text_set(&alias->command, "login me SECRETLESS");
    cli_context_init(&t.context, &sample_exec, 15);
    t.context.config = &t.config;
    assert_open("in word", "in ");
}

static void
test_the_password_of_a_url_is_a_secret_wherever_it_stands(void **state)
{
    static const struct {
        const char *line, *open;
    } lines[] = {
        {"hostname scp://u:pw@h/a", "hostname scp://u:"},
        {"hostnaem scp://u:pw@h/a b", "hostnaem scp://u:"},
        {"x sftp://u:p@w@h", "x sftp://u:"},
        {"x scp://u:p/w@h", "x scp://u:"},
        {"x scp://u:pw", "x scp://u:"},
        {"x scp://u:1pw/a", "x scp://u:"},
        {"x scp://u:@h", "x scp://u:"},
        {"secret scp://u:pw@h", "secret "},
        {"x scp://u:pw@h secret x", "x scp://u:"},
    };
    static const char *const whole[] = {
        "x scp://h/a",
        "x scp://u@h/a",
        "x scp://h:22/a",
        "x scp://h:22",
        "x scp://[::1]:22/a",
        "x scp://u@[::1]:22/a",
        "x scp://[::1]/a",
        "x scp://h/a:b",
        "x scp://h/a:b@c",
        "x scp://",
        "x ://",
        "x :/u:p@h",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_open(lines[i].line, lines[i].open);
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        assert_open(whole[i], whole[i]);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_a_line_that_is_understood_ends_before_its_secret),
        TEST(test_one_that_is_not_ends_where_one_may_be),
        TEST(test_what_an_alias_stands_for_is_not_typed),
        TEST(test_the_password_of_a_url_is_a_secret_wherever_it_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
