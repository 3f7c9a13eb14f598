/*
 * Access lists as they are, with what they have decided.
 */
#include <inttypes.h>
#include <stdio.h>

#include "commands/access_list.h"
#include "commands/rows.h"
#include "control/access.h"

static void
matches_text(const struct command *cmd, const struct config_ace *entry,
             char text[40])
{
    uint64_t matches = access_matches(cmd->router, entry);

    text[0] = '\0';
    if (matches > 0)
        snprintf(text, 40, " (%" PRIu64 " match%s)", matches,
                 matches == 1 ? "" : "es");
}

static void
show_standard_entry(struct command *cmd, const struct config_ace *entry)
{
    char address[CONFIG_ADDRESS_TEXT], wildcard[CONFIG_ADDRESS_TEXT];
    char matches[40];

    config_address_text(&entry->address, address);
    config_address_text(&entry->wildcard, wildcard);
    matches_text(cmd, entry, matches);
    out_line(cmd, "    %u %s %s%s%s%s", entry->sequence,
             entry->action == CONFIG_PERMIT ? "permit" : "deny  ",
             entry->source == CONFIG_SOURCE_ANY ? "any" : address,
             wildcard[0] != '\0' ? ", wildcard bits " : "", wildcard, matches);
}

static void
show_ipv6_entry(struct command *cmd, const struct config_ace *entry)
{
    char text[ACE_TEXT], matches[40];

    ace_text(entry, true, text);
    matches_text(cmd, entry, matches);
    out_line(cmd, "    %s%s sequence %u", text, matches, entry->sequence);
}

/* Remarks are for whoever reads the configuration. */
static void
show_entries(struct command *cmd, const struct config_acl *acl, bool ipv6)
{
    for (size_t i = 0; i < acl->entries.list.count; i++) {
        const struct config_ace *entry = acl->entries.list.items[i];

        if (entry->action == CONFIG_REMARK)
            continue;
        if (ipv6)
            show_ipv6_entry(cmd, entry);
        else
            show_standard_entry(cmd, entry);
    }
}

/* The list that was asked for, or all. */
static bool
is_wanted(const struct cli_match *match, const struct config_acl *acl)
{
    if (cli_given(match, "name"))
        return acl->name != NULL &&
               strcmp(acl->name, cli_text(match, "name")) == 0;
    return !cli_given(match, "number") ||
           acl->number == cli_number(match, "number");
}

static void
show_lists(struct command *cmd, const struct config_list *acls, bool ipv6)
{
    for (size_t i = 0; i < acls->count; i++) {
        const struct config_acl *acl = acls->items[i];

        if (!is_wanted(cmd->match, acl))
            continue;
        if (ipv6)
            out_line(cmd, "IPv6 access list %s", acl->name);
        else if (acl->number != 0)
            out_line(cmd, "Standard IP access list %u", acl->number);
        else
            out_line(cmd, "Standard IP access list %s", acl->name);
        show_entries(cmd, acl, ipv6);
    }
}

static void
show_ip_access_lists(struct command *cmd)
{
    show_lists(cmd, &cmd->config->numbered_acls.list, false);
    show_lists(cmd, &cmd->config->named_acls.list, false);
}

static void
show_ipv6_access_list(struct command *cmd)
{
    const struct config_list *acls = &cmd->config->ipv6_acls.list;

    for (size_t i = 0; i < acls->count; i++) {
        const struct config_acl *acl = acls->items[i];

        if (cli_given(cmd->match, "name") &&
            strcmp(acl->name, cli_text(cmd->match, "name")) != 0)
            continue;
        out_line(cmd, "IPv6 access list %s", acl->name);
        show_entries(cmd, acl, true);
    }
}

static void
show_access_lists(struct command *cmd)
{
    show_ip_access_lists(cmd);
    show_lists(cmd, &cmd->config->ipv6_acls.list, true);
}

static void
clear_counters(struct command *cmd)
{
    const struct config *config = cmd->config;
    const struct config_acl *acl;

    if (!cli_given(cmd->match, "number") && !cli_given(cmd->match, "name")) {
        access_clear(cmd->router, NULL);
        return;
    }
    acl = cli_given(cmd->match, "number")
              ? config_acl_numbered(config, cli_number(cmd->match, "number"))
              : config_acl_named(&config->named_acls.list,
                                 cli_text(cmd->match, "name"));
    if (acl == NULL)
        out_error(cmd, "Access list does not exist");
    else
        access_clear(cmd->router, acl);
}

#define LIST_HELP "Access list number", "Access list name"

const struct cli_row acl_show_rows[] = {
    SHOW("show access-lists [<1-99,1300-1999>:number|WORD:name]", 1,
         show_access_lists, "List access lists", LIST_HELP),
    SHOW("show ip access-lists [<1-99,1300-1999>:number|WORD:name]", 1,
         show_ip_access_lists, "List IP access lists", LIST_HELP),
    SHOW("show ipv6 access-list [WORD:name]", 1, show_ipv6_access_list,
         "Summary of access lists", "Access list name"),
    EXEC("clear access-list counters [<1-99,1300-1999>:number|WORD:name]", 15,
         clear_counters, "Clear access list statistical information",
         "Clear access list counters", LIST_HELP),
    ROWS_END,
};
