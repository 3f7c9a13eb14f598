#include "control/keys.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "control/children.h"
#include "control/helpers.h"
#include "control/journal.h"
#include "control/listener.h"
#include "control/server_key.h"
#include "control/service.h"
#include "control/session.h"
#include "control/storage.h"

/*
 * A router whose signer is this test. What control sends is written down as
 * words in `sent`; the answers are given by hand.
 */
struct fixture {
    struct router router;
    char path[64];
    bool no_signer;
    char sent[4096], log[4096];
    uint32_t last_key; /* of the last message */
    char last_name[KEY_NAME_MAX];
    uint64_t last_made_at, last_request;
    unsigned proofs;
    char proof[16];
    child_fn on_child;
    void *child_owner;
    struct list sessions;
    unsigned listener_updates, dones, removals;
    enum err done_err, removed_err;
    bool silent; /* nothing was logged when it was called */
    char done_name[KEY_NAME_MAX];
};

static struct fixture *
of(struct router *r)
{
    return LIST_ITEM(r, struct fixture, router);
}

static void
add(char *text, size_t room, const char *more)
{
    size_t len = strlen(text);

    snprintf(text + len, room - len, "%s", more);
}

/* --- the rest of control ------------------------------------------------ */

bool
signer_send(struct router *r, const struct message *m, int fd)
{
    struct fixture *f = of(r);
    char line[64];

    if (f->no_signer)
        return false;
    if (m->type == MSG_KEY_LOAD) {
        f->last_key = m->key_load.key;
        assert_int_not_equal(fcntl(fd, F_GETFD), -1);
    } else if (m->type == MSG_KEY_MAKE) {
        f->last_key = m->key_make.key;
        f->last_made_at = m->key_make.made_at;
        snprintf(f->last_name, sizeof(f->last_name), "%.*s",
                 (int)m->key_make.name.len, m->key_make.name.ptr);
        assert_int_equal(write(fd, "key", 3), 3);
    } else if (m->type == MSG_USER_SIGN) {
        f->last_key = m->user_sign.key;
        f->last_request = m->user_sign.request;
        snprintf(f->last_name, sizeof(f->last_name), "%.*s %.*s %.*s",
                 (int)m->user_sign.method.len, m->user_sign.method.ptr,
                 (int)m->user_sign.session_id.len, m->user_sign.session_id.ptr,
                 (int)m->user_sign.user.len, m->user_sign.user.ptr);
    } else {
        assert_int_equal(m->type, MSG_KEY_FORGET);
        f->last_key = m->key_forget.key;
    }
    snprintf(line, sizeof(line), "%s %u\n", message_name(m->type),
             (unsigned)f->last_key);
    add(f->sent, sizeof(f->sent), line);
    return true;
}

/* Version 1 is another test's matter. */
void
server_key_update(struct router *r)
{
    (void)r;
}

bool
server_key_is_ready(const struct router *r)
{
    (void)r;
    return false;
}

void
children_watch(struct router *r, pid_t pid, child_fn fn, void *owner)
{
    assert_int_equal(pid, 1234);
    of(r)->on_child = fn;
    of(r)->child_owner = owner;
}

void
children_forget(struct router *r, pid_t pid)
{
    assert_int_equal(pid, 1234);
    of(r)->on_child = NULL;
}

void
child_status_text(int status, char *to, size_t room)
{
    snprintf(to, room, "status %d", status);
}

void
journal_message(struct router *r, const char *facility, enum log_level severity,
                const char *mnemonic, const char *format, ...)
{
    char line[128];

    (void)format;
    snprintf(line, sizeof(line), "%%%s-%d-%s\n", facility, (int)severity,
             mnemonic);
    add(of(r)->log, sizeof(of(r)->log), line);
}

void
journal_line(struct router *r, enum log_level severity, const char *format, ...)
{
    (void)severity;
    add(of(r)->log, sizeof(of(r)->log), format);
    add(of(r)->log, sizeof(of(r)->log), "\n");
}

void
service_loaded(struct router *r)
{
    assert_true(keys_are_loaded(r));
}

void
listener_update(struct router *r)
{
    of(r)->listener_updates++;
}

struct list *
sessions_all(struct router *r)
{
    return &of(r)->sessions;
}

uint64_t
router_now_ms(const struct router *r)
{
    return uv_now(&r->loop);
}

static void
on_log(void *owner, enum log_level level, const char *line)
{
    struct fixture *f = owner;

    if (level == LOG_DEBUGGING)
        return;
    add(f->log, sizeof(f->log), line);
    add(f->log, sizeof(f->log), "\n");
}

/* --- a router for each test --------------------------------------------- */

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL || uv_loop_init(&f->router.loop) != 0)
        return -1;
    snprintf(f->path, sizeof(f->path), "/tmp/vtyd-keys-XXXXXX");
    if (mkdtemp(f->path) == NULL)
        return -1;
    f->router.options.state = f->path;
    list_init(&f->sessions);
    config_init(&f->router.config);
    log_set_sink(on_log, f);
    *state = f;
    if (storage_open(&f->router, &f->router.storage) != OK)
        return -1;
    f->router.keys = keys_new(&f->router);
    return 0;
}

static void
remove_key_file(void *owner, const char *file)
{
    struct fixture *f = owner;

    char path[512];

    snprintf(path, sizeof(path), "%s/keys/%s", f->path, file);
    unlink(path);
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    char keys[80];

    keys_free(f->router.keys);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    storage_key_each(f->router.storage, remove_key_file, f);
    storage_close(f->router.storage);
    log_set_sink(NULL, NULL);
    snprintf(keys, sizeof(keys), "%s/keys", f->path);
    rmdir(keys);
    config_clear(&f->router.config);
    /* Nothing is left on the disk or in the loop. */
    if (rmdir(f->path) != 0 || uv_loop_close(&f->router.loop) != 0)
        return -1;
    free(f);
    return 0;
}

static void
expect_sent(struct fixture *f, const char *sent)
{
    assert_string_equal(f->sent, sent);
    f->sent[0] = '\0';
}

static void
expect_log(struct fixture *f, const char *log)
{
    assert_string_equal(f->log, log);
    f->log[0] = '\0';
}

/* The signer knows the pair of number `key` now. */
static void
info(struct fixture *f, uint32_t key, const char *name, enum key_type type,
     unsigned bits, uint64_t made_at)
{
    struct message m = {.type = MSG_KEY_INFO};

    m.key_info = (struct msg_key_info){
        .key = key,
        .name = span_text(name),
        .type = (uint8_t)type,
        .bits = bits,
        .made_at = made_at,
        .usage = KEY_GENERAL,
        .blob = span_text("blob"),
        .spki = span_text("spki"),
    };
    keys_on_message(&f->router, &m);
}

static void
failed(struct fixture *f, uint32_t key, const char *text)
{
    struct message m = {.type = MSG_KEY_FAILED};

    m.key_failed.key = key;
    m.key_failed.text = span_text(text);
    keys_on_message(&f->router, &m);
}

static void
on_done(void *owner, enum err err, struct key *key)
{
    struct fixture *f = owner;

    f->dones++;
    f->done_err = err;
    f->silent = f->log[0] == '\0';
    if (key != NULL)
        snprintf(f->done_name, sizeof(f->done_name), "%s", key->name);
}

static void
generate(struct fixture *f, const char *name, enum key_type type, unsigned bits)
{
    const struct key_wish wish = {name, type, bits, KEY_GENERAL, false};

    keys_generate(&f->router, &wish, on_done, f);
}

static size_t
key_count(struct fixture *f)
{
    size_t count = 0;

    LIST_EACH(node, keys_all(&f->router))
    {
        count++;
    }
    return count;
}

static void
on_zeroized(void *owner, enum err err)
{
    struct fixture *f = owner;

    f->removals++;
    f->removed_err = err;
}

/* To its end; how many pairs went. */
static unsigned
zeroize(struct fixture *f, enum key_type kind, const char *name)
{
    const struct key_set set = {.kind = kind, .name = name};
    size_t before = key_count(f);
    unsigned removals = f->removals;

    keys_zeroize(&f->router, &set, on_zeroized, f);
    assert_int_equal(f->removals, removals); /* never from within */
    while (f->removals == removals)
        uv_run(&f->router.loop, UV_RUN_ONCE);
    assert_int_equal(f->removed_err, OK);
    return (unsigned)(before - key_count(f));
}

static void
child_starts(struct fixture *f)
{
    struct message m = {.type = MSG_KEY_STARTED};

    m.key_started.key = f->last_key;
    m.key_started.pid = 1234;
    keys_on_message(&f->router, &m);
}

/* The whole way of one pair that succeeds. */
static void
make(struct fixture *f, const char *name, enum key_type type, unsigned bits)
{
    uint64_t made_at;
    unsigned dones = f->dones;

    generate(f, name, type, bits);
    made_at = f->last_made_at;
    child_starts(f);
    f->on_child(f->child_owner, 1234, 0);
    while (strstr(f->sent, "KEY_LOAD") == NULL)
        uv_run(&f->router.loop, UV_RUN_ONCE);
    info(f, f->last_key, name, type, bits, made_at);
    assert_int_equal(f->dones, dones + 1);
    assert_int_equal(f->done_err, OK);
    assert_string_equal(f->done_name, name);
    f->sent[0] = '\0';
}

static bool
file_is_there(struct fixture *f, const char *file)
{
    int fd;

    if (storage_key_open(f->router.storage, file, &fd) != OK)
        return false;
    close(fd);
    return true;
}

/* --- the laws ----------------------------------------------------------- */

static void
test_a_pair_is_made_stored_and_handed_over(void **state)
{
    struct fixture *f = *state;

    keys_load(&f->router);
    assert_false(keys_ssh_enabled(&f->router));
    generate(f, "R1.example.com", KEY_RSA, 2048);
    expect_sent(f, "KEY_MAKE 1\n");
    assert_string_equal(f->last_name, "R1.example.com");
    child_starts(f);
    assert_false(file_is_there(f, "R1.example.com.rsa"));
    f->on_child(f->child_owner, 1234, 0);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_true(file_is_there(f, "R1.example.com.rsa"));
    expect_sent(f, "KEY_LOAD 1\n");
    assert_int_equal(f->dones, 0);
    expect_log(f, "");
    info(f, 1, "R1.example.com", KEY_RSA, 2048, f->last_made_at);
    assert_int_equal(f->dones, 1);
    assert_int_equal(f->done_err, OK);
    /* [OK] stands on the console before what the log says of the pair. */
    assert_true(f->silent);
    expect_log(f, "%SSH-5-ENABLED\n");
    assert_true(f->listener_updates > 0);
    assert_non_null(keys_find(&f->router, "R1.example.com", KEY_RSA, 0));
    assert_null(keys_find(&f->router, "R1", KEY_RSA, 0));
}

static void
test_a_child_that_fails_leaves_nothing(void **state)
{
    struct fixture *f = *state;

    generate(f, "k", KEY_RSA, 2048);
    child_starts(f);
    f->on_child(f->child_owner, 1234, 9);
    assert_int_equal(f->dones, 1);
    assert_int_equal(f->done_err, ERR_SYSTEM);
    assert_int_equal(key_count(f), 0);
    expect_log(f, "Key file keys/k.rsa was not made: status 9\n");
    /* The way is free for another try. */
    make(f, "k", KEY_RSA, 2048);
}

static void
test_a_refusal_of_the_signer_is_told(void **state)
{
    struct fixture *f = *state;

    generate(f, "k", KEY_RSA, 2048);
    failed(f, f->last_key, "no room");
    assert_int_equal(f->done_err, ERR_SYSTEM);
    expect_log(f, "The signer cannot make a key: no room\n");
    make(f, "k", KEY_ED25519, 0);
}

static void
test_without_a_signer_it_fails_later_never_at_once(void **state)
{
    struct fixture *f = *state;

    f->no_signer = true;
    generate(f, "k", KEY_RSA, 2048);
    assert_int_equal(f->dones, 0);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->dones, 1);
    assert_int_equal(f->done_err, ERR_SYSTEM);
}

static void
test_one_pair_of_a_name_is_made_at_a_time(void **state)
{
    struct fixture *f = *state;

    generate(f, "k", KEY_RSA, 2048);
    generate(f, "k", KEY_RSA, 2048);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->dones, 1);
    assert_int_equal(f->done_err, ERR_BUSY);
    expect_sent(f, "KEY_MAKE 1\n");
}

static void
test_a_label_too_long_is_refused(void **state)
{
    struct fixture *f = *state;
    char label[KEY_NAME_MAX + 1];

    memset(label, 'x', sizeof(label));
    label[KEY_NAME_MAX] = '\0';
    generate(f, label, KEY_RSA, 2048);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->done_err, ERR_LIMIT);
}

static void
test_a_signer_lost_before_the_child_started_fails_the_wish(void **state)
{
    struct fixture *f = *state;

    generate(f, "k", KEY_RSA, 2048);
    keys_load(&f->router);
    assert_int_equal(f->dones, 1);
    assert_int_equal(f->done_err, ERR_SYSTEM);
}

static void
test_a_signer_lost_while_it_reads_gets_the_file_again(void **state)
{
    struct fixture *f = *state;

    generate(f, "k", KEY_RSA, 2048);
    child_starts(f);
    f->on_child(f->child_owner, 1234, 0);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    expect_sent(f, "KEY_MAKE 1\nKEY_LOAD 1\n");
    keys_load(&f->router);
    expect_sent(f, "KEY_LOAD 1\n");
    info(f, 1, "k", KEY_RSA, 2048, f->last_made_at);
    assert_int_equal(f->dones, 1);
    assert_int_equal(f->done_err, OK);
}

static void
test_an_owner_who_went_is_not_told_but_the_pair_is_kept(void **state)
{
    struct fixture *f = *state;

    generate(f, "k", KEY_RSA, 2048);
    keys_forget_owner(&f->router, f);
    child_starts(f);
    f->on_child(f->child_owner, 1234, 0);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    info(f, 1, "k", KEY_RSA, 2048, f->last_made_at);
    assert_int_equal(f->dones, 0);
    assert_int_equal(key_count(f), 1);
}

/* Let files lie there as a run before has left them. */
static void
put_key_file(struct fixture *f, const char *file)
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "%s/keys/%s", f->path, file);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void
test_pairs_are_ordered_by_their_making_not_their_coming(void **state)
{
    struct fixture *f = *state;
    struct ssh_host_keys usable;

    put_key_file(f, "a.rsa");
    put_key_file(f, "b.rsa");
    put_key_file(f, "c.ec-256");
    keys_load(&f->router);
    expect_sent(f, "KEY_LOAD 1\nKEY_LOAD 2\nKEY_LOAD 3\n");
    info(f, 1, "a", KEY_RSA, 1024, 200);
    info(f, 3, "c", KEY_ECDSA_256, 256, 300);
    /* Nothing is said or opened while one is still on its way. */
    expect_log(f, "");
    assert_int_equal(f->listener_updates, 0);
    info(f, 2, "b", KEY_RSA, 1024, 100);
    expect_log(f, "%SSH-5-ENABLED\n");
    keys_for_ssh(&f->router, &usable);
    assert_int_equal(usable.count, 2);
    assert_string_equal(usable.keys[0]->name, "b");
    assert_string_equal(usable.keys[1]->name, "c");
}

static void
test_no_two_pairs_are_made_in_one_second(void **state)
{
    struct fixture *f = *state;
    uint64_t first;

    generate(f, "a", KEY_RSA, 1024);
    first = f->last_made_at;
    generate(f, "b", KEY_RSA, 1024);
    assert_true(f->last_made_at > first);
}

static void
test_a_bad_key_file_is_named_and_the_others_serve(void **state)
{
    struct fixture *f = *state;
    char path[128];

    put_key_file(f, "bad.rsa");
    put_key_file(f, "good.rsa");
    snprintf(path, sizeof(path), "%s/keys/link.rsa", f->path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    keys_load(&f->router);
    expect_log(f, "Key file keys/link.rsa cannot be used: Too many levels of "
                  "symbolic links\n");
    failed(f, 1, "others may read it\x1b[2J");
    expect_log(f, "Key file keys/bad.rsa cannot be used: others may read it"
                  "\\x1b[2J\n");
    info(f, 2, "good", KEY_RSA, 1024, 100);
    expect_log(f, "%SSH-5-ENABLED\n");
    assert_int_equal(key_count(f), 1);
    unlink(path);
}

static void
test_what_the_signer_says_is_bounded(void **state)
{
    struct fixture *f = *state;

    put_key_file(f, "a.rsa");
    keys_load(&f->router);
    info(f, 1, "two words", KEY_RSA, 1024, 100);
    assert_int_equal(key_count(f), 0);
    info(f, 1, "a", KEY_RSA, 1024, 100);
    info(f, 99, "a", KEY_RSA, 1024, 100);
    assert_int_equal(key_count(f), 0);
}

static void
test_a_signer_started_again_gets_the_same_numbers(void **state)
{
    struct fixture *f = *state;

    put_key_file(f, "a.rsa");
    put_key_file(f, "b.rsa");
    keys_load(&f->router);
    info(f, 1, "a", KEY_RSA, 1024, 100);
    info(f, 2, "b", KEY_RSA, 1024, 200);
    expect_log(f, "%SSH-5-ENABLED\n");
    expect_sent(f, "KEY_LOAD 1\nKEY_LOAD 2\n");
    keys_load(&f->router);
    expect_sent(f, "KEY_LOAD 1\nKEY_LOAD 2\n");
    info(f, 2, "b", KEY_RSA, 1024, 200);
    info(f, 1, "a", KEY_RSA, 1024, 100);
    assert_int_equal(key_count(f), 2);
    /* Nobody was told of anything meanwhile. */
    expect_log(f, "");
}

static void
test_a_new_pair_takes_the_place_of_the_old_one(void **state)
{
    struct fixture *f = *state;

    keys_load(&f->router);
    make(f, "k", KEY_RSA, 1024);
    generate(f, "k", KEY_RSA, 2048);
    child_starts(f);
    f->on_child(f->child_owner, 1234, 0);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(keys_find(&f->router, "k", KEY_RSA, 0)->bits, 1024);
    f->sent[0] = '\0';
    info(f, 2, "k", KEY_RSA, 2048, f->last_made_at);
    expect_sent(f, "KEY_FORGET 1\n");
    assert_int_equal(key_count(f), 1);
    assert_int_equal(keys_find(&f->router, "k", KEY_RSA, 0)->bits, 2048);
    /* Enabled before and after: not a word about it. */
    expect_log(f, "%SSH-5-ENABLED\n");
}

static void
test_zeroize_takes_one_kind_or_one_name(void **state)
{
    struct fixture *f = *state;

    keys_load(&f->router);
    make(f, "a", KEY_RSA, 1024);
    make(f, "b", KEY_RSA, 1024);
    make(f, "a", KEY_ECDSA_256, 256);
    make(f, "b", KEY_ECDSA_521, 521);
    make(f, "a", KEY_ED25519, 256);
    expect_log(f, "%SSH-5-ENABLED\n");
    assert_int_equal(zeroize(f, KEY_RSA, "b"), 1);
    assert_false(file_is_there(f, "b.rsa"));
    assert_int_equal(zeroize(f, KEY_RSA, "b"), 0);
    assert_int_equal(zeroize(f, KEY_ECDSA_384, NULL), 2);
    assert_int_equal(key_count(f), 2);
    zeroize(f, KEY_RSA, NULL);
    expect_log(f, "");
    f->listener_updates = 0;
    zeroize(f, KEY_ED25519, NULL);
    expect_log(f, "%SSH-5-DISABLED\n");
    assert_true(f->listener_updates > 0);
}

static void
test_sessions_can_sign_with_a_zeroized_pair_until_they_end(void **state)
{
    struct fixture *f = *state;
    struct session s = {.kind = SESSION_SSH};

    keys_load(&f->router);
    make(f, "a", KEY_RSA, 1024);
    s.started_ms = router_now_ms(&f->router);
    list_append(&f->sessions, &s.node);
    zeroize(f, KEY_RSA, NULL);
    assert_false(file_is_there(f, "a.rsa"));
    assert_false(keys_ssh_enabled(&f->router));
    expect_sent(f, "");
    list_remove(&s.node);
    make(f, "b", KEY_RSA, 1024);
    zeroize(f, KEY_RSA, NULL);
    expect_sent(f, "KEY_FORGET 1\nKEY_FORGET 2\n");
}

static void
test_a_small_pair_serves_no_version(void **state)
{
    struct fixture *f = *state;

    keys_load(&f->router);
    make(f, "small", KEY_RSA, 767);
    expect_log(
        f, " RSA key size needs to be atleast 768 bits for ssh version 2\n");
    assert_false(keys_ssh_enabled(&f->router));
    make(f, "big", KEY_RSA, 768);
    expect_log(f, "%SSH-5-ENABLED\n");
}

static void
test_keypair_name_chooses_also_a_pair_of_later(void **state)
{
    struct fixture *f = *state;
    struct ssh_host_keys usable;

    keys_load(&f->router);
    make(f, "first", KEY_RSA, 1024);
    expect_log(f, "%SSH-5-ENABLED\n");
    config_text_set(&f->router.config.ssh.keypair_name, "later");
    keys_ssh_update(&f->router);
    expect_log(f, "%SSH-5-DISABLED\n");
    make(f, "later", KEY_RSA, 1024);
    expect_log(f, "%SSH-5-ENABLED\n");
    keys_for_ssh(&f->router, &usable);
    assert_int_equal(usable.count, 1);
    assert_string_equal(usable.keys[0]->name, "later");
    config_text_set(&f->router.config.ssh.keypair_name, NULL);
    keys_ssh_update(&f->router);
    keys_for_ssh(&f->router, &usable);
    assert_string_equal(usable.keys[0]->name, "first");
    expect_log(f, "");
    zeroize(f, KEY_RSA, "first");
    keys_for_ssh(&f->router, &usable);
    assert_string_equal(usable.keys[0]->name, "later");
}

static void
test_an_ec_or_ed25519_pair_is_enough(void **state)
{
    struct fixture *f = *state;

    keys_load(&f->router);
    config_text_set(&f->router.config.ssh.keypair_name, "missing");
    make(f, "e", KEY_ED25519, 256);
    expect_log(f, "%SSH-5-ENABLED\n");
    assert_true(keys_ssh_enabled(&f->router));
}

/* --- logins at other hosts ---------------------------------------------- */

static void
expect_login_keys(struct fixture *f, const char *expected)
{
    struct ssh_host_keys usable;
    char names[256] = "";

    keys_for_login(&f->router, &usable);
    for (size_t i = 0; i < usable.count; i++) {
        add(names, sizeof(names), usable.keys[i]->name);
        add(names, sizeof(names), " ");
    }
    assert_string_equal(names, expected);
}

static void
test_at_other_hosts_one_pair_of_a_kind_is_shown(void **state)
{
    struct fixture *f = *state;

    expect_login_keys(f, "");
    make(f, "small", KEY_RSA, 512);
    expect_login_keys(f, "");
    make(f, "r1", KEY_RSA, 2048);
    make(f, "r2", KEY_RSA, 2048);
    make(f, "e521", KEY_ECDSA_521, 521);
    make(f, "e384", KEY_ECDSA_384, 384);
    make(f, "ed", KEY_ED25519, 256);
    expect_login_keys(f, "r1 e384 ed ");
    f->router.config.ssh.keypair_name = strdup("r2");
    expect_login_keys(f, "r2 e384 ed ");
}

static void
on_proof(void *owner, struct span signature)
{
    struct fixture *f = owner;

    f->proofs++;
    snprintf(f->proof, sizeof(f->proof), "%.*s", (int)signature.len,
             signature.len == 0 ? (const uint8_t *)"" : signature.ptr);
}

static bool
sign_login(struct fixture *f, uint32_t key)
{
    const struct key_login login = {key, span_text("rsa-sha2-256"),
                                    span_text("ID"), span_text("lab")};

    return keys_sign_login(&f->router, &login, on_proof, f);
}

static void
signed_login(struct fixture *f, uint64_t request, const char *signature)
{
    struct message m = {.type = MSG_USER_SIGNED};

    m.user_signed.request = request;
    m.user_signed.signature = span_text(signature);
    keys_on_message(&f->router, &m);
}

static void
test_each_login_gets_its_own_signature(void **state)
{
    struct fixture *f = *state;
    uint64_t first;

    assert_true(sign_login(f, 7));
    assert_int_equal(f->last_key, 7);
    assert_string_equal(f->last_name, "rsa-sha2-256 ID lab");
    first = f->last_request;
    assert_true(sign_login(f, 7));
    assert_int_not_equal(f->last_request, first);
    signed_login(f, f->last_request, "second");
    assert_int_equal(f->proofs, 1);
    assert_string_equal(f->proof, "second");
    signed_login(f, first, "first");
    signed_login(f, first, "again");
    signed_login(f, 99, "nobody's");
    assert_int_equal(f->proofs, 2);
    assert_string_equal(f->proof, "first");
    assert_true(sign_login(f, 7));
    signed_login(f, f->last_request, "");
    assert_int_equal(f->proofs, 3);
    assert_string_equal(f->proof, "");
}

static void
test_a_login_outlives_neither_signer_nor_owner(void **state)
{
    struct fixture *f = *state;

    assert_true(sign_login(f, 7));
    keys_load(&f->router); /* the signer was started again */
    assert_int_equal(f->proofs, 1);
    assert_string_equal(f->proof, "");
    assert_true(sign_login(f, 7));
    keys_forget_owner(&f->router, f);
    signed_login(f, f->last_request, "late");
    assert_int_equal(f->proofs, 1);
    assert_true(sign_login(f, 7)); /* under way at the router's end */
    f->no_signer = true;
    assert_false(sign_login(f, 7));
    assert_int_equal(f->proofs, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_pair_is_made_stored_and_handed_over),
        TEST(test_a_child_that_fails_leaves_nothing),
        TEST(test_a_refusal_of_the_signer_is_told),
        TEST(test_without_a_signer_it_fails_later_never_at_once),
        TEST(test_one_pair_of_a_name_is_made_at_a_time),
        TEST(test_a_label_too_long_is_refused),
        TEST(test_a_signer_lost_before_the_child_started_fails_the_wish),
        TEST(test_a_signer_lost_while_it_reads_gets_the_file_again),
        TEST(test_an_owner_who_went_is_not_told_but_the_pair_is_kept),
        TEST(test_pairs_are_ordered_by_their_making_not_their_coming),
        TEST(test_no_two_pairs_are_made_in_one_second),
        TEST(test_a_bad_key_file_is_named_and_the_others_serve),
        TEST(test_what_the_signer_says_is_bounded),
        TEST(test_a_signer_started_again_gets_the_same_numbers),
        TEST(test_a_new_pair_takes_the_place_of_the_old_one),
        TEST(test_zeroize_takes_one_kind_or_one_name),
        TEST(test_sessions_can_sign_with_a_zeroized_pair_until_they_end),
        TEST(test_a_small_pair_serves_no_version),
        TEST(test_keypair_name_chooses_also_a_pair_of_later),
        TEST(test_an_ec_or_ed25519_pair_is_enough),
        TEST(test_at_other_hosts_one_pair_of_a_kind_is_shown),
        TEST(test_each_login_gets_its_own_signature),
        TEST(test_a_login_outlives_neither_signer_nor_owner),
    };

    umask(077);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
