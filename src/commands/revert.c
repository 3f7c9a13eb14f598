/*
 * Changes that come back unless they are confirmed: `configure terminal
 * revert`, `configure confirm`, `configure revert`.
 */
#include "commands/revert.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "commands/configure.h"
#include "commands/file_names.h"
#include "commands/replace.h"
#include "commands/rows.h"
#include "control/archive.h"
#include "control/clock.h"
#include "control/journal.h"
#include "control/replace.h"

#define LIMIT                      \
    "timer <1-120>:timer-minutes|" \
    "idle <1-120>:idle-minutes"
#define LIMIT_HELP                                                       \
    "Revert after that time", "Minutes until the configuration reverts", \
        "Revert when nobody types", "Minutes without a key"

bool
revert_is_possible(struct command *cmd)
{
    if (archive_is_on(cmd->router))
        return true;
    out_line(cmd, "%%Please turn config archive on before using the revert "
                  "functionality");
    cmd->failed = true;
    return false;
}

bool
revert_keep(struct command *cmd)
{
    char who[SHELL_WHO_MAX];

    if (!revert_is_possible(cmd) || !replace_is_over(cmd))
        return false;
    shell_who(cmd->shell, who);
    if (rollback_keep(cmd->router, cmd->session->connection, who))
        return true;
    out_error(cmd, "Another Rollback Confirmed Change is pending");
    return false;
}

static struct rollback_limit
wanted_limit(const struct command *cmd)
{
    struct rollback_limit limit = {.idle = cli_given(cmd->match, "idle")};

    limit.minutes =
        cli_number(cmd->match, limit.idle ? "idle-minutes" : "timer-minutes");
    return limit;
}

/* --- configure terminal revert ------------------------------------------ */

/* From the copy in memory to the one in the archive. */
struct keeping {
    struct router *router; /* NULL: the time runs */
};

static void
keeping_free(void *state)
{
    struct keeping *keeping = state;

    if (keeping->router != NULL)
        rollback_cancel(keeping->router);
    free(keeping);
}

static void
on_archived(void *owner, const struct archive_state *archived)
{
    struct command *cmd = owner;
    struct keeping *keeping = cmd->state;
    struct rollback_limit limit = wanted_limit(cmd);

    if (archived->system_error != 0) {
        file_failed(cmd, "writing", archived->shown, archived->system_error);
        cmd_done(cmd);
        return;
    }
    keeping->router = NULL;
    out_line(cmd,
             "Rollback Confirmed Change: Backing up current running config to "
             "%s\n",
             archived->shown);
    rollback_start(cmd->router, &limit, archived->shown);
    configure_terminal(cmd);
    cmd_done(cmd);
}

static void
configure_terminal_revert(struct command *cmd)
{
    struct keeping *keeping;

    if (!revert_keep(cmd))
        return;
    keeping = alloc_zero(1, sizeof(*keeping));
    keeping->router = cmd->router;
    cmd->state = keeping;
    cmd->free_state = keeping_free;
    archive_store(cmd->router, on_archived, cmd);
    cmd_wait(cmd);
}

/* --- the answer to it --------------------------------------------------- */

static bool
is_pending(struct command *cmd)
{
    if (rollback_is_pending(cmd->router))
        return true;
    out_line(cmd, ROLLBACK_NONE);
    cmd->failed = true;
    return false;
}

static void
configure_confirm(struct command *cmd)
{
    char who[SHELL_WHO_MAX];

    if (!is_pending(cmd))
        return;
    rollback_cancel(cmd->router);
    shell_who(cmd->shell, who);
    journal_message(cmd->router, "ARCHIVE_DIFF", LOG_NOTICE,
                    "ROLLBK_CNFMD_CHG_CONFIRM",
                    "User: %s: Confirm the configuration change", who);
}

static void
on_rolled(void *owner, bool whole)
{
    struct command *cmd = owner;

    if (whole)
        out_line(cmd, "Rollback Done\n");
    else
        out_error(cmd, "Error: The original configuration could not be "
                       "restored completely.");
    cmd_done(cmd);
}

static void
configure_revert(struct command *cmd)
{
    struct rollback_limit limit;

    if (!is_pending(cmd))
        return;
    if (!cli_given(cmd->match, "now")) {
        limit = wanted_limit(cmd);
        rollback_limit(cmd->router, &limit);
        return;
    }
    if (!rollback_now(cmd->router, on_rolled, cmd)) {
        out_error(cmd, REPLACE_BUSY);
        return;
    }
    out_line(cmd, "Rollback Confirmed Change: rolling to:%s",
             cmd->router->rollback->file);
    cmd_wait(cmd);
}

static void
show_rollback_timer(struct command *cmd)
{
    const struct rollback *b = cmd->router->rollback;
    char when[CLOCK_TEXT_MAX];

    if (!rollback_is_pending(cmd->router) || b->file[0] == '\0') {
        out_line(cmd, ROLLBACK_NONE);
        return;
    }
    clock_text(cmd->config, b->set_at, CLOCK_DATE, when);
    out_line(cmd, "Time configured(or reconfigured): %s", when);
    out_line(cmd, "Timer type: %s timer", b->limit.idle ? "idle" : "absolute");
    out_line(cmd, "Timer value: %u min", b->limit.minutes);
    out_line(cmd, "User: %s", b->who);
}

const struct cli_row revert_rows[] = {
    GROUP("configure terminal", "Configure from the terminal"),
    EXEC("configure terminal revert {" LIMIT "}", 15, configure_terminal_revert,
         "Go back to this configuration unless the change is confirmed",
         LIMIT_HELP),
    EXEC("configure confirm", 15, configure_confirm,
         "Keep the change that waits for it"),
    EXEC("configure revert {now|" LIMIT "}", 15, configure_revert,
         "Go back to the configuration before the change",
         "Cancel the timer and revert immediately", LIMIT_HELP),
    SHOW("show archive config rollback timer", 15, show_rollback_timer,
         "Rollback of a change that was not confirmed",
         "When the configuration reverts"),
    ROWS_END,
};
