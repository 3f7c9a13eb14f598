/*
 * `ip scp ...`: files over SSH, by the protocol of scp.
 */
#include "commands/rows.h"

const struct cli_row scp_rows[] = {
    GROUP("ip scp", "Scp commands"),
    GROUP("ip scp server", "SCP server configuration"),
    SET_FLAG("ip scp server enable", scp_server, false,
             "Enable the SCP server"),
    ROWS_END,
};
