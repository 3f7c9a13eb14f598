/*
 * `ip ssh ...`: the settings of the SSH server and of the client.
 */
#include "commands/ssh.h"

#include <stdio.h>

#include "base/text.h"
#include "commands/interface_name.h"
#include "commands/rows.h"
#include "control/algorithms.h"
#include "control/command.h"
#include "control/keys.h"
#include "control/listener.h"

#define SSH_VERSION_SYNTAX "ip ssh version <1-2>"

/*
 * Each of two settings takes methods away; that both leave none is told to who
 * has seen to it, while he is still there.
 */
static void
warn_of_methods(struct command *cmd)
{
    struct buf names;

    buf_init(&names, ALGORITHMS_METHODS_MAX);
    algorithms_methods(&cmd->config->ssh, &names);
    if (buf_len(&names) == 0)
        out_line(cmd, "%% Warning: no authentication method is left; nobody "
                      "can log in by SSH");
    else if (strcmp(buf_text(&names), "publickey") == 0 &&
             cmd->config->ssh.key_users.list.count == 0)
        out_line(cmd, "%% Warning: public keys are the only authentication "
                      "method, and no user has one");
    buf_clear(&names);
}

void
ssh_set(struct command *cmd)
{
    if (!cmd_apply(cmd))
        return;
    if (strstr(cmd->match->row->syntax, " server authenticate ") != NULL ||
        strstr(cmd->match->row->syntax, " algorithm authentication ") != NULL)
        warn_of_methods(cmd);
    if (keys_ssh_enabled(cmd->router))
        return;
    if (cmd->config->ssh.version == 2 &&
        strcmp(cmd->match->row->syntax, SSH_VERSION_SYNTAX) == 0)
        out_line(cmd, "Please create RSA keys (of atleast 768 bits size) to "
                      "enable SSH v2.");
    else
        out_line(cmd, "Please create RSA keys to enable SSH.");
}

/* Another pair may be the one that serves, or none. */
static void
on_host_keys_changed(const struct cli_change *change)
{
    struct router *r = change->owner;

    if (r->keys != NULL)
        keys_ssh_update(r);
}

#define REJECTED(class_) \
    "% SSH command rejected: All " class_ " algorithms cannot be disabled"

/* Either marks what is sent; the one that was set last does. */
static void
on_dscp_changed(const struct cli_change *change)
{
    if (change->config->ssh.dscp != 0)
        change->config->ssh.precedence = 0;
}

static void
on_precedence_changed(const struct cli_change *change)
{
    if (change->config->ssh.precedence != 0)
        change->config->ssh.dscp = 0;
}

/* It is looked for in what is typed, where no other byte can come. */
#define BREAK_STRING_MAX 64

static const char *
check_break_string(struct cli_change *change)
{
    if (!cli_restores(change->match) &&
        strlen(cli_text(change->match, "WORD")) > BREAK_STRING_MAX)
        return "% A break string has 64 characters at most";
    return NULL;
}

static void
on_ports_changed(const struct cli_change *change)
{
    struct router *r = change->owner;

    if (r->listener != NULL)
        listener_update(r);
}

/* The row is about another method than `name`. */
static bool
leaves(const struct cli_match *match, const char *name)
{
    return strstr(match->row->syntax, name) == NULL;
}

/* With the last method nobody could log in any more. */
static const char *
check_method(struct cli_change *change)
{
    const struct config_ssh *ssh = &change->config->ssh;
    const struct cli_match *match = change->match;
    bool left = (ssh->by_publickey && leaves(match, " publickey")) ||
                (ssh->by_keyboard && leaves(match, " keyboard")) ||
                (ssh->by_password && leaves(match, " password"));

    if (match->negated && !left)
        return REJECTED("authentication");
    return NULL;
}

/* --- the client --------------------------------------------------------- */

static const char *
set_host_check(struct cli_change *change)
{
    struct config_ssh *ssh = &change->config->ssh;

    if (cli_restores(change->match))
        ssh->host_check = CONFIG_HOST_CHECK_USUAL;
    else if (cli_given(change->match, "accept-new"))
        ssh->host_check = CONFIG_HOST_CHECK_ACCEPT_NEW;
    else
        ssh->host_check = CONFIG_HOST_CHECK_STRICT;
    return NULL;
}

static void
write_host_check(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    if (config->ssh.host_check == CONFIG_HOST_CHECK_STRICT)
        cli_write_line(writer, "ip ssh stricthostkeycheck");
    else if (config->ssh.host_check == CONFIG_HOST_CHECK_ACCEPT_NEW)
        cli_write_line(writer, "ip ssh stricthostkeycheck accept-new");
    else if (all)
        cli_write_line(writer, "no ip ssh stricthostkeycheck");
}

static const char *
set_source_interface(struct cli_change *change)
{
    return interface_name_set(change->match,
                              &change->config->ssh.source_interface);
}

static void
write_source_interface(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    interface_name_write(writer, "ip ssh source-interface",
                         config->ssh.source_interface);
}

/* --- rows --------------------------------------------------------------- */

#define SET_METHOD(name, field, help)                                      \
    {                                                                      \
        ROW_SET_FLAG("ip ssh server authenticate user " name, field, true, \
                     help),                                                \
            .run = ssh_set, .check = check_method                          \
    }
#define SET_ALGORITHMS(class_, field, provider, help)                        \
    {                                                                        \
        ROW_SET_NAMES("ip ssh server algorithm " class_ " CHOICE...", field, \
                      provider, help, "Name of the algorithm"),              \
            .run = ssh_set, .changed = on_host_keys_changed,                 \
            .none_left = REJECTED(class_)                                    \
    }

#define SET_CLIENT_ALGORITHMS(class_, field, provider, help)                 \
    {                                                                        \
        ROW_SET_NAMES("ip ssh client algorithm " class_ " CHOICE...", field, \
                      provider, help, "Name of the algorithm"),              \
            .run = ssh_set, .none_left = REJECTED(class_)                    \
    }

const struct cli_row ssh_rows[] = {
    GROUP("ip ssh", "Configure ssh options"),
    {ROW_SET_NUMBER("ip ssh time-out <1-120>", ssh.timeout, 120,
                    "Specify SSH time-out interval",
                    "SSH time-out interval (secs)"),
     .run = ssh_set},
    {ROW_SET_NUMBER("ip ssh timeout <1-120>", ssh.timeout, 120,
                    "Specify SSH time-out interval",
                    "SSH time-out interval (secs)"),
     .run = ssh_set, .alias = true},
    {ROW_SET_NUMBER("ip ssh authentication-retries <0-5>", ssh.retries, 3,
                    "Specify number of authentication retries",
                    "Number of authentication retries"),
     .run = ssh_set},
    {ROW_SET_NUMBER("ip ssh window-size <8192-131072>", ssh.window, 0,
                    "Specify the receive window of a channel",
                    "Bytes that a client may send ahead"),
     .run = ssh_set},
    {ROW_SET_BY("ip ssh source-interface WORD:name [<0-9999999>:unit]",
                set_source_interface, write_source_interface,
                "Specify interface for source address in SSH connections",
                "Interface name, or Loopback and a number",
                "Number of a loopback interface"),
     .run = ssh_set},
    {ROW_SET_TEXT("ip ssh rsa keypair-name WORD", ssh.keypair_name, NULL,
                  "Configure RSA keypair name for SSH",
                  "RSA keypair name for SSH", "RSA keypair name"),
     .run = ssh_set, .changed = on_host_keys_changed},
    {ROW_SET_NUMBER(SSH_VERSION_SYNTAX, ssh.version, 0,
                    /* The blank in front is in IOS's list as well. */
                    " Version Supported", "Protocol version"),
     .run = ssh_set, .changed = on_host_keys_changed},
    GROUP("ip ssh dh", "Diffie-Hellman"),
    {ROW_SET_NUMBER("ip ssh dh min size {1024|2048|4096}", ssh.dh_min, 1024,
                    "Minimum size of a group", "Size of the group in bits",
                    "1024 bits", "2048 bits", "4096 bits"),
     .run = ssh_set},
    {ROW_SET_NUMBER("ip ssh maxstartups <1-1024>", ssh.maxstartups, 128,
                    "Maximum concurrent sessions allowed",
                    "Number of connections that have not logged in"),
     .run = ssh_set},
    {ROW_SET_FLAG("ip ssh logging events", ssh.log_events, false,
                  "Configure logging for SSH",
                  "Log sessions, logins and their ends"),
     .run = ssh_set},
    {ROW_SET_NUMBER("ip ssh dscp <0-63>", ssh.dscp, 0,
                    "IP DSCP value for SSH traffic", "DSCP value"),
     .run = ssh_set, .changed = on_dscp_changed},
    {ROW_SET_NUMBER("ip ssh precedence <0-7>", ssh.precedence, 0,
                    "IP Precedence value for SSH traffic", "Precedence value"),
     .run = ssh_set, .changed = on_precedence_changed},
    {ROW_SET_TEXT("ip ssh break-string WORD", ssh.break_string,
                  CONFIG_SSH_BREAK, "break-string",
                  "Text that is sent to a line as a break"),
     .run = ssh_set, .check = check_break_string},
    {ROW_LIST("ip ssh port <2000-10000>:port rotary <1-127>:group "
              "[<1-127>:last]",
              ssh.ports, config_ssh_port, 1,
              BINDS(BIND_NUMBER(struct config_ssh_port, port, 0),
                    BIND_NUMBER(struct config_ssh_port, first, 0),
                    BIND_NUMBER(struct config_ssh_port, last, 0)),
              "Starting (or only) Port number to listen on", "Port number",
              "Specify rotary for this port", "Starting rotary group",
              "Last rotary group"),
     .run = ssh_set, .changed = on_ports_changed},
    GROUP("ip ssh rekey", "Configure rekey values"),
    {ROW_SET_NUMBER("ip ssh rekey time <10-1440>", ssh.rekey_minutes, 60,
                    "Time-based rekey", "Minutes between key exchanges"),
     .run = ssh_set},
    {ROW_SET_NUMBER("ip ssh rekey volume <100-4194303>", ssh.rekey_kilobytes,
                    1048576, "Volume-based rekey",
                    "Kilobytes between key exchanges"),
     .run = ssh_set},
    {ROW_SET_BY("ip ssh stricthostkeycheck [accept-new]", set_host_check,
                write_host_check, "Enable SSH Server Authentication",
                "Accept and remember the key of a new server"),
     .run = ssh_set},
    GROUP("ip ssh server", "Configuration for server"),
    GROUP("ip ssh server authenticate", "Configure authentication"),
    GROUP("ip ssh server authenticate user", "Authentication of users"),
    SET_METHOD("publickey", ssh.by_publickey, "By a user's public key"),
    SET_METHOD("keyboard", ssh.by_keyboard, "By questions and answers"),
    SET_METHOD("password", ssh.by_password, "By password"),
    GROUP("ip ssh server algorithm", "Configure server algorithms"),
    SET_ALGORITHMS("mac", ssh.mac, algorithms_mac, "MAC algorithms"),
    SET_ALGORITHMS("encryption", ssh.encryption, algorithms_encryption,
                   "Encryption algorithms"),
    SET_ALGORITHMS("kex", ssh.kex, algorithms_kex, "Key exchange algorithms"),
    SET_ALGORITHMS("hostkey", ssh.hostkey, algorithms_hostkey,
                   "Host key algorithms"),
    SET_ALGORITHMS("authentication", ssh.authentication,
                   algorithms_authentication, "Authentication methods"),
    SET_ALGORITHMS("publickey", ssh.publickey, algorithms_publickey,
                   "Algorithms of users' public keys"),
    GROUP("ip ssh client", "Configuration for client"),
    GROUP("ip ssh client algorithm", "Configure client algorithms"),
    SET_CLIENT_ALGORITHMS("mac", ssh.client_mac, algorithms_mac,
                          "MAC algorithms"),
    SET_CLIENT_ALGORITHMS("encryption", ssh.client_encryption,
                          algorithms_encryption, "Encryption algorithms"),
    SET_CLIENT_ALGORITHMS("kex", ssh.client_kex, algorithms_kex,
                          "Key exchange algorithms"),
    SET_CLIENT_ALGORITHMS("hostkey", ssh.client_hostkey,
                          algorithms_client_hostkey, "Host key algorithms"),
    ROWS_END,
};
