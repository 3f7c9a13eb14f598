#include "signer/exchange.h"

#include "crypto/exchange_hash.h"

enum err
exchange_sign(const struct key *key, const struct msg_hash_sign *request,
              struct exchange_proof *proof)
{
    const struct signature_method *method = signature_find(request->method);
    struct exchange_proof made;
    enum err err;

    if (key == NULL || !key_fits(key, method))
        return ERR_REFUSED;
    err = exchange_hash(request->hash, request->before, buf_span(&key->blob),
                        request->after, made.hash, &made.hash_len);
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
