/*
 * Public host keys of SSH-1: as blobs in the way of SSH-2, of the type "rsa1",
 * which no such protocol has, and as the three decimal numbers of a line of
 * known_hosts: bits, exponent, modulus (sshd(8) of OpenSSH 7.5).
 */
#ifndef CRYPTO_RSA1_KEY_H
#define CRYPTO_RSA1_KEY_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define RSA1_KEY_TYPE "rsa1"

/* Numbers are big-endian magnitudes. */
void rsa1_key_put(struct buf *to, struct span exponent, struct span modulus);
bool rsa1_key_is(struct span blob);
/* Is one the type "rsa1", the other "ssh-rsa", and the key the same? */
bool rsa1_key_is_other_form(struct span blob, struct span other);
/* Append the same key as an ssh-rsa blob. ERR_FORMAT: it is none. */
MUST_CHECK enum err rsa1_key_put_ssh_rsa(struct span blob, struct buf *to);

/* Append "1024 65537 1234...". ERR_FORMAT; ERR_LENGTH: `to` is full. */
MUST_CHECK enum err rsa1_key_put_numbers(struct span blob, struct buf *to);
/*
 * The other way round. How many bits there are the modulus tells. ERR_FORMAT:
 * not numbers; ERR_LENGTH: longer than any key that is taken, or `to` is full.
 */
MUST_CHECK enum err rsa1_key_parse(struct span exponent, struct span modulus,
                                   struct buf *to);

#endif
