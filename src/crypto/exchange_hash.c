#include "crypto/exchange_hash.h"

#include "base/reader.h"

#define IDENT_MAX      255 /* bytes of V_C and V_S (RFC 4253 section 4.2) */
#define KEXINIT_NUMBER 20  /* SSH_MSG_KEXINIT */
#define KEXINIT_MIN    62  /* number, cookie, ten lists, flag, reserved */

static bool
is_ident(struct span ident)
{
    if (ident.len < 4 || !span_is(span_of(ident.ptr, 4), "SSH-") ||
        ident.len > IDENT_MAX)
        return false;
    for (size_t i = 0; i < ident.len; i++)
        if (ident.ptr[i] == '\0' || ident.ptr[i] == '\r' ||
            ident.ptr[i] == '\n')
            return false;
    return true;
}

static bool
is_kexinit(struct span payload)
{
    return payload.len >= KEXINIT_MIN && payload.ptr[0] == KEXINIT_NUMBER;
}

bool
exchange_begins_well(struct span before)
{
    struct reader r = reader_over(before);
    struct span v_c = read_string(&r), v_s = read_string(&r);
    struct span i_c = read_string(&r), i_s = read_string(&r);

    return read_done(&r) && is_ident(v_c) && is_ident(v_s) && is_kexinit(i_c) &&
           is_kexinit(i_s);
}

/* The hashes that key exchange methods use; MD5 is none of them. */
static bool
is_exchange_hash(unsigned id)
{
    return id == HASH_SHA1 || id == HASH_SHA256 || id == HASH_SHA384 ||
           id == HASH_SHA512;
}

enum err
exchange_hash(unsigned id, struct span before, struct span blob,
              struct span after, uint8_t hash[HASH_MAX], size_t *len)
{
    uint8_t length[4] = {(uint8_t)(blob.len >> 24), (uint8_t)(blob.len >> 16),
                         (uint8_t)(blob.len >> 8), (uint8_t)blob.len};
    const struct span pieces[] = {before, span_of(length, sizeof(length)), blob,
                                  after};
    enum err err;

    if (!is_exchange_hash(id) || !exchange_begins_well(before))
        return ERR_REFUSED;
    err = hash_pieces((enum hash_id)id, pieces, 4, hash);
    if (err == OK)
        *len = hash_len((enum hash_id)id);
    return err;
}
