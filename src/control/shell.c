#include "control/shell.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/accounting.h"
#include "control/alarms.h"
#include "control/banner.h"
#include "control/grant.h"
#include "control/journal.h"
#include "control/log_about.h"
#include "control/reverse.h"
#include "control/scp_request.h"
#include "control/serving.h"
#include "control/shell_parts.h"
#include "control/stays.h"

#define SECRET_SHOWN        "*****"
#define CONFIGURE_PRIVILEGE 15  /* of `configure terminal` */
#define MODES_MAX           512 /* bytes of a terminal's modes, encoded */

/* --- what the worker is told -------------------------------------------- */

void
shell_send(struct shell *sh, const struct message *m)
{
    if (!sh->left && !sh->ending)
        sh->queued = session_send(sh->session, m);
}

void
shell_print(struct shell *sh, struct span text)
{
    struct message m = {.type = MSG_OUTPUT};

    m.output.channel = sh->channel;
    m.output.text = text;
    shell_send(sh, &m);
}

void
shell_send_terminal(struct shell *sh)
{
    struct message m = {.type = MSG_TERMINAL};

    sh->exec_timeout_s = grant_idle_s(sh->session);
    m.terminal.channel = sh->channel;
    m.terminal.length = sh->length;
    m.terminal.width = sh->width;
    m.terminal.history = (uint32_t)sh->history.size;
    m.terminal.exec_timeout_s = sh->exec_timeout_s;
    m.terminal.fixed_length = sh->fixed_length;
    m.terminal.fixed_width = sh->fixed_width;
    m.terminal.escape = (uint8_t)sh->escape;
    shell_send(sh, &m);
}

void
shell_prompt(const struct shell *sh, char prompt[CLI_PROMPT_MAX])
{
    cli_prompt(&sh->context, sh->session->router->config.hostname, prompt,
               CLI_PROMPT_MAX);
}

static void
forget_entered(struct shell *sh)
{
    free(sh->entered);
    sh->entered = NULL;
}

static void
send_prompt(struct shell *sh)
{
    struct message m = {.type = MSG_PROMPT};
    char prompt[CLI_PROMPT_MAX];

    /* `exec-timeout` may have been changed by this line, or by others. */
    if (grant_idle_s(sh->session) != sh->exec_timeout_s)
        shell_send_terminal(sh);
    shell_prompt(sh, prompt);
    m.prompt.channel = sh->channel;
    m.prompt.prompt = span_text(prompt);
    m.prompt.entered =
        sh->entered == NULL ? SPAN_EMPTY : span_text(sh->entered);
    shell_send(sh, &m);
    forget_entered(sh);
}

static void
send_exit(struct shell *sh)
{
    struct message m = {.type = MSG_EXIT};

    m.exit.channel = sh->channel;
    m.exit.status = sh->status;
    shell_send(sh, &m);
    journal_unwatch(&sh->monitor);
    sh->left = true;
    sh->session->left_by = sh->cause == CAUSE_NONE ? CAUSE_LOGOUT : sh->cause;
}

/* --- life --------------------------------------------------------------- */

void
shell_use_window(struct shell *sh)
{
    if (!sh->fixed_length && sh->rows != 0)
        sh->length = sh->rows;
    if (!sh->fixed_width && sh->columns != 0)
        sh->width = sh->columns;
    /* Nobody could press a key for the next page. */
    if (!sh->pty || sh->exec)
        sh->length = 0;
}

/*
 * What an administrator has said of the line's screen counts more than what
 * clients say of theirs; most send 24 rows whatever they are.
 */
void
shell_use_line(struct shell *sh)
{
    const struct config_line *line = session_line(sh->session);

    sh->length = line->length;
    sh->width = line->width;
    sh->escape = line->escape;
    sh->fixed_length = line->length != CONFIG_LINE_LENGTH;
    sh->fixed_width = line->width != CONFIG_LINE_WIDTH;
    history_resize(&sh->history, line->history ? line->history_size : 0);
    shell_use_window(sh);
}

struct shell *
shell_find(struct session *s, uint32_t channel)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->shells[i] != NULL && s->shells[i]->channel == channel)
            return s->shells[i];
    return NULL;
}

void
shell_enter_exec(struct shell *sh, unsigned privilege)
{
    struct router *r = sh->session->router;

    cli_context_init(&sh->context, r->modes[0], privilege);
    sh->context.config = &r->config;
}

/* NULL: that channel has a shell, or there are more than can be. */
static struct shell *
shell_new(struct session *s, uint32_t channel)
{
    struct shell *sh;
    size_t slot = 0;

    while (slot < SSH_CHANNELS_MAX && s->shells[slot] != NULL)
        slot++;
    if (slot == SSH_CHANNELS_MAX || shell_find(s, channel) != NULL ||
        serving_has(s, channel))
        return NULL;
    sh = alloc_zero(1, sizeof(*sh));
    sh->session = s;
    sh->channel = channel;
    buf_init_secret(&sh->script, 0);
    buf_init(&sh->modes, MODES_MAX);
    history_init(&sh->history, 0);
    list_init(&sh->connections);
    sh->monitor.session = s;
    sh->monitor.channel = channel;
    list_init(&sh->monitor.node);
    shell_enter_exec(sh, s->privilege);
    s->shells[slot] = sh;
    return sh;
}

static void
shell_free(struct shell *sh)
{
    sh->ending = true;
    command_abort(sh);
    connections_end(sh);
    if (cli_context_configures(&sh->context))
        shell_log_configured(sh);
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (sh->session->shells[i] == sh)
            sh->session->shells[i] = NULL;
    buf_clear(&sh->script);
    buf_clear(&sh->modes);
    free(sh->directory);
    journal_unwatch(&sh->monitor);
    config_author_clear(&sh->author);
    history_clear(&sh->history);
    forget_entered(sh);
    free(sh);
}

/* What a far host is told of it, when the user goes on from here. */
static void
use_terminal(struct shell *sh, bool pty, struct span type, struct span modes)
{
    sh->pty = pty;
    text_escape(sh->terminal, sizeof(sh->terminal), type);
    buf_put_span(&sh->modes, modes);
}

/* REQUEST_REPLY and TERMINAL: the beginning of every channel. */
static void
accept_request(struct shell *sh, uint32_t columns, uint32_t rows)
{
    struct message m = {.type = MSG_REQUEST_REPLY};

    m.request_reply.channel = sh->channel;
    m.request_reply.ok = true;
    m.request_reply.raw = reverse_is_wanted(sh->session);
    shell_send(sh, &m);
    sh->columns = columns;
    sh->rows = rows;
    shell_use_line(sh);
    shell_send_terminal(sh);
}

void
shell_start(struct shell *sh, bool motd)
{
    const struct session *s = sh->session;
    const struct config_banners *banners = &s->router->config.banners;
    const struct config_line *line = session_line(s);
    struct buf text;

    sh->started = true;
    sh->stopped = false;
    sh->fresh = true;
    sh->unanswered = 0;
    shell_enter_exec(sh, s->privilege);
    shell_set_directory(sh, NULL);
    if (line->monitor)
        shell_set_monitor(sh, true);
    buf_init(&text, BANNER_SHOWN_MAX);
    buf_printf(&text, "\n");
    if (motd && banners->motd != NULL && banner_shows_motd(line)) {
        banner_put(&text, s, banners->motd);
        buf_printf(&text, "\n");
    }
    if (banners->exec != NULL && line->exec_banner) {
        banner_put(&text, s, banners->exec);
        buf_printf(&text, "\n");
    }
    /* Without a banner: two empty lines, as IOS begins an EXEC. */
    if (buf_len(&text) == 1)
        buf_printf(&text, "\n");
    shell_print(sh, buf_span(&text));
    buf_clear(&text);
}

static bool
fail_request(struct session *s, uint32_t channel)
{
    struct message m = {.type = MSG_REQUEST_REPLY};

    if (shell_find(s, channel) != NULL)
        return false;
    m.request_reply.channel = channel;
    session_send(s, &m);
    return true;
}

/* `no exec`: the request fails, and the line is free for somebody else. */
static bool
refuse_request(struct session *s, uint32_t channel)
{
    if (!fail_request(s, channel))
        return false;
    session_disconnect(s, CAUSE_REFUSED, SSH_REASON_BY_APPLICATION,
                       "no exec on this line");
    return true;
}

/* `aaa authorization exec` has said no: he is told so, and nothing follows. */
static void
turn_away(struct shell *sh)
{
    static const char text[] = "% Authorization failed.\n";

    sh->status = 1;
    sh->leaving = true;
    shell_print(sh, span_text(text));
    shell_next(sh);
}

bool
shell_open(struct session *s, const struct msg_shell *m)
{
    struct shell *sh;

    if (s->kind == SESSION_SSH && !reverse_is_wanted(s) &&
        !session_line(s)->exec)
        return refuse_request(s, m->channel);
    sh = shell_new(s, m->channel);
    if (sh == NULL)
        return false;
    use_terminal(sh, m->pty, m->terminal, m->modes);
    accept_request(sh, m->columns, m->rows);
    if (reverse_is_wanted(s)) {
        sh->started = true;
        command_dialogue(sh, reverse_enter);
        return true;
    }
    if (s->attached) {
        s->privilege = 15;
        stays_begin(s);
    }
    if (s->kind == SESSION_CONSOLE && !s->attached) {
        command_dialogue(sh, login_enter);
        return true;
    }
    if (grant_refuses(s)) {
        turn_away(sh);
        return true;
    }
    shell_start(sh, true);
    shell_next(sh);
    return true;
}

/* The text is for the device. A line has no files. */
static bool
exec_on_line(struct session *s, const struct msg_exec *m)
{
    struct shell *sh;

    if (scp_request_is(m->command))
        return fail_request(s, m->channel);
    sh = shell_new(s, m->channel);
    if (sh == NULL)
        return false;
    sh->exec = sh->started = true;
    use_terminal(sh, m->pty, m->terminal, m->modes);
    accept_request(sh, m->columns, m->rows);
    buf_init_secret(&sh->script, m->command.len + 1);
    buf_put_span(&sh->script, m->command);
    command_dialogue(sh, reverse_enter);
    return true;
}

bool
shell_exec(struct session *s, const struct msg_exec *m)
{
    const char *automatic;
    struct shell *sh;
    bool nohangup;

    if (reverse_is_wanted(s))
        return exec_on_line(s, m);
    if (!session_line(s)->exec)
        return refuse_request(s, m->channel);
    /* Whoever may run one command does not run another this way. */
    automatic = grant_autocommand(s, &nohangup);
    if (nohangup)
        automatic = NULL;
    if (automatic == NULL && !grant_refuses(s) &&
        shell_find(s, m->channel) == NULL && serving_exec(s, m))
        return true;
    sh = shell_new(s, m->channel);
    if (sh == NULL)
        return false;
    sh->exec = true;
    use_terminal(sh, m->pty, m->terminal, m->modes);
    sh->started = true;
    accept_request(sh, m->columns, m->rows);
    if (grant_refuses(s))
        turn_away(sh);
    else
        script_begin(sh, automatic != NULL ? span_text(automatic) : m->command);
    return true;
}

/* The `autocommand` in place of the first prompt; the EXEC ends with it. */
static bool
run_autocommand(struct shell *sh)
{
    bool nohangup;
    const char *automatic = grant_autocommand(sh->session, &nohangup);
    char *line;

    if (!sh->fresh)
        return false;
    sh->fresh = false;
    if (automatic == NULL)
        return false;
    /* A copy: the command may be `no username`. */
    line = text_dup(automatic);
    sh->leaving = !nohangup;
    command_line(sh, line, false, 0, 0);
    free(line);
    return true;
}

/* What one user entered is not for the next, nor is it in the worker. */
static void
empty_history(struct shell *sh)
{
    unsigned lines = (unsigned)sh->history.size;

    forget_entered(sh);
    shell_set_history(sh, 0);
    shell_set_history(sh, lines);
}

void
shell_next(struct shell *sh)
{
    struct session *s = sh->session;

    if (sh->left || sh->ending)
        return;
    if (!sh->leaving) {
        if (sh->exec) {
            script_run(sh);
        } else if (!run_autocommand(sh)) {
            connections_tell(sh);
            send_prompt(sh);
        }
        return;
    }
    connections_end(sh);
    /* The console's terminal stays; whoever comes next begins anew. */
    if (s->kind == SESSION_CONSOLE && !s->attached && !sh->input_over) {
        sh->leaving = false;
        sh->started = false;
        accounting_exec_end(s, NULL);
        alarms_logout(s);
        s->user[0] = '\0';
        grant_end(s);
        s->begun_ms = s->ends_ms = 0;
        shell_enter_exec(sh, 0);
        shell_use_line(sh);
        empty_history(sh);
        command_dialogue(sh, login_wait);
        return;
    }
    send_exit(sh);
}

void
shell_stop(struct shell *sh)
{
    command_abort(sh);
    if (cli_context_configures(&sh->context)) {
        shell_log_configured(sh);
        shell_enter_exec(sh, sh->context.privilege);
    }
    sh->leaving = sh->stopped = true;
    shell_next(sh);
}

void
shell_end(struct session *s, uint32_t channel)
{
    struct shell *sh = shell_find(s, channel);

    if (sh != NULL)
        shell_free(sh);
}

void
shells_end(struct session *s)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->shells[i] != NULL)
            shell_free(s->shells[i]);
}

void
shells_resume(struct session *s)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        struct shell *sh = s->shells[i];
        struct command *cmd;

        if (sh == NULL || sh->left)
            continue;
        sh->queued = 0;
        cmd = sh->running != NULL ? &sh->running->command : NULL;
        if (cmd != NULL && cmd->on_resume != NULL)
            cmd->on_resume(cmd);
        else if (cmd == NULL && sh->exec)
            script_run(sh);
    }
}

void
shells_clear_console(struct session *s)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->shells[i] != NULL && s->shells[i]->started)
            shell_stop(s->shells[i]);
}

bool
shell_is_started(const struct session *s)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->shells[i] != NULL && s->shells[i]->started)
            return true;
    return false;
}

bool
shells_are_over(const struct session *s)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->shells[i] != NULL && !s->shells[i]->left)
            return false;
    return true;
}

void
shell_screen(const struct shell *sh, struct shell_screen *screen)
{
    *screen = (struct shell_screen){.length = sh->length,
                                    .width = sh->width,
                                    .history = (unsigned)sh->history.size,
                                    .terminal = sh->terminal,
                                    .modes = buf_span(&sh->modes),
                                    .pty = sh->pty,
                                    .rows = sh->rows,
                                    .columns = sh->columns,
                                    .escape = sh->escape};
}

bool
shell_first_screen(const struct session *s, struct shell_screen *screen)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->shells[i] != NULL && s->shells[i]->started) {
            shell_screen(s->shells[i], screen);
            return true;
        }
    return false;
}

/* --- what commands may change ------------------------------------------- */

const struct cli_context *
shell_context(const struct shell *sh)
{
    return &sh->context;
}

unsigned
shell_privilege(const struct shell *sh)
{
    return sh->context.privilege;
}

void
shell_set_privilege(struct shell *sh, unsigned privilege)
{
    sh->context.privilege = privilege;
    /* `do disable`: whoever may not go there does not stay there. */
    if (privilege < CONFIGURE_PRIVILEGE && cli_context_configures(&sh->context))
        cli_context_enter(&sh->context, sh->session->router->modes[0]);
}

void
shell_set_mode(struct shell *sh, const struct cli_mode *mode)
{
    cli_context_enter(&sh->context, mode);
}

void
shell_leave(struct shell *sh, unsigned status)
{
    sh->leaving = true;
    if (status != 0)
        sh->status = status;
}

void
shell_set_length(struct shell *sh, unsigned length)
{
    sh->length = length;
    sh->fixed_length = true;
    shell_send_terminal(sh);
}

void
shell_set_width(struct shell *sh, unsigned width)
{
    sh->width = width;
    sh->fixed_width = true;
    shell_send_terminal(sh);
}

void
shell_set_escape(struct shell *sh, unsigned escape)
{
    sh->escape = escape;
    shell_send_terminal(sh);
}

const char *
shell_directory(const struct shell *sh)
{
    return sh->directory != NULL ? sh->directory : "flash:/";
}

void
shell_set_directory(struct shell *sh, const char *directory)
{
    char *copy = directory != NULL ? text_dup(directory) : NULL;

    free(sh->directory);
    sh->directory = copy;
}

void
shell_remember(struct shell *sh, const char *line, size_t open)
{
    size_t length = strlen(line);
    struct buf text;

    /* What is blank is no line; an exec request has no history. */
    if (sh->exec || line[strspn(line, " \t")] == '\0')
        return;
    free(sh->entered);
    sh->entered = text_dup_span(span_of(line, open));
    buf_init(&text, CLI_LINE_MAX);
    buf_printf(&text, "%s%s", sh->entered, open < length ? SECRET_SHOWN : "");
    history_add(&sh->history, buf_span(&text));
    buf_clear(&text);
}

void
shell_set_history(struct shell *sh, unsigned lines)
{
    history_resize(&sh->history, lines);
    shell_send_terminal(sh);
}

const struct history *
shell_history(const struct shell *sh)
{
    return &sh->history;
}

bool
shell_set_monitor(struct shell *sh, bool on)
{
    if (sh->session->kind == SESSION_CONSOLE)
        return false;
    journal_unwatch(&sh->monitor);
    if (on && !sh->exec)
        journal_watch(sh->session->router, &sh->monitor);
    return true;
}

void
shell_who(const struct shell *sh, char who[SHELL_WHO_MAX])
{
    const struct session *s = sh->session;
    const char *on = s->user[0] != '\0' ? " on " : "";

    if (s->kind == SESSION_CONSOLE)
        snprintf(who, SHELL_WHO_MAX, "%s%sconsole", s->user, on);
    else
        snprintf(who, SHELL_WHO_MAX, "%s%svty%u (%s)", s->user, on, s->vty,
                 s->peer_text);
}

void
shell_log_configured(struct shell *sh)
{
    char who[SHELL_WHO_MAX];

    config_author_clear(&sh->author);
    shell_who(sh, who);
    log_about(sh->session);
    journal_message(sh->session->router, "SYS", LOG_NOTICE, "CONFIG_I",
                    "Configured from console by %s", who);
}
