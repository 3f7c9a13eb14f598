/*
 * The file of one key pair: four header lines, an empty line, and the private
 * key as unencrypted PKCS#8 PEM. Only the owner may read it (mode 0600).
 *
 *     Name: R1.example.com
 *     Made: 1784030400
 *     Usage: general
 *     Exportable: no
 *
 *     -----BEGIN PRIVATE KEY-----
 *     ...
 *     -----END PRIVATE KEY-----
 *
 * Name is the key's label: printable ASCII, no blank at either end. Made is in
 * seconds since 1970. Usage is general, signature or encryption. The lines
 * stand in this order, each ends in LF, and there is nothing else in the
 * file. Programs that look for the PEM block only can read it as it is.
 */
#ifndef SIGNER_KEYFILE_H
#define SIGNER_KEYFILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "ipc/messages.h"

#define KEYFILE_MAX      12288 /* bytes; RSA-4096 takes about 3,400 */
#define KEYFILE_NAME_MAX 255   /* characters of a label */

struct keyfile {
    struct span name; /* borrowed */
    uint64_t made_at; /* seconds since 1970 */
    enum key_usage usage;
    bool exportable;
    struct span pem; /* borrowed; from BEGIN to the last LF */
};

/* Could this be a key's label? */
bool keyfile_name_is_valid(struct span name);

/* Borrows from `text`. ERR_FORMAT, and nothing is set. */
MUST_CHECK enum err keyfile_parse(struct span text, struct keyfile *file);

/*
 * Append the whole file; `to` should be a secret buffer. ERR_FORMAT: a name
 * or usage that keyfile_parse() would refuse. ERR_LENGTH: no room.
 */
MUST_CHECK enum err keyfile_write(const struct keyfile *file, struct buf *to);

#endif
