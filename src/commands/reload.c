/*
 * `reload`: the router ends in order; whatever started it starts it again.
 * Now, in a while, or at a time of day.
 */
#include "control/reload.h"
#include "control/local_time.h"

#include <stdio.h>
#include <time.h>

#include "base/text.h"
#include "commands/answers.h"
#include "commands/rows.h"
#include "commands/save.h"
#include "control/clock.h"

#define DAY_S     86400
#define DELAY_MAX 128 /* bytes of a delay in words */

/* --- when and why ------------------------------------------------------- */

/* It goes to logs and to everybody's screen: fit to show. */
static void
wanted_reason(const struct command *cmd, char to[RELOAD_TEXT_MAX])
{
    const char *reason = cli_text(cmd->match, "reason");

    text_escape(to, RELOAD_TEXT_MAX,
                span_text(reason == NULL ? RELOAD_COMMAND : reason));
}

/* Seconds until the reload that the line asks for; false: now. */
static bool
wanted_delay(const struct command *cmd, uint64_t *delay_s)
{
    const struct cli_match *match = cmd->match;
    uint64_t now, local, left;

    if (cli_given(match, "minutes")) {
        *delay_s = (uint64_t)cli_number(match, "minutes") * 60;
    } else if (cli_given(match, "delay")) {
        *delay_s = cli_number(match, "delay");
    } else if (cli_given(match, "clock")) {
        /* Today, or when it is over for today, tomorrow. */
        now = (uint64_t)time(NULL);
        local = now + (uint64_t)local_offset_s(cmd->config, now);
        left = (cli_number(match, "clock") + DAY_S - local % DAY_S) % DAY_S;
        if (left == 0)
            left = DAY_S;
        *delay_s =
            (uint64_t)local_to_utc(cmd->config, (time_t)(local + left)) - now;
    } else {
        return false;
    }
    return true;
}

/* "4 minutes and 48 seconds" */
static void
delay_words(uint64_t delay_s, char to[DELAY_MAX])
{
    const struct {
        const char *word;
        uint64_t count;
    } units[] = {
        {"hour", delay_s / 3600},
        {"minute", delay_s / 60 % 60},
        {"second", delay_s % 60},
    };
    size_t len = 0, left = 0;

    text_copy(to, DELAY_MAX, "0 seconds");
    for (size_t i = 0; i < 3; i++)
        left += units[i].count > 0;
    for (size_t i = 0; i < 3; i++)
        if (units[i].count > 0) {
            left--;
            len +=
                (size_t)snprintf(to + len, DELAY_MAX - len, "%s%llu %s%s",
                                 len == 0    ? ""
                                 : left == 0 ? " and "
                                             : ", ",
                                 (unsigned long long)units[i].count,
                                 units[i].word, units[i].count == 1 ? "" : "s");
        }
}

static void
show_plan(struct command *cmd, uint64_t at, uint64_t delay_s, const char *who,
          const char *reason)
{
    char when[CLOCK_TEXT_MAX], delay[DELAY_MAX];

    clock_text(cmd->config, at, CLOCK_DATE, when);
    delay_words(delay_s, delay);
    out_line(cmd, "Reload scheduled for %s (in %s) by %s", when, delay, who);
    out_line(cmd, "Reload reason: %s", reason);
}

/* --- the dialogue ------------------------------------------------------- */

static void
on_proceed(struct command *cmd, const char *text)
{
    char who[SHELL_WHO_MAX], reason[RELOAD_TEXT_MAX];
    uint64_t delay_s;

    if (!answer_confirms(text))
        return;
    shell_who(cmd->shell, who);
    wanted_reason(cmd, reason);
    if (wanted_delay(cmd, &delay_s)) {
        reload_set(cmd->router, delay_s, who, reason);
        return;
    }
    /* No prompt any more: the session ends with the router. */
    cmd_wait(cmd);
    reload_now(cmd->router, who, reason);
}

static void
ask_proceed(struct command *cmd)
{
    char who[SHELL_WHO_MAX], reason[RELOAD_TEXT_MAX];
    uint64_t delay_s;

    if (wanted_delay(cmd, &delay_s)) {
        shell_who(cmd->shell, who);
        wanted_reason(cmd, reason);
        show_plan(cmd, (uint64_t)time(NULL) + delay_s, delay_s, who, reason);
    }
    cmd_ask(cmd, "Proceed with reload? [confirm]", ASK_KEY, 0, on_proceed);
}

/* A configuration that could not be saved must not be lost by our doing. */
static void
after_saving(struct command *cmd, bool saved)
{
    if (saved)
        ask_proceed(cmd);
    else
        cmd_done(cmd);
}

static void
on_save(struct command *cmd, const char *text)
{
    if (text == NULL)
        return;
    switch (answer_reply(text)) {
    case REPLY_YES:
        save_running_config(cmd, after_saving);
        break;
    case REPLY_NO:
        ask_proceed(cmd);
        break;
    case REPLY_UNCLEAR:
        answer_explain(cmd);
        cmd_ask(cmd, "System configuration has been modified. Save? [yes/no]: ",
                ASK_LINE, 0, on_save);
        break;
    }
}

static void
reload(struct command *cmd)
{
    if (cli_given(cmd->match, "cancel")) {
        if (!reload_cancel(cmd->router))
            out_line(cmd, "%%No reload is scheduled.");
        return;
    }
    if (!cmd->router->config_changed) {
        ask_proceed(cmd);
        return;
    }
    out(cmd, "\n");
    cmd_ask(cmd, "System configuration has been modified. Save? [yes/no]: ",
            ASK_LINE, 0, on_save);
}

static void
show_reload(struct command *cmd)
{
    const struct reload *set = cmd->router->reload;
    uint64_t left_s;

    if (reload_left(cmd->router, &left_s))
        show_plan(cmd, set->due_at, left_s, set->who, set->reason);
    else
        out_line(cmd, "No reload is scheduled.");
}

const struct cli_row reload_rows[] = {
    EXEC("reload [in {<1-999>:minutes|hhh:mm:delay} [LINE:reason]|"
         "at hh:mm:clock [LINE:reason]|cancel|LINE:reason]",
         15, reload, "Halt and perform a cold restart",
         "Reload after a time interval", "Delay before reload (minutes)",
         "Delay before reload (hhh:mm)", "Reason for reload",
         "Reload at a specific time", "Time to reload (hh:mm)",
         "Reason for reload", "Cancel pending reload", "Reason for reload"),
    SHOW("show reload", 1, show_reload, "Scheduled reload information"),
    ROWS_END,
};
