#include "ssh/client_login.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/names.h"
#include "base/reader.h"
#include "base/text.h"
#include "crypto/hostkey.h"

#define PROMPTS_DEFAULT 3
/* Bytes on the screen: each of the server's may become four. */
#define SHOW_MAX   (4 * CLIENT_LOGIN_SHOWN_MAX + 4096)
#define DATA_MAX   8192 /* bytes to be signed: key, user and names */
#define PROMPT_MAX 1024 /* bytes of a prompt's last line, as it came */

/* One public key of ours. */
struct login_key {
    struct span blob;      /* owned */
    const char *algorithm; /* what was asked for last; NULL: nothing yet */
    bool is_used_up;       /* nothing more to try with it */
};

/* What is outstanding; of the requests at the server conn.h keeps count. */
enum waiting {
    WAIT_SERVER,
    WAIT_PASSWORD,
    WAIT_ANSWERS, /* of a keyboard-interactive question */
    WAIT_SIGNATURE,
    WAIT_NOTHING, /* done or failed */
};

struct client_login {
    struct ssh_conn *conn;
    char *user, *password_prompt;
    unsigned failures_left;
    bool sha1_signatures, warn_version_1;
    size_t key_count;
    struct login_key keys[CLIENT_LOGIN_KEYS_MAX];

    enum waiting waiting;
    enum ssh_auth_method method; /* of the last request */
    size_t key;                  /* of the last request with one */
    bool key_was_taken;          /* the server would take it: PK_OK */
    bool was_asked;              /* the last request came to a question */
    bool no_interactive;         /* it fails without a question */
    bool has_proven;             /* something secret, or signed, was sent */
    unsigned requests;
    char *methods; /* what the server listed last; owned */

    /* The question being answered: prompts, then what was typed. */
    size_t prompt_count, prompt;
    char *prompts[SSH_PROMPTS_MAX]; /* owned, escaped */
    bool echo[SSH_PROMPTS_MAX];
    struct secret answers[SSH_PROMPTS_MAX];

    struct buf shown; /* lines for the user */
    size_t shown_raw; /* bytes of the server's among them */
    struct buf data;  /* to be signed */

    /* Steps that wait to be fetched, besides `shown`. */
    bool has_step;
    struct client_login_step step;
};

/* --- life ------------------------------------------------------------ */

struct client_login *
client_login_new(const struct client_login_setup *setup)
{
    struct client_login *login = alloc_zero(1, sizeof(*login));
    const char *prompt = setup->password_prompt;

    assert(setup->key_count <= CLIENT_LOGIN_KEYS_MAX);
    login->conn = setup->conn;
    login->user = text_dup(setup->user);
    login->password_prompt = text_dup(prompt == NULL ? "Password: " : prompt);
    login->failures_left =
        setup->prompts_max == 0 ? PROMPTS_DEFAULT : setup->prompts_max;
    login->sha1_signatures = setup->sha1_signatures;
    login->warn_version_1 = setup->warn_version_1;
    login->key_count = setup->key_count;
    for (size_t i = 0; i < setup->key_count; i++)
        login->keys[i].blob = span_of((uint8_t *)text_dup_span(setup->keys[i]),
                                      setup->keys[i].len);
    login->methods = text_dup("");
    buf_init(&login->shown, SHOW_MAX);
    buf_init(&login->data, DATA_MAX);
    return login;
}

static void
forget_question(struct client_login *login)
{
    for (size_t i = 0; i < login->prompt_count; i++) {
        free(login->prompts[i]);
        login->prompts[i] = NULL;
        secret_clear(&login->answers[i]);
    }
    login->prompt_count = login->prompt = 0;
}

void
client_login_free(struct client_login *login)
{
    if (login == NULL)
        return;
    forget_question(login);
    for (size_t i = 0; i < login->key_count; i++)
        free((void *)(uintptr_t)login->keys[i].blob.ptr);
    free(login->user);
    free(login->password_prompt);
    free(login->methods);
    buf_clear(&login->shown);
    buf_clear(&login->data);
    free(login);
}

/* --- steps ----------------------------------------------------------- */

static struct client_login_step *
add_step(struct client_login *login, enum client_login_step_type type)
{
    login->has_step = true;
    login->step = (struct client_login_step){.type = type};
    return &login->step;
}

/* `text` is constant; the connection ends with it. */
static void
give_up(struct client_login *login, const char *text)
{
    if (login->waiting == WAIT_NOTHING)
        return;
    login->waiting = WAIT_NOTHING;
    forget_question(login);
    buf_clear(&login->data);
    add_step(login, CLIENT_LOGIN_FAILED)->text = text;
    ssh_conn_disconnect(login->conn, SSH_REASON_BY_APPLICATION, text);
}

/* The user is at a prompt: what a server says meanwhile waits for his answer.
 */
static bool
is_asking(const struct client_login *login)
{
    return !login->has_step &&
           (login->waiting == WAIT_PASSWORD || login->waiting == WAIT_ANSWERS);
}

bool
client_login_next(struct client_login *login, struct client_login_step *step)
{
    if (is_asking(login))
        return false;
    if (buf_len(&login->shown) > 0) {
        *step = (struct client_login_step){
            .type = CLIENT_LOGIN_SHOW,
            .text = buf_text(&login->shown),
        };
        buf_reset(&login->shown);
        return true;
    }
    if (!login->has_step)
        return false;
    *step = login->step;
    login->has_step = false;
    return true;
}

/* --- the server's texts ---------------------------------------------- */

/*
 * Lines of the server, escaped, each with its end; of all of them together
 * only so much (hardening 2.2, 8.3). A text without any is not shown.
 */
static void
show(struct client_login *login, struct span text)
{
    size_t left = CLIENT_LOGIN_SHOWN_MAX - login->shown_raw;

    if (text.len > left)
        text.len = left;
    login->shown_raw += text.len;
    if (text.len == 0)
        return;
    text_escape_lines(&login->shown, text);
    if (text.ptr[text.len - 1] != '\n')
        buf_put_u8(&login->shown, '\n');
}

/* A line of our own. */
static void
note(struct client_login *login, const char *line)
{
    buf_printf(&login->shown, "%s\n", line);
}

/* The last line of a prompt is where the user types; what stands before it is
   shown like any text of the server. */
static char *
take_prompt(struct client_login *login, struct span text)
{
    size_t start = text.len;
    struct buf prompt;
    char *copy;

    while (start > 0 && text.ptr[start - 1] != '\n')
        start--;
    show(login, span_of(text.ptr, start));
    text = span_of(text.ptr + start, text.len - start);
    if (text.len > PROMPT_MAX)
        text.len = PROMPT_MAX;
    buf_init(&prompt, 4 * PROMPT_MAX + 1);
    text_escape_lines(&prompt, text);
    copy = text_dup(buf_text(&prompt));
    buf_clear(&prompt);
    return copy;
}

/* --- keys ------------------------------------------------------------ */

/*
 * Which signatures of an RSA key the server takes, it says in EXT_INFO
 * (RFC 8308 section 3.1). One that says nothing is old, and knows SHA-1 at
 * most; where that may not be used, the newer name is worth one try.
 */
static const char *
rsa_algorithm(const struct client_login *login)
{
    static const char *const names[] = {"rsa-sha2-512", "rsa-sha2-256",
                                        "ssh-rsa"};
    struct span taken = ssh_conn_server_sig_algs(login->conn);
    size_t count = login->sha1_signatures ? 3 : 2;

    if (taken.len == 0)
        return login->sha1_signatures ? "ssh-rsa" : "rsa-sha2-256";
    for (size_t i = 0; i < count; i++)
        if (names_has(taken, span_text(names[i])))
            return names[i];
    return NULL;
}

/* With which algorithm this key is tried; NULL: with none. */
static const char *
algorithm_of(const struct client_login *login, const struct login_key *key)
{
    const struct signature_method *method = signature_methods;
    struct reader r = reader_over(key->blob);
    struct span name = read_string(&r);

    while (method->name != NULL && !span_is(name, method->key_name))
        method++;
    if (method->name != NULL && method->type == KEY_RSA)
        return rsa_algorithm(login);
    return method->name;
}

/* Ask whether the next key would do; false when there is none. */
static bool
query_key(struct client_login *login)
{
    for (size_t i = 0; i < login->key_count; i++) {
        struct login_key *key = &login->keys[i];

        if (key->is_used_up)
            continue;
        key->is_used_up = true; /* but for the signature that may follow */
        key->algorithm = algorithm_of(login, key);
        if (key->algorithm == NULL)
            continue;
        login->key = i;
        login->key_was_taken = false;
        login->method = SSH_AUTH_PUBLICKEY_QUERY;
        ssh_conn_auth_key_query(login->conn, login->user,
                                span_text(key->algorithm), key->blob);
        return true;
    }
    return false;
}

static void
on_key_taken(struct client_login *login, const struct ssh_event *event)
{
    struct login_key *key = &login->keys[login->key];
    struct client_login_step *step;

    /* The algorithm is not compared: old servers name the key's type. */
    if (!span_equal(event->bytes, key->blob) || login->key_was_taken) {
        give_up(login, "the server took a key that it was not shown");
        return;
    }
    login->key_was_taken = true;
    buf_reset(&login->data);
    ssh_conn_auth_key_data(login->conn, login->user, span_text(key->algorithm),
                           key->blob, &login->data);
    if (!buf_ok(&login->data)) {
        give_up(login, "a key is too long");
        return;
    }
    login->waiting = WAIT_SIGNATURE;
    step = add_step(login, CLIENT_LOGIN_SIGN);
    step->key = login->key;
    step->algorithm = key->algorithm;
    step->data = buf_span(&login->data);
}

/* --- the next method ------------------------------------------------- */

static void
ask_password(struct client_login *login)
{
    struct client_login_step *step = add_step(login, CLIENT_LOGIN_ASK);

    login->waiting = WAIT_PASSWORD;
    step->text = login->password_prompt;
}

static void
ask_interactive(struct client_login *login)
{
    login->method = SSH_AUTH_INTERACTIVE;
    login->was_asked = false;
    ssh_conn_auth_interactive(login->conn, login->user);
}

static void
try_methods(struct client_login *login)
{
    struct span methods = span_text(login->methods);

    login->waiting = WAIT_SERVER;
    if (++login->requests > CLIENT_LOGIN_REQUESTS_MAX)
        give_up(login, "too many steps of a login");
    else if (names_has(methods, span_text("publickey")) && query_key(login))
        return;
    else if (names_has(methods, span_text("keyboard-interactive")) &&
             !login->no_interactive)
        ask_interactive(login);
    else if (names_has(methods, span_text("password")))
        ask_password(login);
    else
        give_up(login, "no authentication method is left");
}

/* A wrong answer of the user costs one of his tries; a key costs none. */
static bool
was_an_answer(const struct client_login *login)
{
    return login->method == SSH_AUTH_PASSWORD ||
           (login->method == SSH_AUTH_INTERACTIVE && login->was_asked);
}

static void
on_failure(struct client_login *login, const struct ssh_event *event)
{
    free(login->methods);
    login->methods = text_dup_span(
        names_within_limits(event->bytes) ? event->bytes : SPAN_EMPTY);
    if (login->method == SSH_AUTH_INTERACTIVE && !login->was_asked)
        login->no_interactive = true;
    if (event->partial)
        login->no_interactive = false;
    if (!event->partial && was_an_answer(login) && --login->failures_left == 0)
        give_up(login, "authentication failed");
    else
        try_methods(login);
}

/* --- questions ------------------------------------------------------- */

static void
ask_prompt(struct client_login *login)
{
    struct client_login_step *step = add_step(login, CLIENT_LOGIN_ASK);

    login->waiting = WAIT_ANSWERS;
    step->text = login->prompts[login->prompt];
    step->echo = login->echo[login->prompt];
}

static void
send_answers(struct client_login *login)
{
    struct span answers[SSH_PROMPTS_MAX];

    for (size_t i = 0; i < login->prompt_count; i++)
        answers[i] = secret_span(&login->answers[i]);
    login->waiting = WAIT_SERVER;
    ssh_conn_auth_answer(login->conn, login->prompt_count, answers);
    forget_question(login);
}

static void
on_question(struct client_login *login, const struct ssh_question *question)
{
    if (++login->requests > CLIENT_LOGIN_REQUESTS_MAX) {
        give_up(login, "too many steps of a login");
        return;
    }
    show(login, question->name);
    show(login, question->instruction);
    forget_question(login);
    login->prompt_count = question->count;
    for (size_t i = 0; i < question->count; i++) {
        login->prompts[i] = take_prompt(login, question->prompts[i].text);
        login->echo[i] = question->prompts[i].echo;
    }
    if (question->count == 0) {
        /* RFC 4256 section 3.2: there is nothing to answer, but an answer. */
        send_answers(login);
        return;
    }
    login->was_asked = true;
    ask_prompt(login);
}

/* --- what comes from the server -------------------------------------- */

static void
on_ready(struct client_login *login)
{
    login->waiting = WAIT_SERVER;
    login->method = SSH_AUTH_NONE;
    ssh_conn_auth_none(login->conn, login->user);
}

/* A server that asks for nothing may be one that only seems to be the one
   that was meant: its user is told (hardening 4.17). */
static void
on_success(struct client_login *login)
{
    login->waiting = WAIT_NOTHING;
    if (!login->has_proven)
        note(login, "% The remote host did not ask for authentication");
    add_step(login, CLIENT_LOGIN_DONE);
}

/* Before anything is asked: what its user types can be read by others. */
static void
warn_of_version(struct client_login *login)
{
    if (login->warn_version_1 && ssh_conn_version(login->conn) == 1)
        note(login, "% Warning: SSH version 1");
}

static void
warn_of_key(struct client_login *login, const struct ssh_event *event)
{
    if (!names_has(span_text("rsa1,ssh-rsa,rsa-sha2-256,rsa-sha2-512"),
                   event->auth.algorithm) ||
        event->number >= CLIENT_LOGIN_RSA_BITS)
        return;
    buf_printf(&login->shown,
               "%% Warning: the RSA host key has %u bits, less than %d\n",
               (unsigned)event->number, CLIENT_LOGIN_RSA_BITS);
}

bool
client_login_event(struct client_login *login, const struct ssh_event *event)
{
    if (event->type == SSH_EVENT_HOST_KEY) {
        warn_of_version(login);
        warn_of_key(login, event);
    }
    if (login->waiting == WAIT_NOTHING)
        return false;
    switch (event->type) {
    case SSH_EVENT_READY:
        on_ready(login);
        return true;
    case SSH_EVENT_BANNER:
        show(login, event->bytes);
        return true;
    case SSH_EVENT_AUTH_FAILURE:
        on_failure(login, event);
        return true;
    case SSH_EVENT_AUTH_PK_OK:
        on_key_taken(login, event);
        return true;
    case SSH_EVENT_AUTH_QUESTION:
        on_question(login, &event->question);
        return true;
    case SSH_EVENT_AUTH_CHANGE_PASSWORD:
        show(login, event->bytes);
        note(login, "% The remote host demands a new password");
        give_up(login, "a new password is demanded");
        return true;
    case SSH_EVENT_AUTH_SUCCESS:
        on_success(login);
        return true;
    default:
        return false;
    }
}

/* --- what comes from the owner --------------------------------------- */

/* Sent at once and kept nowhere. */
static void
send_password(struct client_login *login, struct span text)
{
    login->waiting = WAIT_SERVER;
    login->method = SSH_AUTH_PASSWORD;
    login->has_proven = true;
    ssh_conn_auth_password(login->conn, login->user, text);
}

void
client_login_answer(struct client_login *login, struct span text)
{
    if (login->waiting != WAIT_PASSWORD && login->waiting != WAIT_ANSWERS)
        return;
    login->has_step = false;
    /* Too long for any server's: a wrong one, like an empty one. */
    if (text.len > CLIENT_LOGIN_ANSWER_MAX)
        text = SPAN_EMPTY;
    if (login->waiting == WAIT_PASSWORD) {
        send_password(login, text);
        return;
    }
    if (!secret_set(&login->answers[login->prompt], text)) {
        give_up(login, "an answer is too long");
        return;
    }
    login->has_proven = true;
    if (++login->prompt < login->prompt_count)
        ask_prompt(login);
    else
        send_answers(login);
}

void
client_login_signed(struct client_login *login, struct span signature)
{
    const struct login_key *key = &login->keys[login->key];

    if (login->waiting != WAIT_SIGNATURE)
        return;
    login->has_step = false;
    buf_clear(&login->data);
    login->waiting = WAIT_SERVER;
    if (signature.len == 0) {
        try_methods(login); /* as if the server had refused the key */
        return;
    }
    login->method = SSH_AUTH_PUBLICKEY;
    login->has_proven = true;
    ssh_conn_auth_key(login->conn, login->user, span_text(key->algorithm),
                      key->blob, signature);
}

void
client_login_cancel(struct client_login *login)
{
    give_up(login, "given up by the user");
}
