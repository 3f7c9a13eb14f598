#include "signer/keys.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "signer/keyfile.h"

#define SPKI_MAX        1024 /* bytes; RSA-4096 takes 550 */
#define RSA_SERVING_MIN 768  /* bits; a shorter pair serves no version */

void
keys_init(struct keys *keys)
{
    list_init(&keys->list);
    keys->count = 0;
}

static void
key_free(struct key *key)
{
    private_key_free(key->private);
    buf_clear(&key->blob);
    buf_clear(&key->spki);
    free(key->name);
    free(key);
}

static void
remove_key(struct keys *keys, struct key *key)
{
    list_remove(&key->node);
    keys->count--;
    key_free(key);
}

void
keys_clear(struct keys *keys)
{
    LIST_EACH(node, &keys->list)
    {
        remove_key(keys, LIST_ITEM(node, struct key, node));
    }
}

static struct key *
find(const struct keys *keys, uint32_t number)
{
    LIST_EACH(node, &keys->list)
    {
        struct key *key = LIST_ITEM(node, struct key, node);

        if (key->number == number)
            return key;
    }
    return NULL;
}

const struct key *
keys_find(const struct keys *keys, uint32_t number)
{
    return find(keys, number);
}

void
keys_forget(struct keys *keys, uint32_t number)
{
    struct key *key = find(keys, number);

    if (key != NULL)
        remove_key(keys, key);
}

/* A key out of its file's text, linked nowhere. */
static enum err
parse(uint32_t number, struct span text, struct key **out)
{
    struct private_key *private = NULL;
    struct keyfile file;
    struct key *key;
    enum err err = keyfile_parse(text, &file);

    if (err == OK)
        err = private_key_decode(file.pem, &private);
    if (err != OK)
        return err;
    key = alloc_zero(1, sizeof(*key));
    list_init(&key->node);
    key->number = number;
    key->name = text_dup_span(file.name);
    key->made_at = file.made_at;
    key->usage = file.usage;
    key->exportable = file.exportable;
    key->private = private;
    buf_init(&key->blob, KEY_BLOB_MAX);
    buf_init(&key->spki, SPKI_MAX);
    private_key_put_public(private, &key->blob);
    err = private_key_put_spki(private, &key->spki);
    if (err != OK || !buf_ok(&key->blob)) {
        key_free(key);
        return ERR_CRYPTO;
    }
    *out = key;
    return OK;
}

enum err
keys_load(struct keys *keys, uint32_t number, struct span text,
          const struct key **key)
{
    struct key *loaded;
    enum err err;

    if (keys->count >= KEYS_MAX && find(keys, number) == NULL)
        return ERR_LIMIT;
    err = parse(number, text, &loaded);
    if (err != OK)
        return err;
    keys_forget(keys, number);
    list_append(&keys->list, &loaded->node);
    keys->count++;
    *key = loaded;
    return OK;
}

void
key_describe(const struct key *key, struct msg_key_info *description)
{
    *description = (struct msg_key_info){
        .key = key->number,
        .name = span_text(key->name),
        .type = (uint8_t)private_key_type(key->private),
        .bits = private_key_bits(key->private),
        .made_at = key->made_at,
        .usage = (uint8_t)key->usage,
        .exportable = key->exportable,
        .blob = buf_span(&key->blob),
        .spki = buf_span(&key->spki),
    };
}

bool
key_fits(const struct key *key, const struct signature_method *method)
{
    if (method == NULL || method->type != private_key_type(key->private))
        return false;
    return method->type != KEY_RSA ||
           private_key_bits(key->private) >= RSA_SERVING_MIN;
}
