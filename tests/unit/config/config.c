#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "config/vty.h"

static void
fill(struct config *config)
{
    struct config_user *user =
        config_list_append(&config->users.list, &config_user_type);
    struct config_key_owner *key_user =
        config_list_append(&config->ssh.key_users.list, &config_key_owner_type);
    struct config_key *key =
        config_list_append(&key_user->keys.list, &config_key_type);

    config_text_set(&config->hostname, "R1");
    struct config_enable *secret =
        config_list_append(&config->enable_secrets.list, &config_enable_type);

    config_secret_set(&secret->text, "$9$x");
    secret->type = 9;
    config_text_set(&user->name, "lab");
    config_secret_set(&user->password, "lab");
    config_text_set(&key_user->name, "pipi");
    config_text_set(&key->hash, "C20B");
    config->console.exec_timeout_min = 0;
}

static void
test_defaults_are_those_of_the_language(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    assert_string_equal(config.hostname, "Router");
    assert_int_equal(config.enable_secrets.list.count, 0);
    assert_int_equal(config.ssh.timeout, 120);
    assert_int_equal(config.ssh.retries, 3);
    assert_int_equal(config.ssh.version, 0);
    assert_int_equal(config.ssh.maxstartups, 128);
    assert_int_equal(config.ssh.rekey_minutes, 60);
    assert_int_equal(config.ssh.rekey_kilobytes, 1024 * 1024);
    assert_null(config.ssh.kex);
    assert_int_equal(config.console.exec_timeout_min, 10);
    assert_int_equal(config.console.transport_input, CONFIG_TRANSPORT_ALL);
    assert_int_equal(config_vty_count(&config), 5);
    config_clear(&config);
}

static void
test_a_copy_is_equal_and_its_own(void **state)
{
    struct config config, copy;

    (void)state;
    config_init(&config);
    fill(&config);
    config_copy(&copy, &config);
    assert_true(config_equal(&config, &copy));
    config_text_set(&copy.hostname, "R2");
    assert_false(config_equal(&config, &copy));
    assert_string_equal(config.hostname, "R1");
    config_clear(&copy);
    config_clear(&config);
}

static void
test_a_difference_deep_inside_counts(void **state)
{
    struct config config, copy;
    struct config_key_owner *user;
    struct config_key *key;

    (void)state;
    config_init(&config);
    fill(&config);
    config_copy(&copy, &config);
    user = copy.ssh.key_users.list.items[0];
    key = user->keys.list.items[0];
    config_text_set(&key->comment, "laptop");
    assert_false(config_equal(&config, &copy));
    config_clear(&copy);
    config_clear(&config);
}

static void
test_users_are_found_by_exact_name(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    fill(&config);
    assert_non_null(config_user_find(&config, "lab"));
    assert_null(config_user_find(&config, "Lab"));
    assert_null(config_user_find(&config, "la"));
    assert_non_null(config_key_user_find(&config, "pipi"));
    assert_null(config_key_user_find(&config, "lab"));
    config_clear(&config);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_those_of_the_language),
        cmocka_unit_test(test_a_copy_is_equal_and_its_own),
        cmocka_unit_test(test_a_difference_deep_inside_counts),
        cmocka_unit_test(test_users_are_found_by_exact_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
