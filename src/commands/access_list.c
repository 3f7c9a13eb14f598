/*
 * Standard access lists: who may come in on which lines (access-class).
 */
#include "commands/rows.h"
#include "control/command.h"

#define ACCESS_LIST                                                \
    "access-list <1-99,1300-1999>:number {permit|deny} {any|host " \
    "A.B.C.D:host|A.B.C.D:source [A.B.C.D:wildcard]}"

const struct cli_row access_list_rows[] = {
    LIST_MANY(ACCESS_LIST, access, config_access, 1,
              BINDS(BIND_NUMBER(struct config_access, number, 0),
                    BIND_CHOICE(struct config_access, action, 0),
                    BIND_CHOICE(struct config_access, source, 0),
                    BIND_ADDRESS(struct config_access, address),
                    BIND_ADDRESS(struct config_access, address),
                    BIND_ADDRESS(struct config_access, wildcard)),
              "Add an access list entry", "IP standard access list",
              "Specify packets to forward", "Specify packets to reject",
              "Any source host", "A single host address", "Host address",
              "Address to match", "Wildcard bits"),
    ROWS_END,
};
