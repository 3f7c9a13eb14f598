#include "keys.h"

#include <assert.h>

const struct test_key *
keys_of_all_types(void)
{
    static struct test_key keys[KEYS_COUNT];
    enum err err;

    for (size_t i = 0; i < KEYS_COUNT; i++) {
        if (keys[i].key != NULL)
            continue;
        err = private_key_generate((enum key_type)i, 2048, &keys[i].key);
        assert(err == OK);
        buf_init(&keys[i].blob, KEY_BLOB_MAX);
        private_key_put_public(keys[i].key, &keys[i].blob);
        assert(buf_ok(&keys[i].blob));
    }
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
