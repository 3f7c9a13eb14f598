/*
 * IPv6 access lists, as far as they tell who may come in: by source.
 */
#include "commands/access_list.h"
#include "commands/rows.h"
#include "control/access.h"

static void
on_changed(const struct cli_change *change)
{
    access_forget(change->owner);
}

const struct cli_row ipv6_acl_rows[] = {
    {ROW_SECTION_LIST("ipv6 access-list WORD:name", ipv6_acls, config_acl, 1,
                      BINDS(BIND_TEXT(struct config_acl, name, NULL)),
                      &ipv6_acl_mode, "Configure access lists",
                      "User selected string identifying this access list"),
     .changed = on_changed},
    ROWS_END,
};

#undef CLI_BASE
#define CLI_BASE struct config_acl

/* Bits behind the prefix do not count: they are shown as 0. */
static void
take_prefix(const struct cli_match *match, struct config_ace *entry)
{
    entry->source = CONFIG_SOURCE_ADDRESS;
    entry->address = cli_address(match, "prefix");
    entry->prefix = cli_number(match, "prefix");
    for (unsigned i = 0; i < sizeof(entry->address.bytes); i++) {
        unsigned bits = entry->prefix > 8 * i ? entry->prefix - 8 * i : 0;

        entry->address.bytes[i] &= bits >= 8 ? 0xff : (uint8_t)(0xff00 >> bits);
    }
    if (entry->prefix == 0)
        entry->source = CONFIG_SOURCE_ANY;
    if (entry->prefix == 0)
        entry->address = (struct config_address){0};
}

static void
take_entry(const struct cli_match *match, struct config_ace *entry)
{
    config_type_init(&config_ace_type, entry);
    if (cli_given(match, "remark")) {
        entry->action = CONFIG_REMARK;
        config_text_set(&entry->remark, cli_text(match, "comment"));
        return;
    }
    if (!cli_given(match, "permit") && !cli_given(match, "deny"))
        return;
    entry->action = cli_given(match, "permit") ? CONFIG_PERMIT : CONFIG_DENY;
    entry->source = CONFIG_SOURCE_ANY;
    if (cli_given(match, "prefix")) {
        take_prefix(match, entry);
    } else if (cli_given(match, "host")) {
        entry->source = CONFIG_SOURCE_HOST;
        entry->address = cli_address(match, "host-address");
        entry->prefix = 128;
    }
}

static const char *
set_entry(struct cli_change *change)
{
    struct config_ace entry;

    take_entry(change->match, &entry);
    entry.sequence = cli_number(change->match, "number");
    return acl_change(change, change->section, &entry);
}

static void
write_entries_here(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_acl *acl = section;
    char text[ACE_TEXT];

    (void)all;
    for (size_t i = 0; i < acl->entries.list.count; i++) {
        const struct config_ace *entry = acl->entries.list.items[i];

        ace_text(entry, true, text);
        if (ace_is_numbered(acl, i))
            cli_write_line(writer, "sequence %u %s", entry->sequence, text);
        else
            cli_write_line(writer, "%s", text);
    }
}

const struct cli_row ipv6_ace_rows[] = {
    SET_BY("[sequence <1-2147483647>:number] "
           "{{permit|deny} ipv6 {any|host X:X::X:host-address|"
           "X:X:X:X::X/<0-128>:prefix} any:destination|"
           "remark LINE:comment}",
           set_entry, write_entries_here, "Sequence number for this entry",
           "Sequence number", "Specify packets to forward",
           "Specify packets to reject", "Any IPv6", "Any source prefix",
           "A single source host", "Source host address", "Source prefix",
           "Any destination prefix", "Access list entry comment",
           "Comment up to 100 characters"),
    ROWS_END,
};
