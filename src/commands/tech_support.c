/*
 * `show tech-support`: everything that somebody from afar would ask for, in
 * one output, without secrets.
 */
#include "commands/rows.h"
#include "control/command.h"

/* In the order of 12.4, for what there is; then what is vtyd's. */
static const char *const lines[] = {
    "show clock detail",
    "show version",
    "show running-config",
    "show interfaces",
    "show ip interface brief",
    "show ipv6 interface brief",
    "show ip route",
    "show ipv6 route",
    "show arp",
    "show access-lists",
    "show ipv6 access-list",
    "show inventory",
    "show processes cpu",
    "show processes memory",
    "show memory statistics",
    "show file systems",
    "show reload",
    "show hosts",
    "show archive",
    "show line",
    "show users all",
    "show login",
    "show ip ssh",
    "show ssh",
    "show crypto key mypubkey all",
    NULL,
};

static void
show_tech_support(struct command *cmd)
{
    cmd->masked = true;
    cmd_run_lines(cmd, lines);
}

const struct cli_row tech_support_rows[] = {
    SHOW("show tech-support", 15, show_tech_support,
         "Show system information for Tech-Support"),
    ROWS_END,
};
