/*
 * Keys of SNMPv3's users: what a password becomes for one engine.
 */
#ifndef CRYPTO_SNMP_KEY_H
#define CRYPTO_SNMP_KEY_H

#include "crypto/hash.h"

/*
 * The localized key, hash_len(id) bytes, of a password of one byte at least.
 * It takes two milliseconds: a megabyte is hashed. RFC 3414 section 2.6 and
 * appendix A.2. ERR_LENGTH: no password.
 */
MUST_CHECK enum err snmp_key_localize(enum hash_id id, struct span password,
                                      struct span engine,
                                      uint8_t key[HASH_MAX]);

#endif
