#include "commands/collectors.h"

#include "commands/log_level.h"
#include "control/collectors.h"

static void
show_one(struct command *cmd, const struct collector_status *status)
{
    out_line(cmd, "        Logging to %s  (%s port %u, audit disabled,",
             status->host, status->tcp ? "tcp" : "udp", status->port);
    out_line(cmd, "              link %s),", status->up ? "up" : "down");
    out_line(cmd, "              %llu message lines logged, ",
             (unsigned long long)status->sent);
    out(cmd, "              0 message lines rate-limited, \n"
             "              0 message lines dropped-by-MD, \n");
    if (status->dropped > 0)
        out_line(cmd, "              %llu message lines lost, ",
                 (unsigned long long)status->dropped);
    if (status->rfc5424)
        out_line(cmd, "              format rfc5424, ");
    out(cmd, "              xml disabled, sequence number disabled\n"
             "              filtering disabled\n");
}

void
collectors_show(struct command *cmd)
{
    const struct config_log_remote *remote = &cmd->config->log_remote;
    struct collector_status status;

    if (remote->trap_level == CONFIG_LOGGING_OFF)
        out_line(cmd, "    Trap logging: disabled");
    else
        out_line(cmd, "    Trap logging: level %s, %llu message lines logged",
                 log_level_name(remote->trap_level),
                 (unsigned long long)collectors_logged(cmd->router));
    for (size_t i = 0; collectors_status(cmd->router, i, &status); i++)
        show_one(cmd, &status);
    out_line(cmd, "        Logging Source-Interface:       VRF Name:");
    if (remote->source_interface != NULL)
        out_line(cmd, "        %s", remote->source_interface);
    out(cmd, "\n");
}
