#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "config/vty.h"
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
test_a_setting_changes_its_field_and_no_restores_it(void **state)
{
    (void)state;
    typing_lines(&t, "hostname R1\nip ssh time-out 60");
    assert_string_equal(t.config.hostname, "R1");
    assert_int_equal(t.config.ssh.timeout, 60);
    typing_lines(&t, "no hostname\ndefault ip ssh time-out");
    assert_string_equal(t.config.hostname, "Router");
    assert_int_equal(t.config.ssh.timeout, 120);
}

static void
test_an_alias_sets_the_same_field(void **state)
{
    (void)state;
    typing_lines(&t, "ip ssh timeout 7");
    assert_int_equal(t.config.ssh.timeout, 7);
}

static void
test_a_refusal_changes_nothing(void **state)
{
    (void)state;
    typing_lines(&t, "hostname R1");
    assert_string_equal(
        typing_line(&t, "hostname a_b"),
        "% Hostname a_b contains one or more illegal characters.");
    assert_string_equal(t.config.hostname, "R1");
}

static void
test_the_row_learns_what_it_was_and_is(void **state)
{
    (void)state;
    typing_lines(&t, "hostname R1");
    assert_string_equal(t.seen.before, "");
    assert_string_equal(t.seen.after, "hostname R1\n");
    typing_lines(&t, "hostname R2");
    assert_string_equal(t.seen.before, "hostname R1\n");
    assert_string_equal(t.seen.after, "hostname R2\n");
    typing_line(&t, "hostname a_b");
    assert_int_equal(t.seen.calls, 2);
}

static void
test_later_lines_change_only_what_they_give(void **state)
{
    const struct config_user *user;

    (void)state;
    typing_lines(&t, "username lab privilege 15 password 7 0822\n"
                     "username lab privilege 3");
    assert_int_equal(t.config.users.list.count, 1);
    user = config_user_find(&t.config, "lab");
    assert_int_equal(user->privilege, 3);
    assert_int_equal(user->password_type, 7);
    assert_string_equal(user->password.text, "0822");
    typing_lines(&t, "username lab secret two words");
    assert_int_equal(user->privilege, 3);
    assert_int_equal(user->credential, CONFIG_CREDENTIAL_SECRET);
    assert_int_equal(user->password_type, 0);
    assert_string_equal(user->password.text, "two words");
}

static void
test_no_removes_the_entry_and_looks_at_nothing_else(void **state)
{
    (void)state;
    typing_lines(&t, "username a\nusername b privilege 2\n"
                     "no username b privilege 99 nonsense");
    assert_int_equal(t.config.users.list.count, 1);
    assert_null(config_user_find(&t.config, "b"));
    /* What is not there is no error. */
    typing_lines(&t, "no username c");
}

static void
test_an_entry_with_its_key_is_changed_not_added(void **state)
{
    const struct config_acl *acl;
    const struct config_ace *entry;

    (void)state;
    typing_lines(&t, "access-list A\nentry 20 permit any\n"
                     "entry 10 deny 10.0.0.0 0.0.0.255\n"
                     "entry 20 deny host 1.2.3.4");
    acl = config_acl_named(&t.config.named_acls.list, "A");
    assert_int_equal(acl->entries.list.count, 2);
    entry = acl->entries.list.items[1];
    assert_int_equal(entry->wildcard.bytes[3], 255);
    entry = acl->entries.list.items[0];
    assert_int_equal(entry->action, CONFIG_DENY);
    assert_int_equal(entry->source, CONFIG_SOURCE_HOST);
    assert_int_equal(entry->address.bytes[3], 4);
    typing_lines(&t, "no entry 20 permit any");
    assert_int_equal(acl->entries.list.count, 1);
}

static void
test_a_section_is_entered_and_its_rows_apply_to_it(void **state)
{
    (void)state;
    typing_lines(&t, "line con 0\nexec-timeout 5 30");
    assert_int_equal(t.config.console.exec_timeout_min, 5);
    assert_int_equal(t.config.console.exec_timeout_s, 30);
    typing_lines(&t, "exec-timeout 7");
    assert_int_equal(t.config.console.exec_timeout_s, 0);
    assert_int_equal(config_vty_line(&t.config, 0)->exec_timeout_min, 10);
}

static void
test_a_range_of_vtys_changes_as_one(void **state)
{
    (void)state;
    typing_lines(&t, "line vty 0 15\ntransport input ssh\nline vty 7 9\n"
                     "access-class 10 in");
    assert_int_equal(config_vty_count(&t.config), 16);
    for (uint32_t i = 0; i < 16; i++) {
        assert_int_equal(config_vty_line(&t.config, i)->transport_input,
                         CONFIG_TRANSPORT_SSH);
        assert_int_equal(config_vty_line(&t.config, i)->access_in.number,
                         i >= 7 && i <= 9 ? 10 : 0);
    }
    typing_lines(&t, "default line vty 0 15");
    assert_int_equal(config_vty_line(&t.config, 8)->access_in.number, 0);
    typing_lines(&t, "no line vty 5");
    assert_int_equal(config_vty_count(&t.config), 5);
}

static void
test_the_permanent_vtys_stay(void **state)
{
    (void)state;
    assert_string_equal(typing_line(&t, "no line vty 4"),
                        "% Can't delete last 5 VTY lines");
    assert_string_equal(typing_line(&t, "line vty 7 3"), "% Bad line range");
    assert_int_equal(config_vty_count(&t.config), 5);
}

static void
test_a_section_that_another_user_removed_comes_back(void **state)
{
    const struct config_key_owner *user;

    (void)state;
    typing_lines(&t, "ip ssh pubkey-chain\nusername pipi");
    config_list_clear(&t.config.ssh.key_users.list, &config_key_owner_type);
    typing_lines(&t, "key-hash ssh-rsa 0123 a laptop");
    user = config_key_user_find(&t.config, "pipi");
    assert_non_null(user);
    assert_int_equal(user->keys.list.count, 1);
}

static void
test_no_empties_a_section_of_many_entries(void **state)
{
    (void)state;
    typing_lines(&t, "ip ssh pubkey-chain\nusername a\n"
                     "key-hash ssh-rsa 01\nexit\nusername b\nexit");
    assert_int_equal(t.config.ssh.key_users.list.count, 2);
    typing_lines(&t, "no username a");
    assert_int_equal(t.config.ssh.key_users.list.count, 1);
    assert_ptr_equal(t.context.mode, &sample_chain);
    typing_lines(&t, "exit\nno ip ssh pubkey-chain");
    assert_int_equal(t.config.ssh.key_users.list.count, 0);
    assert_ptr_equal(t.context.mode, &sample_config);
}

static void
test_commands_are_no_settings(void **state)
{
    struct config before;

    (void)state;
    config_copy(&before, &t.config);
    typing_lines(&t, "do show ip ssh\nend");
    assert_true(config_equal(&before, &t.config));
    config_clear(&before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_setting_changes_its_field_and_no_restores_it, begin, end),
        cmocka_unit_test_setup_teardown(test_an_alias_sets_the_same_field,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_a_refusal_changes_nothing, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_the_row_learns_what_it_was_and_is,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_later_lines_change_only_what_they_give, begin, end),
        cmocka_unit_test_setup_teardown(
            test_no_removes_the_entry_and_looks_at_nothing_else, begin, end),
        cmocka_unit_test_setup_teardown(
            test_an_entry_with_its_key_is_changed_not_added, begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_section_is_entered_and_its_rows_apply_to_it, begin, end),
        cmocka_unit_test_setup_teardown(test_a_range_of_vtys_changes_as_one,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_the_permanent_vtys_stay, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_a_section_that_another_user_removed_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(
            test_no_empties_a_section_of_many_entries, begin, end),
        cmocka_unit_test_setup_teardown(test_commands_are_no_settings, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
