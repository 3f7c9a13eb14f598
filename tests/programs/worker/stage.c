#include "stage.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/reader.h"
#include "chance.h"
#include "crypto/hash.h"
#include "os/spawn.h"

#define PATIENCE_MS 20000
#define SOFTWARE    "vtyd_stage"
#define KEX         "curve25519-sha256"
#define CIPHERS     "aes128-ctr,aes128-gcm@openssh.com"
#define MACS        "hmac-sha2-256"
#define HOST_KEYS   "ssh-ed25519"

static uint64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
send_to(struct pipe *p, const struct message *m, const int *fds, size_t count)
{
    struct buf encoded;
    enum err err;

    buf_init(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, m);
    assert_true(buf_ok(&encoded));
    err = pipe_send(p, buf_span(&encoded), fds, count);
    /* A worker may have ended meanwhile: its last words are still read. */
    assert_true(err == OK || err == ERR_CLOSED);
    buf_clear(&encoded);
}

/* --- the nursery --------------------------------------------------------- */

void
nursery_start(struct nursery *n, const char *program)
{
    char name[] = "vtyd-worker", uid[] = "65534", gid[] = "65534";
    char *argv[] = {name, uid, gid, NULL};
    int ends[2];

    assert_int_equal(pipe_pair(ends), OK);
    assert_int_equal(spawn_program(program, argv, ends[1], 0, 0, &n->pid), OK);
    close(ends[1]);
    n->pipe = pipe_new(ends[0]);
}

void
nursery_stop(struct nursery *n)
{
    int status;

    pipe_free(n->pipe);
    assert_int_equal(waitpid(n->pid, &status, 0), n->pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- a worker ------------------------------------------------------------ */

static void
await_started(struct nursery *n, uint32_t connection, pid_t *pid)
{
    struct pollfd answer = {.fd = pipe_fd(n->pipe), .events = POLLIN};
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    struct message m;

    assert_int_equal(poll(&answer, 1, PATIENCE_MS), 1);
    assert_int_equal(pipe_receive(n->pipe, &bytes, fds), OK);
    assert_int_equal(message_decode(bytes, &m), OK);
    assert_int_equal(m.type, MSG_STARTED);
    assert_int_equal(m.started.connection, connection);
    assert_true(m.started.pid > 0);
    *pid = (pid_t)m.started.pid;
}

void
guest_start(struct guest *g, struct nursery *n, enum worker_role role,
            int connection, int peer)
{
    static uint32_t number;
    struct message m = {.type = MSG_START};
    int ends[2];

    *g = (struct guest){.peer = peer};
    buf_init(&g->log, 65536);
    assert_int_equal(pipe_pair(ends), OK);
    g->pipe = pipe_new(ends[0]);
    m.start.connection = ++number;
    m.start.role = (uint8_t)role;
    send_to(n->pipe, &m, (int[]){connection, ends[1]}, 2);
    close(connection);
    close(ends[1]);
    await_started(n, number, &g->pid);
}

static void
send_setup(struct guest *g)
{
    struct message m = {.type = MSG_SETUP};
    struct buf blobs;

    buf_init(&blobs, 4096);
    buf_put_string(&blobs, buf_span(&keys_of_all_types()[KEY_ED25519].blob));
    m.setup.software = span_text(SOFTWARE);
    m.setup.kex = span_text(KEX);
    m.setup.host_key_algorithms = span_text(HOST_KEYS);
    m.setup.ciphers = span_text(CIPHERS);
    m.setup.macs = span_text(MACS);
    m.setup.user_key_algorithms = span_text(HOST_KEYS);
    m.setup.host_keys = buf_span(&blobs);
    m.setup.banner = span_text(STAGE_BANNER);
    send_to(g->pipe, &m, NULL, 0);
    buf_clear(&blobs);
}

void
guest_start_server(struct guest *g, struct nursery *n)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    guest_start(g, n, ROLE_SERVER, ends[0], ends[1]);
    g->has_user = true;
    user_init(&g->user);
    g->user.password = STAGE_PASSWORD;
}

void
guest_begin(struct guest *g)
{
    static struct chance chance = {42};
    struct ssh_setup setup = {
        .software = "user",
        .now_ms = now_ms(),
        .kex = KEX,
        .host_key_algorithms = HOST_KEYS,
        .ciphers = CIPHERS,
        .macs = MACS,
        .random = chance_bytes,
        .random_state = &chance,
    };

    send_setup(g);
    user_start(&g->user, &setup);
}

void
guest_start_console(struct guest *g, struct nursery *n, int connection,
                    int peer, bool interactive)
{
    struct message m = {.type = MSG_SETUP};

    guest_start(g, n, ROLE_CONSOLE, connection, peer);
    m.setup.interactive = interactive;
    m.setup.columns = interactive ? 90 : 0;
    m.setup.rows = interactive ? 30 : 0;
    guest_send(g, &m, -1);
}

void
guest_clear(struct guest *g)
{
    pipe_free(g->pipe);
    if (g->peer >= 0)
        close(g->peer);
    if (g->has_user)
        user_clear(&g->user);
    buf_clear(&g->log);
}

int
guest_status(struct guest *g)
{
    uint64_t end = now_ms() + PATIENCE_MS;
    const struct timespec moment = {.tv_nsec = 1000000};
    int status = 0;

    while (waitpid(g->pid, &status, WNOHANG) != g->pid) {
        assert_true(now_ms() < end);
        nanosleep(&moment, NULL);
    }
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* --- control: a small router -----------------------------------------------
 */

void
guest_send(struct guest *g, const struct message *m, int fd)
{
    send_to(g->pipe, m, &fd, fd >= 0 ? 1 : 0);
}

static void
sign(struct guest *g, const struct msg_sign *m)
{
    const struct test_key *key = &keys_of_all_types()[KEY_ED25519];
    struct message reply = {.type = MSG_SIGN_REPLY};
    struct buf blob, signature;
    uint8_t hash[HASH_MAX];

    buf_init(&blob, KEY_BLOB_MAX);
    buf_init(&signature, SIGNATURE_MAX);
    buf_put_string(&blob, buf_span(&key->blob));
    assert_int_equal(
        hash_pieces((enum hash_id)m->hash,
                    (struct span[]){m->before, buf_span(&blob), m->after}, 3,
                    hash),
        OK);
    reply.sign_reply.hash = span_of(hash, hash_len((enum hash_id)m->hash));
    keys_sign(key, "ssh-ed25519", reply.sign_reply.hash, &signature);
    reply.sign_reply.signature = buf_span(&signature);
    guest_send(g, &reply, -1);
    buf_clear(&blob);
    buf_clear(&signature);
}

static void
judge(struct guest *g, const struct msg_auth_try *m)
{
    struct message reply = {.type = MSG_AUTH_RESULT};
    struct buf prompts;

    buf_init(&prompts, 1024);
    reply.auth_result.verdict = SSH_VERDICT_REJECT;
    reply.auth_result.methods = span_text("password");
    if (m->method == SSH_AUTH_INTERACTIVE) {
        reply.auth_result.verdict = SSH_VERDICT_ASK;
        buf_put_bool(&prompts, false);
        buf_put_text(&prompts, "Password: ");
        reply.auth_result.prompts = buf_span(&prompts);
    } else if (span_is(m->password, STAGE_PASSWORD)) {
        reply.auth_result.verdict = SSH_VERDICT_ACCEPT;
    }
    guest_send(g, &reply, -1);
    buf_clear(&prompts);
}

static void
judge_answer(struct guest *g, const struct msg_auth_answer *m)
{
    struct message reply = {.type = MSG_AUTH_RESULT};
    struct reader answers = reader_over(m->answers);
    bool right = span_is(read_string(&answers), STAGE_PASSWORD);

    assert_int_equal(m->count, 1);
    assert_true(read_done(&answers));
    reply.auth_result.verdict = right ? SSH_VERDICT_ACCEPT : SSH_VERDICT_REJECT;
    reply.auth_result.methods = span_text("password");
    guest_send(g, &reply, -1);
}

static void
say(struct guest *g, uint32_t channel, const char *text)
{
    struct message m = {.type = MSG_OUTPUT};

    m.output.channel = channel;
    m.output.text = span_text(text);
    guest_send(g, &m, -1);
}

static void
prompt(struct guest *g, uint32_t channel)
{
    struct message m = {.type = MSG_PROMPT};

    m.prompt.channel = channel;
    m.prompt.prompt = span_text("R1#");
    guest_send(g, &m, -1);
}

static void
end_channel(struct guest *g, uint32_t channel, uint32_t status)
{
    struct message m = {.type = MSG_EXIT};

    m.exit.channel = channel;
    m.exit.status = status;
    guest_send(g, &m, -1);
}

static void
say_much(struct guest *g, uint32_t channel)
{
    struct message m = {.type = MSG_OUTPUT_FILE};
    char line[64];
    int fd = memfd_create("big", MFD_CLOEXEC);

    assert_true(fd >= 0);
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (size_t i = 0; i < STAGE_BIG / sizeof(line); i++)
        assert_int_equal(write(fd, line, sizeof(line)), sizeof(line));
    m.output_file.channel = channel;
    guest_send(g, &m, fd);
    close(fd);
}

static void
ask(struct guest *g, uint32_t channel)
{
    struct message m = {.type = MSG_ASK};

    m.ask.channel = channel;
    m.ask.prompt = span_text("Really? ");
    m.ask.kind = ASK_LINE;
    guest_send(g, &m, -1);
}

/* A command: true if it has ended. */
static bool
run(struct guest *g, uint32_t channel, struct span command)
{
    char text[400];

    if (span_is(command, "wait"))
        return false;
    if (span_is(command, "ask")) {
        ask(g, channel);
        return false;
    }
    if (span_is(command, "big")) {
        say_much(g, channel);
        return true;
    }
    snprintf(text, sizeof(text), "did %.*s\n", (int)command.len,
             (const char *)command.ptr);
    say(g, channel, text);
    return true;
}

static void
reply(struct guest *g, uint32_t channel)
{
    struct message m = {.type = MSG_REQUEST_REPLY};

    m.request_reply.channel = channel;
    m.request_reply.ok = !g->refuses;
    guest_send(g, &m, -1);
}

static void
open_shell(struct guest *g, const struct msg_shell *m)
{
    struct message terminal = {.type = MSG_TERMINAL};

    g->shell = *m;
    reply(g, m->channel);
    if (g->refuses)
        return;
    terminal.terminal.channel = m->channel;
    terminal.terminal.width = m->columns;
    terminal.terminal.history = 20;
    guest_send(g, &terminal, -1);
    prompt(g, m->channel);
}

static void
on_message(struct guest *g, const struct message *m)
{
    switch (m->type) {
    case MSG_SIGN:
        sign(g, &m->sign);
        break;
    case MSG_AUTH_TRY:
        judge(g, &m->auth_try);
        break;
    case MSG_AUTH_ANSWER:
        judge_answer(g, &m->auth_answer);
        break;
    case MSG_SHELL:
        open_shell(g, &m->shell);
        break;
    case MSG_EXEC:
        reply(g, m->exec.channel);
        if (!g->refuses && run(g, m->exec.channel, m->exec.command))
            end_channel(g, m->exec.channel, 3);
        break;
    case MSG_LINE:
        if (span_is(m->line.text, "exit"))
            end_channel(g, m->line.channel, 0);
        else if (run(g, m->line.channel, m->line.text))
            prompt(g, m->line.channel);
        break;
    case MSG_ANSWER:
        say(g, m->answer.channel, m->answer.given ? "yes\n" : "no answer\n");
        prompt(g, m->answer.channel);
        break;
    case MSG_INTERRUPT:
        say(g, m->interrupt.channel, "interrupted\n");
        prompt(g, m->interrupt.channel);
        break;
    case MSG_INPUT_END:
        end_channel(g, m->input_end.channel, 0);
        break;
    case MSG_WINDOW:
        g->window = m->window;
        break;
    case MSG_ENDED:
        g->has_ended = true;
        g->ended = m->ended;
        snprintf(g->ended_text, sizeof(g->ended_text), "%.*s",
                 (int)m->ended.text.len, (const char *)m->ended.text.ptr);
        break;
    default:
        break;
    }
}

static bool
work_pipe(struct guest *g)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    struct message m;

    if (g->pipe == NULL || pipe_receive(g->pipe, &bytes, fds) != OK)
        return false;
    assert_int_equal(message_decode(bytes, &m), OK);
    buf_printf(&g->log, "%s ", message_name(m.type));
    on_message(g, &m);
    return true;
}

/* --- the peer ------------------------------------------------------------- */

static void
close_peer(struct guest *g)
{
    close(g->peer);
    g->peer = -1;
}

static bool
work_user(struct guest *g)
{
    uint8_t bytes[65536];
    struct span out;
    bool moved = false;
    ssize_t n;

    ssh_conn_tick(g->user.conn, now_ms());
    user_turn(&g->user);
    out = ssh_conn_output(g->user.conn);
    if (out.len > 0) {
        n = send(g->peer, out.ptr, out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0)
            ssh_conn_output_sent(g->user.conn, (size_t)n);
        moved = n > 0;
    }
    if (!ssh_conn_wants_input(g->user.conn))
        return moved;
    n = recv(g->peer, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        ssh_conn_input_end(g->user.conn);
        close_peer(g);
    }
    for (ssize_t at = 0; n > 0 && at < n;) {
        at +=
            (ssize_t)ssh_conn_input(g->user.conn, bytes + at, (size_t)(n - at));
        user_turn(&g->user);
        if (g->user.closed)
            break;
    }
    return moved || n > 0;
}

static bool
work_terminal(struct guest *g)
{
    size_t room = sizeof(g->seen) - g->seen_len - 1;
    struct pollfd terminal = {.fd = g->peer, .events = POLLIN};
    ssize_t n;

    if (poll(&terminal, 1, 0) != 1)
        return false;
    n = read(g->peer, g->seen + g->seen_len, room);
    if (n <= 0) {
        close_peer(g);
        return false;
    }
    g->seen_len += (size_t)n;
    g->seen[g->seen_len] = '\0';
    return true;
}

static bool
work_peer(struct guest *g)
{
    if (g->peer < 0)
        return false;
    return g->has_user ? work_user(g) : work_terminal(g);
}

void
guest_run(struct guest *g, guest_fn done)
{
    uint64_t end = now_ms() + PATIENCE_MS;

    while (!done(g)) {
        struct pollfd fds[] = {
            {.fd = g->peer, .events = POLLIN},
            {.fd = g->pipe == NULL ? -1 : pipe_fd(g->pipe), .events = POLLIN},
        };

        if (now_ms() > end)
            fail_msg("nothing happens; control has seen: %s",
                     buf_text(&g->log));
        while (work_pipe(g))
            continue;
        if (!work_peer(g) && !done(g))
            (void)poll(fds, 2, 10);
    }
}

/* --- looking ---------------------------------------------------------------
 */

bool
guest_got(struct guest *g, const char *name)
{
    return strstr(buf_text(&g->log), name) != NULL;
}

bool
guest_sees(struct guest *g, const char *text)
{
    return strstr(buf_text(&g->user.channels[0].received), text) != NULL;
}

void
guest_types(struct guest *g, const char *keys)
{
    struct user_channel *ch = &g->user.channels[0];
    struct span all = span_text(keys);

    assert_int_equal(ssh_channel_write(g->user.conn, ch->number, all), all.len);
}

bool
guest_has_ended(struct guest *g)
{
    return g->has_ended;
}

bool
guest_channels_closed(struct guest *g)
{
    return g->user.finished == g->user.sessions;
}
