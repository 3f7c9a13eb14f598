/*
 * Access lists: their entries in order, and what they say of a source.
 */
#include "config/config.h"

/* The address as IPv4 when it is one, also inside IPv6 (RFC 4291 2.5.5.2). */
static bool
as_ipv4(const struct config_address *address, uint8_t ipv4[4])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (address->family == CONFIG_FAMILY_IPV4) {
        memcpy(ipv4, address->bytes, 4);
        return true;
    }
    if (address->family == CONFIG_FAMILY_IPV6 &&
        memcmp(address->bytes, mapped, sizeof(mapped)) == 0) {
        memcpy(ipv4, address->bytes + sizeof(mapped), 4);
        return true;
    }
    return false;
}

static bool
wildcard_matches(const struct config_ace *entry,
                 const struct config_address *source)
{
    uint8_t ipv4[4];

    if (!as_ipv4(source, ipv4))
        return false;
    /* A wildcard's set bits are those that do not count. */
    for (unsigned i = 0; i < 4; i++)
        if (((ipv4[i] ^ entry->address.bytes[i]) & ~entry->wildcard.bytes[i]) !=
            0)
            return false;
    return true;
}

static bool
prefix_matches(const struct config_ace *entry,
               const struct config_address *source)
{
    uint8_t ipv4[4];

    if (source->family != CONFIG_FAMILY_IPV6 || as_ipv4(source, ipv4))
        return false;
    for (unsigned i = 0; i < 16; i++) {
        unsigned bits = entry->prefix > 8 * i ? entry->prefix - 8 * i : 0;
        uint8_t mask = bits >= 8 ? 0xff : (uint8_t)(0xff00 >> bits);

        if (((source->bytes[i] ^ entry->address.bytes[i]) & mask) != 0)
            return false;
    }
    return true;
}

static bool
entry_matches(const struct config_ace *entry,
              const struct config_address *source)
{
    if (entry->action == CONFIG_REMARK)
        return false;
    if (entry->source == CONFIG_SOURCE_ANY)
        return true;
    return entry->address.family == CONFIG_FAMILY_IPV6
               ? prefix_matches(entry, source)
               : wildcard_matches(entry, source);
}

const struct config_ace *
config_acl_match(const struct config_acl *acl,
                 const struct config_address *source)
{
    for (size_t i = 0; i < acl->entries.list.count; i++)
        if (entry_matches(acl->entries.list.items[i], source))
            return acl->entries.list.items[i];
    return NULL;
}

struct config_acl *
config_acl_numbered(const struct config *config, uint32_t number)
{
    for (size_t i = 0; i < config->numbered_acls.list.count; i++) {
        struct config_acl *acl = config->numbered_acls.list.items[i];

        if (acl->number == number)
            return acl;
    }
    return NULL;
}

struct config_acl *
config_acl_named(const struct config_list *acls, const char *name)
{
    for (size_t i = 0; i < acls->count; i++) {
        struct config_acl *acl = acls->items[i];

        if (acl->name != NULL && strcmp(acl->name, name) == 0)
            return acl;
    }
    return NULL;
}

bool
config_access_permits(const struct config *config, uint32_t number,
                      const struct config_address *source)
{
    const struct config_acl *acl = config_acl_numbered(config, number);
    const struct config_ace *entry;
    uint8_t ipv4[4];

    if (acl == NULL || acl->entries.list.count == 0)
        return true;
    if (!as_ipv4(source, ipv4))
        return false;
    entry = config_acl_match(acl, source);
    return entry != NULL && entry->action == CONFIG_PERMIT;
}

static uint32_t
sequence_at(const struct config_acl *acl, size_t i)
{
    const struct config_ace *entry = acl->entries.list.items[i];

    return entry->sequence;
}

uint32_t
config_acl_next(const struct config_acl *acl)
{
    uint32_t last = 0;

    for (size_t i = acl->entries.list.count; i-- > 0 && last == 0;)
        last = sequence_at(acl, i);
    return last + CONFIG_ACE_STEP;
}

struct config_ace *
config_acl_insert(struct config_acl *acl, uint32_t sequence)
{
    size_t at = 0;
    bool last = true;
    struct config_ace *entry;

    /* Right behind the one before it: a remark stays with what follows. */
    for (size_t i = 0; sequence != 0 && i < acl->entries.list.count; i++) {
        if (sequence_at(acl, i) == sequence)
            return NULL;
        if (sequence_at(acl, i) > sequence)
            last = false;
        else if (sequence_at(acl, i) != 0)
            at = i + 1;
    }
    if (last)
        at = acl->entries.list.count;
    entry = config_list_insert(&acl->entries.list, &config_ace_type, at);
    entry->sequence = sequence;
    return entry;
}

size_t
config_acl_find(const struct config_acl *acl, const struct config_ace *entry)
{
    struct config_ace wanted = *entry;
    size_t i = 0;

    for (; i < acl->entries.list.count; i++) {
        const struct config_ace *here = acl->entries.list.items[i];

        /* Thousands may be pasted: few are worth a closer look. */
        if (here->action != entry->action ||
            !config_address_equal(&here->address, &entry->address))
            continue;
        wanted.sequence = here->sequence;
        if (config_type_equal(&config_ace_type, here, &wanted))
            break;
    }
    return i;
}
