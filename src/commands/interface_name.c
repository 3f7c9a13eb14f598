#include "commands/interface_name.h"

#include <stdio.h>

#include "base/text.h"
#include "config/interface.h"

const char *
interface_name_set(const struct cli_match *match, char **interface)
{
    char typed[CLI_WORD_MAX + 16], name[CONFIG_INTERFACE_NAME_MAX + 1];

    if (cli_restores(match)) {
        config_text_set(interface, NULL);
        return NULL;
    }
    text_copy(typed, sizeof(typed), cli_text(match, "name"));
    if (cli_given(match, "unit"))
        snprintf(typed, sizeof(typed), "%s%u", cli_text(match, "name"),
                 cli_number(match, "unit"));
    if (config_interface_loopback(typed, name))
        config_text_set(interface, name);
    else if (!cli_given(match, "unit") && config_interface_name_is_valid(typed))
        config_text_set(interface, typed);
    else
        return "% Invalid interface type and number";
    return NULL;
}

void
interface_name_write(struct cli_writer *writer, const char *line,
                     const char *interface)
{
    if (interface != NULL)
        cli_write_line(writer, "%s %s", line, interface);
}
