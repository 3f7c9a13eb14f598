/*
 * Standard access lists: who may come in on which lines (access-class).
 */
#include "commands/rows.h"
#include "control/command.h"

#define ACCESS_LIST                                                \
    "access-list <1-99,1300-1999>:number {permit|deny} {any|host " \
    "A.B.C.D:host-address|A.B.C.D:source [A.B.C.D:wildcard]}"

#define IPV4_BYTES 4

static bool
is_all(const struct config_address *address, uint8_t byte)
{
    for (size_t i = 0; i < IPV4_BYTES; i++)
        if (address->bytes[i] != byte)
            return false;
    return true;
}

static void
take_host(struct cli_match *match)
{
    struct config_address address = cli_address(match, "host-address");

    cli_replace_given(match, "host", false);
    cli_replace_given(match, "host-address", false);
    cli_replace_address(match, "source", &address);
}

/* Bits that do not count are shown as 0. */
static void
take_wildcard(struct cli_match *match)
{
    struct config_address address = cli_address(match, "source");
    const struct config_address wildcard = cli_address(match, "wildcard");

    if (is_all(&wildcard, 0)) {
        cli_replace_given(match, "wildcard", false);
        return;
    }
    if (is_all(&wildcard, 0xff)) {
        cli_replace_given(match, "source", false);
        cli_replace_given(match, "wildcard", false);
        cli_replace_given(match, "any", true);
        return;
    }
    for (size_t i = 0; i < IPV4_BYTES; i++)
        address.bytes[i] &= (uint8_t)~wildcard.bytes[i];
    cli_replace_address(match, "source", &address);
}

/*
 * The same hosts may be said in several ways, and IOS shows one: `host X` and
 * `X 0.0.0.0` are X, and whoever matches everybody is `any`.
 */
static const char *
check_entry(struct cli_change *change)
{
    struct cli_match *match = change->match;

    if (match->negated || match->defaulted)
        return NULL;
    if (cli_given(match, "host"))
        take_host(match);
    else if (cli_given(match, "wildcard"))
        take_wildcard(match);
    return NULL;
}

const struct cli_row access_list_rows[] = {
    {ROW_LIST_MANY(ACCESS_LIST, access, config_access, 1,
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
     .check = check_entry},
    ROWS_END,
};
