/* Laws of a login; aaa, worker and listener are played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/text.h"
#include "config/vty.h"
#include "control/aaa_servers.h"
#include "control/accounting.h"
#include "control/auth.h"
#include "control/grant.h"
#include "control/guard.h"
#include "control/judge.h"
#include "control/listener.h"
#include "control/ssh_events.h"
#include "control/stays.h"

/* --- what the others would do ------------------------------------------- */

static struct world {
    struct router router;
    struct session session;
    /* The worker was told. */
    unsigned results;
    unsigned verdict;
    char methods[64];
    size_t prompts_len;
    uint64_t told_ms;
    unsigned disconnects;
    enum ssh_reason reason;
    /* aaa was asked. */
    unsigned asked;
    verdict_fn done;
    void *owner;
    char name[64];
    char given[64];
    struct msg_judge judge;
    /* Servers were asked. */
    unsigned groups;
    const struct aaa_events *server;
    void *server_owner;
    char group[32], answer[64];
    bool has_given;
    char instruction[64];
    unsigned logged_in;
    /* The watch was told. */
    unsigned failed, succeeded;
    char failed_user[64];
    unsigned events[2]; /* logins that failed, and that did not */
} world;

uint64_t
router_now_ms(const struct router *r)
{
    return uv_now(&r->loop);
}

size_t
session_send(struct session *s, const struct message *m)
{
    (void)s;
    world.results++;
    world.verdict = m->auth_result.verdict;
    world.prompts_len = m->auth_result.prompts.len;
    text_copy_span(world.instruction, sizeof(world.instruction),
                   m->auth_result.instruction);
    text_copy_span(world.methods, sizeof(world.methods),
                   m->auth_result.methods);
    world.told_ms = uv_now(&world.router.loop);
    return 0;
}

void
session_disconnect(struct session *s, enum session_cause cause,
                   enum ssh_reason reason, const char *text)
{
    assert_true(cause == CAUSE_LOGIN_TIME || cause == CAUSE_LOGIN_FAILED);
    (void)text;
    s->state = SESSION_ENDING;
    world.disconnects++;
    world.reason = reason;
    world.told_ms = uv_now(&world.router.loop);
}

void
guard_failed(struct session *s, struct span user)
{
    (void)s;
    world.failed++;
    text_copy_span(world.failed_user, sizeof(world.failed_user), user);
}

void
guard_succeeded(const struct session *s)
{
    (void)s;
    world.succeeded++;
}

unsigned
guard_delay_s(const struct config *config)
{
    return config->login_watch.delay_s;
}

void
stays_begin(struct session *s)
{
    s->active_ms = uv_now(&s->router->loop);
}

void
listener_place_freed(struct session *s)
{
    (void)s;
    world.logged_in++;
}

void
ssh_events_login(const struct session *s, bool accepted)
{
    (void)s;
    world.events[accepted]++;
}

void
accounting_exec_begin(struct session *s)
{
    s->task = 1;
}

bool
judge_name_is_valid(struct span name)
{
    return name.len > 0 && (memchr(name.ptr, '\0', name.len) == NULL);
}

const struct config_user *
judge_user(const struct router *r, struct span name)
{
    char text[65];

    text_copy_span(text, sizeof(text), name);
    return config_user_find(&r->config, text);
}

void
judge_local_password(struct router *r, struct span name, struct span given,
                     verdict_fn done, void *owner)
{
    (void)r;
    world.asked++;
    world.done = done;
    world.owner = owner;
    text_copy_span(world.name, sizeof(world.name), name);
    text_copy_span(world.given, sizeof(world.given), given);
}

void
judge_ask(struct router *r, struct msg_judge *m, verdict_fn done, void *owner)
{
    (void)r;
    world.asked++;
    world.done = done;
    world.owner = owner;
    world.judge = *m;
}

void
judge_forget(struct router *r, void *owner)
{
    (void)r;
    if (owner == world.owner)
        world.done = NULL;
}

uint64_t
aaa_group_ask(struct router *r, const char *group, const struct aaa_ask *ask,
              const struct aaa_events *events, void *owner)
{
    (void)r;
    world.groups++;
    text_copy(world.group, sizeof(world.group), group);
    text_copy_span(world.given, sizeof(world.given), ask->given);
    text_copy_span(world.name, sizeof(world.name), ask->user);
    world.has_given = ask->has_given;
    world.server = events;
    world.server_owner = owner;
    return 7;
}

void
aaa_group_answer(struct router *r, uint64_t request, bool given,
                 struct span text)
{
    (void)r;
    assert_int_equal(request, 7);
    assert_true(given);
    text_copy_span(world.answer, sizeof(world.answer), text);
}

void
aaa_forget(struct router *r, void *owner)
{
    (void)r;
    if (owner == world.server_owner)
        world.server = NULL;
}

/* --- the stage ---------------------------------------------------------- */

static int
setup(void **state)
{
    struct config_user *user;
    struct config_vty *range;

    (void)state;
    world = (struct world){0};
    uv_loop_init(&world.router.loop);
    config_init(&world.router.config);
    user =
        config_list_append(&world.router.config.users.list, &config_user_type);
    config_text_set(&user->name, "lab");
    user->privilege = 7;
    range = world.router.config.vtys.list.items[0];
    range->line.login = CONFIG_LOGIN_LOCAL;
    world.session.router = &world.router;
    world.session.state = SESSION_LOGIN;
    world.session.accepted_ms = uv_now(&world.router.loop);
    world.session.auth = auth_new(&world.session);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    auth_free(world.session.auth);
    grant_end(&world.session);
    uv_run(&world.router.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world.router.loop), 0);
    config_clear(&world.router.config);
    return 0;
}

static bool
try(enum ssh_auth_method method, const char *user, const char *password)
{
    struct msg_auth_try m = {.method = (uint8_t)method,
                             .user = span_text(user),
                             .password = span_text(password),
                             .algorithm = span_text("ssh-ed25519"),
                             .key = span_text("blob"),
                             .signature = span_text("signature")};

    return auth_try(world.session.auth, &m);
}

/* Let time pass until something is told, at most two seconds. */
static uint64_t
await_answer(void)
{
    uint64_t before = uv_now(&world.router.loop);
    unsigned told = world.results + world.disconnects;

    while (world.results + world.disconnects == told &&
           uv_now(&world.router.loop) < before + 2000)
        uv_run(&world.router.loop, UV_RUN_ONCE);
    return world.told_ms - before;
}

/* --- laws --------------------------------------------------------------- */

static void
test_none_lists_the_methods_at_once_and_is_no_try(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        assert_true(try(SSH_AUTH_NONE, "lab", ""));
        assert_int_equal(world.results, i + 1);
        assert_int_equal(world.verdict, SSH_VERDICT_REJECT);
        assert_string_equal(world.methods,
                            "publickey,keyboard-interactive,password");
    }
    assert_int_equal(world.asked, 0);
}

static void
test_an_accepted_proof_is_answered_at_once(void **state)
{
    (void)state;
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "secret"));
    assert_string_equal(world.given, "secret");
    world.done(world.owner, true);
    assert_int_equal(world.verdict, SSH_VERDICT_ACCEPT);
    assert_int_equal(world.session.state, SESSION_SHELL);
    assert_string_equal(world.session.user, "lab");
    assert_int_equal(world.session.privilege, 7);
    assert_int_equal(world.logged_in, 1);
    assert_null(world.session.auth);
}

static void
test_a_refusal_leaves_at_the_instant_and_not_before(void **state)
{
    uint64_t waited;

    (void)state;
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "wrong"));
    world.done(world.owner, false);
    assert_int_equal(world.results, 0);
    waited = await_answer();
    assert_int_equal(world.verdict, SSH_VERDICT_REJECT);
    assert_in_range(waited, AUTH_ANSWER_MS - 2, AUTH_ANSWER_MS + 50);
}

static void
test_a_verdict_behind_the_instant_leaves_at_the_next(void **state)
{
    uint64_t begin, end;

    (void)state;
    begin = uv_now(&world.router.loop);
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "wrong"));
    end = begin + AUTH_ANSWER_MS + 20;
    while (uv_now(&world.router.loop) < end)
        uv_run(&world.router.loop, UV_RUN_NOWAIT);
    assert_int_equal(world.results, 0);
    world.done(world.owner, false);
    assert_int_equal(world.results, 0);
    await_answer();
    assert_int_equal(world.verdict, SSH_VERDICT_REJECT);
    assert_in_range(world.told_ms - begin, 2 * AUTH_ANSWER_MS - 2,
                    2 * AUTH_ANSWER_MS + 50);
}

static void
test_a_delay_puts_every_refusal_off(void **state)
{
    uint64_t begin = uv_now(&world.router.loop);

    (void)state;
    world.router.config.login_watch.delay_s = 1;
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "wrong"));
    world.done(world.owner, false);
    await_answer();
    assert_true(world.told_ms - begin >= 1000 + AUTH_ANSWER_MS - 2);
    assert_int_equal(world.failed, 1);
    assert_string_equal(world.failed_user, "lab");
    /* Not those that are let in. */
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "secret"));
    world.done(world.owner, true);
    assert_int_equal(world.session.state, SESSION_SHELL);
    assert_int_equal(world.succeeded, 1);
}

static void
test_the_watch_hears_of_wrong_proofs_only(void **state)
{
    (void)state;
    assert_true(try(SSH_AUTH_NONE, "lab", ""));
    assert_true(try(SSH_AUTH_PUBLICKEY_QUERY, "lab", ""));
    world.done(world.owner, false);
    await_answer();
    assert_int_equal(world.failed, 0);
    assert_true(try(SSH_AUTH_PUBLICKEY, "nobody", ""));
    world.done(world.owner, false);
    await_answer();
    assert_int_equal(world.failed, 1);
    assert_string_equal(world.failed_user, "nobody");
}

static void
test_a_second_try_before_the_answer_is_a_lie(void **state)
{
    (void)state;
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "a"));
    assert_false(try(SSH_AUTH_PASSWORD, "lab", "b"));
    assert_false(try(SSH_AUTH_NONE, "lab", ""));
    world.done(world.owner, false);
    assert_false(try(SSH_AUTH_PASSWORD, "lab", "b"));
    assert_int_equal(world.asked, 1);
}

static void
test_the_last_wrong_try_ends_the_connection(void **state)
{
    (void)state;
    world.router.config.ssh.retries = 2;
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "a"));
    world.done(world.owner, false);
    await_answer();
    assert_int_equal(world.disconnects, 0);
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "b"));
    world.done(world.owner, false);
    assert_in_range(await_answer(), AUTH_ANSWER_MS - 2, AUTH_ANSWER_MS + 50);
    assert_int_equal(world.disconnects, 1);
    assert_int_equal(world.reason, SSH_REASON_NO_MORE_AUTH_METHODS);
}

static void
test_no_retries_still_means_one_try(void **state)
{
    (void)state;
    world.router.config.ssh.retries = 0;
    assert_true(try(SSH_AUTH_NONE, "lab", ""));
    assert_int_equal(world.disconnects, 0);
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "a"));
    world.done(world.owner, false);
    await_answer();
    assert_int_equal(world.disconnects, 1);
}

static void
test_twenty_requests_of_any_kind_are_enough(void **state)
{
    (void)state;
    for (int i = 0; i < SSH_AUTH_REQUESTS_MAX; i++)
        assert_true(
            try(i % 2 ? SSH_AUTH_NONE : SSH_AUTH_INTERACTIVE, "lab", ""));
    assert_int_equal(world.disconnects, 0);
    assert_true(try(SSH_AUTH_NONE, "lab", ""));
    assert_int_equal(world.disconnects, 1);
}

static void
test_what_nobody_knows_is_as_wrong_as_a_wrong_password(void **state)
{
    (void)state;
    world.router.config.ssh.retries = 2;
    assert_true(try(SSH_AUTH_OTHER, "lab", "right"));
    assert_int_equal(world.asked, 1);
    assert_string_equal(world.name, "");
    world.done(world.owner, true);
    assert_in_range(await_answer(), AUTH_ANSWER_MS - 2, AUTH_ANSWER_MS + 50);
    assert_int_equal(world.verdict, SSH_VERDICT_REJECT);
    assert_true(try(SSH_AUTH_OTHER, "lab", ""));
    world.done(world.owner, false);
    await_answer();
    assert_int_equal(world.disconnects, 1);
}

static void
test_keys_that_would_not_do_are_no_wrong_tries(void **state)
{
    (void)state;
    world.router.config.ssh.retries = 1;
    for (int i = 0; i < 3; i++) {
        assert_true(try(SSH_AUTH_PUBLICKEY_QUERY, "lab", ""));
        assert_int_equal(world.judge.kind, JUDGE_KEY_QUERY);
        world.done(world.owner, false);
        assert_in_range(await_answer(), AUTH_ANSWER_MS - 2,
                        AUTH_ANSWER_MS + 50);
    }
    assert_int_equal(world.disconnects, 0);
    assert_true(try(SSH_AUTH_PUBLICKEY_QUERY, "lab", ""));
    world.done(world.owner, true);
    assert_int_equal(world.verdict, SSH_VERDICT_KEY_OK);
    assert_int_equal(world.session.state, SESSION_LOGIN);
}

static void
test_a_line_without_login_local_lets_nobody_in(void **state)
{
    struct config_vty *range = world.router.config.vtys.list.items[0];

    (void)state;
    range->line.login = CONFIG_LOGIN_NONE;
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "right"));
    assert_string_equal(world.name, "");
    /* Whatever comes back: nobody without a name logs in. */
    world.done(world.owner, true);
    assert_int_equal(world.session.state, SESSION_LOGIN);
    await_answer();
    assert_int_equal(world.verdict, SSH_VERDICT_REJECT);
}

static void
test_everybody_is_asked_the_same_question(void **state)
{
    struct msg_auth_answer answer = {.count = 1};
    static const char right[] = "\0\0\0\2pw";
    size_t len;

    (void)state;
    assert_true(try(SSH_AUTH_INTERACTIVE, "nobody", ""));
    assert_int_equal(world.verdict, SSH_VERDICT_ASK);
    len = world.prompts_len;
    assert_true(try(SSH_AUTH_INTERACTIVE, "lab", ""));
    assert_int_equal(world.verdict, SSH_VERDICT_ASK);
    assert_int_equal(world.prompts_len, len);
    assert_int_equal(world.asked, 0);
    answer.answers = span_of(right, sizeof(right) - 1);
    assert_true(auth_answer(world.session.auth, &answer));
    assert_string_equal(world.name, "lab");
    assert_string_equal(world.given, "pw");
    world.done(world.owner, true);
    assert_int_equal(world.session.state, SESSION_SHELL);
}

static void
test_an_answer_without_question_is_a_lie(void **state)
{
    struct msg_auth_answer answer = {.count = 0};

    (void)state;
    assert_false(auth_answer(world.session.auth, &answer));
    assert_true(try(SSH_AUTH_INTERACTIVE, "lab", ""));
    /* Another request ends the question. */
    assert_true(try(SSH_AUTH_NONE, "lab", ""));
    assert_false(auth_answer(world.session.auth, &answer));
}

static void
test_the_wrong_number_of_answers_is_a_wrong_answer(void **state)
{
    struct msg_auth_answer answer = {.count = 2};
    static const char two[] = "\0\0\0\2pw\0\0\0\2pw";

    (void)state;
    answer.answers = span_of(two, sizeof(two) - 1);
    assert_true(try(SSH_AUTH_INTERACTIVE, "lab", ""));
    assert_true(auth_answer(world.session.auth, &answer));
    assert_string_equal(world.name, "");
    world.done(world.owner, true);
    assert_int_equal(world.session.state, SESSION_LOGIN);
}

static void
test_a_name_with_a_nul_is_never_cut_to_a_good_one(void **state)
{
    struct msg_auth_try m = {.method = SSH_AUTH_INTERACTIVE,
                             .user = span_of("lab\0x", 5)};
    struct msg_auth_answer answer = {.count = 1};
    static const char right[] = "\0\0\0\2pw";

    (void)state;
    answer.answers = span_of(right, sizeof(right) - 1);
    assert_true(auth_try(world.session.auth, &m));
    assert_true(auth_answer(world.session.auth, &answer));
    assert_string_equal(world.name, "");
}

static void
test_a_method_that_is_not_configured_is_refused_at_once(void **state)
{
    (void)state;
    config_text_set(&world.router.config.ssh.authentication,
                    "publickey,keyboard");
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "right"));
    assert_int_equal(world.asked, 0);
    assert_int_equal(world.results, 1);
    assert_string_equal(world.methods, "publickey,keyboard-interactive");
}

static void
test_the_deadline_counts_from_accept(void **state)
{
    (void)state;
    auth_free(world.session.auth);
    world.router.config.ssh.timeout = 1;
    world.session.accepted_ms = uv_now(&world.router.loop) - 900;
    world.session.auth = auth_new(&world.session);
    assert_in_range(await_answer(), 90, 150);
    assert_int_equal(world.disconnects, 1);
    assert_int_equal(world.reason, SSH_REASON_BY_APPLICATION);
}

static void
test_before_there_are_keys_the_deadline_says_nothing(void **state)
{
    (void)state;
    auth_free(world.session.auth);
    world.session.state = SESSION_STARTING;
    world.router.config.ssh.timeout = 1;
    world.session.accepted_ms = uv_now(&world.router.loop) - 1000;
    world.session.auth = auth_new(&world.session);
    await_answer();
    assert_int_equal(world.disconnects, 1);
    assert_int_equal(world.reason, SSH_REASON_NONE);
}

/* --- aaa new-model ------------------------------------------------------ */

static void
use_aaa(enum config_aaa_use use, const char *methods)
{
    struct config *config = &world.router.config;

    config->aaa.new_model = true;
    config_text_set(&config_methods_make(config, use, 0, "default")->methods,
                    methods);
}

static void
test_without_authorization_everybody_has_the_lines_level(void **state)
{
    (void)state;
    world.router.config.aaa.new_model = true;
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "secret"));
    world.done(world.owner, true);
    assert_int_equal(world.session.state, SESSION_SHELL);
    assert_int_equal(world.session.privilege, 1);
}

static void
test_local_authorization_gives_what_the_user_has(void **state)
{
    bool nohangup;

    (void)state;
    use_aaa(CONFIG_AAA_EXEC, "local");
    config_text_set(
        &((struct config_user *)world.router.config.users.list.items[0])
             ->autocommand,
        "show clock");
    assert_true(try(SSH_AUTH_PUBLICKEY, "lab", ""));
    world.done(world.owner, true);
    assert_int_equal(world.session.state, SESSION_SHELL);
    assert_int_equal(world.session.privilege, 7);
    assert_string_equal(grant_autocommand(&world.session, &nohangup),
                        "show clock");
    assert_false(grant_refuses(&world.session));
    grant_end(&world.session);
}

static void
test_who_is_not_authorized_is_logged_in_and_gets_nothing(void **state)
{
    (void)state;
    use_aaa(CONFIG_AAA_LOGIN, "none");
    use_aaa(CONFIG_AAA_EXEC, "local");
    assert_true(try(SSH_AUTH_PASSWORD, "nobody", "x"));
    assert_int_equal(world.verdict, SSH_VERDICT_ACCEPT);
    assert_true(grant_refuses(&world.session));
    assert_int_equal(world.session.privilege, 0);
    grant_end(&world.session);
}

static void
test_a_list_without_an_answer_refuses(void **state)
{
    (void)state;
    use_aaa(CONFIG_AAA_LOGIN, "enable");
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "x"));
    assert_int_equal(world.asked, 0);
    assert_in_range(await_answer(), AUTH_ANSWER_MS - 2, AUTH_ANSWER_MS + 50);
    assert_int_equal(world.verdict, SSH_VERDICT_REJECT);
}

/* --- servers ------------------------------------------------------------ */

static void
use_servers(const char *methods)
{
    struct config *config = &world.router.config;
    struct config_radius_server *host = config_list_append(
        &config->radius.hosts.list, &config_radius_server_type);

    assert_int_equal(
        config_address_parse_ipv4(span_text("192.0.2.1"), &host->address), OK);
    config_secret_set(&host->key, "key");
    use_aaa(CONFIG_AAA_LOGIN, methods);
}

static void
server_says(enum aaa_outcome outcome, const char *attribute)
{
    const struct aaa_events *server = world.server;
    struct buf attributes;

    buf_init(&attributes, 256);
    if (attribute != NULL)
        buf_put_text(&attributes, attribute);
    assert_non_null(server);
    world.server = NULL;
    server->result(world.server_owner, outcome, buf_span(&attributes), "");
    buf_clear(&attributes);
}

static bool
answer_question(const char *text)
{
    struct msg_auth_answer m = {.count = 1};
    struct buf answers;
    bool taken;

    buf_init(&answers, 256);
    buf_put_text(&answers, text);
    m.answers = buf_span(&answers);
    taken = auth_answer(world.session.auth, &m);
    buf_clear(&answers);
    return taken;
}

static void
test_servers_let_in_whom_the_router_does_not_know(void **state)
{
    (void)state;
    use_servers("group radius local");
    assert_true(try(SSH_AUTH_PASSWORD, "remote", "pw"));
    assert_string_equal(world.group, "radius");
    assert_string_equal(world.name, "remote");
    assert_string_equal(world.given, "pw");
    server_says(AAA_PASS, "shell:priv-lvl=15");
    assert_int_equal(world.verdict, SSH_VERDICT_ACCEPT);
    assert_string_equal(world.session.user, "remote");
    /* Nobody asked what he may do. */
    assert_int_equal(world.session.privilege, 1);
}

static void
test_what_a_server_allows_counts_when_it_is_asked_for(void **state)
{
    (void)state;
    use_servers("group radius");
    use_aaa(CONFIG_AAA_EXEC, "group radius local");
    assert_true(try(SSH_AUTH_PASSWORD, "remote", "pw"));
    server_says(AAA_PASS, "shell:priv-lvl=9");
    assert_int_equal(world.groups, 1);
    assert_int_equal(world.session.privilege, 9);
}

static void
test_service_types_mean_levels(void **state)
{
    (void)state;
    use_servers("group radius");
    use_aaa(CONFIG_AAA_EXEC, "group radius");
    assert_true(try(SSH_AUTH_PASSWORD, "remote", "pw"));
    server_says(AAA_PASS, "service-type=6");
    assert_int_equal(world.session.privilege, 15);
}

static void
test_a_level_that_is_none_refuses_the_login(void **state)
{
    (void)state;
    use_servers("group radius");
    use_aaa(CONFIG_AAA_EXEC, "group radius");
    assert_true(try(SSH_AUTH_PASSWORD, "remote", "pw"));
    server_says(AAA_PASS, "shell:priv-lvl=999");
    await_answer();
    assert_int_equal(world.verdict, SSH_VERDICT_REJECT);
    assert_string_equal(world.session.user, "");
    assert_null(world.session.grant);
}

static void
test_a_servers_no_ends_the_list_its_silence_does_not(void **state)
{
    uint64_t begin = uv_now(&world.router.loop);

    (void)state;
    use_servers("group radius local");
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "pw"));
    server_says(AAA_FAIL, NULL);
    assert_int_equal(world.asked, 0);
    await_answer();
    assert_int_equal(world.verdict, SSH_VERDICT_REJECT);
    assert_true(world.told_ms - begin >= AUTH_ANSWER_MS - 2);
    assert_true(try(SSH_AUTH_PASSWORD, "lab", "pw"));
    server_says(AAA_ERROR, NULL);
    assert_int_equal(world.asked, 1);
    assert_string_equal(world.given, "pw");
    world.done(world.owner, true);
    assert_int_equal(world.session.state, SESSION_SHELL);
}

static void
test_the_servers_questions_are_carried(void **state)
{
    (void)state;
    use_servers("group radius");
    assert_true(try(SSH_AUTH_INTERACTIVE, "remote", ""));
    /* RADIUS has to have a password to begin with. */
    assert_int_equal(world.verdict, SSH_VERDICT_ASK);
    assert_int_equal(world.groups, 0);
    assert_true(answer_question("pw"));
    assert_int_equal(world.groups, 1);
    assert_string_equal(world.given, "pw");
    world.server->asked(world.server_owner, "Token 1", "Code: ", true);
    assert_int_equal(world.results, 2);
    assert_int_equal(world.verdict, SSH_VERDICT_ASK);
    assert_string_equal(world.instruction, "Token 1");
    /* However long he thinks about it. */
    uv_run(&world.router.loop, UV_RUN_NOWAIT);
    assert_true(answer_question("4711"));
    assert_string_equal(world.answer, "4711");
    server_says(AAA_PASS, NULL);
    assert_int_equal(world.session.state, SESSION_SHELL);
}

static void
test_a_password_try_cannot_carry_a_question(void **state)
{
    (void)state;
    use_servers("group radius");
    assert_true(try(SSH_AUTH_PASSWORD, "remote", "pw"));
    world.server->asked(world.server_owner, "", "Code: ", false);
    assert_null(world.server);
    await_answer();
    assert_int_equal(world.verdict, SSH_VERDICT_REJECT);
}

/* aaa has died, or the server had no patience; the client knows nothing. */
static void
test_an_answer_that_nobody_waits_for_any_more_is_wrong(void **state)
{
    static const enum aaa_outcome outcomes[] = {AAA_ERROR, AAA_FAIL, AAA_PASS};

    (void)state;
    use_servers("group radius");
    world.router.config.ssh.retries = 9;
    for (unsigned i = 0; i < 3; i++) {
        unsigned results;

        assert_true(try(SSH_AUTH_INTERACTIVE, "remote", ""));
        assert_true(answer_question("pw"));
        world.server->asked(world.server_owner, "", "Code: ", true);
        results = world.results;
        server_says(outcomes[i], NULL);
        assert_int_equal(world.results, results);
        assert_true(answer_question("4711"));
        await_answer();
        assert_int_equal(world.verdict, SSH_VERDICT_REJECT);
        assert_int_equal(world.session.state, SESSION_LOGIN);
    }
}

static void
test_an_aborted_try_is_given_up_at_the_servers(void **state)
{
    (void)state;
    use_servers("group radius");
    assert_true(try(SSH_AUTH_PASSWORD, "remote", "pw"));
    auth_free(world.session.auth);
    world.session.auth = NULL;
    assert_null(world.server);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_none_lists_the_methods_at_once_and_is_no_try),
        TEST(test_an_accepted_proof_is_answered_at_once),
        TEST(test_a_refusal_leaves_at_the_instant_and_not_before),
        TEST(test_a_verdict_behind_the_instant_leaves_at_the_next),
        TEST(test_a_delay_puts_every_refusal_off),
        TEST(test_the_watch_hears_of_wrong_proofs_only),
        TEST(test_a_second_try_before_the_answer_is_a_lie),
        TEST(test_the_last_wrong_try_ends_the_connection),
        TEST(test_no_retries_still_means_one_try),
        TEST(test_twenty_requests_of_any_kind_are_enough),
        TEST(test_what_nobody_knows_is_as_wrong_as_a_wrong_password),
        TEST(test_keys_that_would_not_do_are_no_wrong_tries),
        TEST(test_a_line_without_login_local_lets_nobody_in),
        TEST(test_everybody_is_asked_the_same_question),
        TEST(test_an_answer_without_question_is_a_lie),
        TEST(test_the_wrong_number_of_answers_is_a_wrong_answer),
        TEST(test_a_name_with_a_nul_is_never_cut_to_a_good_one),
        TEST(test_a_method_that_is_not_configured_is_refused_at_once),
        TEST(test_the_deadline_counts_from_accept),
        TEST(test_without_authorization_everybody_has_the_lines_level),
        TEST(test_local_authorization_gives_what_the_user_has),
        TEST(test_who_is_not_authorized_is_logged_in_and_gets_nothing),
        TEST(test_a_list_without_an_answer_refuses),
        TEST(test_servers_let_in_whom_the_router_does_not_know),
        TEST(test_what_a_server_allows_counts_when_it_is_asked_for),
        TEST(test_service_types_mean_levels),
        TEST(test_a_level_that_is_none_refuses_the_login),
        TEST(test_a_servers_no_ends_the_list_its_silence_does_not),
        TEST(test_the_servers_questions_are_carried),
        TEST(test_a_password_try_cannot_carry_a_question),
        TEST(test_an_answer_that_nobody_waits_for_any_more_is_wrong),
        TEST(test_an_aborted_try_is_given_up_at_the_servers),
        TEST(test_before_there_are_keys_the_deadline_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
