/*
 * An interface that a setting names: Linux's name, or `loopback 5`.
 */
#ifndef COMMANDS_INTERFACE_NAME_H
#define COMMANDS_INTERFACE_NAME_H

#include "cli/cli.h"

/* The end of a row's syntax, and the help of its tokens. */
#define INTERFACE_NAME "WORD:name [<0-9999999>:unit]"
#define INTERFACE_NAME_HELP                                             \
    "Interface name, or Loopback and a number", "Number of a loopback " \
                                                "interface"

/* For .set: into `*interface`, or NULL behind `no`. NULL, or the refusal. */
const char *interface_name_set(const struct cli_match *match, char **interface);
/* For .write: `line` and the interface; nothing for NULL. */
void interface_name_write(struct cli_writer *writer, const char *line,
                          const char *interface);

#endif
