/*
 * Severities of log lines as users type them, by number or by name.
 */
#ifndef COMMANDS_LOG_LEVEL_H
#define COMMANDS_LOG_LEVEL_H

#include "cli/cli.h"

/* The alternatives of a choice in a row's syntax, and their help. */
#define LOG_LEVEL                                              \
    "<0-7>:level|emergencies|alerts|critical|errors|warnings|" \
    "notifications|informational|debugging"
#define LOG_LEVEL_HELP                                    \
    "Logging severity level",                             \
        "System is unusable                (severity=0)", \
        "Immediate action needed           (severity=1)", \
        "Critical conditions               (severity=2)", \
        "Error conditions                  (severity=3)", \
        "Warning conditions                (severity=4)", \
        "Normal but significant conditions (severity=5)", \
        "Informational messages            (severity=6)", \
        "Debugging messages                (severity=7)"

/* What was typed of LOG_LEVEL; `otherwise` when it was left out. */
uint32_t log_level_given(const struct cli_match *match, uint32_t otherwise);
/* "warnings" for 4. */
const char *log_level_name(uint32_t level);

#endif
