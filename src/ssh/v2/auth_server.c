#include "ssh/v2/auth.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/names.h"
#include "ssh/auth_limits.h"
#include "ssh/v2/connection.h"

/* Until the user is authenticated. */
struct auth_server {
    unsigned requests; /* of all kinds so far */
    /* The request or answer that is being judged: an owned copy, so that its
       secrets can be wiped where they came in and after the verdict. */
    struct buf copy;
    enum ssh_auth_method method;
    struct span algorithm, key; /* of a query; within `copy` */
    /* The last user name that asked, for answers to a question. */
    struct buf user;
    bool is_asking;
    size_t prompts; /* of the question that is outstanding */
    struct buf banner;
    bool has_begun;
};

struct auth_server *
auth_server_new(void)
{
    struct auth_server *auth = alloc_zero(1, sizeof(*auth));

    buf_init_secret(&auth->copy, SSH_PACKET_MAX_PREAUTH);
    buf_init(&auth->user, SSH_PACKET_MAX_PREAUTH);
    buf_init(&auth->banner, BANNER_MAX);
    return auth;
}

void
auth_server_free(struct auth_server *auth)
{
    if (auth == NULL)
        return;
    buf_clear(&auth->copy);
    buf_clear(&auth->user);
    buf_clear(&auth->banner);
    free(auth);
}

/* --- banner ---------------------------------------------------------- */

static void
send_banner(struct ssh2 *ssh)
{
    struct buf *banner = &ssh->auth_server->banner;
    struct buf *to;

    if (buf_len(banner) == 0)
        return;
    to = ssh2_begin(ssh, SSH2_MSG_USERAUTH_BANNER);
    buf_put_string(to, buf_span(banner));
    buf_put_text(to, "");
    buf_clear(banner);
    (void)ssh2_send(ssh);
}

void
auth_server_begin(struct ssh2 *ssh)
{
    ssh->auth_server->has_begun = true;
    send_banner(ssh);
}

void
auth_banner(struct ssh_conn *c, struct span text)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct auth_server *auth = ssh->auth_server;

    if (auth == NULL)
        return;
    if (text.len > BANNER_MAX)
        text.len = BANNER_MAX;
    buf_reset(&auth->banner);
    buf_put_span(&auth->banner, text);
    if (auth->has_begun)
        send_banner(ssh);
}

/* --- requests -------------------------------------------------------- */

/* Take the message out of the input, where it is wiped at once. */
static struct reader
take_message(struct ssh2 *ssh)
{
    struct buf *copy = &ssh->auth_server->copy;
    struct reader r;

    buf_reset(copy);
    buf_put(copy, ssh->payload, ssh->payload_len);
    wipe(ssh->payload, ssh->payload_len);
    r = reader_over(buf_span(copy));
    read_u8(&r);
    return r;
}

static const char *
method_name(enum ssh_auth_method method)
{
    switch (method) {
    case SSH_AUTH_NONE:
        return "none";
    case SSH_AUTH_PASSWORD:
        return "password";
    case SSH_AUTH_PUBLICKEY_QUERY:
    case SSH_AUTH_PUBLICKEY:
        return "publickey";
    case SSH_AUTH_INTERACTIVE:
        return "keyboard-interactive";
    case SSH_AUTH_OTHER:
        break;
    }
    return "unknown";
}

static struct ssh_event *
report(struct ssh2 *ssh, enum ssh_event_type type, enum ssh_auth_method method)
{
    struct auth_server *auth = ssh->auth_server;
    struct ssh_event *event = ssh_event_add(ssh->conn, type);

    if (type == SSH_EVENT_AUTH_REQUEST)
        SSH_TELL(ssh->conn, SSH_TRACE_PROOF, .name = method_name(method));
    event->auth.method = auth->method = method;
    event->auth.user = buf_span(&auth->user);
    ssh->awaiting = AWAIT_VERDICT;
    return event;
}

/*
 * What no backend shall see: it is reported as a method that nobody knows, so
 * that it is rejected like, and at the time of, a wrong password.
 */
static void
report_unfit(struct ssh2 *ssh)
{
    (void)report(ssh, SSH_EVENT_AUTH_REQUEST, SSH_AUTH_OTHER);
}

static enum err
on_password(struct ssh2 *ssh, struct reader *msg)
{
    bool changes = read_bool(msg);
    struct span password = read_string(msg);

    if (changes)
        read_string(msg);
    if (!read_done(msg))
        return ERR_FORMAT;
    if (changes || !auth_secret_is_fit(password) ||
        !auth_user_is_fit(buf_span(&ssh->auth_server->user)))
        report_unfit(ssh);
    else
        report(ssh, SSH_EVENT_AUTH_REQUEST, SSH_AUTH_PASSWORD)->auth.password =
            password;
    return OK;
}

static enum err
on_publickey(struct ssh2 *ssh, struct reader *msg)
{
    struct auth_server *auth = ssh->auth_server;
    const char *algorithms = ssh->conn->offer.user_key_algorithms;
    bool is_signed = read_bool(msg);
    struct span algorithm = read_string(msg);
    struct span key = read_string(msg);
    struct span signature = is_signed ? read_string(msg) : SPAN_EMPTY;
    struct ssh_event *event;

    if (!read_done(msg))
        return ERR_FORMAT;
    if (!auth_user_is_fit(buf_span(&auth->user)) || key.len > KEY_BLOB_MAX ||
        signature.len > SIGNATURE_MAX ||
        !names_has(span_text(algorithms), algorithm)) {
        report_unfit(ssh);
        return OK;
    }
    event = report(ssh, SSH_EVENT_AUTH_REQUEST,
                   is_signed ? SSH_AUTH_PUBLICKEY : SSH_AUTH_PUBLICKEY_QUERY);
    event->auth.algorithm = auth->algorithm = algorithm;
    event->auth.key = auth->key = key;
    event->auth.signature = signature;
    return OK;
}

static enum err
on_interactive(struct ssh2 *ssh, struct reader *msg)
{
    read_string(msg); /* language, deprecated */
    read_string(msg); /* submethods, a hint (4.15: not used) */
    if (!read_done(msg))
        return ERR_FORMAT;
    if (!auth_user_is_fit(buf_span(&ssh->auth_server->user)))
        report_unfit(ssh);
    else
        (void)report(ssh, SSH_EVENT_AUTH_REQUEST, SSH_AUTH_INTERACTIVE);
    return OK;
}

static enum err
on_method(struct ssh2 *ssh, struct span method, struct reader *msg)
{
    if (span_is(method, "password"))
        return on_password(ssh, msg);
    if (span_is(method, "publickey"))
        return on_publickey(ssh, msg);
    if (span_is(method, "keyboard-interactive"))
        return on_interactive(ssh, msg);
    if (!span_is(method, "none")) {
        /* Its fields are not looked at (4.16). */
        report_unfit(ssh);
        return OK;
    }
    if (!read_done(msg))
        return ERR_FORMAT;
    if (!auth_user_is_fit(buf_span(&ssh->auth_server->user)))
        report_unfit(ssh);
    else
        (void)report(ssh, SSH_EVENT_AUTH_REQUEST, SSH_AUTH_NONE);
    return OK;
}

static enum err
count_request(struct ssh2 *ssh)
{
    if (++ssh->auth_server->requests > SSH_AUTH_REQUESTS_MAX)
        return ssh2_end(ssh, SSH_REASON_NO_MORE_AUTH_METHODS, ERR_LIMIT,
                        "too many authentication requests");
    return OK;
}

enum err
on_userauth_request(struct ssh2 *ssh, struct reader *msg)
{
    struct auth_server *auth = ssh->auth_server;
    struct reader r = take_message(ssh);
    struct span user = read_string(&r);
    struct span service = read_string(&r);
    struct span method = read_string(&r);
    enum err err = count_request(ssh);

    (void)msg; /* its bytes are wiped */
    if (err != OK)
        return err;
    /* A new request ends a question (RFC 4252 section 5). */
    auth->is_asking = false;
    if (!read_ok(&r))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed USERAUTH_REQUEST");
    if (!span_is(service, "ssh-connection"))
        return ssh2_end(ssh, SSH_REASON_SERVICE_NOT_AVAILABLE, ERR_NOT_FOUND,
                        "unknown service");
    buf_reset(&auth->user);
    buf_put_span(&auth->user, user);
    if (on_method(ssh, method, &r) != OK)
        return ssh2_fail(ssh, ERR_FORMAT, "malformed USERAUTH_REQUEST");
    return OK;
}

/* --- answers to a question: RFC 4256 section 3.4 --------------------- */

/* Nothing asked, or another number of answers: a failed try (4.15). */
static enum err
on_wrong_answers(struct ssh2 *ssh)
{
    enum err err = count_request(ssh);

    if (err == OK)
        report_unfit(ssh);
    return err;
}

enum err
on_info_response(struct ssh2 *ssh, struct reader *msg)
{
    struct auth_server *auth = ssh->auth_server;
    struct reader r = take_message(ssh);
    struct span answers[SSH_PROMPTS_MAX];
    bool was_asking = auth->is_asking;
    uint32_t count = read_u32(&r);
    struct ssh_event *event;
    bool fit = true;

    (void)msg; /* its bytes are wiped */
    auth->is_asking = false;
    if (!read_ok(&r))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed INFO_RESPONSE");
    if (!was_asking || count != auth->prompts)
        return on_wrong_answers(ssh);
    for (uint32_t i = 0; i < count; i++) {
        answers[i] = read_string(&r);
        fit = fit && auth_secret_is_fit(answers[i]);
    }
    if (!read_done(&r))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed INFO_RESPONSE");
    if (!fit) {
        report_unfit(ssh);
        return OK;
    }
    event = report(ssh, SSH_EVENT_AUTH_ANSWER, SSH_AUTH_INTERACTIVE);
    event->auth.answer_count = count;
    for (uint32_t i = 0; i < count; i++)
        event->auth.answers[i] = answers[i];
    return OK;
}

/* --- the verdict ----------------------------------------------------- */

static void
send_failure(struct ssh2 *ssh, const char *methods)
{
    struct buf *to = ssh2_begin(ssh, SSH2_MSG_USERAUTH_FAILURE);

    buf_put_text(to, methods == NULL ? "" : methods);
    buf_put_bool(to, false);
    (void)ssh2_send(ssh);
}

static void
send_question(struct ssh2 *ssh, const struct ssh_question *question)
{
    struct auth_server *auth = ssh->auth_server;
    struct buf *to = ssh2_begin(ssh, SSH2_MSG_USERAUTH_INFO_REQUEST);

    assert(question != NULL && question->count <= SSH_PROMPTS_MAX);
    assert(auth->method == SSH_AUTH_INTERACTIVE);
    buf_put_string(to, question->name);
    buf_put_string(to, question->instruction);
    buf_put_text(to, "");
    buf_put_u32(to, (uint32_t)question->count);
    for (size_t i = 0; i < question->count; i++) {
        buf_put_string(to, question->prompts[i].text);
        buf_put_bool(to, question->prompts[i].echo);
    }
    auth->is_asking = true;
    auth->prompts = question->count;
    (void)ssh2_send(ssh);
}

static void
send_key_ok(struct ssh2 *ssh)
{
    struct auth_server *auth = ssh->auth_server;
    struct buf *to;

    assert(auth->method == SSH_AUTH_PUBLICKEY_QUERY);
    to = ssh2_begin(ssh, SSH2_MSG_USERAUTH_PK_OK);
    buf_put_string(to, auth->algorithm);
    buf_put_string(to, auth->key);
    (void)ssh2_send(ssh);
}

static void
accept_user(struct ssh2 *ssh)
{
    (void)ssh2_send_empty(ssh, SSH2_MSG_USERAUTH_SUCCESS);
    SSH_TELL(ssh->conn, SSH_TRACE_LOGGED_IN,
             .text = buf_span(&ssh->auth_server->user));
    auth_server_free(ssh->auth_server);
    ssh->auth_server = NULL;
    connection_begin(ssh);
}

void
auth_reply(struct ssh_conn *c, enum ssh_verdict verdict, const char *methods,
           const struct ssh_question *question)
{
    struct ssh2 *ssh = ssh2_of(c);

    if (ssh->awaiting != AWAIT_VERDICT)
        return;
    ssh->awaiting = AWAIT_NOTHING;
    switch (verdict) {
    case SSH_VERDICT_ACCEPT:
        /* A query proves nothing (4.13). */
        assert(ssh->auth_server->method != SSH_AUTH_PUBLICKEY_QUERY);
        accept_user(ssh);
        return;
    case SSH_VERDICT_REJECT:
        send_failure(ssh, methods);
        break;
    case SSH_VERDICT_ASK:
        send_question(ssh, question);
        break;
    case SSH_VERDICT_KEY_OK:
        send_key_ok(ssh);
        break;
    }
    buf_clear(&ssh->auth_server->copy);
}
