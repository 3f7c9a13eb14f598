#include "crypto/crypto.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>

#include "base/alloc.h"
#include "crypto/library.h"
#include "crypto/warm_up.h"

/* The cache that the header speaks of; written by crypto_warm_up() only. */
static struct library cache;
static bool cache_ready;

static const char *const hash_names[HASH_COUNT] = {
    [HASH_MD5] = "MD5",       [HASH_SHA1] = "SHA1",
    [HASH_SHA256] = "SHA256", [HASH_SHA384] = "SHA384",
    [HASH_SHA512] = "SHA512",
};

static const char *const cipher_names[LIBRARY_CIPHERS] = {
    [LIBRARY_CHACHA20] = "ChaCha20",      [LIBRARY_AES256_GCM] = "AES-256-GCM",
    [LIBRARY_AES128_GCM] = "AES-128-GCM", [LIBRARY_AES256_CTR] = "AES-256-CTR",
    [LIBRARY_AES192_CTR] = "AES-192-CTR", [LIBRARY_AES128_CTR] = "AES-128-CTR",
    [LIBRARY_AES256_CBC] = "AES-256-CBC", [LIBRARY_AES192_CBC] = "AES-192-CBC",
    [LIBRARY_AES128_CBC] = "AES-128-CBC", [LIBRARY_3DES_CBC] = "DES-EDE3-CBC",
};

static const int curve_nids[LIBRARY_CURVES] = {
    [LIBRARY_P256] = NID_X9_62_prime256v1,
    [LIBRARY_P384] = NID_secp384r1,
    [LIBRARY_P521] = NID_secp521r1,
};

typedef BIGNUM *(*prime_fn)(BIGNUM *to);

static const prime_fn primes[LIBRARY_PRIMES] = {
    [LIBRARY_GROUP1] = BN_get_rfc2409_prime_1024,
    [LIBRARY_GROUP14] = BN_get_rfc3526_prime_2048,
    [LIBRARY_GROUP15] = BN_get_rfc3526_prime_3072,
    [LIBRARY_GROUP16] = BN_get_rfc3526_prime_4096,
    [LIBRARY_GROUP17] = BN_get_rfc3526_prime_6144,
    [LIBRARY_GROUP18] = BN_get_rfc3526_prime_8192,
};

bool
library_ok(int result)
{
    if (result == 1)
        return true;
    ERR_clear_error();
    return false;
}

/* Fetched algorithms live as long as the process. */
static bool
fetch_algorithms(struct library *lib)
{
    for (int i = 0; i < HASH_COUNT; i++) {
        lib->hash[i] = EVP_MD_fetch(NULL, hash_names[i], NULL);
        if (lib->hash[i] == NULL)
            return false;
    }
    for (int i = 0; i < LIBRARY_CIPHERS; i++) {
        lib->cipher[i] = EVP_CIPHER_fetch(NULL, cipher_names[i], NULL);
        if (lib->cipher[i] == NULL)
            return false;
    }
    lib->poly1305 = EVP_MAC_fetch(NULL, "POLY1305", NULL);
    return lib->poly1305 != NULL;
}

static bool
build_groups(struct library *lib, BN_CTX *scratch)
{
    for (int i = 0; i < LIBRARY_CURVES; i++) {
        lib->curve[i] = EC_GROUP_new_by_curve_name(curve_nids[i]);
        if (lib->curve[i] == NULL)
            return false;
    }
    lib->two = BN_new();
    if (lib->two == NULL || BN_set_word(lib->two, 2) != 1)
        return false;
    for (int i = 0; i < LIBRARY_PRIMES; i++) {
        BIGNUM *p = lib->prime[i] = primes[i](NULL);
        BIGNUM *q = lib->prime_minus_one[i] = BN_dup(p);
        BN_MONT_CTX *mont = lib->montgomery[i] = BN_MONT_CTX_new();

        if (p == NULL || q == NULL || mont == NULL || BN_sub_word(q, 1) != 1 ||
            BN_MONT_CTX_set(mont, p, scratch) != 1)
            return false;
    }
    lib->powers_of_two = alloc_zero(1, sizeof(*lib->powers_of_two));
    return fixed_base_build(lib->powers_of_two,
                            lib->montgomery[LIBRARY_GROUP14], scratch);
}

enum err
crypto_warm_up(void)
{
    uint8_t byte;
    BN_CTX *scratch = NULL;
    bool ok;

    if (cache_ready)
        return OK;
    /*
     * No configuration file is read, now or at a later first use, and nothing
     * runs at exit: children leave without touching inherited pages.
     */
    if (OPENSSL_init_crypto(
            OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
        return ERR_CRYPTO;
    scratch = BN_CTX_new();
    /* Both generators are seeded; every child reseeds its own by itself. */
    ok = scratch != NULL && fetch_algorithms(&cache) &&
         build_groups(&cache, scratch) && RAND_bytes(&byte, 1) == 1 &&
         RAND_priv_bytes(&byte, 1) == 1;
    BN_CTX_free(scratch);
    if (!ok) {
        ERR_clear_error();
        return ERR_CRYPTO;
    }
    cache_ready = true;
    return warm_up_keys();
}

const struct library *
library(void)
{
    if (!cache_ready && crypto_warm_up() != OK)
        abort();
    return &cache;
}

bool
crypto_equal(struct span a, struct span b)
{
    if (a.len != b.len)
        return false;
    return a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}

const char *
crypto_library_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
