/* Laws of vtyd-aaa as a program; argv[1] is its path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/password.h"
#include "ipc/messages.h"
#include "ipc/pipe.h"
#include "os/spawn.h"

#include "signed_request.h"

#define ANSWER_WAIT_MS 20000
#define MANY           200 /* requests at once; more than it works on */

static const char *program;

struct talk {
    struct pipe *pipe;
    pid_t pid;
};

static struct talk
talk_start(void)
{
    char name[] = "vtyd-aaa", role[] = "local";
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
talk_say(struct talk *talk, const struct message *m)
{
    struct buf bytes;

    buf_init(&bytes, PIPE_MESSAGE_MAX);
    message_encode(&bytes, m);
    assert_true(buf_ok(&bytes));
    assert_int_equal(pipe_send(talk->pipe, buf_span(&bytes), NULL, 0), OK);
    buf_clear(&bytes);
}

static enum err
talk_hear(struct talk *talk, struct message *m)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    enum err err;

    while ((err = pipe_receive(talk->pipe, &bytes, fds)) == ERR_MORE) {
        struct pollfd watch = {.fd = pipe_fd(talk->pipe), .events = POLLIN};

        if (pipe_wants_write(talk->pipe))
            watch.events |= POLLOUT;
        assert_int_equal(poll(&watch, 1, ANSWER_WAIT_MS), 1);
        assert_int_equal(pipe_flush(talk->pipe), OK);
    }
    if (err == OK)
        assert_int_equal(message_decode(bytes, m), OK);
    return err;
}

static void
talk_end(struct talk *talk)
{
    int status;

    pipe_free(talk->pipe);
    assert_int_equal(waitpid(talk->pid, &status, 0), talk->pid);
    assert_int_equal(status, 0);
}

static void
say_password(struct talk *talk, uint64_t request, uint8_t type,
             const char *stored, const char *given, bool decoy)
{
    struct message m = {.type = MSG_JUDGE};

    m.judge.request = request;
    m.judge.kind = JUDGE_PASSWORD;
    m.judge.type = type;
    m.judge.stored = span_text(stored);
    m.judge.given = span_text(given);
    m.judge.decoy = decoy;
    talk_say(talk, &m);
}

static void
assert_verdict(struct talk *talk, uint64_t request, bool accepted)
{
    struct message m;

    assert_int_equal(talk_hear(talk, &m), OK);
    assert_int_equal(m.type, MSG_VERDICT);
    assert_int_equal(m.verdict.request, request);
    assert_int_equal(m.verdict.accepted, accepted);
}

static void
test_passwords_of_every_type_are_judged(void **state)
{
    static const uint8_t types[] = {0, 5, 7, 8, 9};
    struct talk talk = talk_start();
    char stored[PASSWORD_STORED_MAX] = "lab";

    (void)state;
    for (size_t i = 0; i < sizeof(types); i++) {
        if (types[i] != 0)
            assert_int_equal(password_make(types[i], "lab", stored), OK);
        say_password(&talk, 1, types[i], stored, "lab", false);
        assert_verdict(&talk, 1, true);
        say_password(&talk, 2, types[i], stored, "Lab", false);
        assert_verdict(&talk, 2, false);
        say_password(&talk, 3, types[i], stored, "lab", true);
        assert_verdict(&talk, 3, false);
    }
    talk_end(&talk);
}

static void
test_every_one_of_many_requests_is_answered_once(void **state)
{
    struct talk talk = talk_start();
    char stored[PASSWORD_STORED_MAX];
    bool answered[MANY] = {false};

    (void)state;
    assert_int_equal(password_make(8, "lab", stored), OK);
    for (uint64_t i = 0; i < MANY; i++)
        say_password(&talk, i, 8, stored, i % 3 == 0 ? "lab" : "no", false);
    for (size_t i = 0; i < MANY; i++) {
        struct message m;

        assert_int_equal(talk_hear(&talk, &m), OK);
        assert_int_equal(m.type, MSG_VERDICT);
        assert_true(m.verdict.request < MANY);
        assert_false(answered[m.verdict.request]);
        answered[m.verdict.request] = true;
        assert_int_equal(m.verdict.accepted, m.verdict.request % 3 == 0);
    }
    talk_end(&talk);
}

static void
test_a_slow_hash_is_not_in_front_of_another_user(void **state)
{
    struct talk talk = talk_start();
    char slow[PASSWORD_STORED_MAX];

    (void)state;
    assert_int_equal(password_make(8, "lab", slow), OK);
    say_password(&talk, 1, 8, slow, "lab", false);
    say_password(&talk, 2, 0, "lab", "lab", false);
    assert_verdict(&talk, 2, true);
    assert_verdict(&talk, 1, true);
    talk_end(&talk);
}

static void
test_keys_and_signatures_are_judged(void **state)
{
    struct talk talk = talk_start();
    struct message m = {.type = MSG_JUDGE};
    struct signed_request s;

    (void)state;
    signed_request_init(&s, KEY_ED25519, 0, "ssh-ed25519");
    m.judge = s.judge;
    talk_say(&talk, &m);
    assert_verdict(&talk, 77, true);
    m.judge.user = span_text("root");
    talk_say(&talk, &m);
    assert_verdict(&talk, 77, false);
    m.judge.kind = JUDGE_KEY_QUERY;
    m.judge.signature = SPAN_EMPTY;
    talk_say(&talk, &m);
    assert_verdict(&talk, 77, true);
    m.judge.keys = SPAN_EMPTY;
    talk_say(&talk, &m);
    assert_verdict(&talk, 77, false);
    m.judge = s.judge;
    m.judge.kind = 9;
    talk_say(&talk, &m);
    assert_verdict(&talk, 77, false);
    signed_request_clear(&s);
    talk_end(&talk);
}

static void
test_passwords_are_encoded(void **state)
{
    static const uint8_t types[] = {5, 8, 9};
    struct talk talk = talk_start();
    struct message m;

    (void)state;
    for (size_t i = 0; i < sizeof(types); i++) {
        char stored[PASSWORD_STORED_MAX] = "";

        m = (struct message){.type = MSG_ENCODE};
        m.encode.request = i;
        m.encode.type = types[i];
        m.encode.clear = span_text("lab");
        talk_say(&talk, &m);
        assert_int_equal(talk_hear(&talk, &m), OK);
        assert_int_equal(m.type, MSG_ENCODED);
        assert_int_equal(m.encoded.request, i);
        assert_true(m.encoded.stored.len < sizeof(stored));
        memcpy(stored, m.encoded.stored.ptr, m.encoded.stored.len);
        assert_true(password_check(types[i], stored, span_text("lab")));
    }
    m = (struct message){.type = MSG_ENCODE};
    m.encode.type = 4;
    m.encode.clear = span_text("lab");
    talk_say(&talk, &m);
    assert_int_equal(talk_hear(&talk, &m), OK);
    assert_int_equal(m.type, MSG_ENCODED);
    assert_int_equal(m.encoded.stored.len, 0);
    talk_end(&talk);
}

static void
test_a_message_that_is_not_for_it_ends_aaa(void **state)
{
    struct talk talk = talk_start();
    struct message m = {.type = MSG_HASH_SIGN};

    (void)state;
    talk_say(&talk, &m);
    assert_int_equal(talk_hear(&talk, &m), ERR_CLOSED);
    talk_end(&talk);
}

static void
test_it_ends_with_control_while_it_works(void **state)
{
    struct talk talk = talk_start();
    char stored[PASSWORD_STORED_MAX];

    (void)state;
    assert_int_equal(password_make(9, "lab", stored), OK);
    for (uint64_t i = 0; i < 20; i++)
        say_password(&talk, i, 9, stored, "lab", false);
    talk_end(&talk);
}

static void
test_ps_names_it(void **state)
{
    struct talk talk = talk_start();
    char path[64], text[256] = "";
    FILE *shown;

    (void)state;
    say_password(&talk, 1, 0, "lab", "lab", false);
    assert_verdict(&talk, 1, true);
    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)talk.pid);
    shown = fopen(path, "re");
    assert_non_null(shown);
    assert_true(fread(text, 1, sizeof(text) - 1, shown) > 0);
    fclose(shown);
    assert_string_equal(text, "vtyd-aaa: local");
    talk_end(&talk);
}

/* The memory of the running program holds these bytes somewhere. */
static bool
memory_holds(pid_t pid, const char *secret)
{
    char path[64], line[512];
    size_t secret_len = strlen(secret);
    FILE *maps;
    FILE *memory;
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
    memory = fopen(path, "re");
    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    maps = fopen(path, "re");
    if (memory == NULL || maps == NULL)
        skip(); /* only root may look */
    while (fgets(line, sizeof(line), maps) != NULL) {
        unsigned long from, to;
        char rights[8];
        char *bytes;
        size_t got;

        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 ||
            rights[0] != 'r' || rights[1] != 'w' || to - from > (1ul << 28))
            continue;
        bytes = malloc(to - from);
        assert_non_null(bytes);
        fseek(memory, (long)from, SEEK_SET);
        got = fread(bytes, 1, to - from, memory);
        found |= memmem(bytes, got, secret, secret_len) != NULL;
        free(bytes);
    }
    fclose(maps);
    fclose(memory);
    return found;
}

static void
test_no_password_stays_in_memory(void **state)
{
    struct talk talk = talk_start();
    char stored[PASSWORD_STORED_MAX];
    char secret[] = "Ma1rker-Pass-w0rd-in-mem0ry";

    (void)state;
    assert_int_equal(password_make(8, "lab", stored), OK);
    say_password(&talk, 1, 8, stored, secret, false);
    assert_verdict(&talk, 1, false);
    assert_int_equal(password_make(5, "lab", stored), OK);
    say_password(&talk, 2, 5, stored, secret, false);
    assert_verdict(&talk, 2, false);
    say_password(&talk, 3, 9, "$9$broken", secret, false);
    assert_verdict(&talk, 3, false);
    /* Behind its answer it looks once more for requests, and wipes. */
    usleep(100000);
    assert_true(memory_holds(talk.pid, "vtyd-aaa: local")); /* it can be seen */
    assert_false(memory_holds(talk.pid, secret));
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
        execl(program, program, "local", (char *)NULL);
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 2);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passwords_of_every_type_are_judged),
        cmocka_unit_test(test_every_one_of_many_requests_is_answered_once),
        cmocka_unit_test(test_a_slow_hash_is_not_in_front_of_another_user),
        cmocka_unit_test(test_keys_and_signatures_are_judged),
        cmocka_unit_test(test_passwords_are_encoded),
        cmocka_unit_test(test_a_message_that_is_not_for_it_ends_aaa),
        cmocka_unit_test(test_it_ends_with_control_while_it_works),
        cmocka_unit_test(test_ps_names_it),
        cmocka_unit_test(test_no_password_stays_in_memory),
        cmocka_unit_test(test_started_by_hand_it_says_so),
    };

    if (argc != 2) {
        fputs("usage: test_aaa_main PATH-OF-VTYD-AAA\n", stderr);
        return 2;
    }
    program = argv[1];
    return cmocka_run_group_tests_name("aaa/main", tests, NULL, NULL);
}
