/*
 * Line con 0: who may begin an EXEC there, and what stands on the screen when
 * nobody does. Over SSH the login is done before there is a shell: auth.c.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/accounting.h"
#include "control/banner.h"
#include "control/grant.h"
#include "control/guard.h"
#include "control/judge.h"
#include "control/method_list.h"
#include "control/shell_parts.h"
#include "control/stays.h"

#define LOGIN_TRIES    3
#define UNANSWERED_MAX 3 /* questions in a row; then nobody is there */

struct login {
    unsigned tries;
    char user[CLI_TYPED_MAX + 1]; /* as typed */
};

static void ask_user(struct command *cmd);

static void
put_banner(struct command *cmd, const char *banner)
{
    struct buf text;

    if (banner == NULL)
        return;
    buf_init(&text, BANNER_SHOWN_MAX);
    banner_put(&text, cmd->session, banner);
    out(cmd, "\n");
    out_span(cmd, buf_span(&text));
    buf_clear(&text);
}

/* The line is given back: `Press RETURN` comes next. */
static void
give_up(struct command *cmd)
{
    shell_leave(cmd->shell, 0);
}

static void
begin_exec(struct command *cmd, bool motd)
{
    cmd_flush(cmd);
    stays_begin(cmd->session);
    accounting_exec_begin(cmd->session);
    shell_start(cmd->shell, motd);
}

/* One more try, if there is one; else the line is given back. */
static bool
tries_again(struct command *cmd, void (*ask)(struct command *cmd))
{
    const struct config_aaa *aaa = &cmd->config->aaa;
    struct login *login = cmd->state;

    if (++login->tries >= (aaa->new_model ? aaa->attempts : LOGIN_TRIES))
        return false;
    ask(cmd);
    return true;
}

static void
time_out(struct command *cmd, const char *question)
{
    if (cmd->timed_out)
        out(cmd, "%% %s:  timeout expired!\n", question);
    give_up(cmd);
}

static void
ask_password(struct command *cmd, cmd_answer_fn on_answer)
{
    cmd_ask(cmd, "Password: ", ASK_SECRET,
            session_line(cmd->session)->login_response_s, on_answer);
}

/* --- login local -------------------------------------------------------- */

static void
let_in(struct command *cmd, const struct config_user *user)
{
    text_copy(cmd->session->user, sizeof(cmd->session->user), user->name);
    cmd->session->privilege = session_privilege(cmd->session, user);
    guard_succeeded(cmd->session);
    begin_exec(cmd, false);
}

static void
on_verdict(void *owner, bool accepted)
{
    struct command *cmd = owner;
    struct login *login = cmd->state;
    const struct config_user *user =
        judge_user(cmd->router, span_text(login->user));

    /* He may have been removed while his password was looked at. */
    if (accepted && user != NULL) {
        let_in(cmd, user);
        cmd_done(cmd);
        return;
    }
    guard_failed(cmd->session, span_text(login->user));
    out(cmd, "%% Login invalid\n\n");
    if (tries_again(cmd, ask_user))
        return;
    give_up(cmd);
    cmd_done(cmd);
}

static void
on_password(struct command *cmd, const char *text)
{
    const struct login *login = cmd->state;

    if (text == NULL) {
        time_out(cmd, "Password");
        return;
    }
    judge_local_password(cmd->router, span_text(login->user), span_text(text),
                         on_verdict, cmd);
    cmd_wait(cmd);
}

static void
on_user(struct command *cmd, const char *text)
{
    struct login *login = cmd->state;
    const struct config_user *user;

    if (text == NULL) {
        time_out(cmd, "Username");
        return;
    }
    if (text[0] == '\0') {
        ask_user(cmd);
        return;
    }
    text_copy(login->user, sizeof(login->user), text);
    user = judge_user(cmd->router, span_text(text));
    /* Whoever stands at the console may come in by that name: nopassword. */
    if (user != NULL && user->credential == CONFIG_CREDENTIAL_EMPTY)
        let_in(cmd, user);
    else
        ask_password(cmd, on_password);
}

static void
ask_user(struct command *cmd)
{
    cmd_ask(cmd, "Username: ", ASK_LINE,
            session_line(cmd->session)->login_response_s, on_user);
}

/* --- login: the line's own password ------------------------------------- */

static void on_line_password(struct command *cmd, const char *text);

static void
ask_line_password(struct command *cmd)
{
    ask_password(cmd, on_line_password);
}

static void
on_line_verdict(void *owner, bool accepted)
{
    struct command *cmd = owner;

    if (accepted) {
        cmd->session->privilege = session_privilege(cmd->session, NULL);
        guard_succeeded(cmd->session);
        begin_exec(cmd, false);
        cmd_done(cmd);
        return;
    }
    guard_failed(cmd->session, SPAN_EMPTY);
    if (tries_again(cmd, ask_line_password))
        return;
    out_error(cmd, "Bad passwords");
    give_up(cmd);
    cmd_done(cmd);
}

static void
on_line_password(struct command *cmd, const char *text)
{
    const struct config_line *line = session_line(cmd->session);
    struct msg_judge m = {.kind = JUDGE_PASSWORD};

    if (text == NULL) {
        time_out(cmd, "Password");
        return;
    }
    /* Another session took the password away meanwhile. */
    if (line->password.text == NULL) {
        give_up(cmd);
        return;
    }
    m.type = (uint8_t)config_password_type(line->password_type);
    m.stored = span_text(line->password.text);
    m.given = span_text(text);
    judge_ask(cmd->router, &m, on_line_verdict, cmd);
    cmd_wait(cmd);
}

/* --- aaa new-model ------------------------------------------------------ */

static void ask_again(struct command *cmd);

/* He may have been removed while his password was looked at. */
static bool
is_accepted(const struct command *cmd, const struct method_result *result)
{
    const struct login *login = cmd->state;
    bool local = result->method.kind == CONFIG_METHOD_LOCAL ||
                 result->method.kind == CONFIG_METHOD_LOCAL_CASE;

    return result->outcome == METHOD_PASS &&
           (!local || judge_user(cmd->router, span_text(login->user)) != NULL);
}

/* A line that has asked nothing has shown no message of the day either. */
static void
begin_granted(struct command *cmd)
{
    const struct login *login = cmd->state;

    if (login != NULL)
        guard_succeeded(cmd->session);
    begin_exec(cmd, login == NULL);
    cmd_done(cmd);
}

static void
on_authorized(void *owner, const struct method_result *result)
{
    struct command *cmd = owner;

    if (grant_take(cmd->session, result) && !grant_refuses(cmd->session)) {
        begin_granted(cmd);
        return;
    }
    out_error(cmd, "Authorization failed.");
    give_up(cmd);
    cmd_done(cmd);
}

/* What he may do is asked, if `aaa authorization console` says so. */
static void
let_in_by_method(struct command *cmd, const char *user,
                 const struct method_result *by)
{
    static const struct method_events events = {.done = on_authorized};
    struct session *s = cmd->session;
    struct method_request request = {.session = s, .service = METHOD_LOGIN};

    s->user[0] = '\0';
    if (judge_name_is_valid(span_text(user)))
        text_copy(s->user, sizeof(s->user), user);
    grant_begin(s, by);
    request.user = span_text(s->user);
    request.methods = grant_exec_methods(s);
    if (request.methods == NULL) {
        begin_granted(cmd);
        return;
    }
    cmd_wait(cmd);
    method_authorize(&request, &events, cmd, &cmd->walk);
}

/* What a server says stands on lines of its own. */
static void
put_server_text(struct command *cmd, const char *text)
{
    size_t length = strlen(text);

    out_span(cmd, span_of(text, length));
    if (length > 0 && text[length - 1] != '\n')
        out(cmd, "\n");
}

static void
on_done(void *owner, const struct method_result *result)
{
    struct command *cmd = owner;
    const struct login *login = cmd->state;
    const char *failed = cmd->config->aaa.fail_message;

    if (is_accepted(cmd, result)) {
        put_server_text(cmd, result->text);
        let_in_by_method(cmd, login->user, result);
        return;
    }
    guard_failed(cmd->session, span_text(login->user));
    put_server_text(cmd, result->text);
    if (failed != NULL)
        out(cmd, "%s", failed);
    else
        out(cmd, "%% Authentication failed\n\n");
    if (tries_again(cmd, ask_again))
        return;
    give_up(cmd);
    cmd_done(cmd);
}

static void
on_answer(struct command *cmd, const char *text)
{
    if (text == NULL) {
        method_stop(&cmd->walk);
        time_out(cmd, "Password");
        return;
    }
    cmd_wait(cmd);
    method_answer(cmd->walk, span_text(text));
}

static void
on_ask(void *owner, const char *text, const char *prompt, bool echo)
{
    struct command *cmd = owner;

    put_server_text(cmd, text);

    cmd_ask(cmd, prompt, echo ? ASK_LINE : ASK_SECRET,
            session_line(cmd->session)->login_response_s, on_answer);
}

static void
walk_methods(struct command *cmd)
{
    static const struct method_events events = {.ask = on_ask, .done = on_done};
    const struct login *login = cmd->state;
    const char *methods = method_list_login(cmd->session);
    struct method_request request = {.session = cmd->session,
                                     .methods = methods != NULL ? methods : "",
                                     .service = METHOD_LOGIN,
                                     .user = span_text(login->user)};

    if (!judge_name_is_valid(request.user))
        request.user = SPAN_EMPTY;
    cmd_wait(cmd);
    method_authenticate(&request, &events, cmd, &cmd->walk);
}

static void ask_name(struct command *cmd);

static void
on_name(struct command *cmd, const char *text)
{
    struct login *login = cmd->state;

    if (text == NULL) {
        time_out(cmd, "Username");
    } else if (text[0] == '\0') {
        ask_name(cmd);
    } else {
        text_copy(login->user, sizeof(login->user), text);
        walk_methods(cmd);
    }
}

static void
ask_name(struct command *cmd)
{
    const char *prompt = cmd->config->aaa.username_prompt;

    cmd_ask(cmd, prompt != NULL ? prompt : "Username: ", ASK_LINE,
            session_line(cmd->session)->login_response_s, on_name);
}

/* Methods of this line may be others than at the last try. */
static void
ask_again(struct command *cmd)
{
    const char *methods = method_list_login(cmd->session);

    if (methods != NULL && method_list_wants_user(methods))
        ask_name(cmd);
    else
        walk_methods(cmd);
}

/* --- the way in --------------------------------------------------------- */

/* `aaa authentication banner` stands in its place. */
static void
put_heading(struct command *cmd)
{
    const struct config_aaa *aaa = &cmd->config->aaa;

    if (aaa->new_model && aaa->banner != NULL)
        out(cmd, "\n%s", aaa->banner);
    else
        out(cmd, "\n\nUser Access Verification\n\n");
}

static void
begin_login(struct command *cmd, void (*ask)(struct command *cmd))
{
    const struct config_banners *banners = &cmd->config->banners;

    cmd->state = alloc_zero(1, sizeof(struct login));
    cmd->free_state = free;
    if (banner_shows_motd(session_line(cmd->session)))
        put_banner(cmd, banners->motd);
    put_banner(cmd, banners->login);
    put_heading(cmd);
    ask(cmd);
}

static void on_return(struct command *cmd, const char *text);

/* Without a list, or when it begins with `none`, nobody is asked anything. */
static void
begin_by_methods(struct command *cmd)
{
    struct span methods = span_text(method_list_login(cmd->session));
    struct method_result nobody = {.outcome = METHOD_PASS,
                                   .method = {.kind = CONFIG_METHOD_NONE}};

    (void)config_method_next(&methods, &nobody.method);
    if (nobody.method.kind != CONFIG_METHOD_NONE)
        begin_login(cmd, ask_again);
    else
        let_in_by_method(cmd, "", &nobody);
}

void
login_enter(struct command *cmd)
{
    const struct config_line *line = session_line(cmd->session);

    if (!line->exec) {
        /* `no exec`: RETURN does nothing, and says nothing. */
        cmd_ask(cmd, "", ASK_SECRET, 0, on_return);
    } else if (cmd->config->aaa.new_model) {
        begin_by_methods(cmd);
    } else if (line->login == CONFIG_LOGIN_LOCAL) {
        begin_login(cmd, ask_user);
    } else if (line->login != CONFIG_LOGIN_PASSWORD) {
        cmd->session->privilege = session_privilege(cmd->session, NULL);
        begin_exec(cmd, true);
    } else if (line->password.text != NULL) {
        begin_login(cmd, ask_line_password);
    } else {
        out(cmd, "\n\nPassword required, but none set\n");
        give_up(cmd);
    }
}

static void
on_return(struct command *cmd, const char *text)
{
    if (text != NULL) {
        login_enter(cmd);
    } else if (cmd->shell->unanswered >= UNANSWERED_MAX) {
        /* The end of a script: nobody will ever press RETURN. */
        cmd->shell->input_over = true;
        shell_leave(cmd->shell, 0);
    } else {
        login_wait(cmd);
    }
}

void
login_wait(struct command *cmd)
{
    out(cmd,
        "\n\n\n%s con0 is now available\n\n\n\n\n\n"
        "Press RETURN to get started.\n\n\n\n",
        cmd->config->hostname);
    cmd_ask(cmd, "", ASK_SECRET, 0, on_return);
}
