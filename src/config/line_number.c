#include "config/line_number.h"

#include "config/tty.h"
#include "config/vty.h"

static bool
has_aux(const struct config *config)
{
    return config_aux_line(config) != NULL;
}

uint32_t
config_line_number(const struct config *config, struct config_line_id id)
{
    uint32_t behind_ttys = config_tty_last(config) + 1;

    switch (id.kind) {
    case CONFIG_LINE_TTY:
        return id.number;
    case CONFIG_LINE_AUX:
        return behind_ttys;
    case CONFIG_LINE_VTY:
        return behind_ttys + (has_aux(config) ? 1 : 0) + id.number;
    default:
        return 0;
    }
}

bool
config_line_at(const struct config *config, uint32_t number,
               struct config_line_id *id)
{
    uint32_t vty_0 = config_line_number(
        config, (struct config_line_id){.kind = CONFIG_LINE_VTY});

    if (number == 0)
        *id = (struct config_line_id){.kind = CONFIG_LINE_CONSOLE};
    else if (number <= config_tty_last(config))
        *id = (struct config_line_id){CONFIG_LINE_TTY, number};
    else if (number < vty_0)
        *id = (struct config_line_id){.kind = CONFIG_LINE_AUX};
    else
        *id = (struct config_line_id){CONFIG_LINE_VTY, number - vty_0};
    return config_line_exists(config, *id);
}

bool
config_line_exists(const struct config *config, struct config_line_id id)
{
    switch (id.kind) {
    case CONFIG_LINE_TTY:
        return config_tty_line(config, id.number) != NULL;
    case CONFIG_LINE_AUX:
        return has_aux(config);
    case CONFIG_LINE_VTY:
        return config_vty_line(config, id.number) != NULL;
    default:
        return true;
    }
}

const char *
config_line_kind_name(enum config_line_kind kind)
{
    static const char *const names[] = {
        [CONFIG_LINE_CONSOLE] = "con",
        [CONFIG_LINE_TTY] = "tty",
        [CONFIG_LINE_AUX] = "aux",
        [CONFIG_LINE_VTY] = "vty",
    };

    return names[kind];
}
