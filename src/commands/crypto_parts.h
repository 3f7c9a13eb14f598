/*
 * What the files of `crypto key ...` share: crypto.c (rows), crypto_generate.c,
 * crypto_zeroize.c, crypto_transfer.c.
 */
#ifndef COMMANDS_CRYPTO_PARTS_H
#define COMMANDS_CRYPTO_PARTS_H

#include "control/command.h"
#include "control/keys.h"

/* Numbers of a syntax string. */
#define MODULUS_MIN     360
#define MODULUS_MAX     4096
#define MODULUS_DEFAULT 2048

/* "RSA", "EC", "Ed25519". */
const char *crypto_kind_name(enum key_type type);
/* "General Purpose", "Signature", "Encryption". */
const char *crypto_usage_name(enum key_usage usage);
/* There is a pair of that set. */
bool crypto_any_key(struct router *r, const struct key_set *set);
/* A label of at most KEY_NAME_MAX - 1 printable characters, or a `%` line. */
bool crypto_take_label(struct command *cmd, const char *label,
                       char name[KEY_NAME_MAX]);
/* A `%` line for a pair that could not be made or stored. */
void crypto_tell_failure(struct command *cmd, enum err err);

/* crypto_generate.c */
void crypto_generate_rsa(struct command *cmd);
void crypto_generate_ec(struct command *cmd);
void crypto_generate_ed25519(struct command *cmd);
/* crypto_zeroize.c */
void crypto_zeroize_rsa(struct command *cmd);
void crypto_zeroize_ec(struct command *cmd);
void crypto_zeroize_ed25519(struct command *cmd);
/* crypto_transfer.c */
void crypto_export_rsa(struct command *cmd);
void crypto_import_rsa(struct command *cmd);

#endif
