/*
 * `show ip ssh`, `show ssh`.
 */
#include "commands/rows.h"
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

    out_line(cmd, "SSH %s - version 2.0", enabled ? "Enabled" : "Disabled");
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
show_ssh(struct command *cmd)
{
    bool any = false;

    LIST_EACH(node, sessions_all(cmd->router))
    {
        const struct session *s = LIST_ITEM(node, struct session, node);

        if (s->kind != SESSION_SSH || s->off_line)
            continue;
        if (!any)
            out_line(cmd, "%-10s %-7s %-4s %-11s %-12s %-21s %s", "Connection",
                     "Version", "Mode", "Encryption", "Hmac", "State",
                     "Username");
        any = true;
        show_direction(cmd, s, "IN", s->cipher_in, s->mac_in);
        show_direction(cmd, s, "OUT", s->cipher_out, s->mac_out);
    }
    if (!any)
        out_line(cmd, "%%No SSHv2 server connections running.");
    out_line(cmd, "%%No SSHv1 server connections running.");
}

const struct cli_row ssh_show_rows[] = {
    GROUP("show ip", "IP information"),
    GROUP("show ip ssh", "Information on SSH"),
    SHOW("show ip ssh", 1, show_ip_ssh, "Information on SSH"),
    SHOW("show ssh", 1, show_ssh, "Status of SSH server connections"),
    ROWS_END,
};
