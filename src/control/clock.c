#include "control/clock.h"

#include <stdio.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/text.h"
#include "control/local_time.h"

#define HOUR_S 3600
#define DAY_S  (24 * HOUR_S)
#define WEEK_S (7 * DAY_S)
#define YEAR_S (365 * DAY_S)

void
clock_start(struct router *r)
{
    r->clock.started_ms = router_now_ms(r);
}

uint64_t
clock_uptime_s(const struct router *r)
{
    return (router_now_ms(r) - r->clock.started_ms) / 1000;
}

/* --- trust -------------------------------------------------------------- */

static bool
is_synchronised(void)
{
    struct timex state = {.modes = 0};

    return adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

enum clock_source
clock_source(struct router *r)
{
    if (is_synchronised()) {
        r->clock.was_synchronised = true;
        return CLOCK_NETWORK;
    }
    if (r->clock.set_by_user)
        return CLOCK_USER;
    return access("/sys/class/rtc/rtc0", F_OK) == 0 ? CLOCK_CALENDAR
                                                    : CLOCK_NOBODY;
}

const char *
clock_mark(struct router *r)
{
    if (is_synchronised()) {
        r->clock.was_synchronised = true;
        return "";
    }
    if (r->clock.set_by_user)
        return "";
    return r->clock.was_synchronised ? "." : "*";
}

/* --- times as text ------------------------------------------------------ */

/* The year in two digits, as IOS has it there. */
static size_t
put_build(const struct tm *parts, char *to, size_t room)
{
    char day[24], hours[16];

    if (strftime(day, sizeof(day), "%a %d-%b", parts) == 0 ||
        strftime(hours, sizeof(hours), "%H:%M", parts) == 0)
        return 0;
    return (size_t)snprintf(to, room, "%s-%02d %s", day,
                            (parts->tm_year + 1900) % 100, hours);
}

static size_t
put_form(const struct tm *parts, enum clock_form form, char *to, size_t room)
{
    switch (form) {
    case CLOCK_DATE:
        return strftime(to, room, "%H:%M:%S %Z %a %b %-d %Y", parts);
    case CLOCK_KEY_DATE:
        return strftime(to, room, "%H:%M:%S %Z %b %-d %Y", parts);
    case CLOCK_TIME:
        return strftime(to, room, "%H:%M:%S", parts);
    case CLOCK_DAY:
        return strftime(to, room, "%Z %a %b %-d %Y", parts);
    case CLOCK_BUILD:
        return put_build(parts, to, room);
    }
    return 0;
}

void
clock_text_local(time_t local, const char *zone, enum clock_form form,
                 char to[CLOCK_TEXT_MAX])
{
    struct tm parts;

    to[0] = '\0';
    if (gmtime_r(&local, &parts) == NULL)
        return;
    parts.tm_zone = zone;
    if (put_form(&parts, form, to, CLOCK_TEXT_MAX) == 0)
        to[0] = '\0';
}

void
clock_text(const struct config *config, uint64_t at, enum clock_form form,
           char to[CLOCK_TEXT_MAX])
{
    clock_text_local((time_t)at + local_offset_s(config, at),
                     local_zone(config, at), form, to);
}

void
clock_uptime_words(uint64_t s, char to[CLOCK_TEXT_MAX])
{
    const struct {
        const char *word;
        uint64_t count;
    } units[] = {
        {"year", s / YEAR_S},
        {"week", s % YEAR_S / WEEK_S},
        {"day", s % YEAR_S % WEEK_S / DAY_S},
        {"hour", s / HOUR_S % 24},
        {"minute", s / 60 % 60},
    };
    size_t len = 0;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (units[i].count > 0)
            len += (size_t)snprintf(
                to + len, CLOCK_TEXT_MAX - len, "%s%llu %s%s",
                len > 0 ? ", " : "", (unsigned long long)units[i].count,
                units[i].word, units[i].count == 1 ? "" : "s");
    if (len == 0)
        snprintf(to, CLOCK_TEXT_MAX, "0 minutes");
}

void
clock_uptime_stamp(uint64_t s, char *to, size_t room)
{
    unsigned long long up = s;

    if (up < DAY_S)
        snprintf(to, room, "%02llu:%02llu:%02llu", up / HOUR_S, up / 60 % 60,
                 up % 60);
    else if (up < WEEK_S)
        snprintf(to, room, "%llud%02lluh", up / DAY_S, up / HOUR_S % 24);
    else if (up < YEAR_S)
        snprintf(to, room, "%lluw%llud", up / WEEK_S, up / DAY_S % 7);
    else
        snprintf(to, room, "%lluy%lluw", up / YEAR_S, up % YEAR_S / WEEK_S);
}

/* "*Jul 18 10:18:42.619", "*Sep 13 2026 18:18:40 JST" */
static void
put_datetime(struct router *r, const struct config_timestamps *how, char *to,
             size_t room)
{
    struct timespec now;
    struct tm parts;
    time_t shown;
    char date[24], hours[16], ms[8] = "";
    const char *zone = "UTC";

    clock_gettime(CLOCK_REALTIME, &now);
    shown = now.tv_sec;
    if (how->localtime) {
        shown += local_offset_s(&r->config, (uint64_t)now.tv_sec);
        zone = local_zone(&r->config, (uint64_t)now.tv_sec);
    }
    to[0] = '\0';
    if (gmtime_r(&shown, &parts) == NULL ||
        (how->year ? strftime(date, sizeof(date), "%b %e %Y", &parts)
                   : strftime(date, sizeof(date), "%b %e", &parts)) == 0 ||
        strftime(hours, sizeof(hours), "%H:%M:%S", &parts) == 0)
        return;
    if (how->msec)
        snprintf(ms, sizeof(ms), ".%03u", (unsigned)(now.tv_nsec / 1000000));
    snprintf(to, room, "%s%s %s%s%s%s: ", clock_mark(r), date, hours, ms,
             how->zone ? " " : "", how->zone ? zone : "");
}

void
clock_stamp(struct router *r, const struct config_timestamps *how,
            char to[CLOCK_STAMP_MAX])
{
    size_t len = 0;

    to[0] = '\0';
    r->clock.sequence++;
    if (r->config.sequence_numbers)
        len =
            (size_t)snprintf(to, CLOCK_STAMP_MAX,
                             "%06llu: ", (unsigned long long)r->clock.sequence);
    if (how->form == CONFIG_STAMP_DATETIME) {
        put_datetime(r, how, to + len, CLOCK_STAMP_MAX - len);
    } else if (how->form == CONFIG_STAMP_UPTIME) {
        char uptime[32];

        clock_uptime_stamp(clock_uptime_s(r), uptime, sizeof(uptime));
        snprintf(to + len, CLOCK_STAMP_MAX - len, "%s: ", uptime);
    }
}

/* --- setting it --------------------------------------------------------- */

enum err
clock_set(struct router *r, uint64_t at)
{
    struct timespec time = {.tv_sec = (time_t)at};

    if (clock_settime(CLOCK_REALTIME, &time) != 0)
        return ERR_SYSTEM;
    r->clock.set_by_user = true;
    return OK;
}
