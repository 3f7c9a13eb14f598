#include "crypto/kex_method.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "crypto/kex_parts.h"

enum implementation {
    IMPL_MLKEM768_X25519,
    IMPL_X25519,
    IMPL_ECDH_P256,
    IMPL_ECDH_P384,
    IMPL_ECDH_P521,
    IMPL_DH_GROUP1,
    IMPL_DH_GROUP14,
    IMPL_DH_GROUP16,
    IMPL_DH_GROUP18,
    IMPL_DH_EXCHANGE,
};

/* RFC 8731, 5656, 8268, 4419, 4253; the hybrid's draft of the sshm group. */
const struct kex_method kex_methods[] = {
#if KEX_HAVE_MLKEM
    {"mlkem768x25519-sha256", KEX_FIXED, HASH_SHA256, IMPL_MLKEM768_X25519},
#endif
    {"curve25519-sha256", KEX_FIXED, HASH_SHA256, IMPL_X25519},
    {"curve25519-sha256@libssh.org", KEX_FIXED, HASH_SHA256, IMPL_X25519},
    {"ecdh-sha2-nistp256", KEX_FIXED, HASH_SHA256, IMPL_ECDH_P256},
    {"ecdh-sha2-nistp384", KEX_FIXED, HASH_SHA384, IMPL_ECDH_P384},
    {"ecdh-sha2-nistp521", KEX_FIXED, HASH_SHA512, IMPL_ECDH_P521},
    {"diffie-hellman-group16-sha512", KEX_FIXED, HASH_SHA512, IMPL_DH_GROUP16,
     4096},
    {"diffie-hellman-group18-sha512", KEX_FIXED, HASH_SHA512, IMPL_DH_GROUP18,
     8192},
    {"diffie-hellman-group14-sha256", KEX_FIXED, HASH_SHA256, IMPL_DH_GROUP14,
     2048},
    {"diffie-hellman-group-exchange-sha256", KEX_GROUP_EXCHANGE, HASH_SHA256,
     IMPL_DH_EXCHANGE},
    {"diffie-hellman-group-exchange-sha1", KEX_GROUP_EXCHANGE, HASH_SHA1,
     IMPL_DH_EXCHANGE},
    {"diffie-hellman-group14-sha1", KEX_FIXED, HASH_SHA1, IMPL_DH_GROUP14,
     2048},
    {"diffie-hellman-group1-sha1", KEX_FIXED, HASH_SHA1, IMPL_DH_GROUP1, 1024},
    {NULL},
};

static const struct kex_agreement agreements[] = {
#if KEX_HAVE_MLKEM
    [IMPL_MLKEM768_X25519] = {0, kex_mlkem_make, kex_mlkem_agree,
                              kex_mlkem_answer},
#endif
    [IMPL_X25519] = {0, kex_x25519_make, kex_x25519_agree, NULL},
    [IMPL_ECDH_P256] = {LIBRARY_P256, kex_ecdh_make, kex_ecdh_agree, NULL},
    [IMPL_ECDH_P384] = {LIBRARY_P384, kex_ecdh_make, kex_ecdh_agree, NULL},
    [IMPL_ECDH_P521] = {LIBRARY_P521, kex_ecdh_make, kex_ecdh_agree, NULL},
    [IMPL_DH_GROUP1] = {LIBRARY_GROUP1, kex_dh_make, kex_dh_agree, NULL},
    [IMPL_DH_GROUP14] = {LIBRARY_GROUP14, kex_dh_make, kex_dh_agree, NULL},
    [IMPL_DH_GROUP16] = {LIBRARY_GROUP16, kex_dh_make, kex_dh_agree, NULL},
    [IMPL_DH_GROUP18] = {LIBRARY_GROUP18, kex_dh_make, kex_dh_agree, NULL},
    [IMPL_DH_EXCHANGE] = {0, kex_dh_make, kex_dh_agree, NULL},
};

struct kex_client {
    const struct kex_agreement *agreement;
    const struct kex_group *group;
    struct kex_private own;
};

const struct kex_method *
kex_find(struct span name)
{
    for (const struct kex_method *m = kex_methods; m->name != NULL; m++)
        if (span_is(name, m->name))
            return m;
    return NULL;
}

void
kex_private_clear(struct kex_private *own)
{
    wipe(own->x25519, sizeof(own->x25519));
    EVP_PKEY_free(own->mlkem);
    own->mlkem = NULL;
    secret_clear(&own->scalar);
}

enum err
kex_put_mpint(struct secret *k, struct span magnitude)
{
    struct buf framed;
    enum err err = ERR_CRYPTO;

    buf_init_secret(&framed, SECRET_MAX);
    buf_put_mpint(&framed, magnitude);
    if (buf_ok(&framed) && secret_set(k, buf_span(&framed)))
        err = OK;
    buf_clear(&framed);
    return err;
}

enum err
kex_framed_string(struct span framed, struct span *string)
{
    struct reader r = reader_over(framed);
    struct span bytes = read_string(&r);

    if (!read_done(&r))
        return ERR_FORMAT;
    *string = bytes;
    return OK;
}

/* The group of a fixed finite-field method is its row's. */
static enum err
pick_group(const struct kex_method *method, const struct kex_group **group)
{
    const struct kex_agreement *a = &agreements[method->implementation];

    if (method->kind == KEX_GROUP_EXCHANGE)
        return *group == NULL ? ERR_CRYPTO : OK;
    *group = a->make == kex_dh_make
                 ? kex_group_of((enum library_prime)a->variant)
                 : NULL;
    return OK;
}

enum err
kex_server(const struct kex_method *method, const struct kex_group *group,
           struct span init, random_fn random, void *random_state,
           struct buf *reply, struct secret *k)
{
    const struct kex_agreement *a = &agreements[method->implementation];
    struct kex_private own = {.mlkem = NULL};
    size_t before = buf_len(reply);
    enum err err = pick_group(method, &group);

    if (err != OK)
        return err;
    if (a->answer != NULL) {
        err = a->answer(init, random, random_state, reply, k);
    } else {
        err = a->make(a->variant, group, random, random_state, &own, reply);
        if (err == OK)
            err = a->agree(a->variant, group, &own, init, k);
        kex_private_clear(&own);
    }
    if (err == OK && !buf_ok(reply)) {
        secret_clear(k);
        err = ERR_LENGTH;
    }
    if (err != OK && buf_ok(reply))
        buf_truncate(reply, before);
    return err;
}

enum err
kex_client_start(const struct kex_method *method, const struct kex_group *group,
                 random_fn random, void *random_state, struct buf *init,
                 struct kex_client **out)
{
    struct kex_client *kc;
    size_t before = buf_len(init);
    enum err err = pick_group(method, &group);

    if (err != OK)
        return err;
    kc = alloc_zero(1, sizeof(*kc));
    kc->agreement = &agreements[method->implementation];
    kc->group = group;
    err = kc->agreement->make(kc->agreement->variant, group, random,
                              random_state, &kc->own, init);
    if (err == OK && !buf_ok(init))
        err = ERR_LENGTH;
    if (err != OK) {
        if (buf_ok(init))
            buf_truncate(init, before);
        kex_client_free(kc);
        return err;
    }
    *out = kc;
    return OK;
}

enum err
kex_client_finish(struct kex_client *kc, struct span reply, struct secret *k)
{
    return kc->agreement->agree(kc->agreement->variant, kc->group, &kc->own,
                                reply, k);
}

void
kex_client_free(struct kex_client *kc)
{
    if (kc == NULL)
        return;
    kex_private_clear(&kc->own);
    free(kc);
}
