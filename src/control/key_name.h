/*
 * The names of key files: LABEL.rsa, LABEL.rsa-signature, LABEL.ec-256,
 * LABEL.ed25519. What a file holds is said inside of it; its name only keeps
 * pairs of different label, type or usage apart.
 */
#ifndef CONTROL_KEY_NAME_H
#define CONTROL_KEY_NAME_H

#include "control/storage.h"
#include "crypto/hostkey.h"
#include "ipc/messages.h"

#define KEY_FILE_NAME_MAX 250 /* characters; with ".new" a file's name */

/*
 * Letters, digits, `-`, `_` and inner dots of the label stay, every other
 * byte becomes `=XX`, so that different labels never give the same file.
 * ERR_LENGTH: an empty label, or one too long for a file's name.
 */
MUST_CHECK enum err key_file_name(const char *label, enum key_type type,
                                  enum key_usage usage,
                                  char file[KEY_FILE_MAX]);

#endif
