#include "commands/server_address.h"

struct config_address
server_address_typed(const struct cli_match *match)
{
    return cli_address(match, cli_given(match, "a4") ? "a4" : "a6");
}

const char *
server_address(const struct cli_change *change, struct config_address *address)
{
    const struct cli_match *match = change->match;
    const struct config_host *host;

    if (cli_given(match, "a4") || cli_given(match, "a6")) {
        *address = server_address_typed(match);
        return NULL;
    }
    if (!cli_given(match, "name"))
        return "% Incomplete command.";
    host = config_host_find(change->config, cli_text(match, "name"));
    if (host == NULL || host->addresses.list.count == 0)
        return "% There is no such name in \"ip host\"";
    *address =
        ((const struct config_server *)host->addresses.list.items[0])->address;
    return NULL;
}
