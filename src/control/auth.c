#include "control/auth.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/reader.h"
#include "base/text.h"
#include "control/accounting.h"
#include "control/algorithms.h"
#include "control/grant.h"
#include "control/guard.h"
#include "control/judge.h"
#include "control/listener.h"
#include "control/method_list.h"
#include "control/metrics.h"
#include "control/ssh_events.h"
#include "control/stays.h"
#include "crypto/hostkey.h"

#define PROMPT_MAX    1024 /* bytes of a question; more is cut */
#define TEXT_MAX      4096 /* of what a server says before it; likewise */
#define NAMES_MAX     1024 /* bytes of the list of key algorithms */
#define NAME_MAX_LEN  64   /* bytes of an algorithm's name (RFC 4251 6) */
#define KEY_HASH_LEN  16   /* MD5 of a key's blob, as IOS keeps it */
#define KEY_HASHES    64   /* of one user: the rest is not looked at */
#define HANDLES_COUNT 2

enum auth_stage {
    AUTH_READY,  /* for a try */
    AUTH_JUDGED, /* it is judged, or a no waits for the instant */
    AUTH_ASKED,  /* a question is with the user */
};

struct auth {
    struct session *session; /* NULL when it has ended */
    uv_timer_t deadline, instant;
    unsigned handles_open;

    enum auth_stage stage;
    enum ssh_auth_method method; /* of the try */
    unsigned requests;           /* of any kind */
    unsigned failures;           /* proofs that were wrong */
    bool refused;      /* the verdict is no; it leaves at the instant */
    uint64_t leave_ms; /* that instant, or the next one if it has passed */

    struct method_walk *walk; /* that judges a password; NULL: none does */

    /* Of the try: who logs in if it is accepted; "": nobody can. */
    char user[SSH_USER_MAX + 1];
    char tried[GUARD_USER_MAX]; /* who he says he is: for the log */
    char *said;   /* what his server has told him at last; owned, or NULL */
    bool greeted; /* by `aaa authentication banner` */
};

/* --- answers ------------------------------------------------------------ */

static struct span
at_most_text(const char *text, size_t max)
{
    struct span all = span_text(text);

    return span_of(all.ptr, all.len < max ? all.len : max);
}

static void
send_question(struct auth *a, enum ssh_verdict verdict, struct span prompts,
              const char *text)
{
    struct message m = {.type = MSG_AUTH_RESULT};
    struct buf methods;

    buf_init(&methods, ALGORITHMS_METHODS_MAX);
    if (verdict == SSH_VERDICT_REJECT)
        algorithms_methods(&a->session->router->config.ssh, &methods);
    m.auth_result.verdict = (uint8_t)verdict;
    m.auth_result.methods = buf_span(&methods);
    m.auth_result.prompts = prompts;
    m.auth_result.instruction = at_most_text(text, 2 * TEXT_MAX);
    session_send(a->session, &m);
    buf_clear(&methods);
}

static void
send_result(struct auth *a, enum ssh_verdict verdict)
{
    send_question(a, verdict, SPAN_EMPTY, a->said != NULL ? a->said : "");
}

/* What his server says of it, or what `aaa authentication` has for all. */
static void
send_reject(struct auth *a)
{
    const struct config_aaa *aaa = &a->session->router->config.aaa;
    bool told = a->said != NULL && a->said[0] != '\0';

    if (!told && aaa->new_model && aaa->fail_message != NULL &&
        (a->method == SSH_AUTH_PASSWORD || a->method == SSH_AUTH_INTERACTIVE))
        send_question(a, SSH_VERDICT_REJECT, SPAN_EMPTY, aaa->fail_message);
    else
        send_result(a, SSH_VERDICT_REJECT);
}

/* One wrong proof is always allowed for, also with 0 retries. */
static bool
tries_are_over(const struct auth *a)
{
    unsigned limit = a->session->router->config.ssh.retries;

    return a->failures >= (limit > 0 ? limit : 1);
}

static enum metrics_method
method_counted(enum ssh_auth_method method)
{
    switch (method) {
    case SSH_AUTH_PASSWORD:
        return METRICS_PASSWORD;
    case SSH_AUTH_PUBLICKEY:
        return METRICS_PUBLIC_KEY;
    case SSH_AUTH_INTERACTIVE:
        return METRICS_INTERACTIVE;
    default:
        return METRICS_OTHER_METHOD;
    }
}

static void
reject(struct auth *a)
{
    a->stage = AUTH_READY;
    /* That a key would not do is no wrong proof: clients offer several. */
    if (a->method != SSH_AUTH_PUBLICKEY_QUERY) {
        a->failures++;
        metrics_login(a->session->router, method_counted(a->method), false);
        ssh_events_login(a->session, false);
        guard_failed(a->session, span_text(a->tried));
        /* That was one too many: he was told to go with all the others. */
        if (a->session->state != SESSION_LOGIN)
            return;
    }
    if (tries_are_over(a))
        session_disconnect(a->session, CAUSE_LOGIN_FAILED,
                           SSH_REASON_NO_MORE_AUTH_METHODS,
                           "Too many authentication failures");
    else
        send_reject(a);
}

static void
accept_login(struct auth *a)
{
    struct session *s = a->session;

    s->state = SESSION_SHELL;
    stays_begin(s);
    if (!grant_refuses(s) && s->target.kind == LINE_TARGET_NONE)
        accounting_exec_begin(s);
    metrics_login(s->router, method_counted(a->method), true);
    ssh_events_login(s, true);
    guard_succeeded(s);
    send_result(a, SSH_VERDICT_ACCEPT);
    s->auth = NULL;
    auth_free(a);
    listener_place_freed(s);
}

static void
on_instant(uv_timer_t *timer)
{
    struct auth *a = timer->data;
    uint64_t now_ms = router_now_ms(a->session->router);

    if (a->session->state != SESSION_LOGIN)
        return;
    if (a->refused) {
        reject(a);
        return;
    }
    /*
     * A verdict that comes later waits as well: how busy aaa is would else
     * tell which hash a user has, or that he is none.
     */
    while (a->leave_ms <= now_ms)
        a->leave_ms += AUTH_ANSWER_MS;
    uv_timer_start(timer, on_instant, a->leave_ms - now_ms, 0);
}

/* The clock of the one instant starts when the try has come. */
static void
start_clock(struct auth *a)
{
    const struct router *r = a->session->router;
    uint64_t wait_ms = AUTH_ANSWER_MS + 1000ULL * guard_delay_s(&r->config);

    a->leave_ms = router_now_ms(r) + wait_ms;
    uv_timer_start(&a->instant, on_instant, wait_ms, 0);
}

/* --- what he may do ----------------------------------------------------- */

static void
on_authorized(void *owner, const struct method_result *result)
{
    struct auth *a = owner;
    struct session *s = a->session;

    if (s->state != SESSION_LOGIN)
        return; /* told to go meanwhile */
    text_copy(s->user, sizeof(s->user), a->user);
    if (grant_take(s, result)) {
        accept_login(a);
        return;
    }
    s->user[0] = '\0';
    grant_end(s);
    a->refused = true;
    start_clock(a);
}

/* His proof was good: it decides how he came in, and his EXEC is asked for. */
static void
let_in(struct auth *a, const struct method_result *by)
{
    static const struct method_events events = {.done = on_authorized};
    struct session *s = a->session;
    struct method_request request = {
        .session = s, .service = METHOD_LOGIN, .user = span_text(a->user)};

    uv_timer_stop(&a->instant);
    if (s->router->config.aaa.new_model)
        grant_begin(s, by);
    else
        s->privilege =
            session_privilege(s, judge_user(s->router, request.user));
    request.methods = grant_exec_methods(s);
    if (request.methods != NULL) {
        method_authorize(&request, &events, a, &a->walk);
        return;
    }
    /* On a line his level says what he may take, with no EXEC to ask for. */
    if (s->target.kind != LINE_TARGET_NONE &&
        (by->method.kind == CONFIG_METHOD_LOCAL ||
         by->method.kind == CONFIG_METHOD_LOCAL_CASE))
        s->privilege =
            session_privilege(s, judge_user(s->router, request.user));
    text_copy(s->user, sizeof(s->user), a->user);
    accept_login(a);
}

/* --- tries -------------------------------------------------------------- */

/* Keep who tries, if anybody so called could log in here, and where to. */
static void
begin_try(struct auth *a, struct span name)
{
    struct session *s = a->session;
    struct span user;

    s->target = s->port_target;
    user = line_target_split(name, &s->target);
    a->stage = AUTH_JUDGED;
    a->refused = false;
    a->user[0] = '\0';
    text_copy_span(a->tried, sizeof(a->tried), user);
    if (method_list_login(s) != NULL && judge_name_is_valid(user))
        text_copy_span(a->user, sizeof(a->user), user);
}

/* --- by password, or question and answer -------------------------------- */

/* What stands before a question; before the first, the banner of logins. */
static void
put_heading(struct auth *a, const char *text, struct buf *heading)
{
    const struct config_aaa *aaa = &a->session->router->config.aaa;

    buf_init(heading, 2 * TEXT_MAX);
    if (!a->greeted && aaa->new_model && aaa->banner != NULL)
        buf_put_span(heading, at_most_text(aaa->banner, TEXT_MAX));
    buf_put_span(heading, at_most_text(text, TEXT_MAX));
    a->greeted = true;
}

/* One prompt, for version 2's keyboard-interactive (RFC 4256 3.2). */
static void
on_ask(void *owner, const char *text, const char *prompt, bool echo)
{
    struct auth *a = owner;
    struct buf prompts, heading;

    if (a->session->state != SESSION_LOGIN)
        return; /* told to go meanwhile */
    if (a->method != SSH_AUTH_INTERACTIVE) {
        /* A password is all that this method can carry. */
        method_stop(&a->walk);
        a->refused = true;
        return;
    }
    uv_timer_stop(&a->instant);
    a->stage = AUTH_ASKED;
    buf_init(&prompts, PROMPT_MAX + 8);
    buf_put_bool(&prompts, echo);
    buf_put_string(&prompts, at_most_text(prompt, PROMPT_MAX));
    put_heading(a, text, &heading);
    send_question(a, SSH_VERDICT_ASK, buf_span(&prompts), buf_text(&heading));
    buf_clear(&prompts);
    buf_clear(&heading);
}

/* He may have been removed while his password was looked at. */
static bool
is_accepted(const struct auth *a, const struct method_result *result)
{
    bool local = result->method.kind == CONFIG_METHOD_LOCAL ||
                 result->method.kind == CONFIG_METHOD_LOCAL_CASE;
    struct span user = span_text(a->user);

    return result->outcome == METHOD_PASS && user.len > 0 &&
           (!local || judge_user(a->session->router, user) != NULL);
}

static void
on_done(void *owner, const struct method_result *result)
{
    struct auth *a = owner;

    if (a->session->state != SESSION_LOGIN)
        return; /* told to go meanwhile */
    a->said = text_dup(result->text);
    if (is_accepted(a, result))
        let_in(a, result);
    else
        a->refused = true;
}

static void
walk_methods(struct auth *a, const char *methods, const struct span *password)
{
    static const struct method_events events = {.ask = on_ask, .done = on_done};
    struct method_request request = {.session = a->session,
                                     .methods = methods,
                                     .service = METHOD_LOGIN,
                                     .user = span_text(a->user)};

    if (password != NULL) {
        request.has_given = true;
        request.given = *password;
    }
    start_clock(a);
    method_authenticate(&request, &events, a, &a->walk);
}

/* What is none at all is as wrong as a wrong password. */
static void
judge_nothing(struct auth *a)
{
    static const struct span nothing = {NULL, 0};

    method_stop(&a->walk);
    begin_try(a, SPAN_EMPTY);
    walk_methods(a, "local", &nothing);
}

/* `password` NULL: he is asked for it. */
static void
judge_password(struct auth *a, struct span user, const struct span *password)
{
    const char *methods = method_list_login(a->session);

    begin_try(a, user);
    walk_methods(a, methods != NULL && a->user[0] != '\0' ? methods : "local",
                 password);
}

/* --- by key ------------------------------------------------------------- */

static unsigned
hex_digit(char digit)
{
    return isdigit((unsigned char)digit)
               ? (unsigned)(digit - '0')
               : (unsigned)(tolower((unsigned char)digit) - 'a' + 10);
}

static void
put_key_hash(struct buf *keys, const char *text)
{
    uint8_t hash[KEY_HASH_LEN];

    if (text == NULL || strlen(text) != 2 * sizeof(hash))
        return;
    for (size_t i = 0; i < sizeof(hash); i++)
        hash[i] =
            (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    buf_put_string(keys, span_of(hash, sizeof(hash)));
}

/* What `ip ssh pubkey-chain` has for that user, each a string. */
static void
put_user_keys(const struct router *r, const char *user, struct buf *keys)
{
    const struct config_list *users = &r->config.ssh.key_users.list;
    const struct config_key_owner *found =
        config_key_user_find(&r->config, user);

    for (size_t i = 0; found == NULL && i < users->count; i++) {
        const struct config_key_owner *other = users->items[i];

        if (text_equal_nocase(other->name, user))
            found = other;
    }
    for (size_t i = 0;
         found != NULL && i < found->keys.list.count && i < KEY_HASHES; i++) {
        const struct config_key *key = found->keys.list.items[i];

        put_key_hash(keys, key->hash);
    }
}

static bool
algorithm_is_allowed(const struct router *r, struct span name)
{
    struct buf names;
    bool allowed;

    buf_init(&names, NAMES_MAX);
    algorithms_put(&names, algorithms_publickey(), r->config.ssh.publickey);
    allowed = names_has(buf_span(&names), name);
    buf_clear(&names);
    return allowed;
}

/* What is longer than any that could be right is none at all. */
static struct span
at_most(struct span bytes, size_t max)
{
    return bytes.len <= max ? bytes : SPAN_EMPTY;
}

/* Keys are the router's own, whatever decides about passwords. */
static void
on_key_verdict(void *owner, bool accepted)
{
    static const struct method_result local = {
        .outcome = METHOD_PASS, .method = {.kind = CONFIG_METHOD_LOCAL}};
    struct auth *a = owner;

    if (a->session->state != SESSION_LOGIN)
        return; /* told to go meanwhile */
    if (!is_accepted(a, &local) || !accepted) {
        a->refused = true;
    } else if (a->method == SSH_AUTH_PUBLICKEY_QUERY) {
        uv_timer_stop(&a->instant);
        a->stage = AUTH_READY;
        send_result(a, SSH_VERDICT_KEY_OK);
    } else {
        let_in(a, &local);
    }
}

/*
 * An unknown user has no keys, an algorithm that is not allowed fits none: the
 * question goes to aaa all the same.
 */
static void
judge_key(struct auth *a, const struct msg_auth_try *try)
{
    struct session *s = a->session;
    const struct config_user *found;
    struct msg_judge m = {.session_id =
                              span_of(s->session_id.bytes, s->session_id.len),
                          .user = at_most(try->user, SSH_USER_MAX),
                          .algorithm = at_most(try->algorithm, NAME_MAX_LEN),
                          .blob = at_most(try->key, KEY_BLOB_MAX),
                          .signature = at_most(try->signature, SIGNATURE_MAX)};
    struct buf keys;

    begin_try(a, try->user);
    found = judge_user(s->router, span_text(a->user));
    if (found == NULL)
        a->user[0] = '\0';
    m.kind = a->method == SSH_AUTH_PUBLICKEY ? JUDGE_KEY : JUDGE_KEY_QUERY;
    buf_init(&keys, KEY_HASHES * (4 + KEY_HASH_LEN));
    if (found != NULL && algorithm_is_allowed(s->router, try->algorithm))
        put_user_keys(s->router, a->user, &keys);
    m.decoy = buf_len(&keys) == 0;
    m.keys = buf_span(&keys);
    start_clock(a);
    judge_ask(s->router, &m, on_key_verdict, a);
    buf_clear(&keys);
}

/* What a method is called in the list of those that are left. */
static const char *
method_name(enum ssh_auth_method method)
{
    switch (method) {
    case SSH_AUTH_PASSWORD:
        return "password";
    case SSH_AUTH_PUBLICKEY_QUERY:
    case SSH_AUTH_PUBLICKEY:
        return "publickey";
    case SSH_AUTH_INTERACTIVE:
        return "keyboard-interactive";
    default:
        return ""; /* none is in no list */
    }
}

static bool
method_is_allowed(const struct router *r, enum ssh_auth_method method)
{
    struct buf names;
    bool allowed;

    buf_init(&names, ALGORITHMS_METHODS_MAX);
    algorithms_methods(&r->config.ssh, &names);
    allowed = names_has(buf_span(&names), span_text(method_name(method)));
    buf_clear(&names);
    return allowed;
}

bool
auth_try(struct auth *a, const struct msg_auth_try *m)
{
    if (a->stage == AUTH_JUDGED)
        return false;
    /* A question that was open is over: its answer has no row any more. */
    method_stop(&a->walk);
    a->stage = AUTH_READY;
    free(a->said);
    a->said = NULL;
    if (++a->requests > SSH_AUTH_REQUESTS_MAX) {
        session_disconnect(a->session, CAUSE_LOGIN_FAILED,
                           SSH_REASON_NO_MORE_AUTH_METHODS,
                           "Too many authentication failures");
        return true;
    }
    a->method = m->method;
    if (a->method == SSH_AUTH_OTHER)
        /* Also what the worker found unfit: as wrong as a wrong password. */
        judge_nothing(a);
    else if (!method_is_allowed(a->session->router, a->method))
        /* No proof was given: told at once, and not counted as a try. */
        send_result(a, SSH_VERDICT_REJECT);
    else if (a->method == SSH_AUTH_INTERACTIVE)
        judge_password(a, m->user, NULL);
    else if (a->method == SSH_AUTH_PASSWORD)
        judge_password(a, m->user, &m->password);
    else
        judge_key(a, m);
    return true;
}

bool
auth_answer(struct auth *a, const struct msg_auth_answer *m)
{
    struct reader answers = reader_over(m->answers);
    struct span answer;

    if (a->stage != AUTH_ASKED)
        return false;
    answer = m->count == 1 ? read_string(&answers) : SPAN_EMPTY;
    if (m->count == 1 && !read_done(&answers))
        return false;
    if (m->count != 1) {
        /* Not one answer to one question: as wrong as a wrong one (4.15). */
        judge_nothing(a);
        return true;
    }
    a->stage = AUTH_JUDGED;
    start_clock(a);
    method_answer(a->walk, answer);
    return true;
}

/* --- life --------------------------------------------------------------- */

static void
on_deadline(uv_timer_t *timer)
{
    struct auth *a = timer->data;
    struct session *s = a->session;

    /* Before there are keys nothing is said (hardening 2.6). */
    session_disconnect(s, CAUSE_LOGIN_TIME,
                       s->state == SESSION_STARTING ? SSH_REASON_NONE
                                                    : SSH_REASON_BY_APPLICATION,
                       "Login timed out");
}

struct auth *
auth_new(struct session *s)
{
    struct auth *a = alloc_zero(1, sizeof(*a));
    struct router *r = s->router;
    uint64_t limit_ms = 1000ULL * r->config.ssh.timeout;
    uint64_t spent_ms = router_now_ms(r) - s->accepted_ms;

    a->session = s;
    a->handles_open = HANDLES_COUNT;
    uv_timer_init(&r->loop, &a->deadline);
    uv_timer_init(&r->loop, &a->instant);
    a->deadline.data = a->instant.data = a;
    uv_timer_start(&a->deadline, on_deadline,
                   spent_ms < limit_ms ? limit_ms - spent_ms : 0, 0);
    return a;
}

static void
on_closed(uv_handle_t *handle)
{
    struct auth *a = handle->data;

    if (--a->handles_open > 0)
        return;
    free(a->said);
    free(a);
}

void
auth_free(struct auth *a)
{
    if (a == NULL)
        return;
    method_stop(&a->walk);
    if (a->stage == AUTH_JUDGED)
        judge_forget(a->session->router, a);
    a->session = NULL;
    uv_close((uv_handle_t *)&a->deadline, on_closed);
    uv_close((uv_handle_t *)&a->instant, on_closed);
}
