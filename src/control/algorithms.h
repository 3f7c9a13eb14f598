/*
 * The names that `ip ssh {server|client} algorithm CLASS ...` knows, and the
 * list that is in use. Order of a table: the language's default, the modern
 * ones first.
 */
#ifndef CONTROL_ALGORITHMS_H
#define CONTROL_ALGORITHMS_H

#include "base/buf.h"
#include "cli/row.h"

/* Words of each class, for a row's .choices; what libcrypto lacks is absent. */
const struct cli_word *algorithms_kex(void);
const struct cli_word *algorithms_hostkey(void);
/* Of servers that the router is a client of: ssh-dss where it is named. */
const struct cli_word *algorithms_client_hostkey(void);
const struct cli_word *algorithms_encryption(void);
const struct cli_word *algorithms_mac(void);
const struct cli_word *algorithms_publickey(void);
const struct cli_word *algorithms_authentication(void);

/*
 * Append the list in use, comma-separated: `configured`, or for NULL the words
 * that are not opt-in.
 */
void algorithms_put(struct buf *names, const struct cli_word *words,
                    const char *configured);
/*
 * The list in use of key exchange methods, without those whose fixed group has
 * fewer than `group_min` bits.
 */
void algorithms_put_kex(struct buf *names, const char *configured,
                        unsigned group_min);
#define ALGORITHMS_METHODS_MAX 64 /* bytes of the list of methods */
/*
 * The methods that `ip ssh server algorithm authentication` leaves, as they
 * are called on the wire. Written to `names`, an empty buffer.
 */
void algorithms_methods(const struct config_ssh *ssh, struct buf *names);

#endif
