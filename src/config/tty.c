#include "config/tty.h"

const struct config_range_kind config_tty_ranges = {
    .type = &config_tty_range_type,
    .settings = &config_tty_type,
    .offset = offsetof(struct config_tty_range, tty),
    .limit = CONFIG_TTY_MAX + 1,
};

const struct config_range_kind config_aux_ranges = {
    .type = &config_tty_range_type,
    .settings = &config_tty_type,
    .offset = offsetof(struct config_tty_range, tty),
    .limit = 1,
};

/* termios(3): the constants B300 to B4000000. */
const uint32_t config_tty_speeds[] = {
    300,     600,     1200,    1800,    2400,    4800,    9600,
    19200,   38400,   57600,   115200,  230400,  460800,  500000,
    576000,  921600,  1000000, 1152000, 1500000, 2000000, 2500000,
    3000000, 3500000, 4000000, 0,
};

uint32_t
config_tty_last(const struct config *config)
{
    uint32_t end = config_range_end(&config->ttys.list);

    return end == 0 ? 0 : end - 1;
}

const struct config_tty *
config_tty_line(const struct config *config, uint32_t number)
{
    const struct config_tty_range *range =
        config_range_of(&config->ttys.list, number);

    return range != NULL ? &range->tty : NULL;
}

const struct config_tty *
config_aux_line(const struct config *config)
{
    const struct config_tty_range *range =
        config_range_of(&config->aux.list, 0);

    return range != NULL ? &range->tty : NULL;
}
