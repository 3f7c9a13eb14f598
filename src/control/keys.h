/*
 * The router's key pairs as control knows them: public halves and where they
 * came from. Private halves are with the signer. A pair is stored at once.
 */
#ifndef CONTROL_KEYS_H
#define CONTROL_KEYS_H

#include "base/list.h"
#include "control/router.h"
#include "crypto/hostkey.h"
#include "ipc/messages.h"
#include "ssh/conn.h"

#define KEY_NAME_MAX 128 /* characters of a label */
#define KEYS_MAX     64  /* pairs of one router */

struct key {
    struct list node; /* in order of generation */
    uint32_t number;  /* what the signer calls it */
    char name[KEY_NAME_MAX];
    enum key_type type;
    unsigned bits;
    uint64_t made_at; /* seconds since 1970 */
    enum key_usage usage;
    bool exportable;
    struct span blob, spki; /* owned by keys.c */
};

struct keys *keys_new(struct router *r);
void keys_free(struct keys *keys); /* NULL is fine */
/* KEY_STARTED, KEY_INFO, KEY_FAILED, KEY_EXPORTED, USER_SIGNED from the
   signer. */
void keys_on_message(struct router *r, const struct message *m);

/*
 * Find the pairs in the state directory and hand them to the signer; the same
 * after a signer died. An unreadable file is a log line that names it.
 */
void keys_load(struct router *r);
/* Each of the first keys_load() was read, or cannot be. */
bool keys_are_loaded(const struct router *r);
struct list *keys_all(struct router *r);
/* `usage` 0: any. NULL when there is none. */
struct key *keys_find(struct router *r, const char *name, enum key_type type,
                      enum key_usage usage);
bool key_is_ec(const struct key *k);

/*
 * Make a pair (an older one of that name, kind and usage is replaced when the
 * new one is there), store it, hand it over; `done` is called once, with OK
 * or the reason it failed (ERR_SYSTEM: storage, ERR_BUSY, ERR_LIMIT; of an
 * import also ERR_FORMAT: no protected private key, ERR_REFUSED: the
 * passphrase, ERR_CRYPTO: not of that type, or the halves differ). What the
 * log says of a new pair comes behind it: the rest of `done` may have it
 * earlier by keys_announce().
 */
typedef void (*key_done_fn)(void *owner, enum err err, struct key *key);
struct key_wish {
    const char *name;
    enum key_type type;
    unsigned bits;
    enum key_usage usage;
    bool exportable;
    /* An import (`bits` 0): PEM, the private one under the passphrase. All
       borrowed for the call; empty for a new pair. */
    struct span public_pem, private_pem, passphrase;
};
void keys_generate(struct router *r, const struct key_wish *wish,
                   key_done_fn done, void *owner);
/*
 * Ask the signer for both halves of an exportable RSA pair, the private one
 * under a passphrase. `done` is called once, later; both are empty when it
 * failed, else PEM, borrowed. False: the signer is not there, nobody is called.
 */
typedef void (*key_exported_fn)(void *owner, struct span public_pem,
                                struct span private_pem);
MUST_CHECK bool keys_export(struct router *r, const struct key *key,
                            struct span passphrase, key_exported_fn done,
                            void *owner);
/*
 * Ask the signer for a signature that proves to another host that we are
 * `user` there (RFC 4252 section 7). `done` is called once, later, with the
 * signature blob, borrowed; empty when it was refused or the signer died.
 * False: the signer is not there, nobody is called.
 */
typedef void (*key_signed_fn)(void *owner, struct span signature);
struct key_login {
    uint32_t key;       /* the pair's number, from keys_for_login() */
    struct span method; /* "rsa-sha2-512", ... */
    struct span session_id, user;
};
MUST_CHECK bool keys_sign_login(struct router *r, const struct key_login *login,
                                key_signed_fn done, void *owner);
/* Tell the log, once, what becomes of a pair that was made just now. */
void keys_announce(struct router *r, const struct key *key);
/* The owner is gone; its pairs are still made and kept, or removed. */
void keys_forget_owner(struct router *r, void *owner);

/* Some of the pairs. */
struct key_set {
    enum key_type kind;  /* RSA, Ed25519, or one of the EC types for all */
    const char *name;    /* NULL: any */
    enum key_usage not ; /* but those of this usage; 0: all usages */
};
bool key_is_in(const struct key *key, const struct key_set *set);

/*
 * Remove the files of such pairs (durably, on a thread), then the pairs;
 * `done` is called once, later: OK, or ERR_SYSTEM when one of them could not
 * be removed, and stays.
 */
typedef void (*keys_removed_fn)(void *owner, enum err err);
void keys_zeroize(struct router *r, const struct key_set *set,
                  keys_removed_fn done, void *owner);

/* Some pairs, one of a type at most. */
struct ssh_host_keys {
    size_t count;
    const struct key *keys[SSH_HOST_KEYS_MAX];
};

/* The host keys that SSH uses now: by ip ssh rsa keypair-name, else the first
   RSA pair of 768 bits or more; the first EC of each curve; Ed25519. */
void keys_for_ssh(struct router *r, struct ssh_host_keys *out);
/*
 * The pairs with which the router logs in at other hosts: the RSA pair named
 * above, else the first; one EC pair; Ed25519. No more, since each that does
 * not fit costs a try at the other host.
 */
void keys_for_login(struct router *r, struct ssh_host_keys *out);
/* `ip ssh server algorithm hostkey` has an algorithm for pairs of this type. */
bool key_type_is_offered(const struct router *r, enum key_type type);
/* The RSA pair among them, whatever algorithms are offered; NULL. */
const struct key *keys_for_version_1(struct router *r);
/* Versions that `ip ssh version` names, and those of them that can be spoken
   now: there are keys for them, also the server key of version 1. */
unsigned keys_wanted_versions(const struct router *r);
unsigned keys_ssh_versions(struct router *r);
/* "1.99", "1.5" or "2.0": of those that are configured what there are keys for,
   or, without any, all of them. */
const char *keys_version_text(struct router *r);
/* A usable key exists: the server is enabled. */
bool keys_ssh_enabled(struct router *r);
/* Look again (key made, zeroized, keypair-name changed): listener opened or
   closed, %SSH-5-ENABLED and %SSH-5-DISABLED. */
void keys_ssh_update(struct router *r);

#endif
