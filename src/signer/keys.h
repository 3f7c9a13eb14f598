/*
 * The key pairs that the signer holds, by control's number.
 */
#ifndef SIGNER_KEYS_H
#define SIGNER_KEYS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"
#include "base/span.h"
#include "crypto/keyfile.h"
#include "ipc/messages.h"

#define KEYS_MAX 64 /* pairs */

struct keys {
    struct list list; /* of struct key, owned */
    size_t count;
};

/* One pair; parsed once, when it is loaded. */
struct key {
    struct list node;
    uint32_t number;
    char *name;
    uint64_t made_at; /* seconds since 1970 */
    enum key_usage usage;
    bool exportable;
    struct private_key *private;
    struct buf blob; /* the SSH public key blob */
    struct buf spki; /* DER SubjectPublicKeyInfo */
};

void keys_init(struct keys *keys);
/* Wipes and frees every key. */
void keys_clear(struct keys *keys);

/*
 * Parse the text of a key file and keep the pair under `number`; one that had
 * this number before is forgotten. `*key` is borrowed until it is forgotten.
 * ERR_FORMAT: not a key file. ERR_CRYPTO: a key that libcrypto refuses, or
 * whose halves do not fit. ERR_LIMIT: KEYS_MAX are held. On failure what was
 * under `number` stays.
 */
MUST_CHECK enum err keys_load(struct keys *keys, uint32_t number,
                              struct span text, const struct key **key);
/* NULL: none has that number. */
const struct key *keys_find(const struct keys *keys, uint32_t number);
void keys_forget(struct keys *keys, uint32_t number);
/* Does it sign by this method? `method` NULL, a key too short: no. */
bool key_fits(const struct key *key, const struct signature_method *method);
/* What control is told of it; spans are borrowed from the key. */
void key_describe(const struct key *key, struct msg_key_info *description);

#endif
