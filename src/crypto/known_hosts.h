/*
 * The text of a known_hosts file, in OpenSSH's format (sshd(8),
 * "SSH_KNOWN_HOSTS FILE FORMAT"): which keys are known for which host. Pure
 * functions over text; reading and writing the file is the caller's.
 *
 * Names are looked up as OpenSSH does: in lower case, "[name]:port" for a port
 * other than 22, hashed names, several to a line, wildcards, negation. Lines
 * of certificate authorities are kept and count for nothing.
 *
 * Keys of SSH-1 (blobs of type "rsa1", crypto/rsa1_key.h) are read as OpenSSH
 * 7.5 had them, "host bits exponent modulus", and written as a comment, with
 * "#rsa1" in front of that: its later versions call a file with such a line
 * invalid, and ssh-keygen -R changes it no more. They and the keys of SSH-2 say
 * nothing of each other, but for one that is revoked: that is so in both forms.
 */
#ifndef CRYPTO_KNOWN_HOSTS_H
#define CRYPTO_KNOWN_HOSTS_H

#include "base/buf.h"
#include "crypto/hostkey.h"

#define KNOWN_HOSTS_MAX     (1024 * 1024) /* bytes of a text */
#define KNOWN_HOST_NAME_MAX 255           /* bytes of a name or address */

/* Exactly one of them allows to go on without asking (hardening 8.1). */
enum known_host {
    KNOWN_HOST_ERROR,   /* the key, the name or a line of this host does not
                           parse, the text is too long, a hashed name could
                           not be hashed: refuse */
    KNOWN_HOST_NONE,    /* no key of this host is known */
    KNOWN_HOST_OTHER,   /* keys are known, but none of this key's type */
    KNOWN_HOST_CHANGED, /* another key of the same type is known */
    KNOWN_HOST_REVOKED, /* this key is marked @revoked for this host */
    KNOWN_HOST_MATCH,   /* this very key is known */
};

struct known_host_found {
    size_t line; /* from 1; 0 when no line decided */
    /* CHANGED, OTHER: the blob that is known; empty if it is longer. */
    size_t len;
    uint8_t blob[KEY_BLOB_MAX];
};

/*
 * What is known about `key`, a public key blob that `host` presented at
 * `port`. `host` is the name or address as the user gave it. `found` is
 * written in every case. A match goes before a change, a revocation and a
 * revocation that cannot be read before everything.
 */
MUST_CHECK enum known_host known_hosts_find(struct span text, const char *host,
                                            unsigned port, struct span key,
                                            struct known_host_found *found);

/*
 * Append the types ("ssh-ed25519") of this host's known keys of SSH-2 as a list
 * of names: what to ask the host for first. Empty when there are none.
 */
void known_hosts_key_types(struct span text, const char *host, unsigned port,
                           struct buf *to);

/*
 * Append the line for a host's key to `to`, newline included, in the plain
 * form; of use only when the answer is OK. ERR_FORMAT: no such line can be read
 * back (a name with blanks, commas, wildcards or more than KNOWN_HOST_NAME_MAX
 * bytes, a blob without type); ERR_LENGTH: `to` is full.
 */
MUST_CHECK enum err known_hosts_put(const char *host, unsigned port,
                                    struct span key, struct buf *to);

/*
 * Append `text` without this host's lines to `to`, also those whose key does
 * not parse; marked lines, comments and all others stay, byte for byte, as
 * ssh-keygen -R has it. Returns how many lines went; `to` may have failed for
 * want of room.
 */
size_t known_hosts_remove(struct span text, const char *host, unsigned port,
                          struct buf *to);

/* One line that says something of a host; borrowed from the text. */
struct known_host_line {
    size_t number;      /* from 1 */
    struct span whole;  /* without its newline */
    struct span marker; /* "@revoked", ...; empty for most */
    struct span names;
    struct span type, key; /* as written: "ssh-rsa", base64; or bits and
                              exponent, and the modulus behind them */
    struct span modulus;   /* of SSH-1; else empty */
    bool is_old;           /* of SSH-1 */
    bool is_whole;         /* all of them are there */
};

/*
 * The next such line of `rest`, which moves on; false at the end. `line` holds
 * the number of lines before `rest`, 0 at the start.
 */
bool known_hosts_next(struct span *rest, struct known_host_line *line);
/*
 * The line's key as a blob; `len` is the room before and its length after.
 * ERR_FORMAT; ERR_LENGTH: longer than the room.
 */
MUST_CHECK enum err known_hosts_line_key(const struct known_host_line *line,
                                         uint8_t *blob, size_t *len);

#endif
