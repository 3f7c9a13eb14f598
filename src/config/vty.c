#include "config/vty.h"

const struct config_range_kind config_vty_ranges = {
    .type = &config_vty_type,
    .settings = &config_line_type,
    .offset = offsetof(struct config_vty, line),
    .limit = CONFIG_VTY_MAX,
    .permanent = CONFIG_VTY_PERMANENT,
    .dense = true,
};

uint32_t
config_vty_count(const struct config *config)
{
    return config_range_end(&config->vtys.list);
}

const struct config_line *
config_vty_line(const struct config *config, uint32_t number)
{
    const struct config_vty *range =
        config_range_of(&config->vtys.list, number);

    return range != NULL ? &range->line : NULL;
}

#define DEFAULT_NUMBER(name, arg) .name = (arg),
#define DEFAULT_FLAG(name, arg)   .name = (arg),
#define DEFAULT_CHOICE(name, arg) .name = (arg),
#define DEFAULT_TEXT(name, arg)   .name = (arg),
#define DEFAULT_SECRET(name, arg) .name = {(arg)},
#define DEFAULT_LIST(name, arg)   .name = {.list = {.count = 0}},
/* An access class: none, all zero. */
#define DEFAULT_STRUCT(name, arg)
#define DEFAULT(kind, name, arg) DEFAULT_##kind(name, arg)

const struct config_line *
config_line_of(const struct config *config, bool console, uint32_t number)
{
    static const struct config_line defaults = {CONFIG_LINE_FIELDS(DEFAULT)};
    const struct config_line *line = config_vty_line(config, number);

    if (console)
        return &config->console;
    return line != NULL ? line : &defaults;
}
