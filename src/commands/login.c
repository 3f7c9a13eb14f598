/*
 * The watch over logins: `login block-for`, `login delay`, ...; `show login`.
 */
#include "base/text.h"
#include "commands/rows.h"
#include "control/clock.h"
#include "control/command.h"
#include "control/guard.h"

/* --- settings ----------------------------------------------------------- */

static void
on_watch_changed(const struct cli_change *change)
{
    guard_changed(change->owner);
}

/* `log` is all that can be done about a login, so it need not be said. */
static void
set_every(const struct cli_match *match, uint32_t *every)
{
    if (cli_restores(match))
        *every = 0;
    else
        *every = cli_number_or(match, "times", 1);
}

static const char *
set_on_failure(struct cli_change *change)
{
    set_every(change->match, &change->config->login_watch.log_failure_every);
    return NULL;
}

static const char *
set_on_success(struct cli_change *change)
{
    set_every(change->match, &change->config->login_watch.log_success_every);
    return NULL;
}

static void
write_every(struct cli_writer *writer, const char *when, uint32_t every)
{
    if (every == 1)
        cli_write_line(writer, "login %s log", when);
    else if (every > 1)
        cli_write_line(writer, "login %s log every %u", when, every);
}

static void
write_on_failure(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    write_every(writer, "on-failure", config->login_watch.log_failure_every);
}

static void
write_on_success(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    write_every(writer, "on-success", config->login_watch.log_success_every);
}

#define EVERY_HELP                                             \
    "Generate syslogs on logins", "Log only each Nth of them", \
        "How many make one line"

const struct cli_row login_rows[] = {
    GROUP("login", "Enable secure login checking"),
    {ROW_SET("login block-for <1-65535>:seconds attempts <1-65535>:tries "
             "within <1-65535>:watch",
             BINDS(BIND_NUMBER(struct config, login_watch.block_s, 0),
                   BIND_NUMBER(struct config, login_watch.attempts, 0),
                   BIND_NUMBER(struct config, login_watch.within_s, 0)),
             "Set quiet-mode active time period", "Time period in seconds",
             "Set max number of fail attempts",
             "Fail attempts count, triggers quiet-mode",
             "Watch period for fail attempts", "Time period in seconds"),
     .changed = on_watch_changed},
    SET_NUMBER("login delay <1-10>", login_watch.delay_s, 0,
               "Set delay between successive fail login",
               "Time period in seconds"),
    SET("login quiet-mode access-class {<1-99,1300-1999>:number|WORD:name}",
        BINDS(BIND_CHOICE(struct config, login_watch.quiet_class, 0),
              BIND_NUMBER(struct config, login_watch.quiet_number, 0),
              BIND_TEXT(struct config, login_watch.quiet_name, NULL)),
        "Set quiet-mode options", "Set access class in quiet-mode",
        "IP access list", "Access-list name"),
    SET_BY("login on-failure [log] [every <1-65535>:times]", set_on_failure,
           write_on_failure, "Set options for failed login attempt",
           EVERY_HELP),
    SET_BY("login on-success [log] [every <1-65535>:times]", set_on_success,
           write_on_success, "Set options for successful login attempt",
           EVERY_HELP),
    ROWS_END,
};

/* --- show login --------------------------------------------------------- */

static void
put_delay(struct command *cmd, const struct config_login_watch *watch)
{
    char list[GUARD_LIST_MAX];

    guard_quiet_list(cmd->config, list);
    if (watch->delay_s != 0)
        out_line(cmd, "     A login delay of %u seconds is applied.",
                 watch->delay_s);
    else if (watch->block_s != 0)
        out_line(cmd, "     A default login delay of 1 second is applied.");
    else
        out_line(cmd, "     No login delay has been applied.");
    if (watch->quiet_class != CONFIG_ACCESS_CLASS_NONE)
        out_line(cmd, "     Quiet-Mode access list %s is applied.", list);
    else
        out_line(cmd, "     No Quiet-Mode access list has been configured.");
}

static void
put_logged(struct command *cmd, const char *which, unsigned every)
{
    if (every == 1)
        out_line(cmd, "     All %s login is logged.", which);
    else if (every > 1)
        out_line(cmd, "     Every %u %s login is logged.", every, which);
}

static void
put_watch(struct command *cmd, const struct config_login_watch *watch,
          const struct guard_state *state)
{
    char list[GUARD_LIST_MAX];

    out_line(cmd, "     Router enabled to watch for login Attacks.");
    out_line(cmd,
             "     If more than %u login failures occur in %u seconds or less,",
             watch->attempts, watch->within_s);
    out_line(cmd, "     logins will be disabled for %u seconds.\n",
             watch->block_s);
    if (state->quiet_left_s == 0) {
        out_line(cmd, "     Router presently in Normal-Mode.");
        out_line(cmd, "     Current Watch Window");
        out_line(cmd, "         Time remaining: %u seconds.",
                 state->window_left_s);
        out_line(cmd, "         Login failures for current window: %u.",
                 state->failures);
        out_line(cmd, "     Total login failures: %u.", state->total);
        return;
    }
    out_line(cmd, "     Router presently in Quiet-Mode.");
    out_line(cmd, "     Will remain in Quiet-Mode for %u seconds.",
             state->quiet_left_s);
    guard_quiet_list(cmd->config, list);
    if (watch->quiet_class != CONFIG_ACCESS_CLASS_NONE)
        out_line(cmd, "     Restricted logins filtered by applied ACL %s.",
                 list);
    else
        out_line(cmd, "     Denying logins from all sources.");
}

static void
show_login(struct command *cmd)
{
    const struct config_login_watch *watch = &cmd->config->login_watch;
    struct guard_state state;

    guard_state(cmd->router, &state);
    put_delay(cmd, watch);
    put_logged(cmd, "successful", watch->log_success_every);
    put_logged(cmd, "failed", watch->log_failure_every);
    out(cmd, "\n");
    if (watch->block_s != 0)
        put_watch(cmd, watch, &state);
    else
        out_line(cmd, "     Router NOT enabled to watch for login Attacks");
    out(cmd, "\n");
}

static void
show_failures(struct command *cmd)
{
    const struct guard_failure *f;
    struct guard_state state;
    char at[CLOCK_TEXT_MAX];

    guard_state(cmd->router, &state);
    if (state.total == 0) {
        out_line(cmd, "*** No logged failed login attempts with the device."
                      "***");
        return;
    }
    out_line(cmd, "Total failed logins: %u", state.total);
    out_line(cmd, "Detailed information about last %u failures\n",
             GUARD_FAILURES_MAX);
    out_line(cmd, "%-15s %-15s %-5s %-5s %s", "Username", "SourceIPAddr",
             "lPort", "Count", "TimeStamp");
    for (size_t i = 0; (f = guard_failure(cmd->router, i)) != NULL; i++) {
        clock_text(cmd->config, f->at, CLOCK_DATE, at);
        out_line(cmd, "%-15s %-15s %-5u %-5u %s", f->user, f->source, f->port,
                 f->count, at);
    }
}

const struct cli_row login_show_rows[] = {
    GROUP("show login", "Display Secure Login Configurations and State"),
    SHOW("show login", 15, show_login,
         "Display Secure Login Configurations and State"),
    SHOW("show login failures", 15, show_failures, "Login failure information"),
    ROWS_END,
};
