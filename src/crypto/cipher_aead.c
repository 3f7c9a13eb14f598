#include "crypto/cipher_aead.h"

#include <limits.h>

#include <openssl/crypto.h>

#include "base/secret.h"

#define TAG_LEN        16
#define GCM_IV_LEN     12
#define CHACHA_KEY_LEN 32
#define CHACHA_BLOCK   64
#define CHACHA_IV_LEN  16 /* libcrypto's: block counter, then nonce */
#define POLY_KEY_LEN   32

/*
 * The key is set once. The IV's last eight bytes are a counter that libcrypto
 * steps for each packet (EVP_CTRL_GCM_IV_GEN); -1 sets the whole first value.
 */
bool
gcm_start(struct cipher *c, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
    const EVP_CIPHER *aes = library()->cipher[c->method->implementation];
    uint8_t first[GCM_IV_LEN];

    memcpy(first, iv, GCM_IV_LEN);
    return library_ok(
               EVP_CipherInit_ex2(c->state, aes, key, NULL, encrypt, NULL)) &&
           library_ok(EVP_CIPHER_CTX_ctrl(c->state, EVP_CTRL_GCM_SET_IV_FIXED,
                                          -1, first));
}

/* Next IV, length field as additional data, the rest in place. */
static bool
gcm_run(struct cipher *c, uint8_t *packet, size_t len)
{
    uint8_t last_iv_byte;
    int done;

    return len >= AEAD_LENGTH_LEN && len <= INT_MAX &&
           library_ok(EVP_CIPHER_CTX_ctrl(c->state, EVP_CTRL_GCM_IV_GEN, 1,
                                          &last_iv_byte)) &&
           library_ok(EVP_CipherUpdate(c->state, NULL, &done, packet,
                                       AEAD_LENGTH_LEN)) &&
           library_ok(EVP_CipherUpdate(c->state, packet + AEAD_LENGTH_LEN,
                                       &done, packet + AEAD_LENGTH_LEN,
                                       (int)len - AEAD_LENGTH_LEN));
}

enum err
gcm_seal(struct cipher *c, uint8_t *packet, size_t len)
{
    uint8_t none[16];
    int done;

    if (!gcm_run(c, packet, len) ||
        !library_ok(EVP_CipherFinal_ex(c->state, none, &done)) ||
        !library_ok(EVP_CIPHER_CTX_ctrl(c->state, EVP_CTRL_AEAD_GET_TAG,
                                        TAG_LEN, packet + len)))
        return ERR_CRYPTO;
    return OK;
}

/*
 * libcrypto decrypts and hashes in one pass, so that a forged packet is
 * decrypted before the tag is known; it is wiped then.
 */
enum err
gcm_open(struct cipher *c, uint8_t *packet, size_t len)
{
    uint8_t none[16];
    int done;

    if (gcm_run(c, packet, len) &&
        library_ok(EVP_CIPHER_CTX_ctrl(c->state, EVP_CTRL_AEAD_SET_TAG, TAG_LEN,
                                       packet + len)) &&
        library_ok(EVP_CipherFinal_ex(c->state, none, &done)))
        return OK;
    wipe(packet, len);
    return ERR_MAC;
}

bool
chacha_start(struct cipher *c, const uint8_t *key)
{
    const EVP_CIPHER *chacha = library()->cipher[LIBRARY_CHACHA20];

    c->header = EVP_CIPHER_CTX_new();
    c->poly1305 = EVP_MAC_CTX_new(library()->poly1305);
    return c->header != NULL && c->poly1305 != NULL &&
           library_ok(
               EVP_CipherInit_ex2(c->state, chacha, key, NULL, 1, NULL)) &&
           library_ok(EVP_CipherInit_ex2(c->header, chacha,
                                         key + CHACHA_KEY_LEN, NULL, 1, NULL));
}

/* The key stream from block 0 on, for the packet with this number. */
static bool
chacha_rewind(EVP_CIPHER_CTX *state, uint32_t seq)
{
    const uint8_t iv[CHACHA_IV_LEN] = {
        [12] = (uint8_t)(seq >> 24),
        [13] = (uint8_t)(seq >> 16),
        [14] = (uint8_t)(seq >> 8),
        [15] = (uint8_t)seq,
    };

    return library_ok(EVP_CipherInit_ex2(state, NULL, NULL, iv, 1, NULL));
}

/*
 * Encryption and decryption are one: the stream is added. It is made once for
 * a packet, though opening asks twice, to look and to decrypt.
 */
static bool
chacha_length(struct cipher *c, uint32_t seq, uint8_t *out, const uint8_t *in)
{
    static const uint8_t zeros[AEAD_LENGTH_LEN];
    int done;

    if (!c->has_stream || c->stream_seq != seq) {
        c->has_stream = chacha_rewind(c->header, seq) &&
                        library_ok(EVP_CipherUpdate(c->header, c->stream, &done,
                                                    zeros, sizeof(zeros)));
        c->stream_seq = seq;
    }
    for (size_t i = 0; i < AEAD_LENGTH_LEN; i++)
        out[i] = in[i] ^ c->stream[i];
    return c->has_stream;
}

uint32_t
chacha_peek_length(struct cipher *c, uint32_t seq, const uint8_t *packet)
{
    uint8_t length[AEAD_LENGTH_LEN];

    /* UINT32_MAX is beyond every limit: the caller ends the connection. */
    if (!chacha_length(c, seq, length, packet))
        return UINT32_MAX;
    return (uint32_t)length[0] << 24 | (uint32_t)length[1] << 16 |
           (uint32_t)length[2] << 8 | (uint32_t)length[3];
}

/*
 * Block 0 of K2's stream is the one-time Poly1305 key; the state stands at
 * block 1 afterwards, where the payload's stream begins.
 */
static bool
chacha_poly_key(struct cipher *c, uint32_t seq, uint8_t key[CHACHA_BLOCK])
{
    static const uint8_t zeros[CHACHA_BLOCK];
    int done;

    return chacha_rewind(c->state, seq) &&
           library_ok(
               EVP_CipherUpdate(c->state, key, &done, zeros, CHACHA_BLOCK));
}

static bool
chacha_payload(struct cipher *c, uint8_t *packet, size_t len)
{
    int done;

    return library_ok(EVP_CipherUpdate(c->state, packet + AEAD_LENGTH_LEN,
                                       &done, packet + AEAD_LENGTH_LEN,
                                       (int)len - AEAD_LENGTH_LEN));
}

/* Over encrypted length and encrypted payload. */
static bool
poly_tag(struct cipher *c, const uint8_t *key, const uint8_t *packet,
         size_t len, uint8_t tag[TAG_LEN])
{
    size_t tag_len;

    return library_ok(EVP_MAC_init(c->poly1305, key, POLY_KEY_LEN, NULL)) &&
           library_ok(EVP_MAC_update(c->poly1305, packet, len)) &&
           library_ok(EVP_MAC_final(c->poly1305, tag, &tag_len, TAG_LEN)) &&
           tag_len == TAG_LEN;
}

enum err
chacha_seal(struct cipher *c, uint32_t seq, uint8_t *packet, size_t len)
{
    uint8_t key[CHACHA_BLOCK];
    bool ok;

    ok = len >= AEAD_LENGTH_LEN && len <= INT_MAX &&
         chacha_poly_key(c, seq, key) &&
         chacha_length(c, seq, packet, packet) &&
         chacha_payload(c, packet, len) &&
         poly_tag(c, key, packet, len, packet + len);
    wipe(key, sizeof(key));
    return ok ? OK : ERR_CRYPTO;
}

enum err
chacha_open(struct cipher *c, uint32_t seq, uint8_t *packet, size_t len)
{
    uint8_t key[CHACHA_BLOCK], tag[TAG_LEN];
    enum err err = ERR_MAC;

    if (len >= AEAD_LENGTH_LEN && len <= INT_MAX &&
        chacha_poly_key(c, seq, key) && poly_tag(c, key, packet, len, tag) &&
        CRYPTO_memcmp(tag, packet + len, TAG_LEN) == 0)
        err = chacha_length(c, seq, packet, packet) &&
                      chacha_payload(c, packet, len)
                  ? OK
                  : ERR_CRYPTO;
    wipe(key, sizeof(key));
    return err;
}
