/*
 * vtyd-signer: holds the private keys, signs key exchanges, makes new pairs
 * in children. Its only peer is control, on descriptor 3.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "crypto/key_transfer.h"
#include "crypto/random.h"
#include "ipc/requests.h"
#include "ipc/send.h"
#include "os/file.h"
#include "os/sandbox.h"
#include "os/spawn.h"
#include "signer/exchange.h"
#include "signer/key_maker.h"
#include "signer/keyfile.h"
#include "signer/keys.h"
#include "signer/server_keys.h"
#include "signer/user_proof.h"

#define PROGRAM   "vtyd-signer"
#define ARGUMENTS 2 /* vtyd-signer keys [UID GID] */

static struct signer {
    struct pipe *pipe;
    struct keys keys;
    struct server_keys server_keys;
    struct process_title title;
    uint8_t *heap_start; /* where keys will lie: see lock_keys() */
    bool ended;          /* control is gone, or cannot be followed */
} signer;

/* --- answers ------------------------------------------------------------ */

static void
send_message(const struct message *m)
{
    /* An answer that is lost would leave control waiting: better restarted. */
    if (message_send(signer.pipe, m) != OK)
        signer.ended = true;
}

static void
report(void *owner, enum log_level level, const char *line)
{
    struct message m = {.type = MSG_REPORT,
                        .report = message_report(level, line)};

    (void)owner;
    send_message(&m);
}

static void
send_failure(uint32_t key, const char *text)
{
    struct message m = {.type = MSG_KEY_FAILED};

    m.key_failed.key = key;
    m.key_failed.text = span_text(text);
    send_message(&m);
}

/* --- requests ----------------------------------------------------------- */

/*
 * Keep keys out of swap: they lie in the heap, which has grown since the
 * start. Without the right to lock that much it is left undone.
 */
static void
lock_keys(void)
{
    const uint8_t *end = sbrk(0);

    if (end > signer.heap_start &&
        mlock(signer.heap_start, (size_t)(end - signer.heap_start)) != 0)
        log_line(LOG_DEBUGGING, "signer: memory of keys is not locked");
}

/* What is wrong with a key file; NULL when it was loaded. */
static const char *
load_key(uint32_t number, int fd, const struct key **key)
{
    uint8_t text[KEYFILE_MAX];
    size_t size = 0, len = 0;
    const char *wrong = NULL;

    if (fd < 0)
        return "no file";
    switch (file_check_private(fd, &size)) {
    case OK:
        break;
    case ERR_REFUSED:
        return "not a file that only its owner may read";
    default:
        return "its mode cannot be read";
    }
    if (size > sizeof(text) ||
        file_read_all(fd, text, sizeof(text), &len) != OK) {
        wipe(text, sizeof(text)); /* half of it may be there */
        return "it cannot be read";
    }
    switch (keys_load(&signer.keys, number, span_of(text, len), key)) {
    case OK:
        break;
    case ERR_LIMIT:
        wrong = "too many keys";
        break;
    case ERR_CRYPTO:
        wrong = "the key itself is bad";
        break;
    default:
        wrong = "not a key file";
    }
    wipe(text, sizeof(text));
    return wrong;
}

static void
on_key_load(const struct message *m, int fd)
{
    const struct key *key = NULL;
    const char *wrong = load_key(m->key_load.key, fd, &key);
    struct message answer = {.type = MSG_KEY_INFO};

    if (wrong != NULL) {
        send_failure(m->key_load.key, wrong);
        return;
    }
    lock_keys();
    key_describe(key, &answer.key_info);
    send_message(&answer);
}

static void
on_key_forget(const struct message *m, int fd)
{
    (void)fd;
    keys_forget(&signer.keys, m->key_forget.key);
}

/* A copy in `memory`, which holds nothing else. */
static struct span
kept(struct buf *memory, struct span bytes)
{
    buf_init_secret(memory, bytes.len);
    buf_put_span(memory, bytes);
    return buf_span(memory);
}

/* In the child: nothing of the parent's but the wish and the new file. */
_Noreturn static void
run_key_maker(const struct msg_key_make *wish, int fd, pid_t control)
{
    struct msg_key_make own = *wish;
    struct buf name, public_pem, private_pem, passphrase;

    own.name = kept(&name, wish->name);
    own.public_pem = kept(&public_pem, wish->public_pem);
    own.private_pem = kept(&private_pem, wish->private_pem);
    own.passphrase = kept(&passphrase, wish->passphrase);
    log_set_sink(NULL, NULL);
    pipe_free(signer.pipe);
    keys_clear(&signer.keys);
    server_keys_clear(&signer.server_keys);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != control)
        _exit(KEY_MAKER_NO_KEY);
    title_set(&signer.title, PROGRAM, "key maker");
    _exit(key_maker_run(&own, fd));
}

static void
on_key_make(const struct message *m, int fd)
{
    const struct msg_key_make *wish = &m->key_make;
    struct message answer = {.type = MSG_KEY_STARTED};
    pid_t control = getppid();
    pid_t pid;

    if (fd < 0) {
        send_failure(wish->key, "no file to write to");
        return;
    }
    if (key_maker_check(wish) != OK) {
        send_failure(wish->key, "no such kind of key");
        return;
    }
    random_forget();
    pid = spawn_sibling();
    if (pid == 0)
        run_key_maker(wish, fd, control);
    if (pid < 0) {
        send_failure(wish->key, "no process to make it in");
        return;
    }
    answer.key_started.key = wish->key;
    answer.key_started.pid = (uint32_t)pid;
    send_message(&answer);
}

static void
on_key_export(const struct message *m, int fd)
{
    const struct msg_key_export *request = &m->key_export;
    const struct key *key = keys_find(&signer.keys, request->key);
    struct message answer = {.type = MSG_KEY_EXPORTED};
    struct buf public_pem, private_pem;

    (void)fd;
    buf_init(&public_pem, KEY_PEM_MAX);
    buf_init(&private_pem, KEY_PEM_MAX);
    answer.key_exported.key = request->key;
    if (key == NULL || !key->exportable)
        log_line(LOG_WARNING, "signer: refused to export key %u", request->key);
    else if (key_export(key->private, request->passphrase, &public_pem,
                        &private_pem) != OK)
        log_line(LOG_ERROR, "signer: key %u cannot be exported", request->key);
    else {
        answer.key_exported.public_pem = buf_span(&public_pem);
        answer.key_exported.private_pem = buf_span(&private_pem);
    }
    send_message(&answer);
    buf_clear(&public_pem);
    buf_clear(&private_pem);
}

static void
on_hash_sign(const struct message *m, int fd)
{
    const struct msg_hash_sign *request = &m->hash_sign;
    struct message answer = {.type = MSG_HASH_SIGNED};
    struct exchange_proof proof = {0};
    enum err err =
        exchange_sign(keys_find(&signer.keys, request->key), request, &proof);

    (void)fd;
    answer.hash_signed.connection = request->connection;
    if (err == OK) {
        answer.hash_signed.hash = span_of(proof.hash, proof.hash_len);
        answer.hash_signed.signature = buf_span(&proof.signature);
    } else if (err == ERR_CRYPTO) {
        log_line(LOG_ALERT, "signer: key %u failed to sign", request->key);
    } else {
        log_line(LOG_WARNING, "signer: refused to sign for connection %u",
                 request->connection);
    }
    send_message(&answer);
    buf_clear(&proof.signature);
}

static void
on_user_sign(const struct message *m, int fd)
{
    const struct msg_user_sign *request = &m->user_sign;
    struct message answer = {.type = MSG_USER_SIGNED};
    struct buf signature;
    enum err err;

    (void)fd;
    buf_init(&signature, SIGNATURE_MAX);
    err = user_proof_sign(keys_find(&signer.keys, request->key), request,
                          &signature);
    if (err == ERR_CRYPTO)
        log_line(LOG_ALERT, "signer: key %u failed to sign", request->key);
    else if (err != OK)
        log_line(LOG_WARNING, "signer: refused to sign a login with key %u",
                 request->key);
    answer.user_signed.request = request->request;
    if (err == OK)
        answer.user_signed.signature = buf_span(&signature);
    send_message(&answer);
    buf_clear(&signature);
}

static void
on_server_key(const struct message *m, int fd)
{
    const struct key *host = keys_find(&signer.keys, m->server_key.key);
    struct message answer = {.type = MSG_SERVER_KEY_MADE};
    struct span blob = SPAN_EMPTY;

    (void)fd;
    if (server_keys_make(&signer.server_keys, host, &blob) == OK)
        lock_keys();
    answer.server_key_made.key = m->server_key.key;
    answer.server_key_made.serial = signer.server_keys.last;
    answer.server_key_made.blob = blob;
    send_message(&answer);
}

/* Nothing is logged of a key that is wrong: it would tell who asked. */
static void
on_session_key_open(const struct message *m, int fd)
{
    const struct msg_session_key_open *request = &m->session_key_open;
    struct message answer = {.type = MSG_SESSION_KEY_OPENED};
    struct session_key opened = {.right = false};

    (void)fd;
    answer.session_key_opened.connection = request->connection;
    if (server_keys_open(&signer.server_keys,
                         keys_find(&signer.keys, request->key), request,
                         &opened) == OK) {
        answer.session_key_opened.right = opened.right;
        answer.session_key_opened.session_id =
            span_of(opened.session_id, RSA1_SESSION_ID);
        answer.session_key_opened.key = span_of(opened.key, RSA1_KEY);
    }
    send_message(&answer);
    wipe(&opened, sizeof(opened));
}

typedef void (*handler_fn)(const struct message *m, int fd);

static handler_fn
handler_of(enum message_type type)
{
    static const struct {
        enum message_type type;
        handler_fn handle;
    } rules[] = {
        {MSG_HASH_SIGN, on_hash_sign},
        {MSG_KEY_LOAD, on_key_load},
        {MSG_KEY_MAKE, on_key_make},
        {MSG_KEY_FORGET, on_key_forget},
        {MSG_KEY_EXPORT, on_key_export},
        {MSG_USER_SIGN, on_user_sign},
        {MSG_SERVER_KEY, on_server_key},
        {MSG_SESSION_KEY_OPEN, on_session_key_open},
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].type == type)
            return rules[i].handle;
    return NULL;
}

/* --- the loop ----------------------------------------------------------- */

static bool
handle_request(void *owner, const struct message *m, struct span bytes, int *fd)
{
    handler_fn handle = handler_of(m->type);

    (void)owner;
    (void)bytes;
    if (handle != NULL)
        handle(m, *fd);
    return handle != NULL;
}

/* Everything that has come, as long as control takes the answers. */
static void
handle_requests(void)
{
    enum err err = OK;

    while (err == OK && !signer.ended && !pipe_wants_write(signer.pipe))
        err = request_take(signer.pipe, handle_request, NULL);
    if (err != OK && err != ERR_MORE)
        signer.ended = true;
}

static void
run_loop(void)
{
    while (!signer.ended) {
        bool waiting = pipe_wants_write(signer.pipe);
        struct pollfd watch = {.fd = pipe_fd(signer.pipe),
                               .events = waiting ? POLLOUT : POLLIN};

        if (poll(&watch, 1, -1) < 0 && errno != EINTR)
            return;
        if (waiting && pipe_flush(signer.pipe) != OK)
            return;
        handle_requests();
    }
}

int
main(int argc, char **argv)
{
    unsigned uid, gid;

    if (!pipe_is_end(SPAWN_PIPE_FD) ||
        user_from_arguments(argc, argv, ARGUMENTS, &uid, &gid) != OK) {
        fputs(PROGRAM ": only vtyd starts this program\n", stderr);
        return 2;
    }
    title_init(&signer.title, argc, argv);
    title_set(&signer.title, PROGRAM, "keys");
    if (sandbox_prepare() != OK || crypto_warm_up() != OK ||
        (uid != 0 && drop_privileges(uid, gid) != OK))
        return 1;
    signer.heap_start = sbrk(0);
    signer.pipe = pipe_new(SPAWN_PIPE_FD);
    keys_init(&signer.keys);
    server_keys_init(&signer.server_keys);
    log_set_sink(report, NULL);
    if (sandbox_signer() != OK)
        return 1;
    run_loop();
    keys_clear(&signer.keys);
    server_keys_clear(&signer.server_keys);
    pipe_free(signer.pipe);
    return 0;
}
