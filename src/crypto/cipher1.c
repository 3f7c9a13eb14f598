#include "crypto/cipher1.h"

#include <limits.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "crypto/library.h"

#define DES_KEY 8
#define CHAINS  3

static const struct {
    enum cipher1_number number;
    const char *name;
} methods[] = {
    {CIPHER1_3DES, "3des"},
    {CIPHER1_DES, "des"},
};

struct cipher1 {
    size_t count;
    EVP_CIPHER_CTX *chain[CHAINS]; /* in the order in which they are run */
};

const char *
cipher1_name(unsigned number)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (methods[i].number == number)
            return methods[i].name;
    return NULL;
}

bool
cipher1_find(struct span name, enum cipher1_number *number)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (span_is(name, methods[i].name)) {
            *number = methods[i].number;
            return true;
        }
    }
    return false;
}

/*
 * Single DES in CBC. Triple DES with one key three times is the same, and that
 * is what libcrypto has without its legacy provider.
 */
static EVP_CIPHER_CTX *
des_new(const uint8_t *key, bool encrypt)
{
    static const uint8_t iv[CIPHER1_BLOCK];
    const EVP_CIPHER *cipher = library()->cipher[LIBRARY_3DES_CBC];
    EVP_CIPHER_CTX *chain = EVP_CIPHER_CTX_new();
    uint8_t three[3 * DES_KEY];
    bool ok;

    for (size_t i = 0; i < 3; i++)
        memcpy(three + i * DES_KEY, key, DES_KEY);
    ok = chain != NULL &&
         library_ok(
             EVP_CipherInit_ex2(chain, cipher, three, iv, encrypt, NULL)) &&
         library_ok(EVP_CIPHER_CTX_set_padding(chain, 0));
    wipe(three, sizeof(three));
    if (!ok) {
        EVP_CIPHER_CTX_free(chain);
        return NULL;
    }
    return chain;
}

enum err
cipher1_new(enum cipher1_number number, const uint8_t key[CIPHER1_KEY],
            bool encrypt, struct cipher1 **out)
{
    struct cipher1 *c = alloc_zero(1, sizeof(*c));

    c->count = number == CIPHER1_3DES ? CHAINS : 1;
    for (size_t i = 0; i < c->count; i++) {
        /* Encryption is E D E by keys 1 2 3, decryption D E D by 3 2 1. */
        size_t part = encrypt ? i : c->count - 1 - i;

        c->chain[i] = des_new(key + part * DES_KEY, encrypt == (i % 2 == 0));
        if (c->chain[i] == NULL) {
            cipher1_free(c);
            return ERR_CRYPTO;
        }
    }
    *out = c;
    return OK;
}

void
cipher1_free(struct cipher1 *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->count; i++)
        EVP_CIPHER_CTX_free(c->chain[i]);
    free(c);
}

enum err
cipher1_crypt(struct cipher1 *c, uint8_t *bytes, size_t len)
{
    int done;

    if (len > INT_MAX || len % CIPHER1_BLOCK != 0)
        return ERR_CRYPTO;
    for (size_t i = 0; i < c->count && len > 0; i++)
        if (!library_ok(
                EVP_CipherUpdate(c->chain[i], bytes, &done, bytes, (int)len)) ||
            done != (int)len)
            return ERR_CRYPTO;
    return OK;
}
