#include "control/local_time.h"

#define HOUR_S 3600
#define WEEK   7 /* days */

/* Of `clock timezone` alone. */
static int
standard_s(const struct config *config)
{
    int hours = (int32_t)config->zone.hours;
    int minutes = (int)config->zone.minutes;

    return hours * HOUR_S + (hours < 0 ? -minutes : minutes) * 60;
}

/* The month has that many days. */
static int
days_of(int year, int month)
{
    struct tm last = {.tm_year = year - 1900, .tm_mon = month + 1};

    timegm(&last); /* day 0 is the last of the month before */
    return last.tm_mday;
}

/* The day that "last Sunday" and "2nd Sunday" are. */
static int
day_of(const struct config_summer_edge *edge, int year)
{
    struct tm first = {
        .tm_year = year - 1900, .tm_mon = (int)edge->month, .tm_mday = 1};
    int day, days = days_of(year, (int)edge->month);

    timegm(&first);
    day = 1 + ((int)edge->weekday - first.tm_wday + WEEK) % WEEK;
    if (edge->week != SUMMER_LAST_WEEK)
        return day + ((int)edge->week - 1) * WEEK;
    while (day + WEEK <= days)
        day += WEEK;
    return day;
}

/* In local time, by which it is told. */
static time_t
edge_in(const struct config_summer_edge *edge, int year)
{
    bool dated = edge->week == 0;
    struct tm at = {
        .tm_year = (dated ? (int)edge->year : year) - 1900,
        .tm_mon = (int)edge->month,
        .tm_mday = dated ? (int)edge->day : day_of(edge, year),
        .tm_min = (int)edge->minute,
    };

    return timegm(&at);
}

bool
local_summer(const struct config *config, uint64_t at, time_t *begins,
             time_t *ends)
{
    const struct config_summer *summer = &config->summer;
    time_t local = (time_t)at + standard_s(config);
    struct tm now;

    if (summer->name == NULL || gmtime_r(&local, &now) == NULL)
        return false;
    *begins = edge_in(&summer->from, now.tm_year + 1900) - standard_s(config);
    *ends = edge_in(&summer->to, now.tm_year + 1900) - standard_s(config) -
            (time_t)summer->offset * 60;
    return true;
}

/* South of the equator a year begins and ends in summer. */
static bool
is_summer(const struct config *config, uint64_t at)
{
    time_t begins, ends, now = (time_t)at;

    if (!local_summer(config, at, &begins, &ends))
        return false;
    return begins <= ends ? now >= begins && now < ends
                          : now >= begins || now < ends;
}

int
local_offset_s(const struct config *config, uint64_t at)
{
    return standard_s(config) +
           (is_summer(config, at) ? (int)config->summer.offset * 60 : 0);
}

const char *
local_zone(const struct config *config, uint64_t at)
{
    if (is_summer(config, at))
        return config->summer.name;
    return config->zone.name != NULL ? config->zone.name : "UTC";
}

time_t
local_to_utc(const struct config *config, time_t local)
{
    time_t standard = local - standard_s(config);
    time_t summer = standard - (time_t)config->summer.offset * 60;

    return is_summer(config, (uint64_t)summer) ? summer : standard;
}
