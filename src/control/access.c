#include "control/access.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct access {
    struct access_counter {
        const struct config_ace *entry; /* of the running configuration */
        uint64_t matches;
    } * counters;
    size_t count;
};

/* --- who may come in, and go out ---------------------------------------- */

static const struct config_acl *
list_of(const struct config *config, const struct config_access_class *access)
{
    switch (access->kind) {
    case CONFIG_ACCESS_CLASS_NUMBER:
        return config_acl_numbered(config, access->number);
    case CONFIG_ACCESS_CLASS_NAME:
        return config_acl_named(&config->named_acls.list, access->name);
    default:
        return NULL;
    }
}

/* IPv6 as such; IPv4 inside it is IPv4. */
static bool
is_ipv6(const struct config_address *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    return address->family == CONFIG_FAMILY_IPV6 &&
           memcmp(address->bytes, mapped, sizeof(mapped)) != 0;
}

bool
access_permits(const struct router *r, const struct config_access_class *access,
               const struct config_address *address,
               const struct config_ace **entry)
{
    const struct config *config = &r->config;
    const struct config_acl *acl = list_of(config, access);

    *entry = NULL;
    if (is_ipv6(address)) {
        if (access->ipv6 == NULL)
            return access->kind == CONFIG_ACCESS_CLASS_NONE;
        acl = config_acl_named(&config->ipv6_acls.list, access->ipv6);
    }
    if (acl == NULL || acl->entries.list.count == 0)
        return true;
    *entry = config_acl_match(acl, address);
    return *entry != NULL && (*entry)->action == CONFIG_PERMIT;
}

/* --- how often ---------------------------------------------------------- */

static struct access_counter *
counter_of(const struct router *r, const struct config_ace *entry)
{
    for (size_t i = 0; r->access != NULL && i < r->access->count; i++)
        if (r->access->counters[i].entry == entry)
            return &r->access->counters[i];
    return NULL;
}

void
access_count(struct router *r, const struct config_ace *entry)
{
    struct access_counter *counter = counter_of(r, entry);
    struct access *a;

    if (counter != NULL) {
        counter->matches++;
        return;
    }
    if (r->access == NULL)
        r->access = alloc_zero(1, sizeof(*r->access));
    a = r->access;
    a->counters = alloc_resize(a->counters, a->count + 1, sizeof(*a->counters));
    a->counters[a->count++] = (struct access_counter){entry, 1};
}

uint64_t
access_matches(const struct router *r, const struct config_ace *entry)
{
    const struct access_counter *counter = counter_of(r, entry);

    return counter == NULL ? 0 : counter->matches;
}

static bool
acl_has(const struct config_acl *acl, const struct config_ace *entry)
{
    for (size_t i = 0; i < acl->entries.list.count; i++)
        if (acl->entries.list.items[i] == entry)
            return true;
    return false;
}

void
access_clear(struct router *r, const struct config_acl *acl)
{
    for (size_t i = 0; r->access != NULL && i < r->access->count; i++)
        if (acl == NULL || acl_has(acl, r->access->counters[i].entry))
            r->access->counters[i].matches = 0;
}

static bool
lists_have(const struct config_list *acls, const struct config_ace *entry)
{
    for (size_t i = 0; i < acls->count; i++)
        if (acl_has(acls->items[i], entry))
            return true;
    return false;
}

void
access_forget(struct router *r)
{
    const struct config *config = &r->config;
    struct access *a = r->access;
    size_t kept = 0;

    for (size_t i = 0; a != NULL && i < a->count; i++)
        if (lists_have(&config->numbered_acls.list, a->counters[i].entry) ||
            lists_have(&config->named_acls.list, a->counters[i].entry) ||
            lists_have(&config->ipv6_acls.list, a->counters[i].entry))
            a->counters[kept++] = a->counters[i];
    if (a != NULL)
        a->count = kept;
}

void
access_free(struct router *r)
{
    if (r->access != NULL)
        free(r->access->counters);
    free(r->access);
    r->access = NULL;
}
