#include "crypto/hash.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "crypto/library.h"

#define BLOCK_MAX 128 /* bytes: SHA-384 and SHA-512 */

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

enum err
hash_hmac(enum hash_id id, struct span key, const struct span *pieces,
          size_t count, uint8_t out[HASH_MAX])
{
    size_t block_len = (size_t)EVP_MD_get_block_size(library()->hash[id]);
    uint8_t short_key[HASH_MAX], block[BLOCK_MAX] = {0};
    struct span all[HASH_HMAC_PIECES + 1];
    enum err err = OK;

    assert(count <= HASH_HMAC_PIECES && block_len <= BLOCK_MAX);
    if (key.len > block_len) {
        err = hash_pieces(id, &key, 1, short_key);
        key = span_of(short_key, hash_len(id));
    }
    if (key.len > 0)
        memcpy(block, key.ptr, key.len);
    for (size_t i = 0; i < block_len; i++)
        block[i] ^= 0x36;
    all[0] = span_of(block, block_len);
    memcpy(all + 1, pieces, count * sizeof(*pieces));
    if (err == OK)
        err = hash_pieces(id, all, count + 1, out);
    for (size_t i = 0; i < block_len; i++)
        block[i] ^= 0x36 ^ 0x5c;
    all[1] = span_of(out, hash_len(id));
    if (err == OK)
        err = hash_pieces(id, all, 2, out);
    wipe(block, sizeof(block));
    wipe(short_key, sizeof(short_key));
    return err;
}

struct hash_stream {
    EVP_MD_CTX *state;
    bool ok; /* so far */
};

struct hash_stream *
hash_stream_new(enum hash_id id)
{
    struct hash_stream *stream = alloc_zero(1, sizeof(*stream));

    assert(id < HASH_COUNT);
    stream->state = EVP_MD_CTX_new();
    stream->ok = stream->state != NULL &&
                 library_ok(EVP_DigestInit_ex2(stream->state,
                                               library()->hash[id], NULL));
    return stream;
}

void
hash_stream_free(struct hash_stream *stream)
{
    if (stream == NULL)
        return;
    EVP_MD_CTX_free(stream->state);
    free(stream);
}

void
hash_stream_add(struct hash_stream *stream, struct span bytes)
{
    if (stream->ok && bytes.len > 0)
        stream->ok =
            library_ok(EVP_DigestUpdate(stream->state, bytes.ptr, bytes.len));
}

enum err
hash_stream_end(struct hash_stream *stream, uint8_t out[HASH_MAX])
{
    stream->ok =
        stream->ok && library_ok(EVP_DigestFinal_ex(stream->state, out, NULL));
    return stream->ok ? OK : ERR_CRYPTO;
}
