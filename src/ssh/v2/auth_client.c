#include "ssh/v2/auth.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "ssh/v2/connection.h"

struct auth_client {
    bool is_outstanding;         /* a request has no answer yet */
    enum ssh_auth_method method; /* of the last request */
    bool is_asked;               /* a question waits for the owner's answers */
    size_t prompts;
};

struct auth_client *
auth_client_new(void)
{
    return alloc_zero(1, sizeof(struct auth_client));
}

void
auth_client_free(struct auth_client *auth)
{
    free(auth);
}

/* --- requests -------------------------------------------------------- */

/* NULL when no request can be made now. */
static struct buf *
begin_request(struct ssh2 *ssh, const char *user, enum ssh_auth_method method,
              const char *name)
{
    struct auth_client *auth = ssh->auth_client;
    struct buf *to;

    if (auth == NULL || ssh->phase != STATE_AUTH)
        return NULL;
    auth->is_outstanding = true;
    auth->is_asked = false;
    auth->method = method;
    SSH_TELL(ssh->conn, SSH_TRACE_PROOF, .name = name);
    /* Room at once: growing would leave a copy of a secret behind. */
    (void)buf_reserve(&ssh->conn->out, 4096);
    to = ssh2_begin(ssh, SSH2_MSG_USERAUTH_REQUEST);
    buf_put_text(to, user);
    buf_put_text(to, "ssh-connection");
    buf_put_text(to, name);
    return to;
}

void
auth_none(struct ssh_conn *c, const char *user)
{
    struct ssh2 *ssh = ssh2_of(c);

    if (begin_request(ssh, user, SSH_AUTH_NONE, "none") != NULL)
        (void)ssh2_send(ssh);
}

void
auth_password(struct ssh_conn *c, const char *user, struct span password)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct buf *to = begin_request(ssh, user, SSH_AUTH_PASSWORD, "password");

    if (to == NULL)
        return;
    buf_put_bool(to, false);
    buf_put_string(to, password);
    (void)ssh2_send(ssh);
}

void
auth_interactive(struct ssh_conn *c, const char *user)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct buf *to =
        begin_request(ssh, user, SSH_AUTH_INTERACTIVE, "keyboard-interactive");

    if (to == NULL)
        return;
    buf_put_text(to, "");
    buf_put_text(to, "");
    (void)ssh2_send(ssh);
}

void
auth_answer(struct ssh_conn *c, size_t count, const struct span *answers)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct auth_client *auth = ssh->auth_client;
    size_t len = PACKET_OVERHEAD + 8;
    struct buf *to;

    if (auth == NULL || !auth->is_asked)
        return;
    assert(count == auth->prompts);
    auth->is_asked = false;
    auth->is_outstanding = true;
    for (size_t i = 0; i < count; i++)
        len += 4 + answers[i].len;
    (void)buf_reserve(&c->out, len);
    to = ssh2_begin(ssh, SSH2_MSG_USERAUTH_INFO_RESPONSE);
    buf_put_u32(to, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        buf_put_string(to, answers[i]);
    (void)ssh2_send(ssh);
}

static void
put_key(struct buf *to, bool is_signed, struct span algorithm, struct span key)
{
    buf_put_bool(to, is_signed);
    buf_put_string(to, algorithm);
    buf_put_string(to, key);
}

void
auth_key(struct ssh_conn *c, const char *user, struct span algorithm,
         struct span key, const struct span *signature)
{
    struct ssh2 *ssh = ssh2_of(c);
    bool is_signed = signature != NULL;
    struct buf *to = begin_request(
        ssh, user, is_signed ? SSH_AUTH_PUBLICKEY : SSH_AUTH_PUBLICKEY_QUERY,
        "publickey");

    if (to == NULL)
        return;
    put_key(to, is_signed, algorithm, key);
    if (is_signed)
        buf_put_string(to, *signature);
    (void)ssh2_send(ssh);
}

void
auth_key_data(const struct ssh_conn *c, const char *user, struct span algorithm,
              struct span key, struct buf *to)
{
    const struct ssh2 *ssh = ssh2_of(c);

    buf_put_string(to, span_of(ssh->session_id, ssh->session_id_len));
    buf_put_u8(to, SSH2_MSG_USERAUTH_REQUEST);
    buf_put_text(to, user);
    buf_put_text(to, "ssh-connection");
    buf_put_text(to, "publickey");
    put_key(to, true, algorithm, key);
}

/* --- what the server says -------------------------------------------- */

enum err
on_banner(struct ssh2 *ssh, struct reader *msg)
{
    struct span text = read_string(msg);

    read_string(msg); /* language */
    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed USERAUTH_BANNER");
    ssh_event_add(ssh->conn, SSH_EVENT_BANNER)->bytes = text;
    return OK;
}

/* An answer to a request; each has one. */
static enum err
take_answer(struct ssh2 *ssh)
{
    if (!ssh->auth_client->is_outstanding)
        return ssh2_fail(ssh, ERR_PROTOCOL, "an answer without a request");
    ssh->auth_client->is_outstanding = false;
    return OK;
}

enum err
on_userauth_failure(struct ssh2 *ssh, struct reader *msg)
{
    struct span methods = read_string(msg);
    bool partial = read_bool(msg);
    struct ssh_event *event;
    enum err err;

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed USERAUTH_FAILURE");
    err = take_answer(ssh);
    if (err != OK)
        return err;
    event = ssh_event_add(ssh->conn, SSH_EVENT_AUTH_FAILURE);
    event->bytes = methods;
    event->partial = partial;
    return OK;
}

enum err
on_userauth_success(struct ssh2 *ssh, struct reader *msg)
{
    enum err err;

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed USERAUTH_SUCCESS");
    err = take_answer(ssh);
    if (err != OK)
        return err;
    SSH_TELL(ssh->conn, SSH_TRACE_LOGGED_IN);
    ssh_event_add(ssh->conn, SSH_EVENT_AUTH_SUCCESS);
    auth_client_free(ssh->auth_client);
    ssh->auth_client = NULL;
    connection_begin(ssh);
    return OK;
}

static enum err
on_pk_ok(struct ssh2 *ssh, struct reader *msg)
{
    struct span algorithm = read_string(msg);
    struct span key = read_string(msg);
    struct ssh_event *event;

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed USERAUTH_PK_OK");
    event = ssh_event_add(ssh->conn, SSH_EVENT_AUTH_PK_OK);
    event->bytes = key;
    event->auth.algorithm = algorithm;
    event->auth.key = key;
    return OK;
}

static enum err
on_question(struct ssh2 *ssh, struct reader *msg)
{
    struct ssh_question question = {.name = read_string(msg)};
    uint32_t count;

    question.instruction = read_string(msg);
    read_string(msg); /* language */
    count = read_u32(msg);
    if (!read_ok(msg) || count > SSH_PROMPTS_MAX)
        return ssh2_fail(ssh, ERR_LIMIT, "too many prompts");
    question.count = count;
    for (uint32_t i = 0; i < count; i++) {
        question.prompts[i].text = read_string(msg);
        question.prompts[i].echo = read_bool(msg);
    }
    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed INFO_REQUEST");
    ssh_event_add(ssh->conn, SSH_EVENT_AUTH_QUESTION)->question = question;
    ssh->auth_client->is_asked = true;
    ssh->auth_client->prompts = count;
    return OK;
}

/* RFC 4252 section 8: the password is right, and has expired. */
static enum err
on_change_request(struct ssh2 *ssh, struct reader *msg)
{
    struct span prompt = read_string(msg);

    read_string(msg); /* language */
    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed PASSWD_CHANGEREQ");
    ssh_event_add(ssh->conn, SSH_EVENT_AUTH_CHANGE_PASSWORD)->bytes = prompt;
    return OK;
}

enum err
on_method_answer(struct ssh2 *ssh, struct reader *msg)
{
    enum err err = take_answer(ssh);

    if (err != OK)
        return err;
    if (ssh->auth_client->method == SSH_AUTH_PUBLICKEY_QUERY)
        return on_pk_ok(ssh, msg);
    if (ssh->auth_client->method == SSH_AUTH_INTERACTIVE)
        return on_question(ssh, msg);
    if (ssh->auth_client->method == SSH_AUTH_PASSWORD)
        return on_change_request(ssh, msg);
    return ssh2_fail(ssh, ERR_PROTOCOL, "an answer to no request of ours");
}
