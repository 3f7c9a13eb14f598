/*
 * hardening 6.2: memory that runs out. One allocation of a server fails, the
 * first, the second, and so on to the last of a whole conversation: each in a
 * process of its own, which ends as a worker does, or its connection does, or
 * all is as it should be. Never is anything else the outcome.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "crypto/crypto.h"
#include "expect.h"

#define ALLOCATIONS_MAX 5000 /* a conversation has some hundred */
#define PATIENCE_S      60   /* of one conversation */

enum outcome {
    OUTCOME_FINISHED,  /* the command ran, its answer came */
    OUTCOME_REFUSED,   /* nobody was let in, and nobody was told to go */
    OUTCOME_ENDED,     /* the server gave the connection up */
    OUTCOME_PROCESS,   /* the process ended itself */
    OUTCOME_WRONG = 64 /* anything else */
};

static struct {
    bool counting;       /* the server under test is at work */
    unsigned asked, bad; /* allocations so far; the one that fails, or 0 */
} memory;

/* --- allocators --------------------------------------------------------- */

static bool
fails(void)
{
    return memory.counting && ++memory.asked == memory.bad;
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);

void *
__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *
__wrap_reallocarray(void *old, size_t count, size_t size)
{
    return fails() ? NULL : __real_reallocarray(old, count, size);
}

/* libcrypto's. */
static void *
library_malloc(size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(len);
}

static void *
library_realloc(void *old, size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(old, len);
}

static void
library_free(void *memory_of, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory_of);
}

/* --- the server's entries ------------------------------------------------ */

/* Only these count: what its owner and the client ask for is the test's. */
static struct ssh_conn *server;

struct ssh_conn *__real_ssh_conn_new(const struct ssh_setup *setup);
struct ssh_conn *__wrap_ssh_conn_new(const struct ssh_setup *setup);
size_t __real_ssh_conn_input(struct ssh_conn *c, uint8_t *in, size_t len);
size_t __wrap_ssh_conn_input(struct ssh_conn *c, uint8_t *in, size_t len);
bool __real_ssh_conn_next_event(struct ssh_conn *c, struct ssh_event *event);
bool __wrap_ssh_conn_next_event(struct ssh_conn *c, struct ssh_event *event);
void __real_ssh_conn_sign_reply(struct ssh_conn *c, struct span hash,
                                struct span signature);
void __wrap_ssh_conn_sign_reply(struct ssh_conn *c, struct span hash,
                                struct span signature);
void __real_ssh_conn_auth_reply(struct ssh_conn *c, enum ssh_verdict verdict,
                                const char *methods,
                                const struct ssh_question *question);
void __wrap_ssh_conn_auth_reply(struct ssh_conn *c, enum ssh_verdict verdict,
                                const char *methods,
                                const struct ssh_question *question);
size_t __real_ssh_channel_write(struct ssh_conn *c, uint32_t channel,
                                struct span bytes);
size_t __wrap_ssh_channel_write(struct ssh_conn *c, uint32_t channel,
                                struct span bytes);

struct ssh_conn *
__wrap_ssh_conn_new(const struct ssh_setup *setup)
{
    struct ssh_conn *c;

    memory.counting = setup->role == SSH_SERVER;
    c = __real_ssh_conn_new(setup);
    memory.counting = false;
    if (setup->role == SSH_SERVER)
        server = c;
    return c;
}

size_t
__wrap_ssh_conn_input(struct ssh_conn *c, uint8_t *in, size_t len)
{
    size_t taken;

    memory.counting = c == server;
    taken = __real_ssh_conn_input(c, in, len);
    memory.counting = false;
    return taken;
}

bool
__wrap_ssh_conn_next_event(struct ssh_conn *c, struct ssh_event *event)
{
    bool any;

    memory.counting = c == server;
    any = __real_ssh_conn_next_event(c, event);
    memory.counting = false;
    return any;
}

void
__wrap_ssh_conn_sign_reply(struct ssh_conn *c, struct span hash,
                           struct span signature)
{
    memory.counting = c == server;
    __real_ssh_conn_sign_reply(c, hash, signature);
    memory.counting = false;
}

void
__wrap_ssh_conn_auth_reply(struct ssh_conn *c, enum ssh_verdict verdict,
                           const char *methods,
                           const struct ssh_question *question)
{
    memory.counting = c == server;
    __real_ssh_conn_auth_reply(c, verdict, methods, question);
    memory.counting = false;
}

size_t
__wrap_ssh_channel_write(struct ssh_conn *c, uint32_t channel,
                         struct span bytes)
{
    size_t taken;

    memory.counting = c == server;
    taken = __real_ssh_channel_write(c, channel, bytes);
    memory.counting = false;
    return taken;
}

/* --- one conversation ---------------------------------------------------- */

struct scene {
    const char *kex, *cipher, *mac;
    const char *password;
};

static bool
is_whole(const struct pump *pump)
{
    const struct user *client = &pump->client;
    struct user_channel ch = client->channels[0];

    return client->is_in && client->finished == 1 && ch.eof && ch.closed &&
           ch.status == 0 && ch.failures == 0 &&
           span_is(buf_span(&ch.received), "ran: show version\r\n");
}

/* What it came to. */
static enum outcome
converse(const struct scene *scene)
{
    struct pump pump;

    pump_init(&pump);
    pump.client.password = scene->password;
    pump.server_setup.kex = scene->kex;
    pump.server_setup.ciphers = scene->cipher;
    pump.server_setup.macs = scene->mac;
    pump_start(&pump);
    pump_run(&pump);
    if (strcmp(scene->password, "cisco") != 0 &&
        (pump.client.is_in || pump.server.channels[0].used))
        return OUTCOME_WRONG;
    if (pump.server.closed)
        return OUTCOME_ENDED;
    if (is_whole(&pump))
        return OUTCOME_FINISHED;
    return pump.client.is_in ? OUTCOME_WRONG : OUTCOME_REFUSED;
}

/* With the allocation `bad` failing; `*reached` is false if it never came. */
static enum outcome
outcome_with(const struct scene *scene, unsigned bad, bool *reached)
{
    static const struct rlimit none = {0, 0};
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        enum outcome outcome;

        setrlimit(RLIMIT_CORE, &none);
        alarm(PATIENCE_S);
        close(STDERR_FILENO);
        memory.asked = 0;
        memory.bad = bad;
        outcome = converse(scene);
        _exit((int)outcome + (memory.asked >= bad ? 0 : 32));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    *reached = true;
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGABRT ? OUTCOME_PROCESS : OUTCOME_WRONG;
    *reached = (WEXITSTATUS(status) & 32) == 0;
    return (enum outcome)(WEXITSTATUS(status) & ~32);
}

/* Every allocation fails once; how often came to what. */
static void
fail_each(const struct scene *scene, enum outcome at_last,
          unsigned counts[OUTCOME_PROCESS + 1])
{
    for (unsigned bad = 1; bad < ALLOCATIONS_MAX; bad++) {
        bool reached;
        enum outcome outcome = outcome_with(scene, bad, &reached);

        if (!reached) {
            assert_int_equal(outcome, at_last);
            print_message("%u allocations: %u ended the process, %u the "
                          "connection, %u were not missed\n",
                          bad - 1, counts[OUTCOME_PROCESS],
                          counts[OUTCOME_ENDED],
                          counts[OUTCOME_FINISHED] + counts[OUTCOME_REFUSED]);
            return;
        }
        if (outcome > OUTCOME_PROCESS)
            fail_msg("allocation %u failed: outcome %d", bad, (int)outcome);
        counts[outcome]++;
    }
    fail_msg("a conversation without end");
}

/* --- tests --------------------------------------------------------------- */

static void
check(const char *kex, const char *cipher, const char *mac)
{
    const struct scene scene = {kex, cipher, mac, "cisco"};
    unsigned counts[OUTCOME_PROCESS + 1] = {0};

    fail_each(&scene, OUTCOME_FINISHED, counts);
    assert_int_equal(counts[OUTCOME_REFUSED], 0);
    /* Ours end the process, libcrypto's the connection. */
    assert_true(counts[OUTCOME_PROCESS] > 0);
    assert_true(counts[OUTCOME_ENDED] > 0);
}

static void
test_hardening_6_2_memory_that_runs_out_in_a_conversation(void **state)
{
    (void)state;
    check("curve25519-sha256", "chacha20-poly1305@openssh.com",
          "hmac-sha2-256");
}

static void
test_hardening_6_2_memory_that_runs_out_in_an_older_one(void **state)
{
    (void)state;
    check("ecdh-sha2-nistp256", "aes128-gcm@openssh.com", "hmac-sha2-256");
    check("diffie-hellman-group14-sha256", "aes128-ctr", "hmac-sha2-256");
}

/* Whatever fails, nobody comes in by it. */
static void
test_hardening_6_2_memory_that_runs_out_lets_nobody_in(void **state)
{
    const struct scene scene = {"curve25519-sha256",
                                "chacha20-poly1305@openssh.com",
                                "hmac-sha2-256", "guess"};
    unsigned counts[OUTCOME_PROCESS + 1] = {0};

    (void)state;
    fail_each(&scene, OUTCOME_REFUSED, counts);
    assert_int_equal(counts[OUTCOME_FINISHED], 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_hardening_6_2_memory_that_runs_out_in_a_conversation),
        cmocka_unit_test(
            test_hardening_6_2_memory_that_runs_out_in_an_older_one),
        cmocka_unit_test(
            test_hardening_6_2_memory_that_runs_out_lets_nobody_in),
    };

    if (CRYPTO_set_mem_functions(library_malloc, library_realloc,
                                 library_free) != 1 ||
        crypto_warm_up() != OK)
        return 1;
    /* Once, and not in each process. */
    (void)keys_of_all_types();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
