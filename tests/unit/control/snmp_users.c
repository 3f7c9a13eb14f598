/* Laws of the engine and users of SNMP version 3, and of their file. */
#include "control/snmp_users.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/journal.h"

struct fixture {
    struct router router;
    char path[64];
    int state;
};

static struct fixture f;

static void
begin_router(void)
{
    uv_loop_init(&f.router.loop);
    config_init(&f.router.config);
    f.router.journal = journal_new(&f.router);
    snmp_users_open(&f.router, f.state);
}

static void
end_router(void)
{
    snmp_users_close(&f.router);
    journal_free(f.router.journal);
    f.router.journal = NULL;
    uv_run(&f.router.loop, UV_RUN_DEFAULT);
    uv_loop_close(&f.router.loop);
    config_clear(&f.router.config);
}

static int
begin(void **state)
{
    (void)state;
    memset(&f, 0, sizeof(f));
    snprintf(f.path, sizeof(f.path), "/tmp/vtyd-snmp-XXXXXX");
    assert_non_null(mkdtemp(f.path));
    f.state = open(f.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(f.state >= 0);
    begin_router();
    return 0;
}

static int
end(void **state)
{
    (void)state;
    end_router();
    unlinkat(f.state, "snmp", 0);
    unlinkat(f.state, "snmp.old", 0);
    close(f.state);
    rmdir(f.path);
    return 0;
}

/* With the journal's sink quiet. */
static void
again(void)
{
    end_router();
    begin_router();
}

static struct snmp_user
user_named(const char *name, enum snmp_auth auth, enum snmp_priv priv)
{
    struct snmp_user user = {.auth = auth, .priv = priv};

    snprintf(user.name, sizeof(user.name), "%s", name);
    snprintf(user.group, sizeof(user.group), "group");
    snmp_local_engine(&f.router, &f.router.config, &user.engine);
    memset(user.auth_key, 0xa5, snmp_user_auth_length(&user));
    memset(user.priv_key, 0x5a,
           priv == SNMP_PRIV_NONE ? 0 : SNMP_PRIV_KEY_BYTES);
    return user;
}

static void
test_users_and_engine_outlive_the_router(void **state)
{
    struct snmp_user users[] = {
        user_named("none", SNMP_AUTH_NONE, SNMP_PRIV_NONE),
        user_named("md5", SNMP_AUTH_MD5, SNMP_PRIV_DES),
        user_named("sha", SNMP_AUTH_SHA, SNMP_PRIV_AES128),
    };
    uint32_t boots = snmp_engine_boots(&f.router);
    struct snmp_engine engine;
    struct stat st;

    (void)state;
    assert_int_equal(boots, 1);
    for (size_t i = 0; i < 3; i++)
        assert_true(snmp_users_put(&f.router, &users[i]));
    again();
    assert_int_equal(snmp_engine_boots(&f.router), 2);
    snmp_local_engine(&f.router, &f.router.config, &engine);
    assert_true(snmp_engine_equal(&engine, &users[0].engine));
    assert_int_equal(engine.bytes[0], 0x80);
    assert_int_equal(engine.bytes[3], 9);
    for (size_t i = 0; i < 3; i++) {
        const struct snmp_user *user = snmp_user_at(&f.router, i);

        assert_non_null(user);
        assert_memory_equal(user, &users[i], sizeof(*user));
        assert_ptr_equal(user,
                         snmp_user_find(&f.router, users[i].name, &engine));
    }
    assert_null(snmp_user_at(&f.router, 3));
    assert_int_equal(fstatat(f.state, "snmp", &st, 0), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void
test_each_start_that_is_kept_is_counted(void **state)
{
    (void)state;
    assert_false(snmp_users_keep(&f.router));
    uv_run(&f.router.loop, UV_RUN_DEFAULT);
    assert_true(snmp_users_keep(&f.router));
    for (uint32_t i = 2; i < 5; i++) {
        again();
        assert_int_equal(snmp_engine_boots(&f.router), i);
        assert_false(snmp_users_keep(&f.router));
    }
}

static void
test_a_user_replaces_his_own_and_leaves_nothing(void **state)
{
    struct snmp_user user = user_named("lab", SNMP_AUTH_SHA, SNMP_PRIV_NONE);

    (void)state;
    assert_true(snmp_users_put(&f.router, &user));
    user.auth = SNMP_AUTH_MD5;
    assert_true(snmp_users_put(&f.router, &user));
    assert_int_equal(snmp_user_at(&f.router, 0)->auth, SNMP_AUTH_MD5);
    assert_null(snmp_user_at(&f.router, 1));
    user.engine.bytes[4]++; /* another router's user of that name */
    snmp_users_remove(&f.router, &user);
    assert_non_null(snmp_user_at(&f.router, 0));
    user.engine.bytes[4]--;
    snmp_users_remove(&f.router, &user);
    assert_null(snmp_user_at(&f.router, 0));
    again();
    assert_null(snmp_user_at(&f.router, 0));
    assert_int_equal(faccessat(f.state, "snmp.old", F_OK, 0), -1);
}

static void
test_their_number_is_bounded(void **state)
{
    struct snmp_user user = user_named("lab", SNMP_AUTH_NONE, SNMP_PRIV_NONE);

    (void)state;
    for (unsigned i = 0; i < SNMP_USERS_MAX; i++) {
        snprintf(user.name, sizeof(user.name), "user%u", i);
        assert_true(snmp_users_put(&f.router, &user));
    }
    assert_true(snmp_users_put(&f.router, &user));
    snprintf(user.name, sizeof(user.name), "one-more");
    assert_false(snmp_users_put(&f.router, &user));
}

static void
no_line(void *owner, enum log_level level, const char *line)
{
    (void)owner;
    (void)level;
    (void)line;
}

static void
test_a_damaged_file_gives_no_half_user(void **state)
{
    static const char *const texts[] = {
        "engine 8000000905\nboots 7\nuser a b 8000 md5 00 none -\n",
        "engine 8000000905\nboots 7\nuser a b 8000 none - des 00\n",
        "engine 8000000905\nboots 7\nuser a b 8000 rot13 - none -\n",
        "engine 8000000905\nboots 7\nuser a b 8000 none - none - more\n",
        "engine 8000000905\nboots 7\nuser a b 8000 none - none -",
        "engine 8000000905\nboots x\n",
        "engine 800000090\nboots 7\n",
        "nothing of ours\n",
    };

    (void)state;
    log_set_sink(no_line, NULL);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int fd;

        snmp_users_close(&f.router);
        unlinkat(f.state, "snmp", 0);
        fd = openat(f.state, "snmp", O_WRONLY | O_CREAT | O_EXCL, 0600);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, texts[i], strlen(texts[i])),
                         strlen(texts[i]));
        close(fd);
        snmp_users_open(&f.router, f.state);
        assert_null(snmp_user_at(&f.router, 0));
        assert_int_equal(snmp_engine_boots(&f.router), 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_users_and_engine_outlive_the_router, begin, end),
        cmocka_unit_test_setup_teardown(test_each_start_that_is_kept_is_counted,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_user_replaces_his_own_and_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_their_number_is_bounded, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_damaged_file_gives_no_half_user,
                                        begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
