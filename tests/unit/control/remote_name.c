#include "control/remote_name.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void
test_the_forms_of_a_name(void **state)
{
    static const struct {
        const char *typed;
        enum remote_scheme scheme;
        const char *user, *password, *host;
        unsigned port;
        const char *path, *shown;
    } forms[] = {
        {"scp:", REMOTE_SCP, "", NULL, "", 0, "", "scp://*:*@/"},
        {"SFTP:", REMOTE_SFTP, "", NULL, "", 0, "", "sftp://*:*@/"},
        {"scp:a/b", REMOTE_SCP, "", NULL, "", 0, "a/b", "scp://*:*@/a/b"},
        {"scp:/a", REMOTE_SCP, "", NULL, "", 0, "/a", "scp://*:*@//a"},
        {"scp:///a", REMOTE_SCP, "", NULL, "", 0, "a", "scp://*:*@/a"},
        {"scp://h", REMOTE_SCP, "", NULL, "h", 0, "", "scp://*:*@h/"},
        {"scp://h/", REMOTE_SCP, "", NULL, "h", 0, "", "scp://*:*@h/"},
        {"scp://h/a", REMOTE_SCP, "", NULL, "h", 0, "a", "scp://*:*@h/a"},
        {"scp://h//a", REMOTE_SCP, "", NULL, "h", 0, "/a", "scp://*:*@h//a"},
        {"scp://lab@10.0.0.1/a", REMOTE_SCP, "lab", NULL, "10.0.0.1", 0, "a",
         "scp://*:*@10.0.0.1/a"},
        {"sftp://lab:pw@h.example:2022/d/a", REMOTE_SFTP, "lab", "pw",
         "h.example", 2022, "d/a", "sftp://*:*@h.example:2022/d/a"},
        {"scp://lab:@h/a", REMOTE_SCP, "lab", "", "h", 0, "a", "scp://*:*@h/a"},
        {"scp://lab:a:b@h/a", REMOTE_SCP, "lab", "a:b", "h", 0, "a",
         "scp://*:*@h/a"},
        {"scp://lab:a@b@h/a", REMOTE_SCP, "lab", "a@b", "h", 0, "a",
         "scp://*:*@h/a"},
        {"scp://l%40b:p%2fw%20@h/a%20b%3f", REMOTE_SCP, "l@b", "p/w ", "h", 0,
         "a b?", "scp://*:*@h/a b?"},
        {"scp://[2001:db8::1]/a", REMOTE_SCP, "", NULL, "2001:db8::1", 0, "a",
         "scp://*:*@[2001:db8::1]/a"},
        {"scp://u@[::1]:22//a", REMOTE_SCP, "u", NULL, "::1", 22, "/a",
         "scp://*:*@[::1]:22//a"},
        {"scp://h/a@b:c", REMOTE_SCP, "", NULL, "h", 0, "a@b:c",
         "scp://*:*@h/a@b:c"},
        {"scp://h/\xc3\xa4", REMOTE_SCP, "", NULL, "h", 0, "\xc3\xa4",
         "scp://*:*@h/\xc3\xa4"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct remote_name name;
        int reason = 0;

        assert_true(remote_name_is(forms[i].typed));
        assert_int_equal(remote_name_parse(forms[i].typed, &name, &reason), OK);
        assert_int_equal(name.scheme, forms[i].scheme);
        assert_string_equal(name.user, forms[i].user);
        assert_int_equal(name.has_password, forms[i].password != NULL);
        if (name.has_password)
            assert_string_equal(name.password, forms[i].password);
        assert_string_equal(name.host, forms[i].host);
        assert_int_equal(name.port, forms[i].port);
        assert_string_equal(name.path, forms[i].path);
        assert_string_equal(name.shown, forms[i].shown);
    }
}

static void
test_what_is_no_name(void **state)
{
    static const char *const bad[] = {
        "scp://@h/a",          /* a user must have a name */
        "scp://:pw@h/a",       /* likewise */
        "scp://u@/a",          /* and a host */
        "scp://h:/a",          /* a port its digits */
        "scp://h:0/a",         /* and no other number */
        "scp://h:65536/a",     /**/
        "scp://h:22x/a",       /**/
        "scp://h:-1/a",        /**/
        "scp://u:p/w@h/a",     /* the slash ends the host */
        "scp://2001:db8::1/a", /* the colon does, without brackets */
        "scp://[2001:db8::1/a", "scp://[h]/a",
        "scp://[::1]x/a",       "scp://-oProxyCommand=x/a",
        "scp://-froot@h/a",     "scp://\xc3\xa4@h/a",
        "scp://h-/a",           "scp://h-.x/a",
        "scp://h;reboot/a",     "scp://h`x`/a",
        "scp://h..x/a",         "scp://.h/a",
        "scp://h h/a",          "scp://u u@h/a",
        "scp://u%0a@h/a", /* no line ends, escapes or NUL anywhere */
        "scp://u:%1b@h/a",      "scp://u:%7f@h/a",
        "scp://h/a%00b",        "scp://h/a%0d",
        "scp://h/a\033[2J",     "scp://h/a%",
        "scp://h/a%4",          "scp://h/a%4x",
        "scp://h/a%x4",         "scp:a%1b",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct remote_name name;
        int reason = 0;

        assert_int_equal(remote_name_parse(bad[i], &name, &reason), ERR_SYSTEM);
        assert_int_equal(reason, EINVAL);
        assert_true(strncmp(name.shown, "scp://*:*@", 10) == 0);
        assert_null(strstr(name.shown, "u:p"));
    }
}

static void
test_what_is_too_long(void **state)
{
    static const struct {
        const char *before;
        size_t length, most;
        const char *behind;
    } parts[] = {
        {"scp://h/", 0, REMOTE_PATH_MAX - 1, ""},
        {"scp://", 0, SSH_USER_MAX, "@h/a"},
        {"scp://u:", 0, SSH_PASSWORD_MAX, "@h/a"},
        {"scp://", 0, 63, "/a"}, /* of a label; as no host */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        for (size_t more = 0; more < 2; more++) {
            char typed[2048], filling[REMOTE_PATH_MAX + 2];
            struct remote_name name;
            size_t len = parts[i].most + more;
            int reason = 0;

            memset(filling, 'x', len);
            filling[len] = '\0';
            snprintf(typed, sizeof(typed), "%s%s%s", parts[i].before, filling,
                     parts[i].behind);
            assert_int_equal(remote_name_parse(typed, &name, &reason),
                             more == 0 ? OK : ERR_SYSTEM);
            if (more > 0)
                assert_int_equal(reason, i == 3 ? EINVAL : ENAMETOOLONG);
        }
}

static void
test_other_names_are_left_alone(void **state)
{
    static const char *const others[] = {
        "flash:a", "scp", "scpa:", "a/scp:", "", "tftp:", "//scp:"};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(remote_name_is(others[i]));
}

static void
test_answers_are_taken_as_they_are(void **state)
{
    struct remote_name name;
    int reason = 0;

    (void)state;
    assert_int_equal(remote_name_parse("scp:", &name, &reason), OK);
    assert_int_equal(remote_name_set_host(&name, "::1", &reason), OK);
    assert_int_equal(remote_name_set_user(&name, "a%40b", &reason), OK);
    assert_int_equal(remote_name_set_path(&name, "/d/a%20 b", &reason), OK);
    assert_string_equal(name.user, "a%40b");
    assert_string_equal(name.shown, "scp://*:*@[::1]//d/a%20 b");
    assert_string_equal(remote_name_last(&name), "a%20 b");
    assert_int_equal(remote_name_set_path(&name, "a", &reason), OK);
    assert_string_equal(remote_name_last(&name), "a");
    assert_int_equal(remote_name_set_host(&name, "", &reason), ERR_SYSTEM);
    assert_int_equal(remote_name_set_host(&name, "[::1]", &reason), ERR_SYSTEM);
    assert_int_equal(remote_name_set_user(&name, "", &reason), ERR_SYSTEM);
    assert_int_equal(remote_name_set_path(&name, "a\nb", &reason), ERR_SYSTEM);
    assert_string_equal(name.shown, "scp://*:*@[::1]/a");
    remote_name_clear(&name);
    assert_string_equal(name.user, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_forms_of_a_name),
        cmocka_unit_test(test_what_is_no_name),
        cmocka_unit_test(test_what_is_too_long),
        cmocka_unit_test(test_other_names_are_left_alone),
        cmocka_unit_test(test_answers_are_taken_as_they_are),
    };

    return cmocka_run_group_tests_name("control/remote_name", tests, NULL,
                                       NULL);
}
