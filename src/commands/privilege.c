/*
 * `privilege exec level`: from which level on EXEC commands exist.
 *
 * An entry speaks of all commands that begin with its words; of several, the
 * one with most words counts (cli/level.h).
 */
#include "commands/rows.h"

#include "control/command.h"

static struct config_list *
levels_of(struct config *config)
{
    return &config->levels.list;
}

static size_t
index_of(const struct config_list *list, const char *command)
{
    size_t i = 0;

    while (i < list->count) {
        const struct config_level *entry = list->items[i];

        if (strcmp(entry->command, command) == 0)
            break;
        i++;
    }
    return i;
}

/* The command in full words; files are read by routers that know it too. */
static const char *
check_level(struct cli_change *change)
{
    const struct router *r = change->owner;
    const char *command = cli_text(change->match, "exec-command");
    struct buf full;
    bool good;

    if (command == NULL)
        return "% Incomplete command.\n";
    if (r->language == NULL)
        return NULL;
    buf_init(&full, CLI_LINE_MAX);
    good = cli_exec_words(r->language, command, &full);
    if (good)
        cli_replace_text(change->match, "exec-command", buf_text(&full));
    buf_clear(&full);
    return good ? NULL : "% These are not the first words of an EXEC command";
}

static const char *
set_level(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    struct config_list *list = levels_of(change->config);
    const char *command = cli_text(match, "exec-command");
    size_t i = index_of(list, command);
    struct config_level *entry;

    if (cli_restores(match) || cli_given(match, "reset")) {
        if (i < list->count)
            config_list_remove(list, &config_level_type, i);
        return NULL;
    }
    if (i == CONFIG_LIST_MAX)
        return "% Too many entries";
    entry = i < list->count ? list->items[i]
                            : config_list_append(list, &config_level_type);
    entry->level = cli_number(match, "number");
    config_text_set(&entry->command, command);
    return NULL;
}

static void
write_levels(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    for (size_t i = 0; i < config->levels.list.count; i++) {
        const struct config_level *entry = config->levels.list.items[i];

        cli_write_line(writer, "privilege exec level %u %s", entry->level,
                       entry->command);
    }
}

const struct cli_row privilege_rows[] = {
    {ROW_SET_BY("privilege exec {level <0-15>:number|reset} LINE:exec-command",
                set_level, write_levels, "Command privilege parameters",
                "Exec mode", "Set privilege level of command",
                "Privilege level", "Reset privilege level of command",
                "First words of a command"),
     .check = check_level},
    ROWS_END,
};
