/*
 * What a worker says for one of its users: shell.h's shell_on_...().
 */
#include "base/secret.h"
#include "base/text.h"
#include "control/journal.h"
#include "control/log_about.h"
#include "control/shell_parts.h"

#define HELP_MAX 32768 /* bytes of the longest answer to `?` */

/* A copy of what was typed, cut as IOS cuts it. False: it holds a NUL. */
static bool
take_text(char *to, size_t room, struct span typed)
{
    if (typed.len > 0 && memchr(typed.ptr, '\0', typed.len) != NULL)
        return false;
    text_copy_span(to, room, typed);
    return true;
}

/* When a line, or a key that asks about it, comes. */
enum moment {
    MOMENT_PROMPT, /* as it should */
    MOMENT_PAST,   /* it crossed our word that the EXEC has ended */
    MOMENT_WRONG,
};

static enum moment
moment_of(const struct shell *sh)
{
    if (sh == NULL || sh->exec)
        return MOMENT_WRONG;
    if (sh->left || (sh->stopped && sh->running != NULL))
        return MOMENT_PAST;
    return sh->running == NULL ? MOMENT_PROMPT : MOMENT_WRONG;
}

static void
note_activity(struct session *s)
{
    s->active_ms = router_now_ms(s->router);
}

static void
give_up_line(struct shell *sh)
{
    if (cli_context_configures(&sh->context)) {
        shell_enter_exec(sh, sh->context.privilege);
        shell_log_configured(sh);
    }
    shell_next(sh);
}

bool
shell_on_line(struct session *s, const struct msg_line *m)
{
    struct shell *sh = shell_find(s, m->channel);
    char line[CLI_TYPED_MAX + 1];
    char prompt[CLI_PROMPT_MAX];

    if (moment_of(sh) != MOMENT_PROMPT)
        return moment_of(sh) == MOMENT_PAST;
    if (m->end != LINE_ENTER && m->end != LINE_CTRL_Z && m->end != LINE_CTRL_C)
        return false;
    /* A prompt is shown behind all output; or descriptors would pile up. */
    if (sh->files > 0 || !take_text(line, sizeof(line), m->text))
        return false;
    note_activity(s);
    if (m->end == LINE_CTRL_C) {
        give_up_line(sh);
        return true;
    }
    if (m->end == LINE_ENTER && connections_typed(sh, line))
        return true;
    shell_prompt(sh, prompt);
    command_line(sh, line, m->end == LINE_CTRL_Z, strlen(prompt), m->scrolled);
    wipe(line, sizeof(line));
    return true;
}

bool
shell_on_help(struct session *s, const struct msg_line_help *m)
{
    struct shell *sh = shell_find(s, m->channel);
    struct message reply = {.type = MSG_HELP};
    char line[CLI_TYPED_MAX + 1];
    struct buf text;

    if (moment_of(sh) != MOMENT_PROMPT)
        return moment_of(sh) == MOMENT_PAST;
    if (!take_text(line, sizeof(line), m->text))
        return false;
    note_activity(s);
    buf_init(&text, HELP_MAX);
    cli_help(s->router->language, &sh->context, line, &text);
    reply.help.channel = sh->channel;
    reply.help.text = buf_span(&text);
    shell_send(sh, &reply);
    buf_clear(&text);
    wipe(line, sizeof(line));
    return true;
}

bool
shell_on_complete(struct session *s, const struct msg_line_complete *m)
{
    struct shell *sh = shell_find(s, m->channel);
    struct message reply = {.type = MSG_COMPLETED};
    char line[CLI_TYPED_MAX + 1];
    struct buf text;

    if (moment_of(sh) != MOMENT_PROMPT)
        return moment_of(sh) == MOMENT_PAST;
    if (m->cursor > m->text.len || m->text.len > CLI_TYPED_MAX ||
        !take_text(line, sizeof(line), m->text))
        return false;
    line[m->cursor] = '\0';
    note_activity(s);
    buf_init_secret(&text, CLI_LINE_MAX);
    reply.completed.channel = sh->channel;
    reply.completed.line = m->text;
    reply.completed.cursor = m->cursor;
    if (cli_complete(s->router->language, &sh->context, line, &text)) {
        reply.completed.cursor = (uint32_t)buf_len(&text);
        buf_put(&text, m->text.ptr + m->cursor, m->text.len - m->cursor);
        if (buf_ok(&text) && buf_len(&text) <= CLI_TYPED_MAX)
            reply.completed.line = buf_span(&text);
        else
            reply.completed.cursor = m->cursor;
    }
    shell_send(sh, &reply);
    buf_clear(&text);
    wipe(line, sizeof(line));
    return true;
}

bool
shell_on_answer(struct session *s, const struct msg_answer *m)
{
    struct shell *sh = shell_find(s, m->channel);
    char text[ANSWER_MAX + 1];

    if (sh == NULL)
        return false;
    note_activity(s);
    if (sh->left)
        return true;
    if (sh->running == NULL || sh->running->on_answer == NULL ||
        !take_text(text, sizeof(text), m->text))
        return false;
    sh->unanswered = m->given ? 0 : sh->unanswered + 1;
    command_answer(sh->running, m->given ? text : NULL, m->timed_out);
    wipe(text, sizeof(text));
    return true;
}

/*
 * Of messages that may cross ours on the way (ipc/messages.h), those for a
 * channel that has ended are without effect.
 */
bool
shell_on_interrupt(struct session *s, uint32_t channel)
{
    struct shell *sh = shell_find(s, channel);
    struct running *run;

    run = sh != NULL ? sh->running : NULL;
    /* The command, or the channel, ended while the key was on its way. */
    if (run == NULL)
        return true;
    note_activity(s);
    /* What would have come after it does not come either. */
    run->rest = NULL;
    /* A question crossed it: the worker answers that one, with nothing. */
    if (run->on_answer == NULL && run->command.cancel != NULL)
        run->command.cancel(&run->command);
    return true;
}

bool
shell_on_window(struct session *s, const struct msg_window *m)
{
    struct shell *sh = shell_find(s, m->channel);

    if (sh == NULL)
        return true;
    sh->columns = m->columns;
    sh->rows = m->rows;
    /* The worker has drawn the same conclusion by itself. */
    shell_use_window(sh);
    if (sh->running != NULL && sh->running->command.on_window != NULL)
        sh->running->command.on_window(&sh->running->command);
    return true;
}

bool
shell_on_shown(struct session *s, uint32_t channel)
{
    struct shell *sh = shell_find(s, channel);

    if (sh == NULL) /* it crossed the channel's end */
        return true;
    if (sh->files == 0)
        return false;
    sh->files--;
    if (sh->exec && !sh->left)
        script_run(sh);
    return true;
}

bool
shell_on_activity(struct session *s, uint32_t channel)
{
    if (shell_find(s, channel) != NULL)
        note_activity(s);
    return true;
}

/* Somebody is on another channel of this line. */
static bool
others_stay(const struct session *s, const struct shell *but)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (s->shells[i] != NULL && s->shells[i] != but && !s->shells[i]->left)
            return true;
    return false;
}

void
shell_tell_idle(const struct session *s)
{
    log_about(s);
    journal_limited(
        s->router, s->peer_text, "SYS", LOG_INFORMATIONAL, "TTY_EXPIRE_TIMER",
        "(exec timer expired, tty %u (%s)), user %s", s->line,
        s->kind == SESSION_CONSOLE ? "0.0.0.0" : s->peer_text, s->user);
}

bool
shell_on_idle(struct session *s, uint32_t channel)
{
    struct shell *sh = shell_find(s, channel);

    if (sh == NULL || sh->left || !sh->started)
        return true;
    shell_tell_idle(s);
    sh->cause = CAUSE_IDLE;
    shell_stop(sh);
    if (sh->left && !others_stay(s, sh))
        session_disconnect(s, CAUSE_IDLE, SSH_REASON_BY_APPLICATION,
                           "exec timer expired");
    return true;
}

bool
shell_on_input_end(struct session *s, uint32_t channel)
{
    struct shell *sh = shell_find(s, channel);

    if (sh == NULL || sh->exec)
        return false;
    sh->input_over = true;
    if (moment_of(sh) == MOMENT_PROMPT)
        shell_stop(sh);
    return moment_of(sh) != MOMENT_WRONG;
}

bool
shell_on_break(struct session *s, const struct msg_stream_break *m)
{
    struct shell *sh = shell_find(s, m->channel);
    struct command *cmd;

    /* He may have left the stream meanwhile. */
    if (sh == NULL || sh->running == NULL || sh->running->on_detached == NULL)
        return true;
    cmd = &sh->running->command;
    if (cmd->on_break != NULL)
        cmd->on_break(cmd, m->ms);
    return true;
}

bool
shell_on_detached(struct session *s, const struct msg_detached *m)
{
    struct shell *sh = shell_find(s, m->channel);

    if (sh == NULL) /* it crossed the channel's end */
        return true;
    if (sh->attached == 0 || m->reason < DETACH_ENDED ||
        m->reason > DETACH_TAKE)
        return false;
    /* Each ATTACH has its own: one of a command that is gone is past. */
    if (--sh->attached == 0 && sh->running != NULL &&
        sh->running->on_detached != NULL)
        command_detached(sh->running, (enum detach_reason)m->reason);
    return true;
}
