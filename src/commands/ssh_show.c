/*
 * `show ip ssh`, `show ssh`.
 */
#include <ctype.h>

#include "commands/rows.h"
#include "commands/ssh_json.h"
#include "control/command.h"
#include "control/keys.h"
#include "control/listener.h"

#define SSH_PORT 22

/* A router that listens elsewhere says where; IOS has no line for that. */
static void
show_ports(struct command *cmd)
{
    char host[NET_TEXT_MAX];

    for (size_t i = 0; i < listener_count(cmd->router); i++) {
        const struct net_address *a = listener_address(cmd->router, i);

        if (net_port(a) == SSH_PORT)
            continue;
        net_host_text(a, host, sizeof(host));
        out_line(cmd,
                 strchr(host, ':') != NULL ? "Listening on [%s]:%u"
                                           : "Listening on %s:%u",
                 host, net_port(a));
    }
}

static void
show_ip_ssh(struct command *cmd)
{
    const struct config *config = cmd->config;
    bool enabled = keys_ssh_enabled(cmd->router);

    if (cmd->match->filter == CLI_FILTER_JSON) {
        ssh_json_server(cmd);
        return;
    }
    out_line(cmd, "SSH %s - version %s", enabled ? "Enabled" : "Disabled",
             keys_version_text(cmd->router));
    if (!enabled)
        out_line(cmd, "%%Please create RSA keys (of atleast 768 bits size) to "
                      "enable SSH v2.");
    out_line(cmd, "Authentication timeout: %u secs; Authentication retries: %u",
             config->ssh.timeout, config->ssh.retries);
    show_ports(cmd);
}

static const char *
state_text(const struct session *s)
{
    switch (s->state) {
    case SESSION_STARTING:
        return "Key exchange";
    case SESSION_LOGIN:
        return "Authentication";
    case SESSION_SHELL:
        return "Session started";
    case SESSION_ENDING:
        break;
    }
    return "Session ending";
}

/* Columns as in 15.x; a longer name pushes the rest, it is never cut. */
static void
show_direction(struct command *cmd, const struct session *s, const char *mode,
               const char *cipher, const char *mac)
{
    out_line(cmd, "%-10u %-7s %-4s %-11s %-12s %-21s %s", s->vty, "2.0", mode,
             cipher, mac, state_text(s), s->user);
}

static void
show_version_2(struct command *cmd, const struct session *s, bool first)
{
    if (first)
        out_line(cmd, "%-10s %-7s %-4s %-11s %-12s %-21s %s", "Connection",
                 "Version", "Mode", "Encryption", "Hmac", "State", "Username");
    show_direction(cmd, s, "IN", s->cipher_in, s->mac_in);
    show_direction(cmd, s, "OUT", s->cipher_out, s->mac_out);
}

/* One cipher for both directions, in capitals. */
static void
show_version_1(struct command *cmd, const struct session *s, bool first)
{
    char cipher[sizeof(s->cipher_in)];
    size_t i;

    for (i = 0; s->cipher_in[i] != '\0'; i++)
        cipher[i] = (char)toupper((unsigned char)s->cipher_in[i]);
    cipher[i] = '\0';
    if (first)
        out_line(cmd, "%-15s %-7s %-15s %-20s %s", "Connection", "Version",
                 "Encryption", "State", "Username");
    out_line(cmd, " %-15u%-9s%-18s%-20s%s", s->vty, "1.5", cipher,
             state_text(s), s->user);
}

/* False: there was none. */
static bool
show_block(struct command *cmd, unsigned version,
           void (*show)(struct command *cmd, const struct session *s,
                        bool first))
{
    bool any = false;

    LIST_EACH(node, sessions_all(cmd->router))
    {
        const struct session *s = LIST_ITEM(node, struct session, node);
        /* Who has not said what he speaks may yet speak 2. */
        unsigned spoken = s->version == 1 ? 1 : 2;

        if (s->kind != SESSION_SSH || s->off_line || spoken != version)
            continue;
        show(cmd, s, !any);
        any = true;
    }
    return any;
}

static void
show_ssh(struct command *cmd)
{
    bool any_1;

    if (cmd->match->filter == CLI_FILTER_JSON) {
        ssh_json_sessions(cmd);
        return;
    }
    any_1 = show_block(cmd, 1, show_version_1);
    if (!show_block(cmd, 2, show_version_2))
        out_line(cmd, "%%No SSHv2 server connections running.");
    if (!any_1)
        out_line(cmd, "%%No SSHv1 server connections running.");
}

const struct cli_row ssh_show_rows[] = {
    GROUP("show ip", "IP information"),
    GROUP("show ip ssh", "Information on SSH"),
    {ROW_SHOW("show ip ssh", 1, show_ip_ssh, "Information on SSH"),
     .json = true},
    {ROW_SHOW("show ssh", 1, show_ssh, "Status of SSH server connections"),
     .json = true},
    ROWS_END,
};
