#include "signer/exchange.h"

#include "base/reader.h"

#define IDENT_MAX      255 /* bytes of V_C and V_S (RFC 4253 section 4.2) */
#define KEXINIT_NUMBER 20  /* SSH_MSG_KEXINIT */
#define KEXINIT_MIN    62  /* number, cookie, ten lists, flag, reserved */

static bool
is_ident(struct span ident)
{
    if (ident.len < 4 || ident.len > IDENT_MAX ||
        memcmp(ident.ptr, "SSH-", 4) != 0)
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
is_exchange_hash(uint8_t id)
{
    return id == HASH_SHA1 || id == HASH_SHA256 || id == HASH_SHA384 ||
           id == HASH_SHA512;
}

static enum err
hash_exchange(const struct key *key, const struct msg_hash_sign *request,
              struct exchange_proof *proof)
{
    struct span blob = buf_span(&key->blob);
    uint8_t length[4] = {(uint8_t)(blob.len >> 24), (uint8_t)(blob.len >> 16),
                         (uint8_t)(blob.len >> 8), (uint8_t)blob.len};
    struct span pieces[] = {request->before, span_of(length, sizeof(length)),
                            blob, request->after};
    enum hash_id id = (enum hash_id)request->hash;

    proof->hash_len = hash_len(id);
    return hash_pieces(id, pieces, sizeof(pieces) / sizeof(pieces[0]),
                       proof->hash);
}

enum err
exchange_sign(const struct key *key, const struct msg_hash_sign *request,
              struct exchange_proof *proof)
{
    const struct signature_method *method = signature_find(request->method);
    struct exchange_proof made;
    enum err err;

    if (key == NULL || !key_fits(key, method) ||
        !is_exchange_hash(request->hash) ||
        !exchange_begins_well(request->before))
        return ERR_REFUSED;
    err = hash_exchange(key, request, &made);
    if (err != OK)
        return err;
    buf_init(&made.signature, SIGNATURE_MAX);
    /* Verified in there before it comes back: a faulty one gives keys away. */
    err = private_key_sign(key->private, method,
                           span_of(made.hash, made.hash_len), &made.signature);
    if (err != OK) {
        buf_clear(&made.signature);
        return ERR_CRYPTO;
    }
    *proof = made;
    return OK;
}
