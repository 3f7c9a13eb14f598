/*
 * Local time: `clock timezone` and `clock summer-time`. Times are seconds since
 * 1970; local ones are what a clock on the wall would read as if it were UTC.
 */
#ifndef CONTROL_LOCAL_TIME_H
#define CONTROL_LOCAL_TIME_H

#include <time.h>

#include "config/config.h"

/* Of the days of a week in a month, the last one; others are 1 to 4. */
#define SUMMER_LAST_WEEK 5

/* Seconds that local time is ahead of UTC at that moment. */
int local_offset_s(const struct config *config, uint64_t at);
/* What that time is called: "UTC" unless something is configured. */
const char *local_zone(const struct config *config, uint64_t at);
/*
 * The moment that is so much local time. Of an hour that comes twice the
 * first; one that does not come is as if the clock had not been changed.
 */
time_t local_to_utc(const struct config *config, time_t local);

/*
 * When summer time begins and ends, in the local year of `at` or in the only
 * one. False: there is none.
 */
bool local_summer(const struct config *config, uint64_t at, time_t *begins,
                  time_t *ends);

#endif
