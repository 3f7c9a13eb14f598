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

static struct cli_match match;

static void
parse(const char *line)
{
    assert_int_equal(cli_parse(t.language, &t.context, line, &match), CLI_OK);
}

static void
test_values_are_found_by_name(void **state)
{
    (void)state;
    cli_context_init(&t.context, &sample_exec, 15);
    parse("crypto key generate rsa modulus 2048 label k1");
    assert_true(cli_given(&match, "modulus"));
    assert_false(cli_given(&match, "general-keys"));
    assert_int_equal(cli_number(&match, "bits"), 2048);
    assert_int_equal(cli_number_or(&match, "bits", 512), 2048);
    assert_string_equal(cli_text(&match, "label"), "label");
    assert_true(cli_given(&match, "rsa"));
    cli_match_clear(&match);
    parse("crypto key generate rsa");
    assert_int_equal(cli_number(&match, "bits"), 0);
    assert_int_equal(cli_number_or(&match, "bits", 512), 512);
    assert_null(cli_text(&match, "bits"));
    cli_match_clear(&match);
}

static void
test_of_two_values_with_a_name_the_given_one_counts(void **state)
{
    (void)state;
    parse("username lab secret 5 hash");
    assert_true(cli_given(&match, "5"));
    assert_false(cli_given(&match, "0"));
    assert_string_equal(cli_text(&match, "secret"), "secret");
    cli_match_clear(&match);
}

static void
test_addresses_come_as_addresses(void **state)
{
    struct config_address address;

    (void)state;
    typing_lines(&t, "access-list A");
    parse("entry 1 permit 10.0.0.0 0.0.0.255");
    address = cli_address(&match, "wildcard");
    assert_int_equal(address.family, CONFIG_FAMILY_IPV4);
    assert_int_equal(address.bytes[3], 255);
    assert_int_equal(cli_address(&match, "one").family, CONFIG_FAMILY_NONE);
    cli_match_clear(&match);
}

static void
test_a_replaced_value_is_the_one_that_is_kept(void **state)
{
    char refusal[CLI_REFUSAL_MAX];
    const struct config_user *user;

    (void)state;
    parse("username lab privilege 5 password plain");
    cli_replace_given(&match, "7", true);
    cli_replace_text(&match, "password", "password"); /* the keyword's */
    assert_null(cli_apply(t.language, &t.config, &match, NULL, refusal));
    cli_match_clear(&match);
    user = config_user_find(&t.config, "lab");
    assert_int_equal(user->privilege, 5);
    assert_int_equal(user->password_type, 7);
    assert_string_equal(user->password.text, "plain");
}

static void
test_a_choice_moves_to_the_alternative_that_is_given(void **state)
{
    char refusal[CLI_REFUSAL_MAX];
    const struct config_acl *acl;
    const struct config_ace *entry;

    (void)state;
    typing_lines(&t, "access-list A");
    parse("entry 1 permit any");
    cli_replace_given(&match, "permit", false);
    cli_replace_given(&match, "deny", true);
    assert_null(cli_apply(t.language, &t.config, &match, NULL, refusal));
    cli_match_clear(&match);
    acl = config_acl_named(&t.config.named_acls.list, "A");
    entry = acl->entries.list.items[0];
    assert_int_equal(entry->action, CONFIG_DENY);
}

static void
test_lines_are_wanted_until_the_row_has_its_end(void **state)
{
    (void)state;
    parse("banner motd #first");
    assert_string_equal(cli_lines(&match), "#first");
    assert_true(cli_wants_line(&match));
    assert_int_equal(cli_add_line(&match, ""), OK);
    assert_int_equal(cli_add_line(&match, " last# rest"), OK);
    assert_false(cli_wants_line(&match));
    assert_string_equal(cli_lines(&match), "#first\n\n last# rest");
    cli_match_clear(&match);
    parse("banner motd #all#");
    assert_false(cli_wants_line(&match));
    cli_match_clear(&match);
    parse("no banner motd");
    assert_false(cli_wants_line(&match));
    cli_match_clear(&match);
    parse("hostname R1");
    assert_false(cli_wants_line(&match));
    cli_match_clear(&match);
}

static void
test_lines_are_bounded_and_checked(void **state)
{
    char line[1025];
    unsigned n = 0;

    (void)state;
    parse("banner motd #");
    assert_int_equal(cli_add_line(&match, "a\rb"), ERR_FORMAT);
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    while (cli_add_line(&match, line) == OK)
        n++;
    assert_int_equal(n, CLI_LINES_MAX / sizeof(line));
    cli_match_clear(&match);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values_are_found_by_name, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_of_two_values_with_a_name_the_given_one_counts, begin, end),
        cmocka_unit_test_setup_teardown(test_addresses_come_as_addresses, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_a_replaced_value_is_the_one_that_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_choice_moves_to_the_alternative_that_is_given, begin, end),
        cmocka_unit_test_setup_teardown(
            test_lines_are_wanted_until_the_row_has_its_end, begin, end),
        cmocka_unit_test_setup_teardown(test_lines_are_bounded_and_checked,
                                        begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
