/*
 * Which server a line means: the values "a4", "a6" or "name" of its row.
 */
#ifndef COMMANDS_SERVER_ADDRESS_H
#define COMMANDS_SERVER_ADDRESS_H

#include "cli/cli.h"

#define SERVER_ADDRESS "{A.B.C.D:a4|X:X::X:a6|WORD:name}"

/* Value "a4", else "a6", of any row that has both; unset when not given. */
struct config_address server_address_typed(const struct cli_match *match);
/*
 * Its address; that of a name is the first that `ip host` has for it: the
 * configuration keeps addresses, as IOS' does. NULL, or what is refused.
 */
const char *server_address(const struct cli_change *change,
                           struct config_address *address);

#endif
