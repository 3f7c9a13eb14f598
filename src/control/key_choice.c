#include <string.h>

#include "base/names.h"
#include "control/algorithms.h"
#include "control/journal.h"
#include "control/key_table.h"
#include "control/listener.h"
#include "control/server_key.h"

#define RSA_BITS_MIN 768 /* a smaller pair serves no protocol version */

bool
key_is_ec(const struct key *k)
{
    return k->type == KEY_ECDSA_256 || k->type == KEY_ECDSA_384 ||
           k->type == KEY_ECDSA_521;
}

/* With usage keys it is the signature pair that SSH shows. */
static bool
may_sign(const struct key *key)
{
    return key->usage != KEY_ENCRYPTION &&
           (key->type != KEY_RSA || key->bits >= RSA_BITS_MIN);
}

bool
key_type_is_offered(const struct router *r, enum key_type type)
{
    struct buf names;
    struct span rest, name;
    bool offered = false;

    buf_init(&names, NAMES_MAX_BYTES);
    algorithms_put(&names, algorithms_hostkey(), r->config.ssh.hostkey);
    rest = buf_span(&names);
    while (!offered && names_next(&rest, &name)) {
        const struct signature_method *method = signature_find(name);

        offered = method != NULL && method->type == type;
    }
    buf_clear(&names);
    return offered;
}

/* The oldest pair of that type; RSA: of the configured name, if there is one.
 */
static const struct key *
first_of(struct keys *keys, enum key_type type)
{
    const char *name =
        type == KEY_RSA ? keys->router->config.ssh.keypair_name : NULL;

    LIST_EACH(node, &keys->all)
    {
        const struct key *key = &key_entry_of(node)->key;

        if (key->type == type && may_sign(key) &&
            (name == NULL || strcmp(key->name, name) == 0))
            return key;
    }
    return NULL;
}

/* A pair that no algorithm of `ip ssh server algorithm hostkey` goes with
   serves nobody. */
void
keys_for_ssh(struct router *r, struct ssh_host_keys *out)
{
    static const enum key_type types[] = {KEY_RSA, KEY_ECDSA_256, KEY_ECDSA_384,
                                          KEY_ECDSA_521, KEY_ED25519};

    out->count = 0;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const struct key *key = key_type_is_offered(r, types[i])
                                    ? first_of(r->keys, types[i])
                                    : NULL;

        if (key != NULL)
            out->keys[out->count++] = key;
    }
}

void
keys_for_login(struct router *r, struct ssh_host_keys *out)
{
    static const enum key_type types[] = {KEY_RSA, KEY_ECDSA_256, KEY_ECDSA_384,
                                          KEY_ECDSA_521, KEY_ED25519};
    bool has_ec = false;

    out->count = 0;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const struct key *key = first_of(r->keys, types[i]);

        if (key == NULL || (has_ec && key_is_ec(key)))
            continue;
        has_ec = has_ec || key_is_ec(key);
        out->keys[out->count++] = key;
    }
}

const struct key *
keys_for_version_1(struct router *r)
{
    return first_of(r->keys, KEY_RSA);
}

unsigned
keys_wanted_versions(const struct router *r)
{
    switch (r->config.ssh.version) {
    case 1:
        return SSH_VERSION_1;
    case 2:
        return SSH_VERSION_2;
    default:
        return SSH_VERSION_1 | SSH_VERSION_2;
    }
}

/* Those of the versions that are wanted for which there is a host key. */
static unsigned
versions_with_keys(struct router *r)
{
    struct ssh_host_keys usable;
    unsigned versions = 0;

    if (r->keys == NULL)
        return 0;
    keys_for_ssh(r, &usable);
    if (usable.count > 0)
        versions |= SSH_VERSION_2;
    if (keys_for_version_1(r) != NULL)
        versions |= SSH_VERSION_1;
    return versions & keys_wanted_versions(r);
}

unsigned
keys_ssh_versions(struct router *r)
{
    unsigned versions = versions_with_keys(r);

    return server_key_is_ready(r) ? versions : versions & ~SSH_VERSION_1;
}

const char *
keys_version_text(struct router *r)
{
    unsigned versions = versions_with_keys(r);

    switch (versions != 0 ? versions : keys_wanted_versions(r)) {
    case SSH_VERSION_1:
        return "1.5";
    case SSH_VERSION_2:
        return "2.0";
    default:
        return "1.99";
    }
}

bool
keys_ssh_enabled(struct router *r)
{
    return versions_with_keys(r) != 0;
}

void
keys_announce(struct router *r, const struct key *key)
{
    struct key_entry *entry = key_entry_find(&r->keys->all, key->number);

    if (entry != NULL && entry->is_news) {
        entry->is_news = false;
        if (key->type == KEY_RSA && key->bits < RSA_BITS_MIN)
            journal_line(r, LOG_NOTICE,
                         " RSA key size needs to be atleast 768 bits for ssh "
                         "version 2");
        else if (!key_type_is_offered(r, key->type))
            journal_message(r, "SSH", LOG_WARNING, "UNUSED_KEY",
                            "Key pair %s is not used: no algorithm of 'ip ssh "
                            "server algorithm hostkey' goes with it",
                            key->name);
    }
    keys_ssh_update(r);
}

void
keys_ssh_update(struct router *r)
{
    bool enabled;

    /* While the pairs of the last run come one by one, nothing is known. */
    if (r->keys == NULL || !r->keys->loaded)
        return;
    enabled = keys_ssh_enabled(r);
    if (enabled != r->keys->enabled)
        journal_message(r, "SSH", LOG_NOTICE, enabled ? "ENABLED" : "DISABLED",
                        "SSH %s has been %s", keys_version_text(r),
                        enabled ? "enabled" : "disabled");
    r->keys->enabled = enabled;
    server_key_update(r);
    /* Also when only the versions are others: whoever waited for version 1's
       key does so no more, if it is not spoken. */
    listener_update(r);
}
