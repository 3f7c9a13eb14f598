/*
 * `clock timezone`, `clock set`, `show clock`.
 */
#include <ctype.h>
#include <errno.h>

#include "commands/rows.h"
#include "control/clock.h"
#include "control/command.h"
#include "control/journal.h"

static const struct cli_word months[] = {
    {"January", NULL, false},   {"February", NULL, false},
    {"March", NULL, false},     {"April", NULL, false},
    {"May", NULL, false},       {"June", NULL, false},
    {"July", NULL, false},      {"August", NULL, false},
    {"September", NULL, false}, {"October", NULL, false},
    {"November", NULL, false},  {"December", NULL, false},
    {NULL, NULL, false},
};

static const struct cli_word *
month_words(void)
{
    return months;
}

/* --- clock timezone ----------------------------------------------------- */

/* It stands in log lines and in headings: only what cannot break them. */
static const char *
check_zone(struct cli_change *change)
{
    const char *name = cli_text(change->match, "zone");

    if (cli_restores(change->match))
        return NULL;
    if (strlen(name) > CLOCK_ZONE_MAX)
        return "% The name of the time zone is too long";
    for (const char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("+-_", *c) == NULL)
            return "% The name of the time zone contains illegal characters";
    return NULL;
}

const struct cli_row clock_rows[] = {
    {ROW_SET("clock timezone WORD:zone <-23-23>:hours [<0-59>:minutes]",
             BINDS(BIND_TEXT(struct config, zone.name, NULL),
                   BIND_NUMBER(struct config, zone.hours, 0),
                   BIND_NUMBER(struct config, zone.minutes, 0)),
             "Configure time-of-day clock", "Configure time zone",
             "name of time zone", "Hours offset from UTC",
             "Minutes offset from UTC"),
     .check = check_zone},
    ROWS_END,
};

/* --- clock set ---------------------------------------------------------- */

/* Seconds since 1970; false: there is no such day. */
static bool
wanted_time(const struct command *cmd, uint64_t *at)
{
    const struct cli_match *match = cmd->match;
    uint32_t seconds = cli_number(match, "time");
    const char *month = cli_text(match, "month");
    struct tm wanted = {
        .tm_year = (int)cli_number(match, "year") - 1900,
        .tm_mday = (int)cli_number(match, "day"),
        .tm_hour = (int)(seconds / 3600),
        .tm_min = (int)(seconds / 60 % 60),
        .tm_sec = (int)(seconds % 60),
    };
    int mday = wanted.tm_mday;
    time_t local;

    while (strcmp(months[wanted.tm_mon].word, month) != 0)
        wanted.tm_mon++;
    local = timegm(&wanted);
    *at = (uint64_t)(local - clock_offset_s(cmd->config));
    return wanted.tm_mday == mday;
}

static void
log_change(struct command *cmd, uint64_t before, uint64_t after)
{
    char who[SHELL_WHO_MAX], was[CLOCK_TEXT_MAX], is[CLOCK_TEXT_MAX];

    shell_who(cmd->shell, who);
    clock_text(cmd->config, before, CLOCK_DATE, was);
    clock_text(cmd->config, after, CLOCK_DATE, is);
    journal_message(cmd->router, "SYS", LOG_INFORMATIONAL, "CLOCKUPDATE",
                    "System clock has been updated from %s to %s, configured "
                    "from console by %s.",
                    was, is, who);
}

static void
set_clock(struct command *cmd)
{
    uint64_t before = (uint64_t)time(NULL);
    uint64_t after;

    if (!wanted_time(cmd, &after)) {
        out_error(cmd, "There is no such day");
        return;
    }
    if (clock_set(cmd->router, after) == OK) {
        log_change(cmd, before, after);
        return;
    }
    if (errno == EPERM)
        out_error(cmd, "The clock belongs to the machine: this router may not "
                       "set it (Operation not permitted)");
    else
        out_error(cmd, "The clock cannot be set (%s)", strerror(errno));
}

/* --- show clock --------------------------------------------------------- */

static const char *
source_text(struct router *r)
{
    switch (clock_source(r)) {
    case CLOCK_NETWORK:
        return "Time source is NTP";
    case CLOCK_USER:
        return "Time source is user configuration";
    case CLOCK_CALENDAR:
        return "Time source is hardware calendar";
    case CLOCK_NOBODY:
        break;
    }
    return "No time source";
}

static void
show_clock(struct command *cmd)
{
    struct timespec now;
    char hours[CLOCK_TEXT_MAX], day[CLOCK_TEXT_MAX];

    clock_gettime(CLOCK_REALTIME, &now);
    clock_text(cmd->config, (uint64_t)now.tv_sec, CLOCK_TIME, hours);
    clock_text(cmd->config, (uint64_t)now.tv_sec, CLOCK_DAY, day);
    out_line(cmd, "%s%s.%03u %s", clock_mark(cmd->router), hours,
             (unsigned)(now.tv_nsec / 1000000), day);
    if (cli_given(cmd->match, "detail"))
        out_line(cmd, "%s", source_text(cmd->router));
}

const struct cli_row clock_exec_rows[] = {
    {ROW_EXEC("clock set hh:mm:ss:time {<1-31>:day CHOICE:month|CHOICE:month "
              "<1-31>:day} <1993-2099>:year",
              15, set_clock, "Manage the system clock", "Set the time and date",
              "Current Time", "Day of the month", "Month of the year",
              "Month of the year", "Day of the month", "Year"),
     .choices = month_words},
    SHOW("show clock [detail]", 1, show_clock, "Display the system clock",
         "Display detailed information"),
    ROWS_END,
};
