/*
 * Packet ciphers of SSH-2 (rows of version 1 join them here).
 *
 * A method is a const row; a cipher is one direction of one connection.
 * Methods with tag_len > 0 authenticate by themselves (no MAC is negotiated):
 * AES-GCM (draft-miller-sshm-aes-gcm) and chacha20-poly1305@openssh.com.
 */
#ifndef CRYPTO_CIPHER_H
#define CRYPTO_CIPHER_H

#include "base/err.h"
#include "base/span.h"

#define CIPHER_KEY_MAX 64
#define CIPHER_IV_MAX  16

struct cipher_method {
    const char *name;
    size_t block_len; /* what packet lengths are a multiple of */
    size_t key_len, iv_len;
    size_t tag_len;     /* bytes behind the packet; 0: a MAC is needed */
    bool cbc;           /* the answer to a bad packet must be masked (2.12) */
    bool block64;       /* 64-bit blocks: re-key at 1 GiB at the latest */
    int implementation; /* private to cipher.c */
};

struct cipher;

/* All rows, ended by a row with a NULL name; the modern ones first. */
extern const struct cipher_method cipher_methods[];
/* NULL when no row has that name. */
const struct cipher_method *cipher_find(struct span name);

/* `key` and `iv` are copied; free with cipher_free(), which wipes. */
MUST_CHECK enum err cipher_new(const struct cipher_method *method,
                               const uint8_t *key, const uint8_t *iv,
                               bool encrypt, struct cipher **out);
void cipher_free(struct cipher *c); /* NULL is fine */
const struct cipher_method *cipher_method_of(const struct cipher *c);

/*
 * Without tag: encrypt or decrypt `len` bytes (a multiple of the block) from
 * `in` to `out`, which may be the same. State goes on from call to call.
 */
MUST_CHECK enum err cipher_crypt(struct cipher *c, uint8_t *out,
                                 const uint8_t *in, size_t len);

/*
 * With tag. The packet is its 4-byte length field followed by `len` - 4 bytes;
 * the tag is written behind it by seal and expected behind it by open.
 * In place. `seq` is the packet's sequence number.
 *
 * cipher_peek_length() gives the (not yet authenticated) value of the length
 * field without changing anything. cipher_open() leaves the whole packet in
 * clear, the length field too; ERR_MAC when the tag is wrong: the packet then
 * holds nothing of the plaintext.
 */
MUST_CHECK enum err cipher_seal(struct cipher *c, uint32_t seq, uint8_t *packet,
                                size_t len);
uint32_t cipher_peek_length(struct cipher *c, uint32_t seq,
                            const uint8_t *packet);
MUST_CHECK enum err cipher_open(struct cipher *c, uint32_t seq, uint8_t *packet,
                                size_t len);

#endif
