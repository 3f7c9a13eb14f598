/*
 * The ciphers that authenticate by themselves. Private to cipher.c, which
 * dispatches to them and owns the structure.
 */
#ifndef CRYPTO_CIPHER_AEAD_H
#define CRYPTO_CIPHER_AEAD_H

#include "crypto/cipher.h"
#include "crypto/library.h"

#define AEAD_LENGTH_LEN 4 /* bytes of the packet length field */

struct cipher {
    const struct cipher_method *method;
    EVP_CIPHER_CTX *state;  /* chacha20: key K2, the payload's */
    EVP_CIPHER_CTX *header; /* chacha20: key K1, the length's; else NULL */
    EVP_MAC_CTX *poly1305;  /* chacha20; else NULL */
    /* chacha20: what hides the length of packet `stream_seq`, if made. */
    bool has_stream;
    uint32_t stream_seq;
    uint8_t stream[AEAD_LENGTH_LEN];
};

/* AES-GCM: draft-miller-sshm-aes-gcm, RFC 5647. */
MUST_CHECK bool gcm_start(struct cipher *c, const uint8_t *key,
                          const uint8_t *iv, bool encrypt);
MUST_CHECK enum err gcm_seal(struct cipher *c, uint8_t *packet, size_t len);
MUST_CHECK enum err gcm_open(struct cipher *c, uint8_t *packet, size_t len);

/* chacha20-poly1305@openssh.com. */
MUST_CHECK bool chacha_start(struct cipher *c, const uint8_t *key);
uint32_t chacha_peek_length(struct cipher *c, uint32_t seq,
                            const uint8_t *packet);
MUST_CHECK enum err chacha_seal(struct cipher *c, uint32_t seq, uint8_t *packet,
                                size_t len);
MUST_CHECK enum err chacha_open(struct cipher *c, uint32_t seq, uint8_t *packet,
                                size_t len);

#endif
