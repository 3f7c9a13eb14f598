#include "crypto/rsa1.h"

#include <stdlib.h>

#include <openssl/rsa.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/secret.h"
#include "crypto/key_parts.h"
#include "crypto/keyfile.h"
#include "crypto/rsa1_key.h"

#define MODULUS_MAX  (RSA_PUBLIC_BITS_MAX / 8)
#define EXPONENT_MAX 8
/* 00 02, at least eight random bytes that are not zero, 00. */
#define PADDING_MIN 11

unsigned
rsa1_server_bits(unsigned host_bits)
{
    unsigned apart = host_bits > RSA1_SERVER_BITS
                         ? host_bits - RSA1_SERVER_BITS
                         : RSA1_SERVER_BITS - host_bits;

    return apart < RSA1_BITS_APART ? host_bits + RSA1_BITS_APART
                                   : RSA1_SERVER_BITS;
}

enum err
rsa1_numbers(struct span blob, struct span *exponent, struct span *modulus)
{
    struct reader r = reader_over(blob);
    struct span name = read_string(&r);

    *exponent = read_mpint(&r, EXPONENT_MAX);
    *modulus = read_mpint(&r, MODULUS_MAX);
    return read_done(&r) && modulus->len > 0 &&
                   (span_is(name, "ssh-rsa") || span_is(name, RSA1_KEY_TYPE))
               ? OK
               : ERR_FORMAT;
}

enum err
rsa1_session_id(struct span host_blob, struct span server_blob,
                const uint8_t cookie[RSA1_COOKIE],
                uint8_t session_id[RSA1_SESSION_ID])
{
    struct span e, host, server;
    uint8_t digest[HASH_MAX];
    enum err err = rsa1_numbers(host_blob, &e, &host);

    if (err == OK)
        err = rsa1_numbers(server_blob, &e, &server);
    if (err == OK) {
        const struct span pieces[] = {host, server,
                                      span_of(cookie, RSA1_COOKIE)};

        err = hash_pieces(HASH_MD5, pieces, 3, digest);
    }
    if (err == OK)
        memcpy(session_id, digest, RSA1_SESSION_ID);
    return err;
}

/* --- wrap ---------------------------------------------------------------- */

/* What the whole block is to RSA without padding: `len` in, `len` out. */
static bool
raw(EVP_PKEY *pkey, bool encrypt, const uint8_t *in, uint8_t *out, size_t len)
{
    EVP_PKEY_CTX *work = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    size_t done = len;
    bool ok = work != NULL &&
              library_ok(encrypt ? EVP_PKEY_encrypt_init(work)
                                 : EVP_PKEY_decrypt_init(work)) &&
              library_ok(EVP_PKEY_CTX_set_rsa_padding(work, RSA_NO_PADDING)) &&
              library_ok(encrypt ? EVP_PKEY_encrypt(work, out, &done, in, len)
                                 : EVP_PKEY_decrypt(work, out, &done, in, len));

    EVP_PKEY_CTX_free(work);
    return ok && done == len;
}

/* PKCS #1 v1.5, block type 2: `len` bytes around `data`. */
static void
pad(uint8_t *block, size_t len, struct span data, random_fn random,
    void *random_state)
{
    size_t padding = len - 3 - data.len;

    block[0] = 0;
    block[1] = 2;
    random(random_state, block + 2, padding);
    for (size_t i = 2; i < 2 + padding; i++)
        while (block[i] == 0)
            random(random_state, block + i, 1);
    block[2 + padding] = 0;
    memcpy(block + 3 + padding, data.ptr, data.len);
}

static unsigned
bits_apart(const struct public_key *a, const struct public_key *b)
{
    return a->bits < b->bits ? b->bits - a->bits : a->bits - b->bits;
}

/* `data` becomes what it is under `key`; `bytes` has room for it. */
static bool
seal(const struct public_key *key, uint8_t *bytes, size_t *len,
     random_fn random, void *random_state)
{
    size_t size = (key->bits + 7) / 8;
    uint8_t block[MODULUS_MAX];
    bool ok = *len + PADDING_MIN <= size;

    if (ok) {
        pad(block, size, span_of(bytes, *len), random, random_state);
        ok = raw(key->pkey, true, block, bytes, size);
        wipe(block, size);
        *len = size;
    }
    return ok;
}

enum err
rsa1_check_pair(struct span host_blob, struct span server_blob)
{
    struct public_key *host = NULL, *server = NULL;
    enum err err = public_key_decode(host_blob, &host);

    if (err == OK)
        err = public_key_decode(server_blob, &server);
    if (err == OK && bits_apart(host, server) < RSA1_BITS_APART)
        err = ERR_CRYPTO;
    public_key_free(host);
    public_key_free(server);
    return err;
}

enum err
rsa1_wrap(struct span host_blob, struct span server_blob,
          const uint8_t session_id[RSA1_SESSION_ID],
          const uint8_t key[RSA1_KEY], random_fn random, void *random_state,
          struct buf *to)
{
    struct public_key *host = NULL, *server = NULL;
    enum err err = public_key_decode(host_blob, &host);
    uint8_t bytes[MODULUS_MAX];
    size_t len = RSA1_KEY;

    if (err == OK)
        err = public_key_decode(server_blob, &server);
    if (err == OK) {
        const struct public_key *small =
            host->bits < server->bits ? host : server;
        const struct public_key *large = small == host ? server : host;

        memcpy(bytes, key, RSA1_KEY);
        for (size_t i = 0; i < RSA1_SESSION_ID; i++)
            bytes[i] ^= session_id[i];
        if (bits_apart(host, server) < RSA1_BITS_APART ||
            !seal(small, bytes, &len, random, random_state) ||
            !seal(large, bytes, &len, random, random_state))
            err = ERR_CRYPTO;
        else
            buf_put(to, bytes, len);
        wipe(bytes, sizeof(bytes));
    }
    public_key_free(host);
    public_key_free(server);
    return err;
}

/* --- unwrap: no branch and no address depends on what was decrypted ------- */

/* All bits set when a == b, else none; both below 2^31. */
static uint32_t
mask_equal(uint32_t a, uint32_t b)
{
    uint32_t difference = a ^ b;

    return ((difference | (0u - difference)) >> 31) - 1;
}

/* All bits set when a < b. */
static uint32_t
mask_less(uint32_t a, uint32_t b)
{
    return 0u - ((a - b) >> 31);
}

/*
 * The last `len` bytes of what `block` carries, zeros in front where it carries
 * less. All bits set: the padding is right, and it carries no more.
 */
static uint32_t
unpad(const uint8_t *block, size_t size, uint8_t *out, size_t len)
{
    uint32_t good = mask_equal(block[0], 0) & mask_equal(block[1], 2);
    uint32_t found = 0, zero_at = 0;

    for (uint32_t i = 2; i < size; i++) {
        uint32_t first = mask_equal(block[i], 0) & ~found;

        zero_at |= first & i;
        found |= first;
    }
    good &= found & ~mask_less(zero_at, PADDING_MIN - 1) &
            ~mask_less((uint32_t)(len), (uint32_t)size - 1 - zero_at);
    for (size_t i = 0; i < len; i++) {
        uint32_t at = (uint32_t)(size - len + i);

        out[i] = (uint8_t)(block[at] & mask_less(zero_at, at));
    }
    return good;
}

/* All bits set when the number in `a` is less than that in `b`. */
static uint32_t
mask_less_bytes(const uint8_t *a, const uint8_t *b, size_t len)
{
    uint32_t less = 0, decided = 0;

    for (size_t i = 0; i < len; i++) {
        uint32_t differs = ~mask_equal(a[i], b[i]) & ~decided;

        less |= differs & mask_less(a[i], b[i]);
        decided |= differs;
    }
    return less;
}

/*
 * `in`, if it is a number below the modulus, else a 1: libcrypto refuses what
 * is not below, and that would be quick.
 */
static uint32_t
take_number(const struct private_key *key, const uint8_t *in, uint8_t *number,
            size_t size)
{
    uint8_t modulus[MODULUS_MAX];
    BIGNUM *n = NULL;
    uint32_t good = 0;

    if (EVP_PKEY_get_bn_param(private_key_library(key), "n", &n) == 1 &&
        BN_bn2binpad(n, modulus, (int)size) == (int)size)
        good = mask_less_bytes(in, modulus, size);
    BN_free(n);
    for (size_t i = 0; i < size; i++)
        number[i] = (uint8_t)(in[i] & good);
    number[size - 1] |= (uint8_t)(~good & 1);
    return good;
}

/* One layer: `in` has as many bytes as the modulus, `out` gets `len`. */
static uint32_t
open_layer(const struct private_key *key, const uint8_t *in, size_t size,
           uint8_t *out, size_t len)
{
    uint8_t number[MODULUS_MAX], block[MODULUS_MAX];
    uint32_t good = take_number(key, in, number, size);

    memset(block, 0, size);
    if (!raw(private_key_library(key), false, number, block, size))
        good = 0; /* libcrypto's fault, not the number's */
    good &= unpad(block, size, out, len);
    wipe(number, size);
    wipe(block, size);
    return good;
}

static size_t
bytes_of(const struct private_key *key)
{
    return (private_key_bits(key) + 7) / 8;
}

bool
rsa1_unwrap(const struct private_key *host, const struct private_key *server,
            const uint8_t session_id[RSA1_SESSION_ID], struct span wrapped,
            uint8_t key[RSA1_KEY])
{
    bool host_is_small = private_key_bits(host) < private_key_bits(server);
    const struct private_key *small = host_is_small ? host : server;
    const struct private_key *large = host_is_small ? server : host;
    size_t size = bytes_of(large), small_size = bytes_of(small);
    uint8_t outer[MODULUS_MAX] = {0}, inner[MODULUS_MAX], plain[RSA1_KEY];
    uint32_t good = 0;

    random_bytes(NULL, key, RSA1_KEY);
    /* Its length was seen on the wire: no secret. Leading zeros may lack. */
    if (wrapped.len <= size) {
        memcpy(outer + size - wrapped.len, wrapped.ptr, wrapped.len);
        good = ~0u;
    }
    good &= open_layer(large, outer, size, inner, small_size);
    good &= open_layer(small, inner, small_size, plain, RSA1_KEY);
    for (size_t i = 0; i < RSA1_SESSION_ID; i++)
        plain[i] ^= session_id[i];
    for (size_t i = 0; i < RSA1_KEY; i++)
        key[i] = (uint8_t)((plain[i] & good) | (key[i] & ~good));
    wipe(plain, sizeof(plain));
    wipe(inner, sizeof(inner));
    return good != 0;
}
