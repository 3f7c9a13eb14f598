/*
 * Line con 0: who may begin an EXEC there, and what stands on the screen when
 * nobody does. Over SSH the login is done before there is a shell: auth.c.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/banner.h"
#include "control/judge.h"
#include "control/shell_parts.h"

#define LOGIN_LIMIT_S  30 /* for a name, and for a password */
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
    shell_start(cmd->shell, motd);
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
        text_copy(cmd->session->user, sizeof(cmd->session->user), user->name);
        cmd->session->privilege = user->privilege;
        begin_exec(cmd, false);
        cmd_done(cmd);
        return;
    }
    out(cmd, "%% Login invalid\n\n");
    if (++login->tries < LOGIN_TRIES) {
        ask_user(cmd);
        return;
    }
    give_up(cmd);
    cmd_done(cmd);
}

static void
on_password(struct command *cmd, const char *text)
{
    const struct login *login = cmd->state;

    if (text == NULL) {
        if (cmd->timed_out)
            out(cmd, "%% Password:  timeout expired!\n");
        give_up(cmd);
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

    if (text == NULL) {
        if (cmd->timed_out)
            out(cmd, "%% Username:  timeout expired!\n");
        give_up(cmd);
        return;
    }
    if (text[0] == '\0') {
        ask_user(cmd);
        return;
    }
    text_copy(login->user, sizeof(login->user), text);
    cmd_ask(cmd, "Password: ", ASK_SECRET, LOGIN_LIMIT_S, on_password);
}

static void
ask_user(struct command *cmd)
{
    cmd_ask(cmd, "Username: ", ASK_LINE, LOGIN_LIMIT_S, on_user);
}

void
login_enter(struct command *cmd)
{
    const struct config *config = cmd->config;

    if (config->console.login != CONFIG_LOGIN_LOCAL) {
        begin_exec(cmd, true);
        return;
    }
    cmd->state = alloc_zero(1, sizeof(struct login));
    cmd->free_state = free;
    put_banner(cmd, config->banners.motd);
    put_banner(cmd, config->banners.login);
    out(cmd, "\n\nUser Access Verification\n\n");
    ask_user(cmd);
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
