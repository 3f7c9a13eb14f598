#include "crypto/snmp_key.h"

#include "base/secret.h"

#define STRETCHED 1048576 /* bytes of the password, again and again */
#define CHUNK     4096

/* Ku of the RFC: the same for all engines. */
static enum err
stretch(enum hash_id id, struct span password, uint8_t key[HASH_MAX])
{
    struct hash_stream *stream = hash_stream_new(id);
    uint8_t chunk[CHUNK];
    size_t at = 0;
    enum err err;

    for (size_t done = 0; done < STRETCHED; done += CHUNK) {
        for (size_t i = 0; i < CHUNK; i++) {
            chunk[i] = password.ptr[at];
            at = at + 1 < password.len ? at + 1 : 0;
        }
        hash_stream_add(stream, span_of(chunk, CHUNK));
    }
    err = hash_stream_end(stream, key);
    hash_stream_free(stream);
    wipe(chunk, sizeof(chunk));
    return err;
}

enum err
snmp_key_localize(enum hash_id id, struct span password, struct span engine,
                  uint8_t key[HASH_MAX])
{
    uint8_t ku[HASH_MAX];
    struct span pieces[3];
    enum err err;

    if (password.len == 0)
        return ERR_LENGTH;
    err = stretch(id, password, ku);
    pieces[0] = pieces[2] = span_of(ku, hash_len(id));
    pieces[1] = engine;
    if (err == OK)
        err = hash_pieces(id, pieces, 3, key);
    wipe(ku, sizeof(ku));
    return err;
}
