#include "crypto/hash.h"

#include <assert.h>

#include "crypto/library.h"

static const size_t lengths[HASH_COUNT] = {
    [HASH_MD5] = 16,    [HASH_SHA1] = 20,   [HASH_SHA256] = 32,
    [HASH_SHA384] = 48, [HASH_SHA512] = 64,
};

size_t
hash_len(enum hash_id id)
{
    assert(id < HASH_COUNT);
    return lengths[id];
}

enum err
hash_pieces(enum hash_id id, const struct span *pieces, size_t count,
            uint8_t out[HASH_MAX])
{
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    bool ok;

    assert(id < HASH_COUNT);
    ok = state != NULL &&
         library_ok(EVP_DigestInit_ex2(state, library()->hash[id], NULL));
    for (size_t i = 0; ok && i < count; i++)
        if (pieces[i].len > 0)
            ok = library_ok(
                EVP_DigestUpdate(state, pieces[i].ptr, pieces[i].len));
    ok = ok && library_ok(EVP_DigestFinal_ex(state, out, NULL));
    EVP_MD_CTX_free(state);
    return ok ? OK : ERR_CRYPTO;
}
