#include "crypto/hash.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
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
