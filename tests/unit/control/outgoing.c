/*
 * A connection to another machine, with a socket that is real and a worker that
 * is played: the test reads and writes its pipe.
 */
#include "control/outgoing.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/children.h"
#include "control/journal.h"
#include "control/keys.h"
#include "control/known_hosts.h"
#include "control/network.h"
#include "control/probe.h"
#include "control/resolver.h"
#include "control/sessions.h"
#include "control/setup.h"
#include "control/workers.h"
#include "ipc/pipe.h"

#define NUMBER 42
#define BYTES  1000 /* of the file in plans that have one */

static struct {
    struct router router;
    int listener;
    uint16_t port;
    struct outgoing *o;
    struct outgoing_end end;
    unsigned ends;
    char told[1024]; /* to the owner, a line each */
    char log[512];

    struct pipe *worker; /* its end of the pipe; NULL: none was asked for */
    struct message got;  /* what it was told last */
    pid_t pid;
    child_fn on_exit_status;
    void *watched;
    bool forgotten, renewed;

    const struct resolver_events *resolving;
    void *resolver_owner;
    host_key_judged_fn judged;
    void *judge_owner;
    key_signed_fn on_signed;
    void *signed_owner;
    struct key key;
    bool deny, abandon_at_ask;
    uint64_t now_ms;
} world;

/* --- what is played ---------------------------------------------------------
 */

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return world.now_ms;
}

uint32_t
sessions_next_number(struct router *r)
{
    (void)r;
    return NUMBER;
}

void
journal_message(struct router *r, const char *facility, enum log_level severity,
                const char *mnemonic, const char *format, ...)
{
    (void)r;
    (void)facility;
    (void)severity;
    (void)mnemonic;
    text_copy(world.log, sizeof(world.log), format);
}

void
journal_limited(struct router *r, const char *source, const char *facility,
                enum log_level severity, const char *mnemonic,
                const char *format, ...)
{
    (void)source;
    journal_message(r, facility, severity, mnemonic, "%s", format);
    text_copy(world.log, sizeof(world.log), format);
}

void
resolver_ask(struct router *r, const char *name, bool ipv4, bool ipv6,
             const struct resolver_events *events, void *owner)
{
    (void)r;
    assert_true(ipv4 && ipv6);
    assert_string_equal(name, "far");
    world.resolving = events;
    world.resolver_owner = owner;
}

void
resolver_forget(struct router *r, const void *owner)
{
    (void)r;
    (void)owner;
}

void
keys_forget_owner(struct router *r, void *owner)
{
    (void)r;
    (void)owner;
}

void
keys_for_login(struct router *r, struct ssh_host_keys *out)
{
    (void)r;
    world.key.number = 7;
    *out = (struct ssh_host_keys){.count = 1, .keys = {&world.key}};
}

bool
keys_sign_login(struct router *r, const struct key_login *login,
                key_signed_fn done, void *owner)
{
    (void)r;
    assert_int_equal(login->key, 7);
    assert_int_equal(login->session_id.len, 32);
    assert_true(span_is(login->user, "user"));
    world.on_signed = done;
    world.signed_owner = owner;
    return true;
}

void
known_hosts_forget(struct router *r, const void *owner)
{
    (void)r;
    (void)owner;
}

void
known_hosts_ask_types(struct router *r, const char *host, unsigned port,
                      known_hosts_types_fn done, void *owner)
{
    (void)r;
    (void)host;
    (void)port;
    done(owner, SPAN_EMPTY);
}

void
known_hosts_judge(struct router *r, const struct host_key_shown *shown,
                  host_key_judged_fn judged, void *owner)
{
    (void)r;
    assert_true(span_is(shown->blob, "blob"));
    world.judged = judged;
    world.judge_owner = owner;
}

void
setup_put_client(struct router *r, const struct outgoing_plan *plan,
                 const struct ssh_host_keys *keys, struct span key_types,
                 struct msg_client_setup *m)
{
    (void)r;
    (void)key_types;
    assert_int_equal(keys->count, 1);
    m->user = span_text(plan->user);
    m->bytes = plan->bytes;
}

bool
network_source(const struct router *r, const char *interface, uint8_t family,
               struct config_address *address)
{
    (void)r;
    (void)interface;
    (void)family;
    (void)address;
    return false;
}

void
probe_address_net(const struct config_address *address, uint16_t port,
                  struct net_address *net)
{
    char text[CONFIG_ADDRESS_TEXT], whole[sizeof(text) + 8];

    config_address_text(address, text);
    snprintf(whole, sizeof(whole), "%s:%u", text, port);
    assert_int_equal(net_parse(whole, net), OK);
}

void
workers_ask_client(struct router *r, uint32_t number, int fd, int end)
{
    (void)r;
    assert_int_equal(number, NUMBER);
    close(fd);
    world.worker = pipe_new(end);
}

void
workers_forget(struct router *r, uint32_t number)
{
    (void)r;
    (void)number;
    world.forgotten = true;
}

void
workers_renew(struct router *r)
{
    (void)r;
    world.renewed = true;
}

void
children_watch(struct router *r, pid_t pid, child_fn fn, void *owner)
{
    (void)r;
    assert_int_equal(pid, world.pid);
    world.on_exit_status = fn;
    world.watched = owner;
}

void
children_forget(struct router *r, pid_t pid)
{
    (void)r;
    (void)pid;
    world.on_exit_status = NULL;
}

void
children_expect(struct router *r, pid_t pid)
{
    (void)r;
    (void)pid;
}

void
child_status_text(int status, char *to, size_t room)
{
    (void)status;
    text_copy(to, room, "signal 11");
}

bool
child_crashed(int status)
{
    return status != 0;
}

/* --- its owner
 * ---------------------------------------------------------------- */

static void
tell(const char *what, struct span text)
{
    size_t len = strlen(world.told);
    char copy[128];

    text_copy_span(copy, sizeof(copy), text);
    snprintf(world.told + len, sizeof(world.told) - len, "%s%s\n", what, copy);
}

static bool
permits(void *owner, const struct config_address *address)
{
    (void)owner;
    (void)address;
    return !world.deny;
}

static void
on_ask(void *owner, struct span prompt, bool echo)
{
    (void)owner;
    tell(echo ? "asks aloud " : "asks ", prompt);
    if (world.abandon_at_ask)
        outgoing_abandon(world.o);
}

static void
on_show(void *owner, struct span text)
{
    (void)owner;
    tell("shows ", text);
}

static void
on_ready(void *owner)
{
    (void)owner;
    tell("ready", span_text(""));
}

static void
on_file(void *owner, const struct msg_client_file *m)
{
    (void)owner;
    tell("file ", m->name);
}

static void
on_moved(void *owner, uint64_t bytes)
{
    char text[32];

    (void)owner;
    snprintf(text, sizeof(text), "%u", (unsigned)bytes);
    tell("moved ", span_text(text));
}

static void
on_stalled(void *owner)
{
    (void)owner;
    tell("stalled", span_text(""));
}

static void
on_end(void *owner, const struct outgoing_end *end)
{
    (void)owner;
    world.end = *end;
    world.ends++;
    if (end->outcome == OUTGOING_ENDED)
        tell("said ", end->said.text);
}

static const struct outgoing_events events = {
    .permits = permits,
    .on_ask = on_ask,
    .on_show = on_show,
    .on_ready = on_ready,
    .on_file = on_file,
    .on_moved = on_moved,
    .on_stalled = on_stalled,
    .on_end = on_end,
};

static void
assert_told(const char *text)
{
    assert_string_equal(world.told, text);
    world.told[0] = '\0';
}

/* --- the fixture
 * ---------------------------------------------------------------- */

static int
begin(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof(at);

    (void)state;
    memset(&world, 0, sizeof(world));
    if (uv_loop_init(&world.router.loop) != 0)
        return -1;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    world.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(world.listener, (struct sockaddr *)&at, len) != 0 ||
        listen(world.listener, 8) != 0 ||
        getsockname(world.listener, (struct sockaddr *)&at, &len) != 0)
        return -1;
    world.port = ntohs(at.sin_port);
    world.now_ms = 1000000;
    return 0;
}

static int
finish(void **state)
{
    (void)state;
    outgoings_stop(&world.router);
    pipe_free(world.worker);
    uv_run(&world.router.loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&world.router.loop) != 0)
        return -1;
    close(world.listener);
    if (world.pid > 0) {
        kill(world.pid, SIGKILL);
        waitpid(world.pid, NULL, 0);
    }
    return 0;
}

static void
connect_to(const char *host, const char *path)
{
    struct outgoing_plan plan = {
        .host = host,
        .port = world.port,
        .user = "user",
        .purpose = path == NULL ? CLIENT_SHELL : CLIENT_SCP_GET,
        .path = path,
        .bytes = BYTES,
        .file = 0,
    };

    assert_int_equal(
        outgoing_new(&world.router, &plan, &events, NULL, &world.o), OK);
    outgoing_connect(world.o);
}

/* Until the loop has nothing to do but wait for the worker, or nothing at all.
 */
static void
turn(void)
{
    for (int i = 0; i < 20; i++)
        uv_run(&world.router.loop, UV_RUN_NOWAIT);
}

static void
wait_for_worker(void)
{
    while (world.worker == NULL && world.ends == 0)
        uv_run(&world.router.loop, UV_RUN_ONCE);
    assert_non_null(world.worker);
}

/* A worker runs, and has its first message. */
static void
start_worker(const char *path)
{
    connect_to("127.0.0.1", path);
    wait_for_worker();
    world.pid = fork();
    if (world.pid == 0)
        for (;;)
            pause();
    assert_true(outgoing_started(&world.router, NUMBER, world.pid));
}

static void
assert_hears(enum message_type type)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;

    turn();
    assert_int_equal(pipe_receive(world.worker, &bytes, fds), OK);
    pipe_close_fds(fds);
    assert_int_equal(message_decode(bytes, &world.got), OK);
    assert_string_equal(message_name(world.got.type), message_name(type));
}

static void
say(const struct message *m)
{
    struct buf encoded;

    buf_init(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, m);
    assert_int_equal(pipe_send(world.worker, buf_span(&encoded), NULL, 0), OK);
    buf_clear(&encoded);
    turn();
}

static void
say_only(enum message_type type)
{
    struct message m = {.type = type};

    say(&m);
}

static void
say_host_key(void)
{
    struct message m = {.type = MSG_HOST_KEY};
    uint8_t kexinit[62] = {20};
    struct buf before;

    buf_init(&before, 1024);
    for (int i = 0; i < 2; i++)
        buf_put_text(&before, "SSH-2.0-x");
    for (int i = 0; i < 2; i++)
        buf_put_string(&before, span_of(kexinit, sizeof(kexinit)));
    m.host_key.before = buf_span(&before);
    m.host_key.algorithm = span_text("ssh-ed25519");
    m.host_key.blob = span_text("blob");
    m.host_key.hash = HASH_SHA256;
    say(&m);
    buf_clear(&before);
}

static void
say_ask(void)
{
    struct message m = {.type = MSG_CLIENT_ASK};

    m.client_ask.prompt = span_text("Password: ");
    say(&m);
}

/* Up to the login. */
static void
trust(const char *path)
{
    start_worker(path);
    assert_hears(MSG_CLIENT_SETUP);
    say_host_key();
    world.judged(world.judge_owner, HOST_KEY_TRUSTED, "");
    assert_hears(MSG_HOST_KEY_REPLY);
    assert_true(world.got.host_key_reply.trusted);
}

/* It may not say that: it is killed, and its owner hears of that alone. */
static void
assert_broken_off(void)
{
    int status;

    assert_true(world.renewed);
    assert_int_equal(waitpid(world.pid, &status, 0), world.pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(world.ends, 0);
    world.on_exit_status(world.watched, world.pid, status);
    world.pid = 0;
    assert_int_equal(world.ends, 1);
    assert_int_equal(world.end.outcome, OUTGOING_DIED);
}

/* --- to a socket
 * ------------------------------------------------------------------ */

static void
test_a_refusal_is_one(void **state)
{
    (void)state;
    shutdown(world.listener, SHUT_RDWR);
    close(world.listener);
    world.listener = -1;
    connect_to("127.0.0.1", NULL);
    while (world.ends == 0)
        uv_run(&world.router.loop, UV_RUN_ONCE);
    assert_int_equal(world.end.outcome, OUTGOING_REFUSED);
    assert_false(world.end.ready);
    assert_null(world.worker);
}

static void
test_who_may_not_go_there_does_not(void **state)
{
    (void)state;
    world.deny = true;
    connect_to("127.0.0.1", NULL);
    assert_int_equal(world.ends, 1);
    assert_int_equal(world.end.outcome, OUTGOING_DENIED);
}

static void
test_names_that_lead_nowhere(void **state)
{
    static const struct {
        enum resolver_result result;
        enum outgoing_outcome outcome;
    } cases[] = {
        {RESOLVER_UNKNOWN, OUTGOING_UNKNOWN},
        {RESOLVER_SILENCE, OUTGOING_UNKNOWN},
        {RESOLVER_OFF, OUTGOING_UNKNOWN},
        {RESOLVER_BUSY, OUTGOING_NO_MEANS},
        {RESOLVER_FAILED, OUTGOING_NO_MEANS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct resolver_answer answer = {.result = cases[i].result};

        connect_to("far", NULL);
        world.resolving->on_answer(world.resolver_owner, &answer);
        assert_int_equal(world.ends, i + 1);
        assert_int_equal(world.end.outcome, cases[i].outcome);
    }
}

static void
test_the_next_address_is_tried(void **state)
{
    struct config_address addresses[2];
    const struct resolver_answer answer = {
        .result = RESOLVER_FOUND, .addresses = addresses, .count = 2};
    char text[CONFIG_ADDRESS_TEXT];

    (void)state;
    /* Nobody listens at the first one: only at 127.0.0.1. */
    assert_int_equal(
        config_address_parse_ipv4(span_text("127.0.0.2"), &addresses[0]), OK);
    assert_int_equal(
        config_address_parse_ipv4(span_text("127.0.0.1"), &addresses[1]), OK);
    connect_to("far", NULL);
    world.resolving->on_answer(world.resolver_owner, &answer);
    wait_for_worker();
    config_address_text(outgoing_address(world.o), text);
    assert_string_equal(text, "127.0.0.1");
    assert_hears(MSG_CLIENT_SETUP);
}

static void
test_no_process_can_be_had(void **state)
{
    (void)state;
    connect_to("127.0.0.1", NULL);
    wait_for_worker();
    assert_true(outgoing_started(&world.router, NUMBER, 0));
    assert_int_equal(world.ends, 1);
    assert_int_equal(world.end.outcome, OUTGOING_NO_MEANS);
    assert_false(outgoing_started(&world.router, NUMBER, 0));
}

static void
test_what_is_abandoned_tells_nobody(void **state)
{
    (void)state;
    connect_to("127.0.0.1", NULL);
    outgoing_abandon(world.o);
    turn();
    assert_null(world.worker);
    connect_to("127.0.0.1", NULL);
    wait_for_worker();
    outgoing_abandon(world.o);
    assert_true(world.forgotten);
    assert_int_equal(world.ends, 0);
}

/* --- the dialogue
 * ------------------------------------------------------------------- */

static void
test_a_whole_session(void **state)
{
    struct message m = {.type = MSG_CLIENT_SHOW};

    (void)state;
    trust(NULL);
    m.client_show.text = span_text("banner");
    say(&m);
    assert_told("shows banner\n");
    say_ask();
    assert_told("asks Password: \n");
    outgoing_answer(world.o, "secret");
    assert_hears(MSG_CLIENT_ANSWER);
    assert_true(world.got.client_answer.given);
    assert_true(span_is(world.got.client_answer.text, "secret"));
    say_only(MSG_CLIENT_READY);
    assert_told("ready\n");
    outgoing_window(world.o, 132, 43);
    assert_hears(MSG_CLIENT_WINDOW);
    assert_int_equal(world.got.client_window.columns, 132);
    outgoing_break(world.o, 700);
    assert_hears(MSG_CLIENT_BREAK);
    assert_int_equal(world.got.client_break.ms, 700);
    m = (struct message){.type = MSG_CLIENT_ENDED};
    m.client_ended.end = CLIENT_DONE;
    m.client_ended.has_status = true;
    m.client_ended.status = 3;
    m.client_ended.text = span_text("bye");
    say(&m);
    /* Its process is gone first. */
    assert_int_equal(world.ends, 0);
    world.on_exit_status(world.watched, world.pid, 0);
    assert_int_equal(world.ends, 1);
    assert_told("said bye\n");
    assert_int_equal(world.end.outcome, OUTGOING_ENDED);
    assert_true(world.end.ready);
    assert_int_equal(world.end.said.status, 3);
}

static void
test_an_untrusted_key_goes_no_further(void **state)
{
    (void)state;
    start_worker(NULL);
    assert_hears(MSG_CLIENT_SETUP);
    say_host_key();
    world.judged(world.judge_owner, HOST_KEY_CHANGED, "it has changed");
    assert_told("shows it has changed\n");
    assert_hears(MSG_HOST_KEY_REPLY);
    assert_false(world.got.host_key_reply.trusted);
    /* Whoever asks for a password all the same is no honest worker. */
    say_ask();
    assert_told("");
    assert_broken_off();
}

static void
test_what_may_not_be_said_before_the_key_is_judged(void **state)
{
    static const enum message_type types[] = {
        MSG_CLIENT_ASK,   MSG_CLIENT_SIGN,    MSG_CLIENT_READY,
        MSG_CLIENT_FILE,  MSG_CLIENT_MOVED,   MSG_CLIENT_STALLED,
        MSG_CLIENT_SETUP, MSG_HOST_KEY_REPLY, MSG_AUTH_TRY,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        start_worker(NULL);
        say_only(types[i]);
        assert_broken_off();
        assert_told("");
        pipe_free(world.worker);
        world.worker = NULL;
        world.ends = 0;
        world.renewed = false;
    }
}

static void
test_two_questions_at_once_are_one_too_many(void **state)
{
    (void)state;
    trust(NULL);
    say_ask();
    say_ask();
    assert_broken_off();
}

static void
test_each_key_signs_once(void **state)
{
    struct message m = {.type = MSG_CLIENT_SIGN};

    (void)state;
    trust(NULL);
    m.client_sign.method = span_text("ssh-ed25519");
    say(&m);
    assert_non_null(world.on_signed);
    world.on_signed(world.signed_owner, span_text("signature"));
    assert_hears(MSG_CLIENT_SIGNED);
    assert_true(span_is(world.got.client_signed.signature, "signature"));
    say(&m);
    assert_broken_off();
}

static void
test_a_key_that_was_not_shown_signs_nothing(void **state)
{
    struct message m = {.type = MSG_CLIENT_SIGN};

    (void)state;
    trust(NULL);
    m.client_sign.key = 1;
    say(&m);
    assert_null(world.on_signed);
    assert_broken_off();
}

static void
test_an_owner_who_leaves_within_his_function(void **state)
{
    (void)state;
    trust(NULL);
    world.abandon_at_ask = true;
    say_ask();
    assert_told("asks Password: \n");
    assert_int_equal(world.ends, 0);
    assert_null(world.on_exit_status);
}

static void
test_a_worker_that_crashes_is_told(void **state)
{
    (void)state;
    trust(NULL);
    world.on_exit_status(world.watched, world.pid, 11);
    assert_int_equal(world.end.outcome, OUTGOING_DIED);
    assert_true(world.renewed);
    assert_string_equal(world.log,
                        "Worker of the connection to %s ended with %s");
}

/* --- files
 * ----------------------------------------------------------------------------
 */

static void
say_moved(uint64_t bytes)
{
    struct message m = {.type = MSG_CLIENT_MOVED};

    m.client_moved.bytes = bytes;
    say(&m);
}

static void
say_stalled(uint32_t parts)
{
    struct message m = {.type = MSG_CLIENT_STALLED};

    m.client_stalled.parts = parts;
    say(&m);
}

/* Up to where it moves. */
static void
open_file_there(void)
{
    struct message m = {.type = MSG_CLIENT_FILE};

    trust("x");
    assert_int_equal(outgoing_stream(world.o), -1);
    say_only(MSG_CLIENT_READY);
    m.client_file.name = span_text("x");
    say(&m);
    assert_told("ready\nfile x\n");
}

static void
test_a_file_moves(void **state)
{
    (void)state;
    open_file_there();
    say_moved(0);
    say_moved(500);
    say_stalled(1);
    /* Faster than any time-out is no news. */
    say_stalled(2);
    world.now_ms += 50;
    say_stalled(3);
    say_moved(BYTES);
    assert_told("moved 0\nmoved 500\nstalled\nstalled\nmoved 1000\n");
}

static void
test_more_than_the_plan_has_is_a_lie(void **state)
{
    (void)state;
    open_file_there();
    say_moved(BYTES + 1);
    assert_told("");
    assert_broken_off();
}

static void
test_what_has_moved_does_not_come_back(void **state)
{
    (void)state;
    open_file_there();
    say_moved(500);
    say_moved(499);
    assert_broken_off();
}

static void
test_no_silence_and_too_much_of_it_are_lies(void **state)
{
    static const uint32_t parts[] = {0, CLIENT_SILENCE_PARTS};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        open_file_there();
        say_stalled(parts[i]);
        assert_broken_off();
        pipe_free(world.worker);
        world.worker = NULL;
        world.ends = 0;
        world.renewed = false;
    }
}

static void
test_a_session_has_no_file(void **state)
{
    (void)state;
    trust(NULL);
    say_only(MSG_CLIENT_READY);
    say_only(MSG_CLIENT_FILE);
    assert_told("ready\n");
    assert_broken_off();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_refusal_is_one),
        TEST(test_who_may_not_go_there_does_not),
        TEST(test_names_that_lead_nowhere),
        TEST(test_the_next_address_is_tried),
        TEST(test_no_process_can_be_had),
        TEST(test_what_is_abandoned_tells_nobody),
        TEST(test_a_whole_session),
        TEST(test_an_untrusted_key_goes_no_further),
        TEST(test_what_may_not_be_said_before_the_key_is_judged),
        TEST(test_two_questions_at_once_are_one_too_many),
        TEST(test_each_key_signs_once),
        TEST(test_a_key_that_was_not_shown_signs_nothing),
        TEST(test_an_owner_who_leaves_within_his_function),
        TEST(test_a_worker_that_crashes_is_told),
        TEST(test_a_file_moves),
        TEST(test_more_than_the_plan_has_is_a_lie),
        TEST(test_what_has_moved_does_not_come_back),
        TEST(test_no_silence_and_too_much_of_it_are_lies),
        TEST(test_a_session_has_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
