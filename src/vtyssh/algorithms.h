/*
 * What vtyssh offers, and the words for it: those of the router's `ssh`
 * command, and the names on the wire.
 */
#ifndef VTYSSH_ALGORITHMS_H
#define VTYSSH_ALGORITHMS_H

#include "base/buf.h"

#define ALGORITHMS_MAX 2048 /* bytes of a list */

/* The name on the wire for "des" (of version 1), "3des",
 * "aes256-gcm@openssh.com", ...; NULL. */
const char *algorithms_cipher(const char *word);
/* For "hmac-sha1-160", "hmac-sha2-256", ...; NULL. */
const char *algorithms_mac(const char *word);

/* Append the lists that are offered when nothing else is said. */
void algorithms_put_kex(struct buf *to);
void algorithms_put_ciphers(struct buf *to);
void algorithms_put_macs(struct buf *to);
/*
 * Host key algorithms; those for keys of the `known` types (a list of names)
 * go first, so that a host shows the key that is known of it.
 */
void algorithms_put_host_keys(struct span known, struct buf *to);

#endif
