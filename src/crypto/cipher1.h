/*
 * Ciphers of SSH-1 (reference: protocol 1.5 as deployed; 1995 draft,
 * "Ciphers"). One key for both directions, an IV of zeros, one chain from
 * packet to packet.
 */
#ifndef CRYPTO_CIPHER1_H
#define CRYPTO_CIPHER1_H

#include "base/err.h"
#include "base/span.h"

#define CIPHER1_KEY   32 /* bytes of a session key */
#define CIPHER1_BLOCK 8

/* The numbers of the protocol. */
enum cipher1_number {
    CIPHER1_DES = 2,  /* the first 8 bytes of the key */
    CIPHER1_3DES = 3, /* three CBC chains in a row, the first 24 bytes */
};

/* "3des", "des"; NULL for a number that we have no cipher of. */
const char *cipher1_name(unsigned number);
/* False for a name that is none. */
MUST_CHECK bool cipher1_find(struct span name, enum cipher1_number *number);

struct cipher1;

/* One direction. The key is copied; free with cipher1_free(), which wipes. */
MUST_CHECK enum err cipher1_new(enum cipher1_number number,
                                const uint8_t key[CIPHER1_KEY], bool encrypt,
                                struct cipher1 **out);
void cipher1_free(struct cipher1 *c); /* NULL is fine */
/* In place; `len` bytes, a multiple of the block. */
MUST_CHECK enum err cipher1_crypt(struct cipher1 *c, uint8_t *bytes,
                                  size_t len);

#endif
