/*
 * The absolute numbers of lines, as they follow from the configuration: line
 * con 0 is 0, tty lines have their own, aux 0 comes behind the highest of
 * them, then the vtys.
 */
#ifndef CONFIG_LINE_NUMBER_H
#define CONFIG_LINE_NUMBER_H

#include "config/config.h"

enum config_line_kind {
    CONFIG_LINE_CONSOLE,
    CONFIG_LINE_TTY,
    CONFIG_LINE_AUX,
    CONFIG_LINE_VTY,
};

/* A line by its relative number: 0 of the console and aux, else vty 3, tty 3.
 */
struct config_line_id {
    enum config_line_kind kind;
    uint32_t number;
};

/* No absolute number is higher than this. */
#define CONFIG_LINE_NUMBER_MAX (CONFIG_TTY_MAX + 1 + CONFIG_VTY_MAX)

/* The absolute number that a line of this kind has, or would have. */
uint32_t config_line_number(const struct config *config,
                            struct config_line_id id);
/* The line with that absolute number. False: there is none. */
bool config_line_at(const struct config *config, uint32_t number,
                    struct config_line_id *id);
bool config_line_exists(const struct config *config, struct config_line_id id);
/* "con", "tty", "aux", "vty". */
const char *config_line_kind_name(enum config_line_kind kind);

#endif
