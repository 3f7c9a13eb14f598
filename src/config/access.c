/*
 * Access lists, as they judge the source of a connection.
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

/* A wildcard's set bits are those that do not count. */
static bool
entry_matches(const struct config_access *entry,
              const struct config_address *source)
{
    static const uint8_t exactly[4];
    const uint8_t *ignored = entry->source == CONFIG_SOURCE_ADDRESS
                                 ? entry->wildcard.bytes
                                 : exactly;
    uint8_t ipv4[4];

    if (!as_ipv4(source, ipv4))
        return false;
    if (entry->source == CONFIG_SOURCE_ANY)
        return true;
    for (unsigned i = 0; i < 4; i++)
        if (((ipv4[i] ^ entry->address.bytes[i]) & ~ignored[i]) != 0)
            return false;
    return true;
}

bool
config_access_permits(const struct config *config, uint32_t number,
                      const struct config_address *source)
{
    bool exists = false;

    for (size_t i = 0; i < config->access.list.count; i++) {
        const struct config_access *entry = config->access.list.items[i];

        if (entry->number != number)
            continue;
        exists = true;
        if (entry_matches(entry, source))
            return entry->action == CONFIG_PERMIT;
    }
    return !exists;
}
