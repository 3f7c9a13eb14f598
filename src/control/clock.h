/*
 * The router's clock: what time it is, how far that can be trusted, and every
 * form in which a time is shown.
 */
#ifndef CONTROL_CLOCK_H
#define CONTROL_CLOCK_H

#include <time.h>

#include "base/err.h"
#include "control/router.h"

#define CLOCK_TEXT_MAX  128 /* of a shown time, NUL included */
#define CLOCK_ZONE_MAX  31  /* characters of a time zone's name */
#define CLOCK_STAMP_MAX 96  /* of a log line's beginning, NUL included */

/* Who set the clock. */
enum clock_source {
    CLOCK_NOBODY,   /* nobody that is known of: a machine without a calendar */
    CLOCK_CALENDAR, /* the hardware's, when Linux started */
    CLOCK_USER,     /* `clock set` */
    CLOCK_NETWORK,  /* synchronised, as adjtimex(2) says */
};

void clock_start(struct router *r);
/* Whole seconds since the router started. */
uint64_t clock_uptime_s(const struct router *r);

enum clock_source clock_source(struct router *r);
/*
 * What IOS puts before a time: "*" nobody answers for it, "." its source was
 * lost, "" it is good.
 */
const char *clock_mark(struct router *r);

/* How a moment is shown. */
enum clock_form {
    CLOCK_DATE,     /* "18:41:02 UTC Thu Nov 24 2016" */
    CLOCK_KEY_DATE, /* "18:41:02 UTC Nov 24 2016" */
    CLOCK_TIME,     /* "18:41:02" */
    CLOCK_DAY,      /* "UTC Thu Nov 24 2016" */
    CLOCK_BUILD,    /* "Thu 24-Nov-16 18:41" */
};
/*
 * A moment (seconds since 1970) in local time; "" when it cannot be shown.
 */
void clock_text(const struct config *config, uint64_t at, enum clock_form form,
                char to[CLOCK_TEXT_MAX]);
/* The same of a local time (control/local_time.h) and the zone it is told in.
 */
void clock_text_local(time_t local, const char *zone, enum clock_form form,
                      char to[CLOCK_TEXT_MAX]);

/*
 * "20 weeks, 5 days, 12 hours, 15 minutes": a time since start as `show
 * version` has it; "0 minutes" at least.
 */
void clock_uptime_words(uint64_t uptime_s, char to[CLOCK_TEXT_MAX]);
/*
 * "3d06h", "1w2d", "00:33:55": a time since start as log lines have it.
 */
void clock_uptime_stamp(uint64_t uptime_s, char *to, size_t room);
/*
 * The beginning of a log line that is written now, by `how` and `service
 * sequence-numbers`, up to the text: "000048: *Dec  2 12:09:21.207: " or "".
 */
void clock_stamp(struct router *r, const struct config_timestamps *how,
                 char to[CLOCK_STAMP_MAX]);

/*
 * Set the machine's clock. ERR_SYSTEM: errno says why (EPERM: this process
 * may not).
 */
MUST_CHECK enum err clock_set(struct router *r, uint64_t at);

#endif
