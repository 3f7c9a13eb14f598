/* Laws of host keys: exactly what is known is trusted (hardening 8.1). */
#include "control/known_hosts.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/journal.h"

/* Keys that ssh-keygen made; "first" and "second" of one type. */
#define ED25519_FIRST                                                  \
    "AAAAC3NzaC1lZDI1NTE5AAAAIEDDlal1KkPhUdfY0L5y9+2HnfWdIQH/n8120iPH" \
    "dJeS"
#define ED25519_SECOND                                                 \
    "AAAAC3NzaC1lZDI1NTE5AAAAIDV6Yr6W9O7zMHk/l3rGYvHQuS8vrsUiKW91DIAF" \
    "wJfR"
#define ECDSA                                                          \
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBXYP+NNLjk/" \
    "ctcyffSglNA1UDKKQU6GHc6G2vOYVXr+FlfLMoHvsW6GcNENPUgCfl49ul0I/tFG" \
    "noWN+QO7RUQ="

struct fixture {
    struct router router;
    char path[64];
    int state;
    unsigned answers;
    enum host_key_verdict verdict;
    char text[1024];
    enum err err;
    size_t count;
    char log[1024];
};

/* --- what known_hosts.c needs of others --------------------------------- */

static struct fixture *current;

void
journal_limited(struct router *r, const char *source, const char *facility,
                enum log_level severity, const char *mnemonic,
                const char *format, ...)
{
    size_t len = strlen(current->log);
    va_list values;

    (void)r;
    (void)source;
    (void)facility;
    (void)severity;
    len += (size_t)snprintf(current->log + len, sizeof(current->log) - len,
                            "%s: ", mnemonic);
    va_start(values, format);
    vsnprintf(current->log + len, sizeof(current->log) - len, format, values);
    va_end(values);
}

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL || uv_loop_init(&f->router.loop) != 0)
        return -1;
    snprintf(f->path, sizeof(f->path), "/tmp/vtyd-known-XXXXXX");
    if (mkdtemp(f->path) == NULL)
        return -1;
    f->state = open(f->path, O_RDONLY | O_DIRECTORY);
    config_init(&f->router.config);
    known_hosts_open(&f->router, f->state);
    current = f;
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    known_hosts_close(&f->router);
    config_clear(&f->router.config);
    unlinkat(f->state, "known_hosts", 0);
    unlinkat(f->state, "known_hosts", AT_REMOVEDIR);
    unlinkat(f->state, "known_hosts.old", 0);
    close(f->state);
    rmdir(f->path);
    if (uv_loop_close(&f->router.loop) != 0)
        return -1;
    free(f);
    return 0;
}

/* --- the file ----------------------------------------------------------- */

static void
write_text(struct fixture *f, const char *name, const char *text)
{
    int fd = openat(f->state, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void
assert_file(struct fixture *f, const char *text)
{
    char read_back[4096];
    int fd = openat(f->state, "known_hosts", O_RDONLY);
    ssize_t len;

    assert_true(fd >= 0);
    len = read(fd, read_back, sizeof(read_back) - 1);
    assert_true(len >= 0);
    close(fd);
    read_back[len] = '\0';
    assert_string_equal(read_back, text);
}

/* --- judging ------------------------------------------------------------ */

static void
on_judged(void *owner, enum host_key_verdict verdict, const char *text)
{
    struct fixture *f = owner;

    f->answers++;
    f->verdict = verdict;
    (void)text_copy(f->text, sizeof(f->text), text);
}

static void
ask(struct fixture *f, const char *host, unsigned port, const char *algorithm,
    const char *key)
{
    uint8_t blob[4096];
    size_t len = sizeof(blob);
    struct host_key_shown shown = {host, port, span_text(algorithm), {0}};

    assert_int_equal(text_base64_decode(span_text(key), blob, &len), OK);
    shown.blob = span_of(blob, len);
    known_hosts_judge(&f->router, &shown, on_judged, f);
}

static enum host_key_verdict
judge(struct fixture *f, const char *host, unsigned port, const char *algorithm,
      const char *key)
{
    unsigned before = f->answers;

    f->log[0] = '\0';
    ask(f, host, port, algorithm, key);
    /* Never from within the call. */
    assert_int_equal(f->answers, before);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->answers, before + 1);
    assert_int_equal(f->verdict == HOST_KEY_TRUSTED, f->text[0] == '\0');
    return f->verdict;
}

static enum host_key_verdict
judge_ed25519(struct fixture *f, const char *key)
{
    return judge(f, "10.0.0.2", 22, "ssh-ed25519", key);
}

static void
test_the_first_key_is_remembered_and_no_other_trusted(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_TRUSTED);
    assert_non_null(strstr(f->log, "HOST_KEY_NEW: Host key of 10.0.0.2 is "
                                   "remembered: ssh-ed25519 SHA256:"));
    assert_file(f, "10.0.0.2 ssh-ed25519 " ED25519_FIRST "\n");
    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_TRUSTED);
    assert_string_equal(f->log, "");
    assert_int_equal(judge_ed25519(f, ED25519_SECOND), HOST_KEY_CHANGED);
    assert_non_null(strstr(f->text, "%SSH: Server Host Key Check Failed\n"
                                    "Host key of 10.0.0.2 has changed: known "
                                    "ssh-ed25519 SHA256:"));
    assert_non_null(strstr(f->text, ", offered ssh-ed25519 SHA256:"));
    assert_non_null(strstr(f->log, "HOST_KEY_CHECK: Host key of 10.0.0.2 has "
                                   "changed: known ssh-ed25519 SHA256:"));
    assert_file(f, "10.0.0.2 ssh-ed25519 " ED25519_FIRST "\n");
}

static void
test_a_key_of_another_type_is_a_change_too(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_TRUSTED);
    assert_int_equal(judge(f, "10.0.0.2", 22, "ecdsa-sha2-nistp256", ECDSA),
                     HOST_KEY_CHANGED);
}

static void
test_ports_are_hosts_of_their_own(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_TRUSTED);
    assert_int_equal(judge(f, "10.0.0.2", 2222, "ssh-ed25519", ED25519_SECOND),
                     HOST_KEY_TRUSTED);
    assert_file(f, "10.0.0.2 ssh-ed25519 " ED25519_FIRST "\n"
                   "[10.0.0.2]:2222 ssh-ed25519 " ED25519_SECOND "\n");
}

static void
test_strict_checking_refuses_what_is_not_known(void **state)
{
    struct fixture *f = *state;

    f->router.config.ssh.host_check = CONFIG_HOST_CHECK_STRICT;
    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_REFUSED);
    assert_non_null(strstr(f->text, "Host key of 10.0.0.2 is not known: "
                                    "ssh-ed25519 SHA256:"));
    assert_int_equal(faccessat(f->state, "known_hosts", F_OK, 0), -1);
    write_text(f, "known_hosts", "10.0.0.2 ssh-ed25519 " ED25519_FIRST "\n");
    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_TRUSTED);
    f->router.config.ssh.host_check = CONFIG_HOST_CHECK_ACCEPT_NEW;
    assert_int_equal(judge(f, "r2", 22, "ssh-ed25519", ED25519_FIRST),
                     HOST_KEY_TRUSTED);
}

static struct config_key_owner *
add_server(struct fixture *f, const char *name)
{
    struct config_key_owner *server = config_list_append(
        &f->router.config.ssh.key_servers.list, &config_key_owner_type);

    config_text_set(&server->name, name);
    return server;
}

static void
add_hash(struct config_key_owner *server, const char *algorithm,
         const char *hash)
{
    struct config_key *key =
        config_list_append(&server->keys.list, &config_key_type);

    config_text_set(&key->algorithm, algorithm);
    config_text_set(&key->hash, hash);
}

/* `printf ED25519_FIRST | base64 -d | md5sum` */
#define MD5_OF_FIRST "A187F41B11D5457D8FD7C0F8D8B0E9BC"

static void
test_a_configured_server_has_no_other_key(void **state)
{
    struct fixture *f = *state;
    struct config_key_owner *server = add_server(f, "R2.example.COM");

    /* Whoever has no key there is nobody special. */
    assert_int_equal(
        judge(f, "r2.example.com", 22, "ssh-ed25519", ED25519_SECOND),
        HOST_KEY_TRUSTED);
    add_hash(server, "ssh-ed25519", MD5_OF_FIRST);
    f->router.config.ssh.host_check = CONFIG_HOST_CHECK_STRICT;
    assert_int_equal(
        judge(f, "r2.example.com", 22, "ssh-ed25519", ED25519_FIRST),
        HOST_KEY_TRUSTED);
    /* Not even the one that the file has. */
    assert_int_equal(
        judge(f, "r2.example.com", 22, "ssh-ed25519", ED25519_SECOND),
        HOST_KEY_CHANGED);
    assert_non_null(strstr(f->text, "is not that of pubkey-chain: offered "
                                    "ssh-ed25519 SHA256:"));
    add_hash(server, "ssh-rsa", MD5_OF_FIRST);
    config_text_set(&((struct config_key *)server->keys.list.items[0])->hash,
                    "00000000000000000000000000000000");
    assert_int_equal(
        judge(f, "r2.example.com", 22, "ssh-ed25519", ED25519_FIRST),
        HOST_KEY_CHANGED);
}

static void
test_a_revoked_key_is_refused(void **state)
{
    struct fixture *f = *state;

    write_text(f, "known_hosts",
               "10.0.0.2 ssh-ed25519 " ED25519_FIRST "\n"
               "@revoked * ssh-ed25519 " ED25519_FIRST "\n");
    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_REFUSED);
    assert_non_null(strstr(f->text, "is revoked"));
}

static void
test_other_lines_stay_as_they_are(void **state)
{
    struct fixture *f = *state;
    static const char lines[] = "# a comment\n"
                                "\x01\x02 damaged\n"
                                "10.0.0.9 ssh-ed25519 !!!!\n"
                                "@cert-authority * ssh-ed25519 " ED25519_SECOND;

    write_text(f, "known_hosts", lines);
    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_TRUSTED);
    assert_file(f, "# a comment\n"
                   "\x01\x02 damaged\n"
                   "10.0.0.9 ssh-ed25519 !!!!\n"
                   "@cert-authority * ssh-ed25519 " ED25519_SECOND "\n"
                   "10.0.0.2 ssh-ed25519 " ED25519_FIRST "\n");
    /* A host whose own line is damaged is not new. */
    assert_int_equal(judge(f, "10.0.0.9", 22, "ssh-ed25519", ED25519_FIRST),
                     HOST_KEY_REFUSED);
    assert_non_null(strstr(f->text, "known_hosts cannot be used: line 3: "));
}

static void
test_a_file_that_cannot_be_used_refuses(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(mkdirat(f->state, "known_hosts", 0700), 0);
    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_REFUSED);
    assert_non_null(strstr(f->text, "known_hosts cannot be used: "));
    assert_int_equal(unlinkat(f->state, "known_hosts", AT_REMOVEDIR), 0);
    write_text(f, "known_hosts", "");
    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_REFUSED);
    /* What stood there before the damage counts. */
    write_text(f, "known_hosts.old",
               "10.0.0.2 ssh-ed25519 " ED25519_SECOND "\n");
    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_CHANGED);
    assert_int_equal(judge_ed25519(f, ED25519_SECOND), HOST_KEY_TRUSTED);
}

static void
test_a_full_file_refuses(void **state)
{
    struct fixture *f = *state;
    char *lines = malloc(1024 * 1024 + 1);

    assert_non_null(lines);
    memset(lines, '#', 1024 * 1024);
    lines[1024 * 1024] = '\0';
    write_text(f, "known_hosts", lines);
    assert_int_equal(judge_ed25519(f, ED25519_FIRST), HOST_KEY_REFUSED);
    free(lines);
}

static void
test_a_key_of_another_algorithm_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(judge(f, "10.0.0.2", 22, "rsa-sha2-512", ED25519_FIRST),
                     HOST_KEY_REFUSED);
    assert_int_equal(judge(f, "10.0.0.2", 22, "none", ED25519_FIRST),
                     HOST_KEY_REFUSED);
    assert_int_equal(judge(f, "10.0.0.2", 22, "ssh-ed25519", "AAAA"),
                     HOST_KEY_REFUSED);
    assert_non_null(strstr(f->text, "is none of its algorithm"));
    assert_int_equal(faccessat(f->state, "known_hosts", F_OK, 0), -1);
}

static void
test_a_name_that_cannot_be_written_is_refused(void **state)
{
    struct fixture *f = *state;
    char longer[300];

    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(judge(f, longer, 22, "ssh-ed25519", ED25519_FIRST),
                     HOST_KEY_REFUSED);
    assert_int_equal(judge(f, "a,b", 22, "ssh-ed25519", ED25519_FIRST),
                     HOST_KEY_REFUSED);
    assert_int_equal(judge(f, "*", 22, "ssh-ed25519", ED25519_FIRST),
                     HOST_KEY_REFUSED);
    assert_int_equal(judge(f, "", 22, "ssh-ed25519", ED25519_FIRST),
                     HOST_KEY_REFUSED);
}

static void
test_two_at_once_are_both_written(void **state)
{
    struct fixture *f = *state;

    ask(f, "10.0.0.2", 22, "ssh-ed25519", ED25519_FIRST);
    ask(f, "10.0.0.3", 22, "ssh-ed25519", ED25519_SECOND);
    ask(f, "10.0.0.2", 22, "ssh-ed25519", ED25519_SECOND);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->answers, 3);
    assert_int_equal(f->verdict, HOST_KEY_CHANGED);
    assert_file(f, "10.0.0.2 ssh-ed25519 " ED25519_FIRST "\n"
                   "10.0.0.3 ssh-ed25519 " ED25519_SECOND "\n");
}

static void
test_who_is_gone_is_not_told(void **state)
{
    struct fixture *f = *state;

    ask(f, "10.0.0.2", 22, "ssh-ed25519", ED25519_FIRST);
    known_hosts_forget(&f->router, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->answers, 0);
    ask(f, "10.0.0.2", 22, "ssh-ed25519", ED25519_FIRST);
    known_hosts_close(&f->router);
    assert_int_equal(f->answers, 0);
    known_hosts_forget(&f->router, f);
    known_hosts_open(&f->router, f->state);
}

/* --- clearing ----------------------------------------------------------- */

static void
on_cleared(void *owner, enum err err, int system_error, size_t count)
{
    struct fixture *f = owner;

    (void)system_error;
    f->err = err;
    f->count = count;
}

static size_t
clear(struct fixture *f, const char *host)
{
    f->count = 99;
    known_hosts_clear(&f->router, host, on_cleared, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    return f->count;
}

static void
test_a_host_is_cleared_at_every_port(void **state)
{
    struct fixture *f = *state;

    write_text(f, "known_hosts",
               "r2 ssh-ed25519 " ED25519_FIRST "\n"
               "[r2]:2222 ssh-ed25519 " ED25519_FIRST "\n"
               "r3 ssh-ed25519 " ED25519_FIRST "\n"
               "[R2]:2223 ssh-ed25519 " ED25519_SECOND "\n"
               "[r3]:2222 ssh-ed25519 " ED25519_SECOND "\n");
    assert_int_equal(clear(f, "r2"), 3);
    assert_int_equal(f->err, OK);
    assert_file(f, "r3 ssh-ed25519 " ED25519_FIRST "\n"
                   "[r3]:2222 ssh-ed25519 " ED25519_SECOND "\n");
    assert_int_equal(clear(f, "r2"), 0);
    assert_int_equal(clear(f, "[r3]:2222"), 1);
    assert_file(f, "r3 ssh-ed25519 " ED25519_FIRST "\n");
    assert_int_equal(clear(f, "r3"), 1);
    /* It is new again. */
    assert_int_equal(judge(f, "r3", 22, "ssh-ed25519", ED25519_SECOND),
                     HOST_KEY_TRUSTED);
}

static void
on_read(void *owner, enum err err, int system_error, struct span text)
{
    struct fixture *f = owner;

    (void)system_error;
    f->err = err;
    (void)text_copy_span(f->text, sizeof(f->text), text);
}

static void
test_what_is_read_is_the_file(void **state)
{
    struct fixture *f = *state;

    known_hosts_read(&f->router, on_read, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->err, OK);
    assert_string_equal(f->text, "");
    write_text(f, "known_hosts", "# nothing\n");
    known_hosts_read(&f->router, on_read, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_string_equal(f->text, "# nothing\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_the_first_key_is_remembered_and_no_other_trusted),
        TEST(test_a_key_of_another_type_is_a_change_too),
        TEST(test_ports_are_hosts_of_their_own),
        TEST(test_strict_checking_refuses_what_is_not_known),
        TEST(test_a_configured_server_has_no_other_key),
        TEST(test_a_revoked_key_is_refused),
        TEST(test_other_lines_stay_as_they_are),
        TEST(test_a_file_that_cannot_be_used_refuses),
        TEST(test_a_full_file_refuses),
        TEST(test_a_key_of_another_algorithm_is_refused),
        TEST(test_a_name_that_cannot_be_written_is_refused),
        TEST(test_two_at_once_are_both_written),
        TEST(test_who_is_gone_is_not_told),
        TEST(test_a_host_is_cleared_at_every_port),
        TEST(test_what_is_read_is_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
