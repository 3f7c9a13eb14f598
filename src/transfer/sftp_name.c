#include "transfer/sftp_name.h"

#include <inttypes.h>

#define DAY_S       86400
#define HALF_YEAR_S (182 * DAY_S)

struct date {
    int64_t year;
    unsigned month, day; /* from 1 */
    unsigned hour, minute;
};

/*
 * The Gregorian calendar, counted in eras of 400 years that begin on the 1st
 * of March, so that a leap day is the last of its year. (gmtime() may open a
 * file, which a worker cannot.)
 */
static struct date
date_of(int64_t time_s)
{
    int64_t days = time_s / DAY_S - (time_s % DAY_S < 0);
    uint32_t second = (uint32_t)(time_s - days * DAY_S);
    int64_t since = days + 719468; /* days from March 1st of the year 0 */
    int64_t era = since / 146097 - (since % 146097 < 0);
    uint32_t day = (uint32_t)(since - era * 146097);
    uint32_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    uint32_t of_year = day - (365 * year + year / 4 - year / 100);
    uint32_t month = (5 * of_year + 2) / 153; /* 0: March */

    return (struct date){
        .year = era * 400 + year + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = of_year - (153 * month + 2) / 5 + 1,
        .hour = second / 3600,
        .minute = second / 60 % 60,
    };
}

static void
put_rights(struct buf *to, uint32_t mode)
{
    static const char letters[] = "rwxrwxrwx";
    uint32_t kind = mode & SFTP_MODE_KIND;
    char text[sizeof(letters) + 1] = "-";

    if (kind == SFTP_MODE_DIRECTORY)
        text[0] = 'd';
    for (unsigned i = 0; i < 9; i++)
        text[i + 1] = (char)(mode & (0400U >> i) ? letters[i] : '-');
    buf_printf(to, "%s", text);
}

static void
put_time(struct buf *to, int64_t time_s, struct sftp_clock clock)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct date date = date_of(time_s + clock.zone_s);
    int64_t age = clock.now_s - time_s;

    buf_printf(to, "%s %2u ", months[date.month - 1], date.day);
    if (age < -HALF_YEAR_S || age > HALF_YEAR_S)
        buf_printf(to, "%5" PRId64, date.year);
    else
        buf_printf(to, "%02u:%02u", date.hour, date.minute);
}

void
sftp_put_long_name(struct buf *to, struct span name,
                   const struct sftp_attributes *a, struct sftp_clock clock)
{
    size_t mark = buf_begin_string(to);

    put_rights(to, a->mode);
    buf_printf(to, "    1 %-8s %-8s %8" PRIu64 " ", "-", "-", a->size);
    put_time(to, a->changed_s, clock);
    buf_put_u8(to, ' ');
    buf_put_span(to, name);
    buf_end_string(to, mark);
}
