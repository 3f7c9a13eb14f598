#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "control/key_table.h"

/* `crypto key zeroize`: what has been asked for, until its files are gone. */
struct removal {
    struct list node;
    struct keys *keys;
    struct buf files;     /* their names, each with its NUL */
    keys_removed_fn done; /* NULL: nobody waits any more */
    void *owner;
};

static void
removal_free(struct removal *removal)
{
    list_remove(&removal->node);
    buf_clear(&removal->files);
    free(removal);
}

/* A file that was to go could not. */
static bool
is_still_there(const struct removal *removal, const char *file)
{
    int fd;

    if (storage_key_open(removal->keys->router->storage, file, &fd) != OK)
        return false;
    close(fd);
    return true;
}

static void
on_removed(void *owner, enum err err, int system_error)
{
    struct removal *removal = owner;
    struct keys *keys = removal->keys;
    struct span files = buf_span(&removal->files);
    const char *file = (const char *)files.ptr;
    const char *end = file + files.len;
    keys_removed_fn done;

    for (; file < end; file += strlen(file) + 1) {
        if (err == OK || !is_still_there(removal, file))
            keys_drop_file(keys, file);
        else
            log_line(LOG_ERROR, "Key file keys/%s cannot be removed: %s", file,
                     strerror(system_error));
    }
    keys_ssh_update(keys->router);
    done = removal->done;
    owner = removal->owner;
    removal_free(removal);
    if (done != NULL)
        done(owner, err);
}

bool
key_is_in(const struct key *key, const struct key_set *set)
{
    bool wants_ec = set->kind != KEY_RSA && set->kind != KEY_ED25519;

    if (wants_ec ? !key_is_ec(key) : key->type != set->kind)
        return false;
    return key->usage !=
           set->not &&(set->name == NULL || strcmp(key->name, set->name) == 0);
}

void
keys_zeroize(struct router *r, const struct key_set *set, keys_removed_fn done,
             void *owner)
{
    struct keys *keys = r->keys;
    struct removal *removal = alloc_zero(1, sizeof(*removal));

    removal->keys = keys;
    removal->done = done;
    removal->owner = owner;
    buf_init(&removal->files, KEYS_MAX * 2 * KEY_FILE_MAX);
    list_append(&keys->removals, &removal->node);
    LIST_EACH(node, &keys->all)
    {
        const struct key_entry *entry = key_entry_of(node);

        if (key_is_in(&entry->key, set))
            buf_put(&removal->files, entry->file, strlen(entry->file) + 1);
    }
    storage_keys_remove(r, buf_span(&removal->files), on_removed, removal);
}

void
removals_forget_owner(struct keys *keys, const void *owner)
{
    LIST_EACH(node, &keys->removals)
    {
        struct removal *removal = LIST_ITEM(node, struct removal, node);

        if (removal->owner == owner)
            removal->done = NULL;
    }
}

/* The files go all the same; nobody is there to be told. */
void
removals_free(struct keys *keys)
{
    struct router *r = keys->router;

    LIST_EACH(node, &keys->removals)
    {
        struct removal *removal = LIST_ITEM(node, struct removal, node);

        if (r->storage != NULL)
            storage_forget(r, removal);
        removal_free(removal);
    }
}
