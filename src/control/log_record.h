/*
 * One line of the log, on its way to everything that reads the log.
 */
#ifndef CONTROL_LOG_RECORD_H
#define CONTROL_LOG_RECORD_H

#include <stdint.h>
#include <time.h>

#include "base/log.h"

struct log_about; /* router.h */

/*
 * All texts are borrowed for the call that gives the record, NUL-terminated,
 * and hold no control bytes; only `text` may have several lines, joined by LF
 * (%SYS-5-RESTART).
 */
struct log_record {
    enum log_level severity;
    const char *facility; /* "SYS" */
    const char *mnemonic; /* "CONFIG_I"; "" for lines without a head (debug) */
    const char *text;     /* without stamp and head */
    const char *stamp;    /* as configured: "*Jul 18 10:18:42.619: "; or "" */
    uint64_t sequence;    /* of all records, from 1 on */
    struct timespec at;   /* wall-clock time */
    /* Whom it is about, or NULL: log_about.h. */
    const struct log_about *about;
};

/*
 * Text from anywhere as a record may hold it: control bytes, broken UTF-8 and
 * what turns writing around become \xNN; `lines`: LF is kept. False: it was
 * cut to fit `room`.
 */
bool log_record_clean(char *to, size_t room, const char *from, bool lines);
/* As it is shown: "*Jul 18 10:18:42.619: %SYS-5-CONFIG_I: Configured ...". */
void log_record_line(const struct log_record *record, char to[LOG_LINE_MAX]);

#endif
