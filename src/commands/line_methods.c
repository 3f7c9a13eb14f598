#include "commands/line_methods.h"

#include "cli/cli.h"
#include "config/aaa.h"

#define INCOMPLETE "% Incomplete command."

static const char *
set_list(struct cli_change *change, enum config_aaa_use use, uint32_t level)
{
    const struct cli_match *match = change->match;

    /* `default` is what holds without a word. */
    config_line_set_methods(change->section, use, level,
                            cli_restores(match) ? NULL
                                                : cli_text(match, "list"));
    return NULL;
}

const char *
line_set_login_list(struct cli_change *change)
{
    return set_list(change, CONFIG_AAA_LOGIN, 0);
}

/* Of commands, at the level that is given. */
static const char *
set_commands(struct cli_change *change, enum config_aaa_use use)
{
    if (!cli_given(change->match, "level"))
        return INCOMPLETE;
    return set_list(change, use, cli_number(change->match, "level"));
}

const char *
line_set_authorization(struct cli_change *change)
{
    const struct cli_match *match = change->match;

    if (cli_given(match, "exec"))
        return set_list(change, CONFIG_AAA_EXEC, 0);
    return set_commands(change, CONFIG_AAA_COMMANDS);
}

const char *
line_set_reverse_access(struct cli_change *change)
{
    return set_list(change, CONFIG_AAA_REVERSE_ACCESS, 0);
}

const char *
line_set_accounting(struct cli_change *change)
{
    const struct cli_match *match = change->match;

    if (cli_given(match, "exec"))
        return set_list(change, CONFIG_AAA_COUNT_EXEC, 0);
    if (cli_given(match, "connection"))
        return set_list(change, CONFIG_AAA_COUNT_CONNECTION, 0);
    return set_commands(change, CONFIG_AAA_COUNT_COMMANDS);
}

const char *
line_set_connection_records(struct cli_change *change)
{
    return set_list(change, CONFIG_AAA_COUNT_CONNECTION, 0);
}

/* Each list of that use, behind the words for it. */
static void
write_lists(struct cli_writer *writer, const struct config_line *line,
            enum config_aaa_use use, const char *words)
{
    const struct config_list *list = &line->methods.list;

    for (size_t i = 0; i < list->count; i++) {
        const struct config_line_methods *m = list->items[i];

        if (m->use == use &&
            (use == CONFIG_AAA_COMMANDS || use == CONFIG_AAA_COUNT_COMMANDS))
            cli_write_line(writer, "%s %u %s", words, m->level, m->name);
        else if (m->use == use)
            cli_write_line(writer, "%s %s", words, m->name);
    }
}

void
line_write_login_list(struct cli_writer *writer, const void *section, bool all)
{
    (void)all;
    write_lists(writer, section, CONFIG_AAA_LOGIN, "login authentication");
}

void
line_write_authorization(struct cli_writer *writer, const void *section,
                         bool all)
{
    (void)all;
    write_lists(writer, section, CONFIG_AAA_COMMANDS, "authorization commands");
    write_lists(writer, section, CONFIG_AAA_EXEC, "authorization exec");
}

void
line_write_reverse_access(struct cli_writer *writer, const void *section,
                          bool all)
{
    (void)all;
    write_lists(writer, section, CONFIG_AAA_REVERSE_ACCESS,
                "authorization reverse-access");
}

void
line_write_connection_records(struct cli_writer *writer, const void *section,
                              bool all)
{
    (void)all;
    write_lists(writer, section, CONFIG_AAA_COUNT_CONNECTION,
                "accounting connection");
}

void
line_write_accounting(struct cli_writer *writer, const void *section, bool all)
{
    (void)all;
    write_lists(writer, section, CONFIG_AAA_COUNT_CONNECTION,
                "accounting connection");
    write_lists(writer, section, CONFIG_AAA_COUNT_COMMANDS,
                "accounting commands");
    write_lists(writer, section, CONFIG_AAA_COUNT_EXEC, "accounting exec");
}
