/* Laws of vtyd-signer as a program; argv[1] is its path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/messages.h"
#include "ipc/pipe.h"
#include "os/file.h"
#include "os/spawn.h"

#include "fixture.h"

#define ANSWER_WAIT_MS 20000

static const char *program;

struct talk {
    struct pipe *pipe;
    pid_t pid;
};

static struct talk
talk_start(void)
{
    char name[] = "vtyd-signer";
    char role[] = "keys";
    char *argv[] = {name, role, NULL};
    struct talk talk;
    int ends[2];

    assert_int_equal(pipe_pair(ends), OK);
    assert_int_equal(spawn_program(program, argv, ends[1], 0, 0, &talk.pid),
                     OK);
    close(ends[1]);
    talk.pipe = pipe_new(ends[0]);
    return talk;
}

static void
talk_say(struct talk *talk, const struct message *m, int fd)
{
    struct buf bytes;

    buf_init(&bytes, PIPE_MESSAGE_MAX);
    message_encode(&bytes, m);
    assert_true(buf_ok(&bytes));
    assert_int_equal(pipe_send(talk->pipe, buf_span(&bytes), &fd, fd >= 0), OK);
    buf_clear(&bytes);
}

/* The next message that is no log line; ERR_CLOSED at the end. */
static enum err
talk_hear(struct talk *talk, struct message *m)
{
    for (;;) {
        struct pollfd watch = {.fd = pipe_fd(talk->pipe), .events = POLLIN};
        int fds[PIPE_FDS_MAX];
        struct span bytes;
        enum err err = pipe_receive(talk->pipe, &bytes, fds);

        if (err == ERR_MORE) {
            assert_int_equal(poll(&watch, 1, ANSWER_WAIT_MS), 1);
            continue;
        }
        if (err != OK)
            return err;
        assert_int_equal(fds[0], -1);
        assert_int_equal(message_decode(bytes, m), OK);
        if (m->type != MSG_REPORT)
            return OK;
    }
}

static void
talk_end(struct talk *talk)
{
    int status;

    pipe_free(talk->pipe);
    assert_int_equal(waitpid(talk->pid, &status, 0), talk->pid);
    assert_int_equal(status, 0);
}

/* A private temporary file with this text, open for reading. */
static int
file_with(struct span text, mode_t mode)
{
    char path[] = "/tmp/vtyd-test.XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(file_write_all(fd, text), OK);
    assert_int_equal(fchmod(fd, mode), 0);
    return fd;
}

static void
say_load(struct talk *talk, uint32_t number, int fd)
{
    struct message m = {.type = MSG_KEY_LOAD};

    m.key_load.key = number;
    talk_say(talk, &m, fd);
    if (fd >= 0)
        close(fd);
}

static void
load_fresh_key(struct talk *talk, uint32_t number, enum key_type type)
{
    struct message m;
    struct buf text;

    buf_init_secret(&text, KEYFILE_MAX);
    fixture_key_file(type, 1024, "host", &text, NULL);
    say_load(talk, number, file_with(buf_span(&text), 0600));
    buf_clear(&text);
    assert_int_equal(talk_hear(talk, &m), OK);
    assert_int_equal(m.type, MSG_KEY_INFO);
    assert_int_equal(m.key_info.key, number);
    assert_int_equal(m.key_info.type, type);
    assert_true(span_is(m.key_info.name, "host"));
    assert_true(m.key_info.blob.len > 0 && m.key_info.spki.len > 0);
}

static void
say_sign(struct talk *talk, uint32_t connection, uint32_t key,
         const char *method, struct span before)
{
    struct message m = {.type = MSG_HASH_SIGN};

    m.hash_sign = (struct msg_hash_sign){.connection = connection,
                                         .key = key,
                                         .method = span_text(method),
                                         .hash = HASH_SHA256,
                                         .before = before,
                                         .after = span_text("values and K")};
    talk_say(talk, &m, -1);
}

static void
assert_signed(struct talk *talk, uint32_t connection, bool is_signed)
{
    struct message m;

    assert_int_equal(talk_hear(talk, &m), OK);
    assert_int_equal(m.type, MSG_HASH_SIGNED);
    assert_int_equal(m.hash_signed.connection, connection);
    assert_int_equal(m.hash_signed.hash.len, is_signed ? 32 : 0);
    assert_int_equal(m.hash_signed.signature.len > 0, is_signed);
}

static void
test_a_loaded_key_signs_exchanges(void **state)
{
    struct talk talk = talk_start();
    struct buf before;

    (void)state;
    buf_init(&before, 4096);
    fixture_before(&before);
    load_fresh_key(&talk, 3, KEY_ED25519);
    load_fresh_key(&talk, 4, KEY_RSA);
    for (uint32_t i = 0; i < 50; i++)
        say_sign(&talk, i, 3, "ssh-ed25519", buf_span(&before));
    say_sign(&talk, 50, 4, "rsa-sha2-512", buf_span(&before));
    for (uint32_t i = 0; i <= 50; i++)
        assert_signed(&talk, i, true);
    buf_clear(&before);
    talk_end(&talk);
}

static void
test_a_loaded_key_signs_logins(void **state)
{
    struct talk talk = talk_start();
    struct message m;
    uint8_t id[64];

    (void)state;
    memset(id, 7, sizeof(id));
    load_fresh_key(&talk, 3, KEY_ED25519);
    for (uint64_t i = 0; i < 6; i++) {
        m = (struct message){.type = MSG_USER_SIGN};
        m.user_sign.request = 100 + i;
        m.user_sign.key = i == 1 ? 4 : 3; /* no such key */
        m.user_sign.method = span_text(i == 2 ? "rsa-sha2-256" : "ssh-ed25519");
        m.user_sign.session_id = span_of(id, i == 3 ? 33 : 32);
        m.user_sign.user = span_text(i == 4 ? "" : "lab");
        talk_say(&talk, &m, -1);
        do
            assert_int_equal(talk_hear(&talk, &m), OK);
        while (m.type == MSG_REPORT);
        assert_int_equal(m.type, MSG_USER_SIGNED);
        assert_int_equal(m.user_signed.request, 100 + i);
        assert_int_equal(m.user_signed.signature.len > 0, i == 0 || i == 5);
    }
    talk_end(&talk);
}

/* Nor is any number that is no key's; the others go on. */
static void
test_a_pair_that_is_not_exportable_stays(void **state)
{
    struct talk talk = talk_start();
    struct message m = {.type = MSG_KEY_EXPORT};

    (void)state;
    load_fresh_key(&talk, 4, KEY_RSA);
    for (uint32_t number = 4; number <= 5; number++) {
        m.type = MSG_KEY_EXPORT;
        m.key_export.key = number;
        m.key_export.passphrase = span_text("passphrase");
        talk_say(&talk, &m, -1);
        assert_int_equal(talk_hear(&talk, &m), OK);
        assert_int_equal(m.type, MSG_KEY_EXPORTED);
        assert_int_equal(m.key_exported.key, number);
        assert_int_equal(m.key_exported.private_pem.len, 0);
        assert_int_equal(m.key_exported.public_pem.len, 0);
    }
    talk_end(&talk);
}

static void
test_what_must_not_be_signed_gets_an_empty_answer(void **state)
{
    struct talk talk = talk_start();
    struct message forget = {.type = MSG_KEY_FORGET};
    struct buf before;

    (void)state;
    buf_init(&before, 4096);
    fixture_before(&before);
    load_fresh_key(&talk, 3, KEY_ED25519);
    say_sign(&talk, 1, 9, "ssh-ed25519", buf_span(&before));
    assert_signed(&talk, 1, false);
    say_sign(&talk, 2, 3, "rsa-sha2-512", buf_span(&before));
    assert_signed(&talk, 2, false);
    say_sign(&talk, 3, 3, "ssh-ed25519", span_text("anything"));
    assert_signed(&talk, 3, false);
    forget.key_forget.key = 3;
    talk_say(&talk, &forget, -1);
    say_sign(&talk, 4, 3, "ssh-ed25519", buf_span(&before));
    assert_signed(&talk, 4, false);
    buf_clear(&before);
    talk_end(&talk);
}

static void
assert_load_fails(struct talk *talk, int fd)
{
    struct message m;

    say_load(talk, 7, fd);
    assert_int_equal(talk_hear(talk, &m), OK);
    assert_int_equal(m.type, MSG_KEY_FAILED);
    assert_int_equal(m.key_failed.key, 7);
    assert_true(m.key_failed.text.len > 0);
}

static void
test_a_key_file_that_others_may_read_is_refused(void **state)
{
    struct talk talk = talk_start();
    struct buf text;
    int ends[2];

    (void)state;
    buf_init_secret(&text, KEYFILE_MAX);
    fixture_key_file(KEY_ED25519, 0, "host", &text, NULL);
    assert_load_fails(&talk, file_with(buf_span(&text), 0644));
    assert_load_fails(&talk, file_with(buf_span(&text), 0640));
    assert_load_fails(&talk, file_with(span_text("no key"), 0600));
    assert_load_fails(&talk, -1);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_load_fails(&talk, ends[0]);
    close(ends[1]);
    buf_clear(&text);
    talk_end(&talk);
}

/* Waits for a sibling of the signer, which is a child of this test. */
static int
status_of(uint32_t pid)
{
    int status;

    assert_int_equal(waitpid((pid_t)pid, &status, 0), (pid_t)pid);
    return status;
}

static void
say_make(struct talk *talk, uint32_t number, enum key_type type, uint32_t bits,
         int fd)
{
    struct message m = {.type = MSG_KEY_MAKE};

    m.key_make = (struct msg_key_make){.key = number,
                                       .name = span_text("made"),
                                       .type = (uint8_t)type,
                                       .bits = bits,
                                       .made_at = 5,
                                       .usage = KEY_GENERAL,
                                       .exportable = true};
    talk_say(talk, &m, fd);
}

static void
test_a_key_is_made_by_a_child_while_others_are_served(void **state)
{
    struct talk talk = talk_start();
    int fd = file_with(SPAN_EMPTY, 0600);
    struct buf before;
    struct message m;
    uint32_t maker;

    (void)state;
    buf_init(&before, 4096);
    fixture_before(&before);
    load_fresh_key(&talk, 3, KEY_ED25519);
    say_make(&talk, 8, KEY_RSA, 2048, fd);
    assert_int_equal(talk_hear(&talk, &m), OK);
    assert_int_equal(m.type, MSG_KEY_STARTED);
    assert_int_equal(m.key_started.key, 8);
    maker = m.key_started.pid;
    say_sign(&talk, 1, 3, "ssh-ed25519", buf_span(&before));
    assert_signed(&talk, 1, true);
    assert_int_equal(status_of(maker), 0);

    say_load(&talk, 8, fd);
    assert_int_equal(talk_hear(&talk, &m), OK);
    assert_int_equal(m.type, MSG_KEY_INFO);
    assert_true(span_is(m.key_info.name, "made"));
    assert_int_equal(m.key_info.bits, 2048);
    assert_int_equal(m.key_info.made_at, 5);
    assert_true(m.key_info.exportable);
    say_sign(&talk, 2, 8, "rsa-sha2-256", buf_span(&before));
    assert_signed(&talk, 2, true);
    buf_clear(&before);
    talk_end(&talk);
}

static void
test_wishes_that_cannot_be_met_fail(void **state)
{
    struct talk talk = talk_start();
    struct message m;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    say_make(&talk, 8, KEY_RSA, 100, full);
    assert_int_equal(talk_hear(&talk, &m), OK);
    assert_int_equal(m.type, MSG_KEY_FAILED);
    say_make(&talk, 8, KEY_ED25519, 0, -1);
    assert_int_equal(talk_hear(&talk, &m), OK);
    assert_int_equal(m.type, MSG_KEY_FAILED);
    say_make(&talk, 8, KEY_ED25519, 0, full);
    assert_int_equal(talk_hear(&talk, &m), OK);
    assert_int_equal(m.type, MSG_KEY_STARTED);
    assert_int_equal(WEXITSTATUS(status_of(m.key_started.pid)),
                     KEY_MAKER_NO_FILE);
    close(full);
    talk_end(&talk);
}

static void
test_a_message_that_is_not_for_it_ends_the_signer(void **state)
{
    struct talk talk = talk_start();
    struct message m = {.type = MSG_JUDGE};

    (void)state;
    talk_say(&talk, &m, -1);
    assert_int_equal(talk_hear(&talk, &m), ERR_CLOSED);
    talk_end(&talk);
}

static void
assert_process_shows(pid_t pid, const char *file, const char *expected)
{
    char path[64], text[256] = "";
    FILE *shown;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    shown = fopen(path, "re");
    assert_non_null(shown);
    assert_true(fread(text, 1, sizeof(text) - 1, shown) > 0);
    fclose(shown);
    assert_memory_equal(text, expected, strlen(expected));
}

static void
test_ps_names_it(void **state)
{
    struct talk talk = talk_start();

    (void)state;
    /* An answer: it is past its start. */
    assert_load_fails(&talk, -1);
    assert_process_shows(talk.pid, "cmdline", "vtyd-signer: keys");
    assert_process_shows(talk.pid, "comm", "vtyd-signer\n");
    talk_end(&talk);
}

static void
test_started_by_hand_it_says_so(void **state)
{
    pid_t pid = fork();
    int status;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        close(SPAWN_PIPE_FD);
        close(2);
        execl(program, program, (char *)NULL);
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 2);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_loaded_key_signs_exchanges),
        cmocka_unit_test(test_a_loaded_key_signs_logins),
        cmocka_unit_test(test_a_pair_that_is_not_exportable_stays),
        cmocka_unit_test(test_what_must_not_be_signed_gets_an_empty_answer),
        cmocka_unit_test(test_a_key_file_that_others_may_read_is_refused),
        cmocka_unit_test(test_a_key_is_made_by_a_child_while_others_are_served),
        cmocka_unit_test(test_wishes_that_cannot_be_met_fail),
        cmocka_unit_test(test_a_message_that_is_not_for_it_ends_the_signer),
        cmocka_unit_test(test_ps_names_it),
        cmocka_unit_test(test_started_by_hand_it_says_so),
    };

    if (argc != 2) {
        fputs("usage: test_signer_main PATH-OF-VTYD-SIGNER\n", stderr);
        return 2;
    }
    program = argv[1];
    return cmocka_run_group_tests_name("signer/main", tests, NULL, NULL);
}
