#include "commands/server_rows.h"

#include <stdio.h>

#include "control/aaa_servers.h"

void
server_changed(const struct cli_change *change)
{
    aaa_servers_changed(change->owner, change->config);
}

uint32_t
server_key_type(const struct cli_match *match)
{
    if (cli_given(match, "7"))
        return 7;
    return cli_given(match, "0") ? 0 : CONFIG_PASSWORD_AS_TYPED;
}

void
server_write_keyed(struct cli_writer *writer, const char *line,
                   uint32_t key_type, const struct config_secret *key)
{
    char type[12] = "";

    if (key_type != CONFIG_PASSWORD_AS_TYPED)
        snprintf(type, sizeof(type), "%u ", key_type);
    if (key->text == NULL)
        cli_write_line(writer, "%s", line);
    else
        cli_write_line(writer, "%s key %s%s", line, type,
                       cli_write_secret(writer, key->text));
}

void
server_write_address(struct cli_writer *writer,
                     const struct config_address *address, const char *behind)
{
    char text[CONFIG_ADDRESS_TEXT];

    if (address->family == CONFIG_FAMILY_NONE)
        return;
    config_address_text(address, text);
    cli_write_line(writer, "address %s %s%s",
                   address->family == CONFIG_FAMILY_IPV4 ? "ipv4" : "ipv6",
                   text, behind);
}
