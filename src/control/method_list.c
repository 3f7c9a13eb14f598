#include "control/method_list.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "control/aaa_plan.h"
#include "control/aaa_servers.h"
#include "control/grant.h"
#include "control/judge.h"

#define LEVEL_MAX 15 /* whose secret the method `enable` of a login means */

struct method_walk {
    struct session *session;
    struct method_walk **place;
    const struct method_events *events;
    void *owner;

    char *methods;
    struct span rest; /* of them */
    struct config_method method;
    bool authorizes; /* else: who is he? */
    enum method_service service;
    unsigned level;
    char user[SSH_USER_MAX + 1];
    bool has_given;
    struct secret given;
    struct buf arguments;

    /* Of the group that is asked: */
    char *group;           /* its name; owned */
    bool radius;           /* else TACACS+ */
    uint64_t request;      /* its servers', 0: none */
    bool asking;           /* a question of theirs is with the user */
    enum aaa_outcome late; /* came while it was, and waits for him; 0: none */
};

static void take_next(struct method_walk *walk);

/* --- life --------------------------------------------------------------- */

static void
walk_free(struct method_walk *walk)
{
    *walk->place = NULL;
    judge_forget(walk->session->router, walk);
    aaa_forget(walk->session->router, walk);
    buf_clear(&walk->arguments);
    free(walk->group);
    secret_clear(&walk->given);
    free(walk->methods);
    free(walk);
}

void
method_stop(struct method_walk **place)
{
    if (*place != NULL)
        walk_free(*place);
}

/* The owner may begin another walk, or be gone afterwards. */
static void
finish_with(struct method_walk *walk, enum method_outcome outcome,
            struct span attributes, const char *text)
{
    struct method_result result = {.outcome = outcome,
                                   .method = walk->method,
                                   .attributes = attributes,
                                   .strict = !walk->radius,
                                   .text = text};
    const struct method_events *events = walk->events;
    char *methods = walk->methods; /* the method's name lies in it */
    void *owner = walk->owner;

    walk->methods = NULL;
    walk_free(walk);
    events->done(owner, &result);
    free(methods);
}

static void
finish(struct method_walk *walk, enum method_outcome outcome)
{
    finish_with(walk, outcome, SPAN_EMPTY, "");
}

static void
on_verdict(void *owner, bool accepted)
{
    finish(owner, accepted ? METHOD_PASS : METHOD_FAIL);
}

/* --- what is asked of aaa ----------------------------------------------- */

/* Is what was given what is stored there? An empty password never is. */
static void
judge_stored(struct method_walk *walk, uint32_t type,
             const struct config_secret *stored)
{
    struct msg_judge m = {.kind = JUDGE_PASSWORD,
                          .decoy = walk->given.len == 0};

    m.type = (uint8_t)config_password_type(type);
    m.stored = span_text(stored->text);
    m.given = secret_span(&walk->given);
    judge_ask(walk->session->router, &m, on_verdict, walk);
}

static void
judge_user_password(struct method_walk *walk)
{
    struct router *r = walk->session->router;
    const char *user = walk->user;

    /* Another case of letters is another user, that is none. */
    if (walk->method.kind == CONFIG_METHOD_LOCAL_CASE &&
        config_user_find(&r->config, user) == NULL)
        user = "";
    judge_local_password(r, span_text(user), secret_span(&walk->given),
                         on_verdict, walk);
}

/* What `enable` knows; NULL: nothing is configured. */
static const struct config_enable *
enable_entry(const struct method_walk *walk)
{
    const struct config *config = &walk->session->router->config;
    unsigned level = walk->service == METHOD_ENABLE ? walk->level : LEVEL_MAX;

    return config_enable_wanted(config, level);
}

/* --- what is asked of servers ------------------------------------------- */

static void
on_asked(void *owner, const char *text, const char *prompt, bool echo)
{
    struct method_walk *walk = owner;

    walk->asking = walk->events->ask != NULL;
    if (walk->asking)
        walk->events->ask(walk->owner, text, prompt, echo);
    else
        /* Where nobody can be asked, no server can say yes. */
        finish(walk, METHOD_FAIL);
}

static void
on_result(void *owner, enum aaa_outcome outcome, struct span attributes,
          const char *text)
{
    struct method_walk *walk = owner;

    walk->request = 0;
    /* aaa has died, or their patience is over: his answer is due all the
       same. */
    if (walk->asking)
        walk->late = outcome;
    else if (outcome == AAA_ERROR)
        take_next(walk);
    else
        finish_with(walk, outcome == AAA_PASS ? METHOD_PASS : METHOD_FAIL,
                    attributes, text);
}

static void
ask_group(struct method_walk *walk)
{
    static const struct aaa_events events = {on_asked, on_result};
    const struct session *s = walk->session;
    char port[16];
    struct aaa_ask ask = {
        .kind = walk->authorizes ? AAA_AUTHORIZE : AAA_AUTHENTICATE,
        .user = span_text(walk->user),
        .has_given = walk->has_given,
        .given = secret_span(&walk->given),
        .service = walk->service == METHOD_ENABLE ? AAA_ENABLE : AAA_LOGIN,
        .privilege = walk->level,
        .port = port,
        .remote = s->peer_text[0] != '\0' ? s->peer_text : "async",
        .arguments = buf_span(&walk->arguments),
    };

    /* An empty password is nobody's (10.3), and asks for none at a server. */
    if (walk->has_given && walk->given.len == 0) {
        finish(walk, METHOD_FAIL);
        return;
    }
    snprintf(port, sizeof(port), "tty%u", s->line);
    walk->request = aaa_group_ask(s->router, walk->group, &ask, &events, walk);
}

/* Servers of a kind that let a user in have said then what he may do. */
static bool
group_is_radius(const struct config *config, struct config_method method)
{
    struct aaa_plan plan;
    char *group;
    bool radius;

    if (method.kind != CONFIG_METHOD_GROUP)
        return false;
    group = text_dup_span(method.group);
    radius = aaa_plan_make(config, group, &plan) && plan.protocol == AAA_RADIUS;
    free(group);
    return radius;
}

/* False: there is nobody to ask, and nobody will be asked for a password. */
static bool
find_group(struct method_walk *walk)
{
    const struct session *s = walk->session;
    struct aaa_plan plan;

    free(walk->group);
    walk->group = text_dup_span(walk->method.group);
    if (!aaa_plan_make(&s->router->config, walk->group, &plan) ||
        plan.count == 0)
        return false;
    walk->radius = plan.protocol == AAA_RADIUS;
    /* RADIUS knows no authorization by itself, and none of commands. */
    return !walk->authorizes || !walk->radius ||
           ((buf_len(&walk->arguments) == 0 ||
             walk->service == METHOD_REVERSE_ACCESS) &&
            group_is_radius(&s->router->config, grant_method(s)));
}

/* --- methods ------------------------------------------------------------ */

/* The user has given something: is it right? */
static void
judge(struct method_walk *walk)
{
    const struct config_line *line = session_line(walk->session);
    const struct config_enable *enable = enable_entry(walk);

    switch (walk->method.kind) {
    case CONFIG_METHOD_ENABLE:
        if (enable != NULL)
            judge_stored(walk, enable->type, &enable->text);
        else
            take_next(walk);
        break;
    case CONFIG_METHOD_LINE:
        if (line->password.text != NULL)
            judge_stored(walk, line->password_type, &line->password);
        else
            take_next(walk);
        break;
    case CONFIG_METHOD_GROUP:
        ask_group(walk);
        break;
    default:
        judge_user_password(walk);
        break;
    }
}

static void
ask_password(struct method_walk *walk)
{
    const char *prompt = walk->session->router->config.aaa.password_prompt;
    char shown[METHOD_PROMPT_MAX];

    text_escape(shown, sizeof(shown),
                span_text(prompt != NULL ? prompt : "Password: "));
    walk->events->ask(walk->owner, "", shown, false);
}

/* Whoever stands at the console may come in by that name: nopassword. */
static bool
needs_no_password(const struct method_walk *walk)
{
    const struct session *s = walk->session;
    const struct config_user *user;

    if (s->kind != SESSION_CONSOLE || walk->service != METHOD_LOGIN)
        return false;
    user = judge_user(s->router, span_text(walk->user));
    return user != NULL && user->credential == CONFIG_CREDENTIAL_EMPTY &&
           (walk->method.kind != CONFIG_METHOD_LOCAL_CASE ||
            strcmp(user->name, walk->user) == 0);
}

/* Nothing is configured that could be compared. */
static bool
is_unusable(struct method_walk *walk)
{
    walk->radius = false;
    switch (walk->method.kind) {
    case CONFIG_METHOD_GROUP:
        return !find_group(walk);
    case CONFIG_METHOD_ENABLE:
        return enable_entry(walk) == NULL;
    case CONFIG_METHOD_LINE:
        return session_line(walk->session)->password.text == NULL;
    case CONFIG_METHOD_IF_AUTHENTICATED:
        return !walk->authorizes;
    default:
        return false;
    }
}

/* Servers of TACACS+ ask in their own words. */
static void
begin_group(struct method_walk *walk)
{
    if (walk->authorizes && walk->radius)
        finish_with(walk, METHOD_PASS, grant_attributes(walk->session), "");
    else if (walk->radius && !walk->has_given)
        ask_password(walk);
    else
        ask_group(walk);
}

/* A method that says at once what he may do. */
static enum method_outcome
authorize(const struct method_walk *walk)
{
    const struct session *s = walk->session;

    switch (walk->method.kind) {
    case CONFIG_METHOD_NONE:
        return METHOD_PASS;
    case CONFIG_METHOD_IF_AUTHENTICATED:
        return grant_method(s).kind != CONFIG_METHOD_NONE ? METHOD_PASS
                                                          : METHOD_FAIL;
    default:
        return judge_user(s->router, span_text(walk->user)) != NULL
                   ? METHOD_PASS
                   : METHOD_FAIL;
    }
}

static void
take_next(struct method_walk *walk)
{
    do {
        if (!config_method_next(&walk->rest, &walk->method)) {
            finish(walk, METHOD_ERROR);
            return;
        }
    } while (is_unusable(walk));
    if (walk->method.kind == CONFIG_METHOD_GROUP)
        begin_group(walk);
    else if (walk->authorizes)
        finish(walk, authorize(walk));
    else if (walk->method.kind == CONFIG_METHOD_NONE)
        finish(walk, METHOD_PASS);
    else if (walk->has_given)
        judge(walk);
    else if ((walk->method.kind == CONFIG_METHOD_LOCAL ||
              walk->method.kind == CONFIG_METHOD_LOCAL_CASE) &&
             needs_no_password(walk))
        finish(walk, METHOD_PASS);
    else
        ask_password(walk);
}

/* --- what the owner says ------------------------------------------------ */

/* More than can be right is as wrong as nothing. */
static void
take_given(struct method_walk *walk, struct span text)
{
    walk->has_given = true;
    if (text.len > SSH_PASSWORD_MAX || !secret_set(&walk->given, text))
        secret_clear(&walk->given);
}

static struct method_walk *
walk_new(const struct method_request *request,
         const struct method_events *events, void *owner,
         struct method_walk **place)
{
    struct method_walk *walk = alloc_zero(1, sizeof(*walk));

    walk->session = request->session;
    walk->events = events;
    walk->owner = owner;
    walk->methods = text_dup(request->methods);
    walk->rest = span_text(walk->methods);
    walk->service = request->service;
    walk->level = request->level;
    text_copy_span(walk->user, sizeof(walk->user), request->user);
    if (request->has_given)
        take_given(walk, request->given);
    buf_init(&walk->arguments, AAA_ARGUMENTS_MAX);
    buf_put_span(&walk->arguments, request->arguments);
    walk->place = place;
    *place = walk;
    return walk;
}

void
method_authenticate(const struct method_request *request,
                    const struct method_events *events, void *owner,
                    struct method_walk **place)
{
    take_next(walk_new(request, events, owner, place));
}

void
method_authorize(const struct method_request *request,
                 const struct method_events *events, void *owner,
                 struct method_walk **place)
{
    struct method_walk *walk = walk_new(request, events, owner, place);

    walk->authorizes = true;
    take_next(walk);
}

void
method_answer(struct method_walk *walk, struct span text)
{
    enum aaa_outcome late = walk->late;

    walk->asking = false;
    walk->late = 0;
    if (late == AAA_ERROR) {
        take_next(walk);
        return;
    }
    if (late != 0) {
        finish(walk, METHOD_FAIL);
        return;
    }
    if (walk->request != 0) {
        aaa_group_answer(walk->session->router, walk->request, true, text);
        return;
    }
    take_given(walk, text);
    judge(walk);
}

/* --- whose list --------------------------------------------------------- */

const char *
method_list_login(const struct session *s)
{
    const struct config *config = &s->router->config;
    const struct config_line *target = line_target_login(config, &s->target);
    const struct config_line *line = target != NULL ? target : session_line(s);
    bool console = s->kind == SESSION_CONSOLE;
    const struct config_methods *m;

    if (!config->aaa.new_model)
        return line->login == CONFIG_LOGIN_LOCAL ? "local" : NULL;
    m = config_methods_for(config, line, CONFIG_AAA_LOGIN, 0);
    if (m != NULL)
        return m->methods;
    return console ? "none" : "local";
}

bool
method_list_wants_user(const char *methods)
{
    struct span rest = span_text(methods);
    struct config_method method;

    while (config_method_next(&rest, &method))
        if (method.kind == CONFIG_METHOD_GROUP ||
            method.kind == CONFIG_METHOD_LOCAL ||
            method.kind == CONFIG_METHOD_LOCAL_CASE)
            return true;
    return false;
}
