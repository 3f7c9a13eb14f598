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
test_names_are_kept_in_the_order_given(void **state)
{
    (void)state;
    typing_lines(&t, "ip ssh server encryption 3des-cbc aes128-ctr");
    assert_string_equal(t.config.ssh.encryption, "3des-cbc,aes128-ctr");
    typing_lines(&t, "no ip ssh server encryption");
    assert_null(t.config.ssh.encryption);
}

static void
test_the_default_list_is_no_list(void **state)
{
    (void)state;
    typing_lines(&t,
                 "ip ssh server encryption aes256-gcm aes128-ctr aes192-ctr");
    assert_null(t.config.ssh.encryption);
    typing_lines(&t,
                 "ip ssh server encryption aes128-ctr aes256-gcm aes192-ctr");
    assert_non_null(t.config.ssh.encryption);
}

static void
test_no_with_names_takes_them_out(void **state)
{
    (void)state;
    typing_lines(&t, "no ip ssh server encryption aes128-ctr");
    assert_string_equal(t.config.ssh.encryption, "aes256-gcm,aes192-ctr");
    typing_lines(&t, "no ip ssh server encryption 3des-cbc aes256-gcm");
    assert_string_equal(t.config.ssh.encryption, "aes192-ctr");
}

static void
test_the_last_name_stays(void **state)
{
    (void)state;
    typing_lines(&t, "ip ssh server encryption aes128-ctr");
    assert_string_equal(
        typing_line(&t, "no ip ssh server encryption aes128-ctr"),
        "% SSH command rejected: All encryption algorithms "
        "cannot be disabled");
    assert_string_equal(t.config.ssh.encryption, "aes128-ctr");
    typing_lines(&t, "default ip ssh server encryption aes128-ctr");
    assert_null(t.config.ssh.encryption);
}

static void
test_alternatives_that_share_fields_do_not_mix(void **state)
{
    const struct config_user *user;

    (void)state;
    typing_lines(&t, "username a secret 9 hash\nusername a password plain");
    user = config_user_find(&t.config, "a");
    assert_int_equal(user->credential, CONFIG_CREDENTIAL_PASSWORD);
    assert_int_equal(user->password_type, 0);
    assert_string_equal(user->password.text, "plain");
}

static void
test_a_choice_is_kept_by_its_number(void **state)
{
    (void)state;
    typing_lines(&t, "line con 0\ntransport input none");
    assert_int_equal(t.config.console.transport_input, CONFIG_TRANSPORT_NONE);
    typing_lines(&t, "no transport input");
    assert_int_equal(t.config.console.transport_input, CONFIG_TRANSPORT_ALL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_are_kept_in_the_order_given,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_the_default_list_is_no_list, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_no_with_names_takes_them_out,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_the_last_name_stays, begin, end),
        cmocka_unit_test_setup_teardown(
            test_alternatives_that_share_fields_do_not_mix, begin, end),
        cmocka_unit_test_setup_teardown(test_a_choice_is_kept_by_its_number,
                                        begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
