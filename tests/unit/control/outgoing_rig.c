#include "outgoing_rig.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "control/debug.h"
#include "control/journal.h"
#include "control/network.h"
#include "control/probe.h"
#include "control/sessions.h"
#include "control/setup.h"
#include "control/workers.h"

struct world world;

/* --- what is played ------------------------------------------------------- */

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
debug_limit(const struct router *r, struct pace *pace)
{
    (void)r;
    (void)pace;
}

unsigned
debug_of_clients(const struct router *r)
{
    (void)r;
    return world.debug;
}

bool
debug_client_traced(struct router *r, unsigned slot, struct pace *pace,
                    struct span lines)
{
    (void)r;
    (void)slot;
    (void)pace;
    (void)lines;
    world.traced++;
    return true;
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

/* --- its owner ------------------------------------------------------------ */

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

void
assert_told(const char *text)
{
    assert_string_equal(world.told, text);
    world.told[0] = '\0';
}

/* --- the fixture ---------------------------------------------------------- */

int
outgoing_begin(void **state)
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

int
outgoing_finish(void **state)
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

void
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
void
turn(void)
{
    for (int i = 0; i < 20; i++)
        uv_run(&world.router.loop, UV_RUN_NOWAIT);
}

void
wait_for_worker(void)
{
    while (world.worker == NULL && world.ends == 0)
        uv_run(&world.router.loop, UV_RUN_ONCE);
    assert_non_null(world.worker);
}

/* A worker runs, and has its first message. */
void
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

void
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

void
say(const struct message *m)
{
    struct buf encoded;

    buf_init(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, m);
    assert_int_equal(pipe_send(world.worker, buf_span(&encoded), NULL, 0), OK);
    buf_clear(&encoded);
    turn();
}

void
say_only(enum message_type type)
{
    struct message m = {.type = type};

    say(&m);
}

void
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

void
say_ask(void)
{
    struct message m = {.type = MSG_CLIENT_ASK};

    m.client_ask.prompt = span_text("Password: ");
    say(&m);
}

/* Up to the login. */
void
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
void
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
