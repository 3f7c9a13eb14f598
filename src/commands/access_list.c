/*
 * Standard access lists: `access-list`, `ip access-list standard`.
 *
 * A numbered list is one list, however it was typed. It is written as lines of
 * `access-list`, unless an entry has a sequence number of its own, which these
 * cannot say.
 */
#include "commands/access_list.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "commands/rows.h"
#include "control/access.h"

#define SOURCE                        \
    "{any|host A.B.C.D:host-address|" \
    "A.B.C.D:source [A.B.C.D:wildcard]}"
#define ENTRY "{{permit|deny} " SOURCE "|remark LINE:comment}"
#define ENTRY_HELP                                                        \
    "Specify packets to forward", "Specify packets to reject",            \
        "Any source host", "A single host address", "Host address",       \
        "Address to match", "Wildcard bits", "Access list entry comment", \
        "Comment up to 100 characters"

#define IPV4_BYTES 4
#define REMARK_MAX 100

/* --- an entry ----------------------------------------------------------- */

static bool
is_all(const struct config_address *address, uint8_t byte)
{
    for (size_t i = 0; i < IPV4_BYTES; i++)
        if (address->bytes[i] != byte)
            return false;
    return true;
}

/*
 * The same hosts may be said in several ways, and IOS shows one: `host X` and
 * `X 0.0.0.0` are X, whoever matches everybody is `any`, and bits that do not
 * count are shown as 0.
 */
static void
take_source(const struct cli_match *match, struct config_ace *entry)
{
    struct config_address wildcard = cli_address(match, "wildcard");
    bool wild = cli_given(match, "wildcard") && !is_all(&wildcard, 0);

    entry->source = CONFIG_SOURCE_ANY;
    if (cli_given(match, "any") || (wild && is_all(&wildcard, 0xff)))
        return;
    entry->source = CONFIG_SOURCE_ADDRESS;
    entry->address = cli_given(match, "host")
                         ? cli_address(match, "host-address")
                         : cli_address(match, "source");
    if (!wild)
        return;
    entry->wildcard = wildcard;
    for (size_t i = 0; i < IPV4_BYTES; i++)
        entry->address.bytes[i] &= (uint8_t)~wildcard.bytes[i];
}

static void
take_entry(const struct cli_match *match, struct config_ace *entry)
{
    config_type_init(&config_ace_type, entry);
    if (cli_given(match, "remark")) {
        entry->action = CONFIG_REMARK;
        config_text_set(&entry->remark, cli_text(match, "comment"));
    } else if (cli_given(match, "permit") || cli_given(match, "deny")) {
        entry->action =
            cli_given(match, "permit") ? CONFIG_PERMIT : CONFIG_DENY;
        take_source(match, entry);
    }
}

static const char *
remove_entry(struct config_acl *acl, const struct config_ace *entry)
{
    size_t i = 0;

    if (entry->sequence == 0)
        i = config_acl_find(acl, entry);
    else
        while (
            i < acl->entries.list.count &&
            ((const struct config_ace *)acl->entries.list.items[i])->sequence !=
                entry->sequence)
            i++;
    if (i < acl->entries.list.count)
        config_list_remove(&acl->entries.list, &config_ace_type, i);
    return NULL;
}

static const char *
add_entry(struct config_acl *acl, struct config_ace *entry)
{
    bool remark = entry->action == CONFIG_REMARK;
    struct config_ace *kept;

    if (remark && strlen(entry->remark) > REMARK_MAX)
        return "% The remark is longer than 100 characters";
    if (acl->entries.list.count == CONFIG_LIST_MAX)
        return "% Too many entries";
    if (!remark && config_acl_find(acl, entry) < acl->entries.list.count)
        return NULL;
    if (!remark && entry->sequence == 0)
        entry->sequence = config_acl_next(acl);
    kept = config_acl_insert(acl, remark ? 0 : entry->sequence);
    if (kept == NULL)
        return "% Duplicate sequence number";
    config_type_clear(&config_ace_type, kept);
    config_type_copy(&config_ace_type, kept, entry);
    return NULL;
}

const char *
acl_change(const struct cli_change *change, struct config_acl *acl,
           struct config_ace *entry)
{
    const char *refusal;

    if (cli_restores(change->match)) {
        refusal = remove_entry(acl, entry);
        access_forget(change->owner);
    } else {
        refusal = add_entry(acl, entry);
    }
    config_type_clear(&config_ace_type, entry);
    return refusal;
}

bool
ace_is_numbered(const struct config_acl *acl, size_t i)
{
    const struct config_ace *entry = acl->entries.list.items[i];
    uint32_t before = 0;

    for (size_t k = i; k-- > 0 && before == 0;)
        before =
            ((const struct config_ace *)acl->entries.list.items[k])->sequence;
    return entry->sequence != 0 && entry->sequence != before + CONFIG_ACE_STEP;
}

static void
source_text(const struct config_ace *entry, char text[ACE_TEXT])
{
    char address[CONFIG_ADDRESS_TEXT], wildcard[CONFIG_ADDRESS_TEXT];

    config_address_text(&entry->address, address);
    config_address_text(&entry->wildcard, wildcard);
    if (entry->source == CONFIG_SOURCE_ANY)
        text_copy(text, ACE_TEXT, "any");
    else if (entry->source == CONFIG_SOURCE_HOST)
        snprintf(text, ACE_TEXT, "host %s", address);
    else if (entry->address.family == CONFIG_FAMILY_IPV6)
        config_prefix_text(&entry->address, entry->prefix, text);
    else
        snprintf(text, ACE_TEXT, "%s%s%s", address,
                 wildcard[0] != '\0' ? " " : "", wildcard);
}

void
ace_text(const struct config_ace *entry, bool ipv6, char text[ACE_TEXT])
{
    const char *action = entry->action == CONFIG_PERMIT ? "permit" : "deny";
    char source[ACE_TEXT];

    if (entry->action == CONFIG_REMARK) {
        snprintf(text, ACE_TEXT, "remark %s", entry->remark);
        return;
    }
    source_text(entry, source);
    snprintf(text, ACE_TEXT, ipv6 ? "%s ipv6 %.200s any" : "%s %.200s", action,
             source);
}

/* --- access-list -------------------------------------------------------- */

/* The list of that number, made where the numbers want it. */
static struct config_acl *
numbered(struct config *config, uint32_t number)
{
    struct config_acl *acl = config_acl_numbered(config, number);
    size_t at = 0;

    if (acl != NULL)
        return acl;
    while (at < config->numbered_acls.list.count &&
           ((const struct config_acl *)config->numbered_acls.list.items[at])
                   ->number < number)
        at++;
    acl = config_list_insert(&config->numbered_acls.list, &config_acl_type, at);
    acl->number = number;
    return acl;
}

static void
remove_list(struct config *config, uint32_t number)
{
    struct config_list *acls = &config->numbered_acls.list;

    for (size_t i = acls->count; i-- > 0;)
        if (((const struct config_acl *)acls->items[i])->number == number)
            config_list_remove(acls, &config_acl_type, i);
}

/* `no` in front of any of its lines removes the list, as on IOS. */
static const char *
set_access_list(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    uint32_t number = cli_number(match, "number");
    const char *refusal;
    struct config_acl *acl;
    struct config_ace entry;

    if (cli_restores(match)) {
        remove_list(change->config, number);
        access_forget(change->owner);
        return NULL;
    }
    take_entry(match, &entry);
    acl = numbered(change->config, number);
    refusal = acl_change(change, acl, &entry);
    /* A list whose first entry is refused would deny everybody. */
    if (refusal != NULL && acl->entries.list.count == 0)
        remove_list(change->config, number);
    return refusal;
}

static bool
has_own_sequence(const struct config_acl *acl)
{
    for (size_t i = 0; i < acl->entries.list.count; i++)
        if (ace_is_numbered(acl, i))
            return true;
    return false;
}

static void
write_entries_of(struct cli_writer *writer, const struct config_acl *acl,
                 const char *head)
{
    char text[ACE_TEXT];

    for (size_t i = 0; i < acl->entries.list.count; i++) {
        const struct config_ace *entry = acl->entries.list.items[i];

        ace_text(entry, false, text);
        if (ace_is_numbered(acl, i))
            cli_write_line(writer, "%s%u %s", head, entry->sequence, text);
        else
            cli_write_line(writer, "%s%s", head, text);
    }
}

static void
write_access_lists(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;
    char head[32];

    (void)all;
    for (size_t i = 0; i < config->numbered_acls.list.count; i++) {
        const struct config_acl *acl = config->numbered_acls.list.items[i];
        bool block = has_own_sequence(acl) || acl->entries.list.count == 0;

        snprintf(head, sizeof(head), "access-list %u ", acl->number);
        if (block)
            cli_write_line(writer, "ip access-list standard %u", acl->number);
        write_entries_of(writer, acl, block ? " " : head);
    }
}

static void
on_changed(const struct cli_change *change)
{
    access_forget(change->owner);
}

static int
by_number(const void *a, const void *b)
{
    const struct config_acl *const *one = a, *const *other = b;

    return (*one)->number < (*other)->number
               ? -1
               : (*one)->number > (*other)->number;
}

/* A list that was entered for the first time stands last. */
static void
on_numbered(const struct cli_change *change)
{
    struct config_list *acls = &change->config->numbered_acls.list;

    if (acls->count > 1)
        qsort(acls->items, acls->count, sizeof(*acls->items), by_number);
    access_forget(change->owner);
}

/* --- ip access-list resequence ------------------------------------------ */

static struct config_acl *
named_list(struct config *config, const struct cli_match *match)
{
    return cli_given(match, "number")
               ? config_acl_numbered(config, cli_number(match, "number"))
               : config_acl_named(&config->named_acls.list,
                                  cli_text(match, "name"));
}

static void
resequence(struct command *cmd)
{
    struct config_acl *acl = named_list(cmd->config, cmd->match);
    uint64_t sequence = cli_number(cmd->match, "start");
    uint32_t step = cli_number(cmd->match, "step");

    if (acl == NULL) {
        out_error(cmd, "Access list does not exist");
        return;
    }
    if (sequence + (uint64_t)step * acl->entries.list.count > INT32_MAX) {
        out_error(cmd, "Exceeded maximum sequence number");
        return;
    }
    for (size_t i = 0; i < acl->entries.list.count; i++) {
        struct config_ace *entry = acl->entries.list.items[i];

        if (entry->action == CONFIG_REMARK)
            continue;
        entry->sequence = (uint32_t)sequence;
        sequence += step;
    }
    access_forget(cmd->router);
}

/* --- rows --------------------------------------------------------------- */

static const char *
check_name(struct cli_change *change)
{
    const char *name = cli_text(change->match, "name");

    if ((name[0] >= 'a' && name[0] <= 'z') ||
        (name[0] >= 'A' && name[0] <= 'Z'))
        return NULL;
    return "% Invalid access list name.";
}

const struct cli_row numbered_acl_rows[] = {
    SET_BY("access-list <1-99,1300-1999>:number " ENTRY, set_access_list,
           write_access_lists, "Add an access list entry",
           "IP standard access list", ENTRY_HELP),
    ROWS_END,
};

const struct cli_row named_acl_rows[] = {
    GROUP("ip access-list", "Named access-list"),
    GROUP("ip access-list standard", "Standard Access List"),
    {ROW_SECTION_LIST("ip access-list standard <1-99,1300-1999>:number",
                      numbered_acls, config_acl, 1,
                      BINDS(BIND_NUMBER(struct config_acl, number, 0)),
                      &std_nacl_mode, "Standard IP access-list number"),
     .unwritten = true, .changed = on_numbered},
    {ROW_SECTION_LIST("ip access-list standard WORD:name", named_acls,
                      config_acl, 1,
                      BINDS(BIND_TEXT(struct config_acl, name, NULL)),
                      &std_nacl_mode, "Access-list name"),
     .check = check_name, .changed = on_changed},
    EXEC("ip access-list resequence {<1-99,1300-1999>:number|WORD:name} "
         "<1-2147483647>:start <1-2147483647>:step",
         15, resequence, "Resequence Access List",
         "Standard IP access-list number", "Access-list name",
         "Starting Sequence Number", "Step to increment the sequence number"),
    ROWS_END,
};

#undef CLI_BASE
#define CLI_BASE struct config_acl

static const char *
set_entry(struct cli_change *change)
{
    struct config_ace entry;

    take_entry(change->match, &entry);
    entry.sequence = cli_number(change->match, "sequence");
    return acl_change(change, change->section, &entry);
}

static void
write_entries_here(struct cli_writer *writer, const void *section, bool all)
{
    (void)all;
    write_entries_of(writer, section, "");
}

const struct cli_row std_nacl_rows[] = {
    SET_BY("[<1-2147483647>:sequence] " ENTRY, set_entry, write_entries_here,
           "Sequence Number", ENTRY_HELP),
    ROWS_END,
};
