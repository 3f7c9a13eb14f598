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

static void
test_defaults_are_not_written(void **state)
{
    (void)state;
    assert_string_equal(typing_written(&t, false), "line con 0\n"
                                                   "line vty 0 4\n"
                                                   "!\n");
}

static void
test_what_differs_is_written_in_the_order_of_the_tables(void **state)
{
    (void)state;
    typing_lines(&t, "line vty 0 15\n"
                     "transport input ssh\n"
                     "line vty 3\n"
                     "exec-timeout 0\n"
                     "access-list A\n"
                     "entry 10 permit 10.0.0.0 0.0.0.255\n"
                     "ip ssh version 2\n"
                     "banner motd #hi#\n"
                     "username lab privilege 15 password lab\n"
                     "hostname R1");
    assert_string_equal(typing_written(&t, false),
                        "hostname R1\n"
                        "!\n"
                        "username lab privilege 15 password 0 lab\n"
                        "!\n"
                        "ip ssh version 2\n"
                        "!\n"
                        "access-list A\n"
                        " entry 10 permit 10.0.0.0 0.0.0.255\n"
                        "!\n"
                        "banner motd #hi#\n"
                        "!\n"
                        "line con 0\n"
                        "line vty 0 2\n"
                        " transport input ssh\n"
                        "line vty 3\n"
                        " exec-timeout 0 0\n"
                        " transport input ssh\n"
                        "line vty 4\n"
                        " transport input ssh\n"
                        "line vty 5 15\n"
                        " transport input ssh\n"
                        "!\n");
}

static void
test_sections_in_sections_are_indented_and_closed(void **state)
{
    (void)state;
    typing_lines(&t, "ip ssh pubkey-chain\n"
                     "username pipi\n"
                     "key-hash ssh-rsa C20B user@host.example.com\n"
                     "key-hash ssh-ed25519 ABCD\n"
                     "username bob");
    assert_non_null(strstr(typing_written(&t, false),
                           "ip ssh pubkey-chain\n"
                           " username pipi\n"
                           "  key-hash ssh-rsa C20B user@host.example.com\n"
                           "  key-hash ssh-ed25519 ABCD\n"
                           " quit\n"
                           " username bob\n"
                           " quit\n"
                           "!\n"));
}

static void
test_all_writes_defaults_too(void **state)
{
    const char *text = typing_written(&t, true);

    (void)state;
    assert_non_null(strstr(text, "hostname Router\n"));
    assert_non_null(strstr(text, "ip ssh time-out 120\n"));
    assert_non_null(strstr(text, "no ip ssh version\n"));
    assert_non_null(strstr(text, "ip ssh server encryption aes256-gcm "
                                 "aes128-ctr aes192-ctr\n"));
    assert_non_null(strstr(text, "line con 0\n"
                                 " no access-class\n"
                                 " exec-timeout 10 0\n"
                                 " transport input all\n"));
}

static void
test_what_is_written_is_typed_again_to_the_same(void **state)
{
    char first[4096];

    (void)state;
    typing_lines(&t, "username a secret  two  words \n"
                     "ip ssh server encryption 3des-cbc\n"
                     "line vty 9");
    strncpy(first, typing_written(&t, false), sizeof(first) - 1);
    first[sizeof(first) - 1] = '\0';
    config_clear(&t.config);
    config_init(&t.config);
    cli_context_init(&t.context, &sample_config, 15);
    typing_lines(&t, first);
    assert_string_equal(typing_written(&t, false), first);
}

static void
test_secrets_can_be_left_out(void **state)
{
    struct buf out;

    (void)state;
    typing_lines(&t, "username lab privilege 15 password lab\n"
                     "username none privilege 2");
    buf_init(&out, 65536);
    cli_write_masked(t.language, &t.config, false, &out);
    assert_string_equal(buf_text(&out),
                        "username lab privilege 15 password 0 <removed>\n"
                        "username none privilege 2\n"
                        "!\n"
                        "line con 0\n"
                        "line vty 0 4\n"
                        "!\n");
    buf_clear(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults_are_not_written, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_what_differs_is_written_in_the_order_of_the_tables, begin,
            end),
        cmocka_unit_test_setup_teardown(
            test_sections_in_sections_are_indented_and_closed, begin, end),
        cmocka_unit_test_setup_teardown(test_all_writes_defaults_too, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_what_is_written_is_typed_again_to_the_same, begin, end),
        cmocka_unit_test_setup_teardown(test_secrets_can_be_left_out, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
