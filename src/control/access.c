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

/* --- who may come in ---------------------------------------------------- */

static const struct config_acl *
class_of(const struct config *config, const struct config_line *line)
{
    switch (line->access_class) {
    case CONFIG_ACCESS_CLASS_NUMBER:
        return config_acl_numbered(config, line->access_class_number);
    case CONFIG_ACCESS_CLASS_NAME:
        return config_acl_named(&config->named_acls.list,
                                line->access_class_name);
    default:
        return NULL;
    }
}

/* IPv6 as such; IPv4 inside it is IPv4. */
static bool
is_ipv6(const struct config_address *source)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    return source->family == CONFIG_FAMILY_IPV6 &&
           memcmp(source->bytes, mapped, sizeof(mapped)) != 0;
}

bool
access_permits(const struct router *r, const struct config_line *line,
               const struct config_address *source,
               const struct config_ace **entry)
{
    const struct config *config = &r->config;
    const struct config_acl *acl = class_of(config, line);

    *entry = NULL;
    if (is_ipv6(source)) {
        if (line->access_class_ipv6 == NULL)
            return line->access_class == CONFIG_ACCESS_CLASS_NONE;
        acl =
            config_acl_named(&config->ipv6_acls.list, line->access_class_ipv6);
    }
    if (acl == NULL || acl->entries.list.count == 0)
        return true;
    *entry = config_acl_match(acl, source);
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
