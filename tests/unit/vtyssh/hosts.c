#include "vtyssh/hosts.h"

#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/hostkey.h"
#include "vectors/known_hosts.h"

/* A home directory, a terminal, and signals that never come. */
struct home {
    char directory[64], file[128], ssh[128];
    int master, silent[2];
    struct terminal terminal;
    uint8_t bytes[KEY_BLOB_MAX];
    struct span key, other;
    uint8_t other_bytes[KEY_BLOB_MAX];
};

static struct span
decode(const char *base64, uint8_t *to)
{
    size_t len = KEY_BLOB_MAX;

    assert_int_equal(text_base64_decode(span_text(base64), to, &len), OK);
    return span_of(to, len);
}

static int
begin(void **state)
{
    struct home *h = calloc(1, sizeof(*h));

    (void)text_copy(h->directory, sizeof(h->directory),
                    "/tmp/vtyssh-test.XXXXXX");
    assert_non_null(mkdtemp(h->directory));
    snprintf(h->ssh, sizeof(h->ssh), "%s/.ssh", h->directory);
    snprintf(h->file, sizeof(h->file), "%s/.ssh/known_hosts", h->directory);
    assert_int_equal(pipe(h->silent), 0);
    h->terminal =
        (struct terminal){.keeper_fd = -1, .signals_fd = h->silent[0]};
    assert_int_equal(openpty(&h->master, &h->terminal.ask_fd, NULL, NULL, NULL),
                     0);
    h->key = decode(key_ed25519, h->bytes);
    h->other = decode(key_other, h->other_bytes);
    *state = h;
    return 0;
}

static int
end(void **state)
{
    struct home *h = *state;

    (void)unlink(h->file);
    (void)rmdir(h->ssh);
    (void)rmdir(h->directory);
    close(h->master);
    close(h->terminal.ask_fd);
    close(h->silent[0]);
    close(h->silent[1]);
    free(h);
    return 0;
}

static void
write_file(const struct home *h, const char *text)
{
    int fd;

    (void)mkdir(h->ssh, 0700);
    fd = open(h->file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void
check_file(const struct home *h, const char *expected)
{
    char text[4096] = "";
    int fd = open(h->file, O_RDONLY);

    assert_true(fd >= 0);
    assert_true(read(fd, text, sizeof(text) - 1) >= 0);
    close(fd);
    assert_string_equal(text, expected);
}

/* Meet the host, with these lines typed. */
static bool
meet(struct home *h, const char *host, unsigned port, struct span key,
     const char *typed)
{
    struct hosts hosts;
    bool trusted;

    if (*typed != '\0')
        assert_int_equal(write(h->master, typed, strlen(typed)), strlen(typed));
    hosts_open(&hosts, h->directory, host, port, true);
    trusted = hosts_trust(&hosts, &h->terminal, key);
    hosts_close(&hosts);
    return trusted;
}

static void
test_a_new_host_is_asked_for_and_remembered(void **state)
{
    struct home *h = *state;
    struct stat status;
    char line[512];

    assert_true(meet(h, "New.example", 22, h->key, "maybe\nyes\n"));
    snprintf(line, sizeof(line), "new.example ssh-ed25519 %s\n", key_ed25519);
    check_file(h, line);
    assert_int_equal(stat(h->file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat(h->ssh, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    /* From now on nothing is asked. */
    assert_true(meet(h, "new.example", 22, h->key, ""));
    assert_true(meet(h, "new.example", 2222, h->key, ""));
    check_file(h, line);
}

static void
test_no_is_no(void **state)
{
    struct home *h = *state;

    assert_false(meet(h, "new.example", 22, h->key, "no\n"));
    assert_false(meet(h, "new.example", 22, h->key, "\x04"));
    check_file(h, "");
}

static void
test_only_the_right_fingerprint_is_yes(void **state)
{
    struct home *h = *state;
    char typed[256];

    snprintf(typed, sizeof(typed), "%s\nno\n", fingerprint_other);
    assert_false(meet(h, "new.example", 22, h->key, typed));
    snprintf(typed, sizeof(typed), "%s\n", fingerprint_ed25519);
    assert_true(meet(h, "new.example", 22, h->key, typed));
}

static void
test_a_file_without_its_last_newline(void **state)
{
    struct home *h = *state;
    char expected[1024];

    write_file(h, "# mine");
    assert_true(meet(h, "new.example", 2222, h->key, "yes\n"));
    snprintf(expected, sizeof(expected),
             "# mine\n[new.example]:2222 ssh-ed25519 %s\n", key_ed25519);
    check_file(h, expected);
}

static void
test_a_changed_key_is_refused_without_a_question(void **state)
{
    struct home *h = *state;
    char line[512];

    snprintf(line, sizeof(line), "old.example ssh-ed25519 %s\n", key_other);
    write_file(h, line);
    assert_false(meet(h, "old.example", 22, h->key, ""));
    check_file(h, line);
    assert_true(meet(h, "old.example", 22, h->other, ""));
    /* Of another type: asked for, and remembered beside what is known. */
    h->key = decode(key_ecdsa, h->bytes);
    assert_false(meet(h, "old.example", 22, h->key, "no\n"));
    check_file(h, line);
    assert_true(meet(h, "old.example", 22, h->key, "yes\n"));
    assert_true(meet(h, "old.example", 22, h->key, ""));
    h->key = decode(key_ed25519, h->bytes);
    /* Known for another port only: a stranger. */
    assert_false(meet(h, "old.example", 2222, h->key, "no\n"));
}

static void
test_a_revoked_key_and_a_broken_line_are_refused(void **state)
{
    struct home *h = *state;
    char lines[1024];

    snprintf(lines, sizeof(lines),
             "@revoked * ssh-ed25519 %s\nbroken.example ssh-ed25519 AAA\n",
             key_other);
    write_file(h, lines);
    assert_false(meet(h, "any.example", 22, h->other, ""));
    assert_false(meet(h, "broken.example", 22, h->key, ""));
}

static void
test_without_a_terminal_nobody_is_met(void **state)
{
    struct home *h = *state;
    struct terminal none = {.ask_fd = -1};
    struct hosts hosts;

    hosts_open(&hosts, h->directory, "new.example", 22, false);
    assert_int_equal(hosts.append_fd, -1);
    assert_false(hosts_trust(&hosts, &none, h->key));
    hosts_close(&hosts);
    assert_int_not_equal(access(h->ssh, F_OK), 0);
}

static void
test_known_types_for_the_offer(void **state)
{
    struct home *h = *state;
    struct hosts hosts;
    struct buf types;

    write_file(h, plain_hosts);
    buf_init(&types, KNOWN_TYPES_MAX);
    hosts_open(&hosts, h->directory, "alpha.example", 22, true);
    hosts_put_key_types(&hosts, &types);
    assert_string_equal(buf_text(&types), "ssh-ed25519,ecdsa-sha2-nistp256");
    hosts_close(&hosts);
    buf_clear(&types);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_new_host_is_asked_for_and_remembered),
        TEST(test_no_is_no),
        TEST(test_only_the_right_fingerprint_is_yes),
        TEST(test_a_file_without_its_last_newline),
        TEST(test_a_changed_key_is_refused_without_a_question),
        TEST(test_a_revoked_key_and_a_broken_line_are_refused),
        TEST(test_without_a_terminal_nobody_is_met),
        TEST(test_known_types_for_the_offer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
