#include <stdlib.h>

#include "base/alloc.h"
#include "control/helpers.h"
#include "control/key_table.h"

/* A private key that the signer was asked for. */
struct export
{
    struct list node; /* in the order of the questions */
    uint32_t number;
    key_exported_fn done; /* NULL: nobody waits any more */
    void *owner;
};

/* The end of every path. */
static void
export_end(struct export *export, struct span public_pem,
           struct span private_pem)
{
    list_remove(&export->node);
    if (export->done != NULL)
        export->done(export->owner, public_pem, private_pem);
    free(export);
}

/* Text that a terminal can be shown. */
static bool
is_text(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((text.ptr[i] < ' ' && text.ptr[i] != '\n') || text.ptr[i] > '~')
            return false;
    return true;
}

void
exports_on_exported(struct keys *keys, const struct msg_key_exported *m)
{
    LIST_EACH(node, &keys->exports)
    {
        struct export *export = LIST_ITEM(node, struct export, node);

        if (export->number != m->key)
            continue;
        if (is_text(m->public_pem) && is_text(m->private_pem))
            export_end(export, m->public_pem, m->private_pem);
        else
            export_end(export, SPAN_EMPTY, SPAN_EMPTY);
        return;
    }
}

bool
keys_export(struct router *r, const struct key *key, struct span passphrase,
            key_exported_fn done, void *owner)
{
    struct message m = {.type = MSG_KEY_EXPORT};
    struct export *export;

    m.key_export.key = key->number;
    m.key_export.passphrase = passphrase;
    if (!signer_send(r, &m, -1))
        return false;
    export = alloc_zero(1, sizeof(*export));
    export->number = key->number;
    export->done = done;
    export->owner = owner;
    list_append(&r->keys->exports, &export->node);
    return true;
}

void
exports_on_signer_lost(struct keys *keys)
{
    LIST_EACH(node, &keys->exports)
    {
        export_end(LIST_ITEM(node, struct export, node), SPAN_EMPTY,
                   SPAN_EMPTY);
    }
}

void
exports_forget_owner(struct keys *keys, const void *owner)
{
    LIST_EACH(node, &keys->exports)
    {
        struct export *export = LIST_ITEM(node, struct export, node);

        if (export->owner == owner)
            export->done = NULL;
    }
}

void
exports_free(struct keys *keys)
{
    LIST_EACH(node, &keys->exports)
    {
        struct export *export = LIST_ITEM(node, struct export, node);

        export->done = NULL;
        export_end(export, SPAN_EMPTY, SPAN_EMPTY);
    }
}
