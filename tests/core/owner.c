#include "owner.h"

#include <assert.h>
#include <stdlib.h>

#include "base/text.h"
#include "crypto/rsa1.h"

/* --- life ------------------------------------------------------------ */

void
owner_init(struct owner *owner)
{
    *owner = (struct owner){.conn = NULL};
    buf_init(&owner->log, 16 * 1024 * 1024);
    buf_init(&owner->hash, 1024);
    buf_init(&owner->signature, SIGNATURE_MAX);
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        buf_init(&owner->channels[i].unsent, 64 * 1024 * 1024);
}

void
owner_clear(struct owner *owner)
{
    ssh_conn_free(owner->conn);
    buf_clear(&owner->log);
    buf_clear(&owner->hash);
    buf_clear(&owner->signature);
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        buf_clear(&owner->channels[i].unsent);
    *owner = (struct owner){.conn = NULL};
}

void
owner_start(struct owner *owner, struct ssh_setup *setup)
{
    const struct test_key *keys = keys_of_all_types();

    setup->role = SSH_SERVER;
    setup->host_key_count = KEYS_COUNT;
    for (size_t i = 0; i < KEYS_COUNT; i++)
        setup->host_keys[i] = buf_span(&keys[i].blob);
    if ((setup->versions & SSH_VERSION_1) != 0) {
        setup->v1_host_key = buf_span(&keys_of_version_1()[0].blob);
        setup->v1_server_key = buf_span(&keys_of_version_1()[1].blob);
    }
    owner->conn = ssh_conn_new(setup);
}

bool
owner_saw(struct owner *owner, const char *line)
{
    return strstr(buf_text(&owner->log), line) != NULL;
}

/* --- answers --------------------------------------------------------- */

static void
prepare_signature(struct owner *owner, const struct ssh_event *event)
{
    const struct test_key *key = &keys_of_all_types()[event->sign.host_key];
    struct span blob = buf_span(&key->blob);
    uint8_t length[4] = {0, 0, (uint8_t)(blob.len >> 8), (uint8_t)blob.len};
    const struct span pieces[] = {event->sign.before, span_of(length, 4), blob,
                                  event->sign.after};
    uint8_t hash[HASH_MAX];
    enum err err = hash_pieces(event->sign.hash, pieces, 4, hash);
    char *method = text_dup_span(event->sign.method);

    assert(err == OK);
    buf_reset(&owner->hash);
    buf_put(&owner->hash, hash, hash_len(event->sign.hash));
    buf_reset(&owner->signature);
    keys_sign(key, method, buf_span(&owner->hash), &owner->signature);
    free(method);
}

/* As the signer does it. */
static void
prepare_session_key(struct owner *owner, const struct ssh_event *event)
{
    const struct test_key *keys = keys_of_version_1();
    uint8_t session_id[RSA1_SESSION_ID], key[RSA1_KEY];
    enum err err =
        rsa1_session_id(buf_span(&keys[0].blob), buf_span(&keys[1].blob),
                        event->cookie.ptr, session_id);

    assert(err == OK);
    owner->key_was_right =
        rsa1_unwrap(keys[0].key, keys[1].key, session_id, event->bytes, key);
    buf_reset(&owner->hash);
    buf_put(&owner->hash, session_id, sizeof(session_id));
    buf_reset(&owner->signature);
    buf_put(&owner->signature, key, sizeof(key));
}

static bool
is_known_key(struct span blob)
{
    const struct test_key *keys = keys_of_all_types();

    for (size_t i = 0; i < KEYS_COUNT; i++)
        if (span_equal(blob, buf_span(&keys[i].blob)))
            return true;
    return false;
}

static bool
is_good_signature(struct owner *owner, const struct ssh_event *event)
{
    struct public_key *key;
    struct buf bytes;
    enum err err;

    if (!is_known_key(event->auth.key) ||
        public_key_decode(event->auth.key, &key) != OK)
        return false;
    buf_init(&bytes, 8192);
    buf_put_string(&bytes, ssh_conn_session_id(owner->conn));
    buf_put_u8(&bytes, 50);
    buf_put_string(&bytes, event->auth.user);
    buf_put_text(&bytes, "ssh-connection");
    buf_put_text(&bytes, "publickey");
    buf_put_bool(&bytes, true);
    buf_put_string(&bytes, event->auth.algorithm);
    buf_put_string(&bytes, event->auth.key);
    err = public_key_verify(key, signature_find(event->auth.algorithm),
                            buf_span(&bytes), event->auth.signature);
    public_key_free(key);
    buf_clear(&bytes);
    return err == OK;
}

static enum ssh_verdict
judge(struct owner *owner, const struct ssh_event *event)
{
    bool good = false;

    switch (event->auth.method) {
    case SSH_AUTH_PASSWORD:
        good = span_is(event->auth.user, "lab") &&
               span_is(event->auth.password, "cisco");
        break;
    case SSH_AUTH_PUBLICKEY_QUERY:
        return is_known_key(event->auth.key) ? SSH_VERDICT_KEY_OK
                                             : SSH_VERDICT_REJECT;
    case SSH_AUTH_PUBLICKEY:
        good = is_good_signature(owner, event);
        break;
    case SSH_AUTH_INTERACTIVE:
        if (event->type == SSH_EVENT_AUTH_REQUEST)
            return SSH_VERDICT_ASK;
        good = span_is(event->auth.user, "lab") &&
               event->auth.answer_count == 1 &&
               span_is(event->auth.answers[0], "cisco");
        break;
    default:
        break;
    }
    return good ? SSH_VERDICT_ACCEPT : SSH_VERDICT_REJECT;
}

static void
prepare_answer(struct owner *owner, const struct ssh_event *event)
{
    assert(!owner->has_answer);
    owner->has_answer = true;
    owner->answer_to = event->type;
    if (event->type == SSH_EVENT_NEED_SIGNATURE)
        prepare_signature(owner, event);
    else if (event->type == SSH_EVENT_NEED_SESSION_KEY)
        prepare_session_key(owner, event);
    else
        owner->verdict = judge(owner, event);
}

bool
owner_answer(struct owner *owner)
{
    static const struct ssh_question question = {
        .count = 1,
        .prompts = {{{(const uint8_t *)"Password: ", 10}, false}},
    };

    if (!owner->has_answer)
        return false;
    owner->has_answer = false;
    if (owner->answer_to == SSH_EVENT_NEED_SIGNATURE)
        ssh_conn_sign_reply(owner->conn, buf_span(&owner->hash),
                            buf_span(&owner->signature));
    else if (owner->answer_to == SSH_EVENT_NEED_SESSION_KEY)
        ssh_conn_session_key_reply(owner->conn, buf_span(&owner->hash),
                                   buf_span(&owner->signature));
    else
        ssh_conn_auth_reply(owner->conn, owner->verdict, OWNER_METHODS,
                            &question);
    return true;
}

/* --- channels -------------------------------------------------------- */

static void
push(struct owner *owner, uint32_t number)
{
    struct owner_channel *ch = &owner->channels[number];
    size_t sent = ssh_channel_write(owner->conn, number, buf_span(&ch->unsent));

    buf_consume(&ch->unsent, sent);
    if (ch->used && ch->ends && buf_len(&ch->unsent) == 0) {
        ch->ends = false;
        ssh_channel_exit_status(owner->conn, number, ch->status);
        ssh_channel_close(owner->conn, number);
    }
}

/* "flood N": N bytes; "exit N": that status; else the command comes back. */
static void
run(struct owner *owner, uint32_t number, struct span command)
{
    struct owner_channel *ch = &owner->channels[number];
    char *text = text_dup_span(command);

    if (strncmp(text, "flood ", 6) == 0) {
        size_t len = strtoul(text + 6, NULL, 10);

        for (size_t i = 0; i < len && buf_ok(&ch->unsent); i++)
            buf_put_u8(&ch->unsent, (uint8_t)('a' + i % 23));
    } else {
        buf_printf(&ch->unsent, "ran: %s\r\n", text);
    }
    if (strncmp(text, "exit ", 5) == 0)
        ch->status = (uint32_t)strtoul(text + 5, NULL, 10);
    free(text);
    ch->ends = true;
    ssh_channel_request_reply(owner->conn, number, true);
    push(owner, number);
}

static void
take_data(struct owner *owner, const struct ssh_event *event)
{
    struct owner_channel *ch = &owner->channels[event->channel];

    ch->received += event->bytes.len;
    if (ch->echoes)
        buf_put_span(&ch->unsent, event->bytes);
    if (!owner->hoards)
        ssh_channel_consumed(owner->conn, event->channel, event->bytes.len);
    push(owner, event->channel);
}

static void
open_channel(struct owner *owner, uint32_t number)
{
    struct owner_channel *ch = &owner->channels[number];

    buf_reset(&ch->unsent);
    ch->used = true;
    ch->echoes = ch->ends = false;
    ch->status = 0;
    ch->received = 0;
}

/* --- events ---------------------------------------------------------- */

static const char *const names[] = {
    [SSH_EVENT_KEYS] = "keys",
    [SSH_EVENT_DATA] = "data",
    [SSH_EVENT_EOF] = "eof",
    [SSH_EVENT_WRITABLE] = "writable",
    [SSH_EVENT_CHANNEL_CLOSED] = "channel-closed",
    [SSH_EVENT_CLOSED] = "closed",
    [SSH_EVENT_NEED_SIGNATURE] = "sign",
    [SSH_EVENT_NEED_SESSION_KEY] = "session-key",
    [SSH_EVENT_AUTH_REQUEST] = "auth",
    [SSH_EVENT_AUTH_ANSWER] = "answer",
    [SSH_EVENT_CHANNEL_OPEN] = "channel-open",
    [SSH_EVENT_PTY] = "pty",
    [SSH_EVENT_WINDOW_SIZE] = "size",
    [SSH_EVENT_SHELL] = "shell",
    [SSH_EVENT_EXEC] = "exec",
    [SSH_EVENT_SUBSYSTEM] = "subsystem",
    [SSH_EVENT_BREAK] = "break",
    [SSH_EVENT_SIGNAL] = "signal",
};

static void
note(struct owner *owner, const struct ssh_event *event)
{
    char text[200];

    buf_printf(&owner->log, "%s", names[event->type]);
    switch (event->type) {
    case SSH_EVENT_PTY:
    case SSH_EVENT_WINDOW_SIZE:
        text_escape(text, sizeof(text), event->pty.terminal);
        buf_printf(&owner->log, " %s %ux%u", text, event->pty.columns,
                   event->pty.rows);
        break;
    case SSH_EVENT_EXEC:
    case SSH_EVENT_SUBSYSTEM:
    case SSH_EVENT_SIGNAL:
        text_escape(text, sizeof(text), event->bytes);
        buf_printf(&owner->log, " %s", text);
        break;
    case SSH_EVENT_BREAK:
        buf_printf(&owner->log, " %u", event->number);
        break;
    case SSH_EVENT_AUTH_REQUEST:
        text_escape(text, sizeof(text), event->auth.user);
        buf_printf(&owner->log, " %d %s", (int)event->auth.method, text);
        break;
    default:
        break;
    }
    buf_printf(&owner->log, "\n");
}

static void
on_channel_event(struct owner *owner, const struct ssh_event *event)
{
    struct owner_channel *ch = &owner->channels[event->channel];

    switch (event->type) {
    case SSH_EVENT_CHANNEL_OPEN:
        open_channel(owner, event->channel);
        break;
    case SSH_EVENT_SHELL:
        ch->echoes = true;
        ssh_channel_request_reply(owner->conn, event->channel, true);
        break;
    case SSH_EVENT_EXEC:
        run(owner, event->channel, event->bytes);
        break;
    case SSH_EVENT_SUBSYSTEM:
        ssh_channel_request_reply(owner->conn, event->channel,
                                  span_is(event->bytes, "sftp"));
        break;
    case SSH_EVENT_PTY:
    case SSH_EVENT_BREAK:
        ssh_channel_request_reply(owner->conn, event->channel, true);
        break;
    case SSH_EVENT_DATA:
        take_data(owner, event);
        break;
    case SSH_EVENT_WRITABLE:
        push(owner, event->channel);
        break;
    case SSH_EVENT_EOF:
        ch->ends = ch->ends || ch->echoes;
        push(owner, event->channel);
        break;
    case SSH_EVENT_CHANNEL_CLOSED:
        ch->used = false;
        buf_reset(&ch->unsent);
        break;
    default:
        break;
    }
}

void
owner_turn(struct owner *owner)
{
    struct ssh_event event;

    while (ssh_conn_next_event(owner->conn, &event)) {
        note(owner, &event);
        switch (event.type) {
        case SSH_EVENT_NEED_SIGNATURE:
        case SSH_EVENT_NEED_SESSION_KEY:
        case SSH_EVENT_AUTH_REQUEST:
        case SSH_EVENT_AUTH_ANSWER:
            prepare_answer(owner, &event);
            if (!owner->delays)
                owner_answer(owner);
            break;
        case SSH_EVENT_CLOSED:
            owner->closed = true;
            owner->end = event;
            break;
        default:
            on_channel_event(owner, &event);
            break;
        }
    }
}
