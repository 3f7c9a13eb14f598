#include "keys.h"

#include <assert.h>

static void
make(struct test_key *key, enum key_type type, unsigned bits)
{
    enum err err;

    if (key->key != NULL)
        return;
    err = private_key_generate(type, bits, &key->key);
    assert(err == OK);
    buf_init(&key->blob, KEY_BLOB_MAX);
    private_key_put_public(key->key, &key->blob);
    assert(buf_ok(&key->blob));
}

const struct test_key *
keys_of_all_types(void)
{
    static struct test_key keys[KEYS_COUNT];

    for (size_t i = 0; i < KEYS_COUNT; i++)
        make(&keys[i], (enum key_type)i, 2048);
    return keys;
}

const struct test_key *
keys_of_version_1(void)
{
    static struct test_key keys[2];

    make(&keys[0], KEY_RSA, 1024);
    make(&keys[1], KEY_RSA, 768);
    return keys;
}

void
keys_sign(const struct test_key *key, const char *method, struct span bytes,
          struct buf *signature)
{
    enum err err = private_key_sign(key->key, signature_find(span_text(method)),
                                    bytes, signature);

    assert(err == OK);
}
