/*
 * Public keys of hosts and users: ssh-rsa, ecdsa-sha2-nistp256/384/521,
 * ssh-ed25519, of hosts also ssh-dss; and the signature algorithms that go with
 * them.
 */
#ifndef CRYPTO_HOSTKEY_H
#define CRYPTO_HOSTKEY_H

#include "base/err.h"
#include "base/span.h"
#include "crypto/hash.h"

#define KEY_BLOB_MAX  2200 /* bytes of a public key blob (RSA-16384) */
#define SIGNATURE_MAX 2200

enum key_type {
    KEY_RSA,
    KEY_ECDSA_256,
    KEY_ECDSA_384,
    KEY_ECDSA_521,
    KEY_ED25519,
    KEY_DSA, /* of other hosts only: verified, never made, no user's */
};

/* A signature algorithm: "rsa-sha2-512" signs with keys of type ssh-rsa. */
struct signature_method {
    const char *name;     /* on the wire and in host key lists */
    const char *key_name; /* type name inside the key blob */
    enum key_type type;
    enum hash_id hash;
};

/* Those that we sign by; a NULL name ends them. */
extern const struct signature_method signature_methods[];
/* One of them, or "ssh-dss". */
const struct signature_method *signature_find(struct span name);
/* "ssh-rsa", "ecdsa-sha2-nistp256", ... */
const char *key_type_name(enum key_type type);

struct public_key;

/*
 * Decode an SSH public key blob. ERR_FORMAT for what is not one; ERR_CRYPTO
 * for degenerate keys (hardening 3.11, 4.14: RSA outside 768..16384 bits, bad
 * exponent, point off the curve or of small order). Free with
 * public_key_free().
 */
MUST_CHECK enum err public_key_decode(struct span blob,
                                      struct public_key **out);
void public_key_free(struct public_key *key);
enum key_type public_key_type(const struct public_key *key);
unsigned public_key_bits(const struct public_key *key);

/*
 * OK only if `signature` (an SSH signature blob) carries exactly method's name
 * and verifies over `data`. Anything else is ERR_CRYPTO or ERR_FORMAT.
 */
MUST_CHECK enum err public_key_verify(const struct public_key *key,
                                      const struct signature_method *method,
                                      struct span data, struct span signature);

#define KEY_FINGERPRINT_ROOM 51 /* "SHA256:", 43 digits, NUL */

/*
 * How users tell keys apart: the blob's SHA-256 in base64 without padding; of a
 * key of version 1 that of modulus and exponent, as ssh-keygen had it.
 */
MUST_CHECK enum err key_fingerprint(struct span blob,
                                    char to[KEY_FINGERPRINT_ROOM]);

#endif
