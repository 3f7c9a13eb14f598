/*
 * Proposals of a key exchange and what is chosen from two of them
 * (RFC 4253 section 7.1; markers: RFC 8308 section 2.1 and strict key
 * exchange, draft-ietf-sshm-strict-kex section 3.1).
 */
#ifndef SSH_V2_KEXINIT_H
#define SSH_V2_KEXINIT_H

#include "base/buf.h"
#include "crypto/cipher.h"
#include "crypto/hostkey.h"
#include "crypto/kex_method.h"
#include "crypto/mac.h"
#include "ssh/protocol.h"

#define KEXINIT_COOKIE 16

enum kexinit_direction { CLIENT_TO_SERVER, SERVER_TO_CLIENT };

/* A KEXINIT message, borrowed from its payload. */
struct kexinit {
    struct span kex, host_key;
    struct span cipher[2], mac[2], compression[2]; /* by direction */
    bool guess_follows;
    /* Found among the names of `kex`. */
    bool has_ext_info; /* the other role takes EXT_INFO */
    bool has_strict;   /* strict key exchange, either family of names */
};

struct kex_choice {
    const struct kex_method *kex;
    const struct signature_method *host_key;
    const struct cipher_method *cipher[2];
    const struct mac_method *mac[2]; /* NULL: the cipher authenticates */
};

/*
 * Keep of the four lists what this build has, for host keys of a server what
 * there is a key for. Changes the texts in place.
 */
void kexinit_filter_offer(struct ssh_offer *offer, enum ssh_role role);
/* The index of the first host key of this type; the count when none is. */
size_t kexinit_host_key(const struct ssh_offer *offer, enum key_type type);

/* Append a KEXINIT payload; markers only in the `first` of a connection. */
void kexinit_put(struct buf *to, const struct ssh_offer *offer,
                 enum ssh_role role, bool first,
                 const uint8_t cookie[KEXINIT_COOKIE]);
/*
 * Parse the payload that `sender` sent, message number included. ERR_FORMAT:
 * cut short, trailing bytes, an empty name; ERR_LIMIT: a list beyond
 * NAMES_MAX_BYTES or NAMES_MAX_COUNT.
 */
MUST_CHECK enum err kexinit_parse(struct span payload, enum ssh_role sender,
                                  struct kexinit *out);
/*
 * Choose from the peer's proposal and our offer; `role` is ours. ERR_NO_MATCH
 * when one list has nothing in common.
 */
MUST_CHECK enum err kexinit_choose(const struct kexinit *peer,
                                   const struct ssh_offer *offer,
                                   enum ssh_role role, struct kex_choice *out);
/* A list that has nothing in common with the peer's. */
struct kex_mismatch {
    const char *what;      /* "cipher", "kex algorithm", ... */
    struct span peer, own; /* borrowed */
};
/* Why kexinit_choose() failed on these. */
void kexinit_mismatch(const struct kexinit *peer, const struct ssh_offer *offer,
                      enum ssh_role role, struct kex_mismatch *out);
/*
 * Was the packet that the peer sent on a guess right: are the first names of
 * the exchange method and of the host key the same on both sides?
 */
bool kexinit_guess_is_right(const struct kexinit *peer,
                            const struct ssh_offer *offer);

#endif
