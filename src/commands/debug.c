/*
 * `debug ...`, `no debug ...`, `undebug ...`; `show debugging`.
 */
#include "control/debug.h"

#include <string.h>

#include "commands/answers.h"
#include "commands/rows.h"
#include "control/command.h"

#define ALL_WARNING \
    "This may severely impact network performance. Continue? (yes/[no]): "

/* In the order of `show debugging`: one heading behind the other. */
static const struct kind {
    enum debug_kind kind;
    const char *heading;
    const char *text; /* "... debugging is on" */
} kinds[] = {
    {DEBUG_SSH, "SSH", "Incoming SSH"},
    {DEBUG_SSH_CLIENT, "SSH", "SSH Client"},
    {DEBUG_SSH_DETAIL, "SSH", "ssh detail messages"},
    {DEBUG_SSH_PACKET, "SSH", "ssh packet related messages"},
    {DEBUG_SCP, "SCP", "Incoming SCP"},
    {DEBUG_SNMP, "SNMP", "SNMP packet"},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static unsigned
all_kinds(void)
{
    unsigned all = 0;

    for (size_t i = 0; i < KINDS; i++)
        all |= kinds[i].kind;
    return all;
}

static void
set_kind(struct command *cmd, enum debug_kind kind, bool on)
{
    debug_set(cmd->router, kind, on);
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].kind == kind)
            out_line(cmd, "%s debugging is %s", kinds[i].text,
                     on ? "on" : "off");
}

static enum debug_kind
ssh_kind(const struct command *cmd)
{
    if (cli_given(cmd->match, "client"))
        return DEBUG_SSH_CLIENT;
    if (cli_given(cmd->match, "detail"))
        return DEBUG_SSH_DETAIL;
    return cli_given(cmd->match, "packet") ? DEBUG_SSH_PACKET : DEBUG_SSH;
}

static void
debug_ssh(struct command *cmd)
{
    set_kind(cmd, ssh_kind(cmd), true);
}

static void
undebug_ssh(struct command *cmd)
{
    set_kind(cmd, ssh_kind(cmd), false);
}

static void
debug_scp(struct command *cmd)
{
    set_kind(cmd, DEBUG_SCP, true);
}

static void
undebug_scp(struct command *cmd)
{
    set_kind(cmd, DEBUG_SCP, false);
}

static void
debug_snmp(struct command *cmd)
{
    set_kind(cmd, DEBUG_SNMP, true);
}

static void
undebug_snmp(struct command *cmd)
{
    set_kind(cmd, DEBUG_SNMP, false);
}

static void
on_all(struct command *cmd, const char *text)
{
    /* Enter is no; "y" will do, as for any such question. */
    if (text == NULL || text[0] == '\0' || answer_reply(text) != REPLY_YES)
        return;
    debug_set(cmd->router, all_kinds(), true);
    out_line(cmd, "All possible debugging has been turned on");
}

static void
debug_all(struct command *cmd)
{
    cmd_ask(cmd, ALL_WARNING, ASK_LINE, 0, on_all);
}

static void
undebug_all(struct command *cmd)
{
    debug_set(cmd->router, all_kinds(), false);
    out_line(cmd, "All possible debugging has been turned off");
}

static void
show_debugging(struct command *cmd)
{
    const char *heading = "";

    for (size_t i = 0; i < KINDS; i++) {
        if (!debug_on(cmd->router, kinds[i].kind))
            continue;
        if (strcmp(heading, kinds[i].heading) != 0)
            out_line(cmd, "%s:", kinds[i].heading);
        heading = kinds[i].heading;
        out_line(cmd, "  %s debugging is on", kinds[i].text);
    }
}

#define SSH_HELP                                          \
    "Incoming SSH debugging", "Outgoing SSH connections", \
        "SSH events in detail", "SSH packets"
#define SNMP_HELP "SNMP information", "SNMP packets"

const struct cli_row debug_rows[] = {
    GROUP("debug", "Debugging functions (see also 'undebug')"),
    GROUP("debug ip", "IP information"),
    EXEC("debug all", 15, debug_all, "Enable all debugging"),
    EXEC("debug ip scp", 15, debug_scp, "Incoming SCP debugging"),
    EXEC("debug ip ssh [client|detail|packet]", 15, debug_ssh, SSH_HELP),
    EXEC("debug snmp packet", 15, debug_snmp, SNMP_HELP),
    GROUP("no", "Negate a command or set its defaults"),
    GROUP("no debug", "Disable debugging functions"),
    GROUP("no debug ip", "IP information"),
    EXEC("no debug all", 15, undebug_all, "Disable all debugging"),
    EXEC("no debug ip scp", 15, undebug_scp, "Incoming SCP debugging"),
    EXEC("no debug ip ssh [client|detail|packet]", 15, undebug_ssh, SSH_HELP),
    EXEC("no debug snmp packet", 15, undebug_snmp, SNMP_HELP),
    GROUP("undebug", "Disable debugging functions (see also 'debug')"),
    GROUP("undebug ip", "IP information"),
    EXEC("undebug all", 15, undebug_all, "Disable all debugging"),
    EXEC("undebug ip scp", 15, undebug_scp, "Incoming SCP debugging"),
    EXEC("undebug ip ssh [client|detail|packet]", 15, undebug_ssh, SSH_HELP),
    EXEC("undebug snmp packet", 15, undebug_snmp, SNMP_HELP),
    SHOW("show debugging", 1, show_debugging, "State of each debugging option"),
    ROWS_END,
};
