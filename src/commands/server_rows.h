/*
 * What the rows of RADIUS servers and of TACACS+ servers have in common.
 */
#ifndef COMMANDS_SERVER_ROWS_H
#define COMMANDS_SERVER_ROWS_H

#include "cli/cli.h"

/* For .changed: which servers there are may be another now. */
void server_changed(const struct cli_change *change);
/* "key [0|7] ...": how the key is written, as in the configuration. */
uint32_t server_key_type(const struct cli_match *match);
/*
 * For .write, all in one line: `line`, and the key behind it if there is one
 * (`text` not NULL), hidden where secrets are.
 */
void server_write_keyed(struct cli_writer *writer, const char *line,
                        uint32_t key_type, const struct config_secret *key);
/*
 * For .write of "address": "address ipv4 10.0.0.1" and what comes behind it
 * ("", or with a blank before); nothing for an address that is not set.
 */
void server_write_address(struct cli_writer *writer,
                          const struct config_address *address,
                          const char *behind);

#endif
