/*
 * What is sent by SNMP, to whom and how it goes: `show snmp ...`.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "commands/rows.h"
#include "commands/snmp_names.h"
#include "control/command.h"
#include "control/snmp.h"
#include "control/snmp_users.h"

#define SHOWN_MAX 1024 /* bytes of a text, escaped */

/* --- show snmp ---------------------------------------------------------- */

static void
put_text(struct command *cmd, const char *what, const char *text)
{
    char shown[SHOWN_MAX];

    if (text == NULL)
        return;
    text_escape(shown, sizeof(shown), span_text(text));
    out_line(cmd, "%s: %s", what, shown);
}

/* Nobody asks us anything, so nothing is counted of that. */
static void
put_counters(struct command *cmd, const struct snmp_counters *c)
{
    out_line(cmd, "%" PRIu64 " SNMP packets output", c->traps + c->informs);
    out_line(cmd, "    %" PRIu64 " Trap PDUs", c->traps);
    out_line(cmd, "SNMP global trap: %s",
             cmd->config->snmp.traps_tty ? "enabled" : "disabled");
    out_line(cmd, "%s", "");
}

/* "10.0.0.2.162" */
static void
put_target(struct command *cmd, const struct snmp_target_view *t)
{
    if (!t->informs) {
        out_line(cmd,
                 "    Logging to %s.%u, %u/%u, %" PRIu64 " sent, %" PRIu64
                 " dropped.",
                 t->host, t->port, t->waiting, cmd->config->snmp.queue_length,
                 t->sent, t->dropped);
        return;
    }
    out_line(cmd, "    Logging to %s.%u", t->host, t->port);
    out_line(cmd,
             "        %" PRIu64 " sent, %u in-flight, %" PRIu64
             " retries, %" PRIu64 " failed, %" PRIu64 " dropped",
             t->sent, t->in_flight, t->retries, t->failed, t->dropped);
}

static bool
any_target(struct command *cmd, bool informs)
{
    struct snmp_target_view t;

    for (size_t i = 0; snmp_target_at(cmd->router, i, &t); i++)
        if (t.informs == informs)
            return true;
    return false;
}

static void
put_targets(struct command *cmd, bool informs)
{
    struct snmp_target_view t;

    for (size_t i = 0; snmp_target_at(cmd->router, i, &t); i++)
        if (t.informs == informs)
            put_target(cmd, &t);
}

static void
put_informs(struct command *cmd, const struct snmp_counters *c)
{
    if (!any_target(cmd, true))
        return;
    out_line(cmd, "%s", "");
    out_line(cmd, "SNMP Manager-role output packets");
    out_line(cmd, "    %" PRIu64 " Inform-request PDUs", c->informs);
    out_line(cmd, "    %" PRIu64 " Timeouts", c->timeouts);
    out_line(cmd, "    %" PRIu64 " Drops", c->drops);
    out_line(cmd, "SNMP Manager-role input packets");
    out_line(cmd, "    %" PRIu64 " Inform response PDUs", c->answers);
    out_line(cmd, "    %" PRIu64 " Responses with errors", c->bad_answers);
    out_line(cmd, "%s", "");
    out_line(cmd, "SNMP informs: enabled");
    out_line(cmd, "    Informs in flight %u/%u (current/max)",
             snmp_in_flight(cmd->router), cmd->config->snmp.inform_flight);
    put_targets(cmd, true);
}

static void
show_snmp(struct command *cmd)
{
    struct snmp_counters counters = snmp_counters(cmd->router);

    if (!cmd->config->snmp.on) {
        out_line(cmd, "%%SNMP agent not enabled");
        return;
    }
    put_text(cmd, "Contact", cmd->config->snmp.contact);
    put_text(cmd, "Location", cmd->config->snmp.location);
    put_counters(cmd, &counters);
    out_line(cmd, "SNMP logging: %s",
             any_target(cmd, false) ? "enabled" : "disabled");
    put_targets(cmd, false);
    put_informs(cmd, &counters);
}

/* --- show snmp host ----------------------------------------------------- */

/* A community is a secret; the name of a user is none. */
static const char *
shown_name(struct command *cmd, const struct config_snmp_host *host)
{
    bool open = host->version == CONFIG_SNMP_V3 ||
                (!cmd->masked && shell_privilege(cmd->shell) == 15);

    return open ? host->community.text : "<removed>";
}

static void
show_hosts(struct command *cmd)
{
    const struct config_list *hosts = &cmd->config->snmp.hosts.list;

    for (size_t i = 0; i < hosts->count; i++) {
        const struct config_snmp_host *host = hosts->items[i];

        out_line(cmd, "Notification host: %s udp-port: %u   type: %s",
                 host->host, host->port, host->informs ? "inform" : "trap");
        out_line(cmd, "user: %s    security model: v%s", shown_name(cmd, host),
                 snmp_version_name(host));
        out_line(cmd, "%s", "");
    }
}

/* --- show snmp user, group, engineID ------------------------------------ */

/* One whose engine is neither ours nor a known manager's is of no use. */
static bool
is_known_engine(struct command *cmd, const struct snmp_engine *engine)
{
    const struct config_list *engines = &cmd->config->snmp.engines.list;
    char text[SNMP_ENGINE_TEXT];
    struct snmp_engine local;

    snmp_local_engine(cmd->router, cmd->config, &local);
    if (snmp_engine_equal(&local, engine))
        return true;
    snmp_engine_text(engine, text);
    for (size_t i = 0; i < engines->count; i++)
        if (strcmp(
                ((const struct config_snmp_engine *)engines->items[i])->engine,
                text) == 0)
            return true;
    return false;
}

static void
put_user(struct command *cmd, const struct snmp_user *user)
{
    static const char *const auth[] = {"None", "MD5", "SHA"};
    static const char *const priv[] = {"None", "DES", "AES128"};
    char engine[SNMP_ENGINE_TEXT];

    snmp_engine_text(&user->engine, engine);
    out_line(cmd, "User name: %s", user->name);
    out_line(cmd, "Engine ID: %s", engine);
    out_line(cmd, "storage-type: nonvolatile\t active");
    out_line(cmd, "Authentication Protocol: %s", auth[user->auth]);
    out_line(cmd, "Privacy Protocol: %s", priv[user->priv]);
    out_line(cmd, "Group-name: %s", user->group);
    out_line(cmd, "%s", "");
}

static void
show_users(struct command *cmd)
{
    const struct snmp_user *user;

    for (size_t i = 0; (user = snmp_user_at(cmd->router, i)) != NULL; i++)
        if (is_known_engine(cmd, &user->engine))
            put_user(cmd, user);
}

static void
show_groups(struct command *cmd)
{
    const struct config_list *groups = &cmd->config->snmp.groups.list;

    for (size_t i = 0; i < groups->count; i++) {
        const struct config_snmp_group *group = groups->items[i];

        out_line(cmd, "groupname: %-32s security model:v3 %s ", group->name,
                 snmp_level_name(group->level));
        out_line(cmd, "row status: active");
        out_line(cmd, "%s", "");
    }
}

static void
show_engines(struct command *cmd)
{
    const struct config_list *engines = &cmd->config->snmp.engines.list;
    char text[SNMP_ENGINE_TEXT];
    struct snmp_engine local;

    /* What is shown stays. */
    (void)snmp_users_keep(cmd->router);
    snmp_local_engine(cmd->router, cmd->config, &local);
    snmp_engine_text(&local, text);
    out_line(cmd, "Local SNMP engineID: %s", text);
    out_line(cmd, "Remote Engine ID          IP-addr    Port");
    for (size_t i = 0; i < engines->count; i++) {
        const struct config_snmp_engine *engine = engines->items[i];
        char address[CONFIG_ADDRESS_TEXT];

        config_address_text(&engine->address, address);
        out_line(cmd, "%-24s  %s %u", engine->engine, address, engine->port);
    }
}

static void
show(struct command *cmd)
{
    if (cli_given(cmd->match, "engineID"))
        show_engines(cmd);
    else if (cli_given(cmd->match, "group"))
        show_groups(cmd);
    else if (cli_given(cmd->match, "host"))
        show_hosts(cmd);
    else if (cli_given(cmd->match, "user"))
        show_users(cmd);
    else
        show_snmp(cmd);
}

const struct cli_row snmp_show_rows[] = {
    SHOW("show snmp [engineID|group|host|user]", 1, show, "snmp statistics",
         "show local and remote SNMP engine IDs", "show SNMPv3 groups",
         "show SNMP hosts", "show SNMPv3 users"),
    ROWS_END,
};
