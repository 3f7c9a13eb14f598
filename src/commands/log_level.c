#include "commands/log_level.h"

#define LEVELS 8

static const char *const names[LEVELS] = {
    "emergencies", "alerts",        "critical",      "errors",
    "warnings",    "notifications", "informational", "debugging"};

uint32_t
log_level_given(const struct cli_match *match, uint32_t otherwise)
{
    for (uint32_t level = 0; level < LEVELS; level++)
        if (cli_given(match, names[level]))
            return level;
    return cli_number_or(match, "level", otherwise);
}

const char *
log_level_name(uint32_t level)
{
    return level < LEVELS ? names[level] : "";
}
