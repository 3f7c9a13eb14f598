#include "crypto/cipher.h"

#include <limits.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "crypto/cipher_aead.h"

/* RFC 4253 section 6.3, RFC 4344 section 4, and those of cipher_aead.h. */
const struct cipher_method cipher_methods[] = {
    {"chacha20-poly1305@openssh.com", 8, 64, 0, 16, false, false,
     LIBRARY_CHACHA20},
    {"aes256-gcm@openssh.com", 16, 32, 12, 16, false, false,
     LIBRARY_AES256_GCM},
    {"aes128-gcm@openssh.com", 16, 16, 12, 16, false, false,
     LIBRARY_AES128_GCM},
    {"aes256-ctr", 16, 32, 16, 0, false, false, LIBRARY_AES256_CTR},
    {"aes192-ctr", 16, 24, 16, 0, false, false, LIBRARY_AES192_CTR},
    {"aes128-ctr", 16, 16, 16, 0, false, false, LIBRARY_AES128_CTR},
    {"aes128-cbc", 16, 16, 16, 0, true, false, LIBRARY_AES128_CBC},
    {"3des-cbc", 8, 24, 8, 0, true, true, LIBRARY_3DES_CBC},
    {"aes192-cbc", 16, 24, 16, 0, true, false, LIBRARY_AES192_CBC},
    {"aes256-cbc", 16, 32, 16, 0, true, false, LIBRARY_AES256_CBC},
    {NULL},
};

const struct cipher_method *
cipher_find(struct span name)
{
    for (const struct cipher_method *m = cipher_methods; m->name != NULL; m++)
        if (span_is(name, m->name))
            return m;
    return NULL;
}

/* CTR and CBC: one state from packet to packet, no padding of its own. */
static bool
plain_start(struct cipher *c, const uint8_t *key, const uint8_t *iv,
            bool encrypt)
{
    const EVP_CIPHER *cipher = library()->cipher[c->method->implementation];

    return library_ok(
               EVP_CipherInit_ex2(c->state, cipher, key, iv, encrypt, NULL)) &&
           library_ok(EVP_CIPHER_CTX_set_padding(c->state, 0));
}

enum err
cipher_new(const struct cipher_method *method, const uint8_t *key,
           const uint8_t *iv, bool encrypt, struct cipher **out)
{
    struct cipher *c = alloc_zero(1, sizeof(*c));
    bool ok;

    c->method = method;
    c->state = EVP_CIPHER_CTX_new();
    if (c->state == NULL)
        ok = false;
    else if (method->tag_len == 0)
        ok = plain_start(c, key, iv, encrypt);
    else if (method->implementation == LIBRARY_CHACHA20)
        ok = chacha_start(c, key);
    else
        ok = gcm_start(c, key, iv, encrypt);
    if (!ok) {
        cipher_free(c);
        return ERR_CRYPTO;
    }
    *out = c;
    return OK;
}

void
cipher_free(struct cipher *c)
{
    if (c == NULL)
        return;
    EVP_CIPHER_CTX_free(c->state);
    EVP_CIPHER_CTX_free(c->header);
    EVP_MAC_CTX_free(c->poly1305);
    wipe(c->stream, sizeof(c->stream));
    free(c);
}

const struct cipher_method *
cipher_method_of(const struct cipher *c)
{
    return c->method;
}

enum err
cipher_crypt(struct cipher *c, uint8_t *out, const uint8_t *in, size_t len)
{
    int done;

    if (c->method->tag_len > 0 || len > INT_MAX ||
        len % c->method->block_len != 0)
        return ERR_CRYPTO;
    if (len == 0)
        return OK;
    if (!library_ok(EVP_CipherUpdate(c->state, out, &done, in, (int)len)) ||
        done != (int)len)
        return ERR_CRYPTO;
    return OK;
}

enum err
cipher_seal(struct cipher *c, uint32_t seq, uint8_t *packet, size_t len)
{
    if (c->method->tag_len == 0)
        return ERR_CRYPTO;
    if (c->method->implementation == LIBRARY_CHACHA20)
        return chacha_seal(c, seq, packet, len);
    return gcm_seal(c, packet, len);
}

uint32_t
cipher_peek_length(struct cipher *c, uint32_t seq, const uint8_t *packet)
{
    if (c->method->implementation == LIBRARY_CHACHA20)
        return chacha_peek_length(c, seq, packet);
    return (uint32_t)packet[0] << 24 | (uint32_t)packet[1] << 16 |
           (uint32_t)packet[2] << 8 | (uint32_t)packet[3];
}

enum err
cipher_open(struct cipher *c, uint32_t seq, uint8_t *packet, size_t len)
{
    if (c->method->tag_len == 0)
        return ERR_CRYPTO;
    if (c->method->implementation == LIBRARY_CHACHA20)
        return chacha_open(c, seq, packet, len);
    return gcm_open(c, packet, len);
}
