/*
 * Where log lines go: `logging console`.
 */
#include "commands/rows.h"

const struct cli_row logging_rows[] = {
    SET_FLAG("logging console", logging_console, true,
             "Modify message logging facilities",
             "Set console logging parameters"),
    ROWS_END,
};
