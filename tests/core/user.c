#include "user.h"

#include <assert.h>

void
user_init(struct user *user)
{
    *user = (struct user){
        .name = "lab",
        .password = "cisco",
        .sessions = 1,
        .command = "show version",
    };
    buf_init(&user->banner, 65536);
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        user->channels[i].number = UINT32_MAX;
        buf_init(&user->channels[i].received, 64 * 1024 * 1024);
        buf_init(&user->channels[i].unsent, 64 * 1024 * 1024);
    }
}

void
user_clear(struct user *user)
{
    ssh_conn_free(user->conn);
    buf_clear(&user->banner);
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        buf_clear(&user->channels[i].received);
        buf_clear(&user->channels[i].unsent);
    }
    *user = (struct user){.conn = NULL};
}

void
user_start(struct user *user, struct ssh_setup *setup)
{
    setup->role = SSH_CLIENT;
    setup->host_key_count = 0;
    user->conn = ssh_conn_new(setup);
}

static struct user_channel *
channel_of(struct user *user, uint32_t number)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (user->channels[i].number == number)
            return &user->channels[i];
    assert(!"an event for a channel that is not ours");
    return NULL;
}

/* --- login ----------------------------------------------------------- */

static void
log_in(struct user *user)
{
    switch (user->method) {
    case USER_PASSWORD:
        ssh_conn_auth_password(user->conn, user->name,
                               span_text(user->password));
        break;
    case USER_INTERACTIVE:
        ssh_conn_auth_interactive(user->conn, user->name);
        break;
    case USER_KEY_QUERY:
        ssh_conn_auth_key_query(user->conn, user->name,
                                span_text(user->algorithm),
                                buf_span(&user->key->blob));
        break;
    }
}

static void
sign_in(struct user *user)
{
    struct span algorithm = span_text(user->algorithm);
    struct span blob = buf_span(&user->key->blob);
    struct buf bytes, signature;

    buf_init(&bytes, 8192);
    buf_init(&signature, SIGNATURE_MAX);
    ssh_conn_auth_key_data(user->conn, user->name, algorithm, blob, &bytes);
    keys_sign(user->key, user->algorithm, buf_span(&bytes), &signature);
    ssh_conn_auth_key(user->conn, user->name, algorithm, blob,
                      buf_span(&signature));
    buf_clear(&bytes);
    buf_clear(&signature);
}

static void
answer(struct user *user, const struct ssh_event *event)
{
    struct span answers[SSH_PROMPTS_MAX];

    for (size_t i = 0; i < event->question.count; i++)
        answers[i] = span_text(user->password);
    ssh_conn_auth_answer(user->conn, event->question.count, answers);
}

static bool
on_login_event(struct user *user, const struct ssh_event *event)
{
    switch (event->type) {
    case SSH_EVENT_HOST_KEY:
        ssh_conn_host_key_reply(user->conn, true);
        return true;
    case SSH_EVENT_READY:
        log_in(user);
        return true;
    case SSH_EVENT_BANNER:
        buf_put_span(&user->banner, event->bytes);
        return true;
    case SSH_EVENT_AUTH_FAILURE:
    case SSH_EVENT_AUTH_CHANGE_PASSWORD:
        user->failures++;
        return true;
    case SSH_EVENT_AUTH_PK_OK:
        sign_in(user);
        return true;
    case SSH_EVENT_AUTH_QUESTION:
        answer(user, event);
        return true;
    case SSH_EVENT_AUTH_SUCCESS:
        user->is_in = true;
        for (size_t i = 0; i < user->sessions; i++)
            user->channels[i].number = ssh_conn_open_session(user->conn);
        return true;
    default:
        return false;
    }
}

/* --- sessions -------------------------------------------------------- */

static void
push(struct user *user, struct user_channel *ch)
{
    size_t sent =
        ssh_channel_write(user->conn, ch->number, buf_span(&ch->unsent));

    buf_consume(&ch->unsent, sent);
    if (ch->wants_eof && buf_len(&ch->unsent) == 0) {
        ch->wants_eof = false;
        ssh_channel_eof(user->conn, ch->number);
    }
}

static void
begin_session(struct user *user, struct user_channel *ch)
{
    struct ssh_pty pty = {span_text("xterm-256color"), 132, 43};

    ch->is_open = true;
    if (user->command != NULL) {
        ssh_channel_exec(user->conn, ch->number, span_text(user->command));
        return;
    }
    ssh_channel_pty(user->conn, ch->number, &pty);
    ssh_channel_shell(user->conn, ch->number);
    for (size_t i = 0; i < user->upload; i++)
        buf_put_u8(&ch->unsent, (uint8_t)('A' + i % 25));
    ch->wants_eof = !user->keeps_open;
    push(user, ch);
}

static void
on_session_event(struct user *user, const struct ssh_event *event)
{
    struct user_channel *ch = channel_of(user, event->channel);

    switch (event->type) {
    case SSH_EVENT_OPENED:
        begin_session(user, ch);
        break;
    case SSH_EVENT_OPEN_FAILED:
        ch->failed = true;
        break;
    case SSH_EVENT_REQUEST_REPLY:
        ch->replies++;
        if (event->number == 0)
            ch->failures++;
        break;
    case SSH_EVENT_DATA:
    case SSH_EVENT_EXTENDED_DATA:
        buf_put_span(&ch->received, event->bytes);
        if (!user->hoards)
            ssh_channel_consumed(user->conn, ch->number, event->bytes.len);
        break;
    case SSH_EVENT_WRITABLE:
        push(user, ch);
        break;
    case SSH_EVENT_EXIT_STATUS:
        ch->status = event->number;
        break;
    case SSH_EVENT_EOF:
        ch->eof = true;
        break;
    case SSH_EVENT_CHANNEL_CLOSED:
        ch->closed = true;
        ch->number = UINT32_MAX;
        user->finished++;
        break;
    default:
        break;
    }
}

void
user_turn(struct user *user)
{
    struct ssh_event event;

    while (ssh_conn_next_event(user->conn, &event)) {
        if (event.type == SSH_EVENT_CLOSED) {
            user->closed = true;
            user->end = event;
        } else if (event.type == SSH_EVENT_KEYS) {
            user->keys++;
        } else if (!on_login_event(user, &event)) {
            on_session_event(user, &event);
        }
    }
}
