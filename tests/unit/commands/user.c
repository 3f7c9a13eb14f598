/*
 * Laws of stored secrets: never in clear, never malformed.
 */
#include "stage.h"

#include "crypto/password.h"

#define TYPE_5 "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0"
#define TYPE_8                                              \
    "$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1P" \
    "E9UlMQFs"
#define TYPE_9                                              \
    "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v" \
    "7pqCxkKM"
#define BOTH                                                        \
    "ERROR: Can not have both a user password and a user secret.\n" \
    "Please choose one or the other.\n<Router(config)#>"

static const char *
users(void)
{
    const char *text = stage_running_config();
    const char *from = strstr(text, "username ");

    return from != NULL ? from : "";
}

static void
test_a_clear_secret_is_stored_as_type_9(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("username u privilege 15 secret pa ss", "");
    assert_string_equal(stage.judge.clear, "pa ss");
    stage_encoded(TYPE_9);
    assert_heard("<Router(config)#>");
    assert_types("username v secret 0 other", "");
    assert_string_equal(stage.judge.clear, "other");
    stage_encoded(TYPE_9);
    stage_heard();
    assert_int_equal(
        strncmp(users(),
                "username u privilege 15 secret 9 " TYPE_9 "\n"
                "username v secret 9 " TYPE_9 "\n!\n",
                strlen(users()) - strlen("line con 0\nline vty 0 4\n!\n")),
        0);
}

static void
test_a_secret_that_cannot_be_hashed_is_not_stored(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("username u secret x");
    stage_encoded(NULL);
    assert_heard("% The secret could not be encrypted\n<Router(config)#>");
    assert_null(config_user_find(&stage.router.config, "u"));
}

static void
test_stored_forms_are_kept_as_given(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("username a secret 5 " TYPE_5, "<Router(config)#>");
    assert_types("username b secret 8 " TYPE_8, "<Router(config)#>");
    assert_types("username c secret 9 " TYPE_9, "<Router(config)#>");
    assert_types("username d password 7 02050D480809", "<Router(config)#>");
    assert_types("username e password 0 clear text", "<Router(config)#>");
    assert_types("username f privilege 3 password cisco", "<Router(config)#>");
    assert_non_null(strstr(users(), "username a secret 5 " TYPE_5 "\n"
                                    "username b secret 8 " TYPE_8 "\n"
                                    "username c secret 9 " TYPE_9 "\n"
                                    "username d password 7 02050D480809\n"
                                    "username e password 0 clear text\n"
                                    "username f privilege 3 password 0 "
                                    "cisco\n!\n"));
}

static void
test_a_malformed_stored_form_is_refused(void **state)
{
    static const char *const lines[] = {
        "username a secret 5 cisco",    "username a secret 8 " TYPE_9,
        "username a secret 9 $9$short", "enable secret 5 $1$mERr",
        "enable secret 9 " TYPE_8,
    };

    (void)state;
    stage_open_configuring();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_non_null(strstr(stage_type(lines[i]),
                               "ERROR: The secret you entered is not a valid "
                               "encrypted secret.\n"));
    assert_types("username a password 7 zz",
                 "Invalid encrypted password: zz\n<Router(config)#>");
    assert_int_equal(stage.router.config.users.list.count, 0);
    assert_null(stage.router.config.enable_secret.text);
}

static void
test_password_and_secret_exclude_each_other(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("username a secret 5 " TYPE_5);
    assert_types("username a password x", BOTH);
    stage_type("username b password x");
    assert_types("username b secret 5 " TYPE_5, BOTH);
    assert_types("no username a", "<Router(config)#>");
    assert_types("username a password x", "<Router(config)#>");
}

static void
test_a_later_line_changes_only_what_it_says(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("username a secret 5 " TYPE_5);
    stage_type("username a privilege 15");
    assert_non_null(
        strstr(users(), "username a privilege 15 secret 5 " TYPE_5 "\n"));
    stage_type("username a secret 9 " TYPE_9);
    assert_non_null(
        strstr(users(), "username a privilege 15 secret 9 " TYPE_9 "\n"));
    stage_type("username b password 7 02050D480809");
    stage_type("username b password 02050D480809");
    assert_non_null(strstr(users(), "username b password 0 02050D480809\n"));
}

static void
test_a_name_that_no_user_can_log_in_with_is_refused(void **state)
{
    char line[128] = "username ";

    (void)state;
    stage_open_configuring();
    memset(line + 9, 'u', 65);
    memcpy(line + 74, " privilege 2", 13);
    assert_types(line, "% User name is too long\n<Router(config)#>");
    assert_int_equal(stage.router.config.users.list.count, 0);
}

static void
test_a_secret_beyond_127_characters_is_refused(void **state)
{
    char line[200] = "username u secret ";

    (void)state;
    stage_open_configuring();
    memset(line + 18, 's', 128);
    assert_types(line, "% The secret is longer than 127 characters\n"
                       "<Router(config)#>");
    assert_int_equal(stage.router.config.users.list.count, 0);
}

static void
test_clear_secrets_of_a_file_are_hashed_when_it_is_read(void **state)
{
    const struct config_user *user;

    (void)state;
    stage_configure("username u secret open\nenable secret 0 sesame\n");
    user = config_user_find(&stage.router.config, "u");
    assert_int_equal(user->password_type, 9);
    assert_true(password_check(9, user->password.text, span_text("open")));
    assert_int_equal(stage.router.config.enable_secret_type, 9);
    assert_true(password_check(9, stage.router.config.enable_secret.text,
                               span_text("sesame")));
}

static void
test_enable_secret_is_hashed_and_removed(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("enable secret cisco");
    assert_string_equal(stage.judge.clear, "cisco");
    stage_encoded(TYPE_9);
    stage_heard();
    assert_non_null(
        strstr(stage_running_config(), "enable secret 9 " TYPE_9 "\n!\n"));
    assert_types("no enable secret", "<Router(config)#>");
    assert_null(stage.router.config.enable_secret.text);
}

/* "level 5 x" is no secret of nine characters. */
static void
test_a_level_is_not_part_of_the_secret(void **state)
{
    static const char *const lines[] = {"enable secret level 5 x",
                                        "enable secret level x y"};

    (void)state;
    stage_open_configuring();
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(stage_type(lines[i]),
                            "                                   ^\n"
                            "% Invalid input detected at '^' marker.\n\n"
                            "<Router(config)#>");
        assert_null(stage.router.config.enable_secret.text);
    }
    stage_type("enable secret level 15 9 " TYPE_9);
    assert_non_null(
        strstr(stage_running_config(), "enable secret 9 " TYPE_9 "\n!\n"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_a_clear_secret_is_stored_as_type_9),
        STAGE_TEST(test_a_secret_that_cannot_be_hashed_is_not_stored),
        STAGE_TEST(test_stored_forms_are_kept_as_given),
        STAGE_TEST(test_a_malformed_stored_form_is_refused),
        STAGE_TEST(test_password_and_secret_exclude_each_other),
        STAGE_TEST(test_a_later_line_changes_only_what_it_says),
        STAGE_TEST(test_a_name_that_no_user_can_log_in_with_is_refused),
        STAGE_TEST(test_a_secret_beyond_127_characters_is_refused),
        STAGE_TEST(test_clear_secrets_of_a_file_are_hashed_when_it_is_read),
        STAGE_TEST(test_enable_secret_is_hashed_and_removed),
        STAGE_TEST(test_a_level_is_not_part_of_the_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
