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
    assert_int_equal(stage.judge.type, 9);
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
    assert_int_equal(stage.router.config.enable_secrets.list.count, 0);
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
test_options_stand_in_any_order_and_stay_for_themselves(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("username a noescape access-class 7 privilege 15 password p");
    assert_non_null(strstr(users(), "username a privilege 15 access-class 7 "
                                    "noescape password 0 p\n"));
    stage_type("username a access-class 1301");
    stage_type("username a nohangup privilege 3 autocommand show clock");
    assert_non_null(strstr(users(), "username a privilege 3 access-class 1301 "
                                    "noescape nohangup password 0 p\n"
                                    "username a autocommand show clock\n"));
    assert_non_null(strstr(stage_type("username a access-class 100"),
                           "% Invalid input detected"));
    assert_non_null(strstr(stage_type("username a noescape noescape"),
                           "% Invalid input detected"));
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
    const struct config_enable *secret;

    (void)state;
    stage_configure("username u secret open\nenable secret 0 sesame\n");
    user = config_user_find(&stage.router.config, "u");
    assert_int_equal(user->password_type, 9);
    assert_true(password_check(9, user->password.text, span_text("open")));
    secret = config_enable_find(&stage.router.config.enable_secrets.list, 15);
    assert_int_equal(secret->type, 9);
    assert_true(password_check(9, secret->text.text, span_text("sesame")));
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
    assert_int_equal(stage.router.config.enable_secrets.list.count, 0);
}

/* "level x y" is no secret of nine characters. */
static void
test_a_level_is_not_part_of_the_secret(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_string_equal(stage_type("enable secret level x y"),
                        "                                   ^\n"
                        "% Invalid input detected at '^' marker.\n\n"
                        "<Router(config)#>");
    assert_int_equal(stage.router.config.enable_secrets.list.count, 0);
    stage_type("enable secret level 15 9 " TYPE_9);
    assert_non_null(
        strstr(stage_running_config(), "enable secret 9 " TYPE_9 "\n!\n"));
}

static void
test_each_level_has_a_secret_and_a_password(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("enable password level 7 0 seven");
    stage_type("enable password 0 7 up");
    stage_type("enable secret level 5 9 " TYPE_9);
    stage_type("enable secret 5 " TYPE_5);
    stage_type("enable secret level 5 8 " TYPE_8);
    assert_non_null(strstr(stage_running_config(),
                           "enable secret level 5 8 " TYPE_8 "\n"
                           "enable secret 5 " TYPE_5 "\n"
                           "enable password level 7 seven\n"
                           "enable password 0 7 up\n!\n"));
    stage_type("no enable secret");
    stage_type("no enable password level 7");
    assert_non_null(strstr(stage_running_config(),
                           "enable secret level 5 8 " TYPE_8 "\n"
                           "enable password 0 7 up\n!\n"));
}

static void
test_a_password_line_leaves_nothing_of_an_older_one(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("enable password 7 02050D480809");
    stage_type("enable password lab");
    assert_non_null(strstr(stage_running_config(), "enable password lab\n"));
}

static void
test_passwords_are_hidden_from_then_on_and_before(void **state)
{
    const struct config_user *user;
    char clear[PASSWORD_MAX + 1];

    (void)state;
    stage_open_configuring();
    stage_type("username a password first");
    stage_type("enable password second");
    stage_type("service password-encryption");
    stage_type("username b password third");
    stage_type("no service password-encryption");
    assert_null(strstr(stage_running_config(), "first"));
    assert_null(strstr(stage_running_config(), "second"));
    assert_null(strstr(stage_running_config(), "third"));
    user = config_user_find(&stage.router.config, "b");
    assert_int_equal(user->password_type, 7);
    assert_int_equal(password_reveal(user->password.text, clear, sizeof(clear)),
                     OK);
    assert_string_equal(clear, "third");
    stage_type("username c password fourth");
    assert_non_null(strstr(users(), "username c password 0 fourth\n"));
}

static void
test_short_passwords_are_refused_where_a_length_is_wanted(void **state)
{
    static const char *const lines[] = {
        "username a password short",
        "username a secret short",
        "enable password short",
        "enable secret short",
        "username a algorithm-type md5 secret short",
    };

    (void)state;
    stage_open_configuring();
    stage_type("username old password x");
    stage_type("security passwords min-length 6");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_types(lines[i],
                     "% Password too short - must be at least 6 characters. "
                     "Password configuration failed\n<Router(config)#>");
    assert_types("username b password longer", "<Router(config)#>");
    assert_int_equal(stage.router.config.users.list.count, 2);
}

static void
test_an_algorithm_type_chooses_the_hash(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("username a privilege 7 algorithm-type md5 secret pa ss");
    assert_string_equal(stage.judge.clear, "pa ss");
    assert_int_equal(stage.judge.type, 5);
    stage_encoded(TYPE_5);
    stage_heard();
    assert_non_null(
        strstr(users(), "username a privilege 7 secret 5 " TYPE_5 "\n"));
    stage_type("username b password x");
    stage_type("username b algorithm-type sha256 secret y");
    stage_encoded(TYPE_8);
    assert_heard(BOTH);
}

static void
test_a_command_of_its_own_is_kept_beside_the_password(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("username a password x");
    stage_type("username a autocommand show users");
    stage_type("username b nohangup autocommand show ip ssh");
    stage_type("username c nopassword");
    assert_non_null(strstr(users(), "username a password 0 x\n"
                                    "username b nohangup\n"
                                    "username c nopassword\n"
                                    "username a autocommand show users\n"
                                    "username b autocommand show ip ssh\n!\n"));
}

static void
test_a_password_that_is_the_secret_is_told(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("enable password cisco");
    stage_type("enable secret cisco");
    stage_encoded(TYPE_9);
    assert_heard("The enable secret you have chosen is the same as your enable "
                 "password.\nThis is not recommended.  Re-enter the enable "
                 "secret.\n<Router(config)#>");
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
        STAGE_TEST(test_options_stand_in_any_order_and_stay_for_themselves),
        STAGE_TEST(test_a_name_that_no_user_can_log_in_with_is_refused),
        STAGE_TEST(test_a_secret_beyond_127_characters_is_refused),
        STAGE_TEST(test_clear_secrets_of_a_file_are_hashed_when_it_is_read),
        STAGE_TEST(test_enable_secret_is_hashed_and_removed),
        STAGE_TEST(test_a_level_is_not_part_of_the_secret),
        STAGE_TEST(test_each_level_has_a_secret_and_a_password),
        STAGE_TEST(test_a_password_line_leaves_nothing_of_an_older_one),
        STAGE_TEST(test_passwords_are_hidden_from_then_on_and_before),
        STAGE_TEST(test_short_passwords_are_refused_where_a_length_is_wanted),
        STAGE_TEST(test_an_algorithm_type_chooses_the_hash),
        STAGE_TEST(test_a_command_of_its_own_is_kept_beside_the_password),
        STAGE_TEST(test_a_password_that_is_the_secret_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
