#include "control/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "control/aaa_servers.h"
#include "control/accounting.h"
#include "control/archive.h"
#include "control/command_rights.h"
#include "control/files.h"
#include "control/judge.h"
#include "control/keys.h"
#include "control/known_hosts.h"
#include "control/method_list.h"
#include "control/replace.h"
#include "control/resolver.h"
#include "control/rollback.h"
#include "control/shell_parts.h"
#include "control/storage.h"
#include "control/tty.h"

#define OUTPUT_ROOM (64 * 1024) /* bytes; output.c keeps it below 32 KiB */

struct running *
running_of(struct command *cmd)
{
    return LIST_ITEM(cmd, struct running, command);
}

/* --- life --------------------------------------------------------------- */

static struct running *
running_new(struct shell *sh)
{
    struct running *run = alloc_zero(1, sizeof(*run));
    struct command *cmd = &run->command;

    cmd->router = sh->session->router;
    cmd->config = &cmd->router->config;
    cmd->session = sh->session;
    cmd->shell = sh;
    /* Configurations, with the stored forms of passwords, go through it. */
    buf_init_secret(&cmd->output, OUTPUT_ROOM);
    run->file = -1;
    run->configured = cli_context_configures(&sh->context);
    sh->running = run;
    return run;
}

static void
running_free(struct running *run)
{
    struct command *cmd = &run->command;

    method_stop(&cmd->walk);
    if (cmd->free_state != NULL)
        cmd->free_state(cmd->state);
    if (run->matched)
        cli_match_clear(&run->match);
    if (run->line != NULL)
        wipe(run->line, strlen(run->line));
    free(run->line);
    buf_clear(&run->canonical);
    output_clear(run);
    redirect_free(run);
    run->command.shell->running = NULL;
    free(run);
}

static void
leave_configuration(struct running *run)
{
    struct shell *sh = run->command.shell;

    if ((run->to_exec || sh->leaving) && cli_context_configures(&sh->context))
        cli_context_enter(&sh->context, sh->session->router->modes[0]);
    if (run->configured && !cli_context_configures(&sh->context))
        shell_log_configured(sh);
}

static bool run_next(struct running *run);

/* What has run is recorded, with its level as it was typed. */
static void
record(struct running *run)
{
    if (!run->began)
        return;
    run->began = false;
    accounting_command(run->command.session, run->level,
                       buf_span(&run->canonical));
}

static void
log_change(struct running *run)
{
    struct shell *sh = run->command.shell;

    config_author_of(&sh->author, sh->session);
    config_log_add(run->command.router, &sh->author, &run->match);
}

/* `crypto key generate ...` and its like: no settings, and yet changes. */
static void
log_deed(struct running *run)
{
    const struct cli_match *match = run->command.match;

    if (run->configured && match != NULL && match->row->kind == CLI_EXEC &&
        match->row->privilege > 1 && !run->match.by_do && !run->command.failed)
        log_change(run);
}

/* The command has ended: write or show the rest, and let the user go on. */
static void
finish(struct running *run)
{
    struct shell *sh = run->command.shell;

    if (run_next(run))
        return;
    if (redirect_end(run))
        return;
    record(run);
    log_deed(run);
    output_show(run);
    output_end_filter(run);
    leave_configuration(run);
    if (sh->exec && run->command.failed)
        sh->status = 1;
    running_free(run);
    shell_next(sh);
}

/* Call one of the command's functions; `run` may be gone afterwards. */
static void
call(struct running *run, void (*function)(struct command *cmd))
{
    run->command.pending = false;
    run->calling = true;
    function(&run->command);
    run->calling = false;
    if (!run->command.pending)
        finish(run);
}

/* What the command before has left goes; the line's row and values come. */
static bool
take_next(struct running *run, const char *line)
{
    struct command *cmd = &run->command;
    struct cli_context context;

    if (cmd->free_state != NULL)
        cmd->free_state(cmd->state);
    cmd->state = NULL;
    cmd->free_state = NULL;
    cmd->cancel = cmd->on_resume = cmd->on_window = NULL;
    cmd->on_break = NULL;
    if (run->matched)
        cli_match_clear(&run->match);
    run->matched = true;
    cli_context_init(&context, cmd->router->modes[0],
                     shell_privilege(cmd->shell));
    return cli_parse(cmd->router->language, &context, line, &run->match) ==
               CLI_OK &&
           run->match.row->kind == CLI_SHOW;
}

static void
run_row(struct command *cmd)
{
    cmd->match->row->run(cmd);
}

/* The next of several commands in one; false: there is none. */
static bool
run_next(struct running *run)
{
    while (run->rest != NULL && *run->rest != NULL) {
        const char *line = *run->rest++;

        if (!take_next(run, line))
            continue;
        out_line(&run->command, "\n------------------ %s ------------------\n",
                 line);
        call(run, run_row);
        return true;
    }
    return false;
}

void
cmd_run_lines(struct command *cmd, const char *const *lines)
{
    running_of(cmd)->rest = lines;
}

/* Take the user's channel off its stream. */
static void
detach(struct running *run)
{
    struct shell *sh = run->command.shell;
    struct message m = {.type = MSG_DETACH};

    if (run->on_detached == NULL)
        return;
    run->on_detached = NULL;
    m.detach.channel = sh->channel;
    shell_send(sh, &m);
}

void
command_abort(struct shell *sh)
{
    struct running *run = sh->running;
    cmd_answer_fn on_answer;

    if (run == NULL)
        return;
    /* Nothing that its functions do now ends it a second time. */
    run->calling = true;
    run->rest = NULL;
    on_answer = run->on_answer;
    run->on_answer = NULL;
    if (on_answer != NULL)
        on_answer(&run->command, NULL);
    detach(run);
    record(run);
    judge_forget(sh->session->router, &run->command);
    aaa_forget(sh->session->router, &run->command);
    storage_forget(sh->session->router, &run->command);
    files_forget(sh->session->router, &run->command);
    archive_forget(sh->session->router, &run->command);
    replace_forget(sh->session->router, &run->command);
    rollback_forget(sh->session->router, &run->command);
    resolver_forget(sh->session->router, &run->command);
    known_hosts_forget(sh->session->router, &run->command);
    tty_forget(sh->session->router, &run->command);
    keys_forget_owner(sh->session->router, &run->command);
    output_end_filter(run);
    running_free(run);
}

/* --- settings ----------------------------------------------------------- */

static void
note_change(struct command *cmd)
{
    struct router *r = cmd->router;

    r->config_changed = true;
    r->changed.at = (uint64_t)time(NULL);
    text_copy(r->changed.user, sizeof(r->changed.user), cmd->session->user);
}

bool
cmd_apply(struct command *cmd)
{
    struct running *run = running_of(cmd);
    struct router *r = cmd->router;
    char refusal[CLI_REFUSAL_MAX];
    const char *refused;

    if (replace_is_under_way(r) && run->match.row->kind != CLI_LEAVE) {
        out_error(cmd, REPLACE_BUSY);
        return false;
    }
    refused = cli_apply(r->language, &r->config, &run->match, r, refusal);

    if (refused != NULL) {
        /* "" refuses silently. */
        if (refused[0] != '\0') {
            out_line(cmd, "%s", refused);
            cmd->failed = true;
        }
        return false;
    }
    cmd->shell->context = run->match.after;
    if (run->match.row->kind != CLI_LEAVE) {
        note_change(cmd);
        log_change(run);
    }
    return true;
}

struct cli_match *
cmd_match(struct command *cmd)
{
    return &running_of(cmd)->match;
}

static void
apply(struct command *cmd)
{
    /* The user was told if it was refused. */
    (void)cmd_apply(cmd);
}

static void
collect(struct command *cmd)
{
    struct running *run = running_of(cmd);

    cmd_collect(cmd, run->collect_prompt, run->collected);
}

static void
on_collected(struct command *cmd, const char *text)
{
    if (text == NULL)
        return;
    if (cli_add_line(cmd_match(cmd), text) != OK)
        out_error(cmd, "The text is longer than %u bytes", CLI_LINES_MAX);
    else
        collect(cmd);
}

void
cmd_collect(struct command *cmd, const char *prompt,
            void (*then)(struct command *cmd))
{
    struct running *run = running_of(cmd);

    run->collected = then;
    if (prompt != run->collect_prompt)
        text_copy(run->collect_prompt, sizeof(run->collect_prompt), prompt);
    if (cli_wants_line(&run->match))
        cmd_ask(cmd, run->collect_prompt, ASK_TEXT, 0, on_collected);
    else
        then(cmd);
}

/* --- beginning ---------------------------------------------------------- */

/* A command of several changes its match on the way. */
static void
note_beginning(struct running *run)
{
    struct command *cmd = &run->command;

    run->began = true;
    run->level = cli_level(&cmd->shell->context, &run->match);
    buf_init(&run->canonical, CLI_LINE_MAX);
    buf_put_span(&run->canonical, buf_span(&run->match.masked));
}

static void
begin_match(struct command *cmd)
{
    struct running *run = running_of(cmd);
    const struct cli_row *row = run->match.row;

    note_beginning(run);

    if (row->kind == CLI_EXEC || row->kind == CLI_SHOW)
        cmd->shell->context = run->match.after;
    if (!redirect_begin(run))
        return;
    output_filter(run);
    if (row->run != NULL)
        row->run(cmd);
    else
        cmd_collect(cmd, "", apply);
    running_of(cmd)->typed = NULL;
}

/* --- rights ------------------------------------------------------------- */

static void
on_rights(void *owner, const struct method_result *result)
{
    struct command *cmd = owner;
    struct running *run = running_of(cmd);

    cmd->cancel = NULL;
    if (result->outcome != METHOD_PASS) {
        out_line(cmd, "Command authorization failed.\n");
        cmd->failed = true;
        cmd_done(cmd);
    } else if (run->calling) {
        cmd->pending = false;
        begin_match(cmd);
    } else {
        call(run, begin_match);
    }
}

static void
give_up_rights(struct command *cmd)
{
    method_stop(&cmd->walk);
    cmd->cancel = NULL;
    cmd_done(cmd);
}

/* The command begins when it may: at once, or when servers have said so. */
static void
begin_rightful(struct command *cmd)
{
    static const struct method_events events = {.done = on_rights};
    struct running *run = running_of(cmd);
    struct session *s = cmd->session;
    unsigned level = cli_level(&cmd->shell->context, &run->match);
    /* A mode that is somebody's child configures. */
    const char *methods =
        command_rights_methods(s, level, run->match.mode->parent != NULL);

    if (methods == NULL) {
        begin_match(cmd);
        return;
    }
    /* Its line is the caller's, who does not wait. */
    run->line = text_dup(run->typed);
    run->typed = run->line;
    cmd->cancel = give_up_rights;
    cmd_wait(cmd);
    command_rights_ask(s, methods, level, buf_span(&run->match.masked), &events,
                       cmd, &cmd->walk);
}

static void
put_error(struct running *run, enum cli_result result, const char *line)
{
    size_t *column = &run->match.column;

    /* What is out of sight is marked where the line is cut. */
    *column -= *column < run->scrolled ? *column : run->scrolled;
    cli_error_text(result, &run->match, line, run->indent,
                   &run->command.output);
}

void
cmd_refuse_last_word(struct command *cmd)
{
    struct running *run = running_of(cmd);
    size_t end;

    cmd->failed = true;
    if (run->typed == NULL) {
        out_error(cmd, "Invalid input");
        return;
    }
    end = strcspn(run->typed, "|");
    while (end > 0 && strchr(" \t", run->typed[end - 1]) != NULL)
        end--;
    while (end > 0 && strchr(" \t", run->typed[end - 1]) == NULL)
        end--;
    run->match.column = end;
    put_error(run, CLI_INVALID, run->typed);
}

/*
 * A single word that is no command is a host's name, where the line says so
 * (`transport preferred ssh`): `ssh` and the word are taken in its place.
 */
static bool
take_name(struct running *run, const char *line)
{
    const struct shell *sh = run->command.shell;
    const char *word = line + strspn(line, " \t");
    size_t length = strcspn(word, " \t");
    const struct cli_language *language = sh->session->router->language;
    char instead[CLI_TYPED_MAX + sizeof("ssh ")];

    if (session_line(sh->session)->transport_preferred !=
            CONFIG_PREFERRED_SSH ||
        cli_context_configures(&sh->context) || word[0] == '-' ||
        word[length + strspn(word + length, " \t")] != '\0')
        return false;
    snprintf(instead, sizeof(instead), "ssh %.*s", (int)length, word);
    cli_match_clear(&run->match);
    run->command.named =
        cli_parse(language, &sh->context, instead, &run->match) == CLI_OK;
    if (run->command.named)
        return true;
    /* He may not use that command: his line is answered as it was typed. */
    cli_match_clear(&run->match);
    return cli_parse(language, &sh->context, line, &run->match) == CLI_OK;
}

void
command_line(struct shell *sh, const char *line, bool to_exec, size_t indent,
             size_t scrolled)
{
    struct running *run = running_new(sh);
    struct router *r = sh->session->router;
    enum cli_result result =
        cli_parse(r->language, &sh->context, line, &run->match);

    run->matched = true;
    run->to_exec = to_exec;
    shell_remember(sh, line, run->match.open_length);
    run->indent = indent;
    run->scrolled = scrolled;
    if (result == CLI_INVALID && take_name(run, line))
        result = CLI_OK;
    if (result == CLI_OK) {
        run->command.match = &run->match;
        run->typed = line;
        call(run, begin_rightful);
        return;
    }
    put_error(run, result, line);
    run->command.failed = result != CLI_EMPTY;
    finish(run);
}

void
command_dialogue(struct shell *sh, void (*start)(struct command *cmd))
{
    call(running_new(sh), start);
}

/* --- questions and waiting ---------------------------------------------- */

void
cmd_ask(struct command *cmd, const char *prompt, enum ask_kind kind,
        unsigned limit_s, cmd_answer_fn on_answer)
{
    struct running *run = running_of(cmd);
    struct shell *sh = cmd->shell;
    struct message m = {.type = MSG_ASK};

    output_show(run);
    m.ask.channel = sh->channel;
    m.ask.prompt = span_text(prompt);
    m.ask.kind = (uint8_t)kind;
    m.ask.limit_s = limit_s;
    shell_send(sh, &m);
    run->on_answer = on_answer;
    cmd->pending = true;
}

void
cmd_unask(struct command *cmd)
{
    struct message m = {.type = MSG_UNASK};

    if (running_of(cmd)->on_answer == NULL)
        return;
    m.unask.channel = cmd->shell->channel;
    shell_send(cmd->shell, &m);
}

void
command_answer(struct running *run, const char *text, bool timed_out)
{
    struct command *cmd = &run->command;
    cmd_answer_fn on_answer = run->on_answer;

    run->on_answer = NULL;
    cmd->timed_out = timed_out;
    cmd->pending = false;
    run->calling = true;
    on_answer(cmd, text);
    /* The end of an exec request's input: what it asked for was not done, and
       its status must not say otherwise. */
    if (text == NULL && cmd->shell->exec && !cmd->failed)
        out_error(cmd, "No answer was given");
    run->calling = false;
    if (!cmd->pending)
        finish(run);
}

void
cmd_wait(struct command *cmd)
{
    cmd->pending = true;
}

void
cmd_done(struct command *cmd)
{
    struct running *run = running_of(cmd);

    cmd->pending = false;
    if (!run->calling)
        finish(run);
}

/* --- streams ------------------------------------------------------------ */

void
cmd_put_session_timeout(const struct command *cmd, struct cmd_stream *stream)
{
    const struct config_line *line = session_line(cmd->session);

    stream->idle_s = line->session_timeout_min * 60;
    stream->idle_output = line->session_timeout_output;
}

void
cmd_attach(struct command *cmd, const struct cmd_stream *stream,
           cmd_detached_fn on_detached)
{
    struct running *run = running_of(cmd);
    struct shell *sh = cmd->shell;
    struct message m = {.type = MSG_ATTACH};

    output_show(run);
    m.attach.channel = sh->channel;
    m.attach.escape = stream->escape;
    m.attach.idle_s = stream->idle_s;
    m.attach.idle_output = stream->idle_output;
    m.attach.watches = stream->watches;
    m.attach.break_text =
        stream->break_text == NULL ? SPAN_EMPTY : span_text(stream->break_text);
    cmd->pending = true;
    run->on_detached = on_detached;
    if (sh->left || sh->ending)
        return;
    sh->queued = session_send_fd(sh->session, &m, stream->socket);
    sh->attached++;
}

void
cmd_detach(struct command *cmd)
{
    struct message m = {.type = MSG_DETACH};

    m.detach.channel = cmd->shell->channel;
    shell_send(cmd->shell, &m);
}

void
command_detached(struct running *run, enum detach_reason reason)
{
    cmd_detached_fn on_detached = run->on_detached;

    run->on_detached = NULL;
    on_detached(&run->command, reason);
}
