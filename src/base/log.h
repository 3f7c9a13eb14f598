/*
 * One line per event. Where lines go is set once by each program's main.c:
 * control writes them, every other process sends them to control.
 * Never give it a secret; give it a peer's bytes only through text_escape().
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/span.h"

/* Severities of RFC 5424 and of IOS. */
enum log_level {
    LOG_EMERGENCY,
    LOG_ALERT,
    LOG_CRITICAL,
    LOG_ERROR,
    LOG_WARNING,
    LOG_NOTICE,
    LOG_INFORMATIONAL,
    LOG_DEBUGGING,
};

#define LOG_LINE_MAX 1024 /* bytes, NUL included; longer lines are cut */

typedef void (*log_sink_fn)(void *owner, enum log_level level,
                            const char *line);

/* `sink` NULL: lines are dropped (the state at start). */
void log_set_sink(log_sink_fn sink, void *owner);
void log_line(enum log_level level, const char *format, ...) PRINTF(2, 3);

#endif
