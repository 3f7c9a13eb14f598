/*
 * `clock timezone`, `clock summer-time`, `clock set`, `show clock`.
 */
#include <ctype.h>
#include <errno.h>

#include "commands/rows.h"
#include "control/clock.h"
#include "control/command.h"
#include "control/journal.h"
#include "control/local_time.h"

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

/* --- clock summer-time -------------------------------------------------- */

static const char *const weekdays[] = {"Sunday",    "Monday",   "Tuesday",
                                       "Wednesday", "Thursday", "Friday",
                                       "Saturday",  NULL};
static const char *const from_days[] = {
    "from-Sunday",   "from-Monday", "from-Tuesday", "from-Wednesday",
    "from-Thursday", "from-Friday", "from-Saturday"};
static const char *const to_days[] = {
    "to-Sunday",   "to-Monday", "to-Tuesday", "to-Wednesday",
    "to-Thursday", "to-Friday", "to-Saturday"};

/* How a row's values for the beginning, or the end, are called. */
struct edge_names {
    const char *week, *first, *last, *day, *month, *year, *time;
    const char *const *weekdays;
};

static const struct edge_names from_names = {
    "from-week",  "from-first", "from-last", "from-day",
    "from-month", "from-year",  "from-time", from_days};
static const struct edge_names to_names = {"to-week", "to-first", "to-last",
                                           "to-day",  "to-month", "to-year",
                                           "to-time", to_days};

/* In the United States, since 2007: IOS's own. */
static const struct config_summer_edge usual_from = {
    .week = 2, .month = 2, .minute = 120};
static const struct config_summer_edge usual_to = {
    .week = 1, .month = 10, .minute = 120};

static uint32_t
month_number(const char *name)
{
    uint32_t month = 0;

    while (strcmp(months[month].word, name) != 0)
        month++;
    return month;
}

static struct config_summer_edge
typed_edge(const struct cli_match *match, const struct edge_names *names)
{
    struct config_summer_edge edge = {
        .month = month_number(cli_text(match, names->month)),
        .minute = cli_number(match, names->time) / 60,
    };

    if (cli_given(match, "date")) {
        edge.day = cli_number(match, names->day);
        edge.year = cli_number(match, names->year);
        return edge;
    }
    edge.week = cli_given(match, names->first) ? 1
                : cli_given(match, names->last)
                    ? SUMMER_LAST_WEEK
                    : cli_number(match, names->week);
    while (!cli_given(match, names->weekdays[edge.weekday]))
        edge.weekday++;
    return edge;
}

static bool
edges_equal(const struct config_summer_edge *a,
            const struct config_summer_edge *b)
{
    return config_type_equal(&config_summer_edge_type, a, b);
}

/* A moment of its year's; 0: there is no such day. */
static time_t
date_of(const struct config_summer_edge *edge)
{
    struct tm day = {.tm_year = (int)edge->year - 1900,
                     .tm_mon = (int)edge->month,
                     .tm_mday = (int)edge->day,
                     .tm_min = (int)edge->minute};
    time_t at = timegm(&day);

    return day.tm_mday == (int)edge->day ? at : 0;
}

static const char *
check_summer(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    struct config_summer_edge from, to;

    if (cli_restores(match))
        return NULL;
    if (cli_given(match, "date")) {
        from = typed_edge(match, &from_names);
        to = typed_edge(match, &to_names);
        if (date_of(&from) == 0 || date_of(&to) == 0)
            return "% There is no such day";
        if (date_of(&from) >= date_of(&to))
            return "% Summer time has to begin before it ends";
    }
    return check_zone(change);
}

static const char *
set_summer(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    struct config_summer *summer = &change->config->summer;

    config_type_clear(&config_summer_type, summer);
    config_type_init(&config_summer_type, summer);
    if (cli_restores(match))
        return NULL;
    config_text_set(&summer->name, cli_text(match, "zone"));
    summer->from = usual_from;
    summer->to = usual_to;
    if (cli_given(match, "from-month")) {
        summer->from = typed_edge(match, &from_names);
        summer->to = typed_edge(match, &to_names);
    }
    if (cli_given(match, "offset"))
        summer->offset = cli_number(match, "offset");
    return NULL;
}

/* " last Sun Mar 2:00", " Mar 30 2003 2:00" */
static void
put_edge(struct buf *to, const struct config_summer_edge *edge)
{
    const char *month = months[edge->month].word;

    if (edge->week == 0)
        buf_printf(to, " %.3s %u %u", month, edge->day, edge->year);
    else if (edge->week == SUMMER_LAST_WEEK)
        buf_printf(to, " last %.3s %.3s", weekdays[edge->weekday], month);
    else
        buf_printf(to, " %u %.3s %.3s", edge->week, weekdays[edge->weekday],
                   month);
    buf_printf(to, " %u:%02u", edge->minute / 60, edge->minute % 60);
}

static void
write_summer(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_summer *summer =
        &((const struct config *)section)->summer;
    bool usual = edges_equal(&summer->from, &usual_from) &&
                 edges_equal(&summer->to, &usual_to) &&
                 summer->offset == CONFIG_SUMMER_OFFSET;
    struct buf text;

    if (summer->name == NULL) {
        if (all)
            cli_write_line(writer, "no clock summer-time");
        return;
    }
    buf_init(&text, CLI_LINE_MAX);
    if (!usual) {
        put_edge(&text, &summer->from);
        put_edge(&text, &summer->to);
    }
    if (summer->offset != CONFIG_SUMMER_OFFSET)
        buf_printf(&text, " %u", summer->offset);
    cli_write_line(writer, "clock summer-time %s %s%s", summer->name,
                   summer->from.week == 0 ? "date" : "recurring",
                   buf_text(&text));
    buf_clear(&text);
}

#define WEEK(edge) \
    "{<1-4>:" edge "-week|first:" edge "-first|last:" edge "-last} "
#define WEEKDAY(edge)                                              \
    "{Sunday:" edge "-Sunday|Monday:" edge "-Monday|Tuesday:" edge \
    "-Tuesday|Wednesday:" edge "-Wednesday|Thursday:" edge         \
    "-Thursday|Friday:" edge "-Friday|Saturday:" edge "-Saturday} "
#define RECURRING(edge) \
    WEEK(edge) WEEKDAY(edge) "CHOICE:" edge "-month hh:mm:" edge "-time"
#define DATE(edge)                                                      \
    "{<1-31>:" edge "-day CHOICE:" edge "-month|CHOICE:" edge           \
    "-month <1-31>:" edge "-day} <1993-2099>:" edge "-year hh:mm:" edge \
    "-time"
#define RECURRING_HELP(edge)                                                  \
    "Week number to " edge, "First week of the month",                        \
        "Last week of the month", "Sunday", "Monday", "Tuesday", "Wednesday", \
        "Thursday", "Friday", "Saturday", "Month to " edge,                   \
        "Time to " edge " (hh:mm)"
#define DATE_HELP(edge)                                                   \
    "Date to " edge, "Month to " edge, "Month to " edge, "Date to " edge, \
        "Year to " edge, "Time to " edge " (hh:mm)"
#define OFFSET_HELP "Offset to add in minutes"

/* --- rows --------------------------------------------------------------- */

const struct cli_row clock_rows[] = {
    GROUP("clock", "Configure time-of-day clock"),
    {ROW_SET("clock timezone WORD:zone <-23-23>:hours [<0-59>:minutes]",
             BINDS(BIND_TEXT(struct config, zone.name, NULL),
                   BIND_NUMBER(struct config, zone.hours, 0),
                   BIND_NUMBER(struct config, zone.minutes, 0)),
             "Configure time zone", "name of time zone",
             "Hours offset from UTC", "Minutes offset from UTC"),
     .check = check_zone},
    {ROW_SET_BY(
         "clock summer-time WORD:zone {recurring [" RECURRING("from") " " RECURRING(
             "to") " [<1-1440>:offset]]|date " DATE("from") " " DATE("to") " [<"
                                                                           "1-"
                                                                           "144"
                                                                           "0>:"
                                                                           "off"
                                                                           "set"
                                                                           "]}",
         set_summer, write_summer, "Configure summer (daylight savings) time",
         "name of time zone in summer", "Configure recurring summer time",
         RECURRING_HELP("start"), RECURRING_HELP("end"), OFFSET_HELP,
         "Configure absolute summer time", DATE_HELP("start"), DATE_HELP("end"),
         OFFSET_HELP),
     .check = check_summer, .choices = month_words},
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
    *at = (uint64_t)local_to_utc(cmd->config, local);
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

/* By the time that it is until then: "02:00:00 PST Sun Apr 6 2003". */
static void
show_change(struct command *cmd, const char *what, time_t at)
{
    uint64_t before = (uint64_t)at - 1;
    char text[CLOCK_TEXT_MAX];

    clock_text_local(at + local_offset_s(cmd->config, before),
                     local_zone(cmd->config, before), CLOCK_DATE, text);
    out_line(cmd, "Summer time %s %s", what, text);
}

static void
show_clock(struct command *cmd)
{
    struct timespec now;
    time_t begins, ends;
    char hours[CLOCK_TEXT_MAX], day[CLOCK_TEXT_MAX];

    clock_gettime(CLOCK_REALTIME, &now);
    clock_text(cmd->config, (uint64_t)now.tv_sec, CLOCK_TIME, hours);
    clock_text(cmd->config, (uint64_t)now.tv_sec, CLOCK_DAY, day);
    out_line(cmd, "%s%s.%03u %s", clock_mark(cmd->router), hours,
             (unsigned)(now.tv_nsec / 1000000), day);
    if (!cli_given(cmd->match, "detail"))
        return;
    out_line(cmd, "%s", source_text(cmd->router));
    if (!local_summer(cmd->config, (uint64_t)now.tv_sec, &begins, &ends))
        return;
    show_change(cmd, "starts", begins);
    show_change(cmd, "ends", ends);
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
