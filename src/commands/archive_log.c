/*
 * `show archive log config`: which configuration lines took effect, and whose
 * they were.
 */
#include <string.h>

#include "base/text.h"
#include "commands/rows.h"
#include "control/command.h"
#include "control/config_log.h"

static bool
is_by(const struct config_log_entry *entry, const char *user)
{
    return user == NULL || (strlen(user) == entry->user_length &&
                            memcmp(entry->who, user, entry->user_length) == 0);
}

/* All, those of a user, or those with numbers: one, or from one to another. */
static bool
is_wanted(const struct cli_match *match, const struct config_log_entry *entry)
{
    uint32_t first = cli_number(match, "first");
    uint32_t last = cli_number_or(match, "last", first);

    if (!cli_given(match, "first"))
        return is_by(entry, cli_text(match, "name"));
    return entry->number >= first && entry->number <= last;
}

/* The `@`s stand below each other, and the lines as deep as their mode. */
static void
show_entry(struct command *cmd, const struct config_log_entry *entry)
{
    out_line(cmd, "%5u%6u%15.*s%-10s|%*s%s", entry->number, entry->session,
             (int)entry->user_length, entry->who,
             entry->who + entry->user_length, (int)entry->depth, "",
             entry->text);
}

/* As lines that could be typed again: below the sections they belong to. */
struct place {
    const char *sections[CLI_DEPTH_MAX];
};

static void
enter(struct command *cmd, struct place *place, unsigned depth,
      const char *text)
{
    if (depth >= CLI_DEPTH_MAX)
        return;
    out_line(cmd, "%*s%s", (int)depth, "", text);
    place->sections[depth] = text;
    for (unsigned below = depth + 1; below < CLI_DEPTH_MAX; below++)
        place->sections[below] = NULL;
}

static void
show_more(struct command *cmd, const char *lines)
{
    struct buf text;

    buf_init(&text, 4 * CLI_LINES_MAX + 1);
    text_escape_lines(&text, span_text(lines));
    out_line(cmd, "%s", buf_text(&text));
    buf_clear(&text);
}

static void
show_line(struct command *cmd, struct place *place,
          const struct config_log_entry *entry)
{
    for (unsigned depth = 0; depth < entry->depth; depth++)
        if (place->sections[depth] == NULL ||
            strcmp(place->sections[depth], entry->sections[depth]) != 0)
            enter(cmd, place, depth, entry->sections[depth]);
    enter(cmd, place, entry->depth, entry->text);
    if (entry->more != NULL)
        show_more(cmd, entry->more);
}

static void
show_archive_log(struct command *cmd)
{
    const struct config_log_entry *entry = NULL;
    bool lines = cli_given(cmd->match, "provisioning");
    struct place place = {.sections = {NULL}};

    if (!lines)
        out_line(cmd, " idx   sess           user@line      Logged command");
    while ((entry = config_log_next(cmd->router, entry)) != NULL)
        if (!is_wanted(cmd->match, entry))
            continue;
        else if (lines)
            show_line(cmd, &place, entry);
        else
            show_entry(cmd, entry);
}

#define NUMBER(name) "<1-4294967295>:" name

const struct cli_row archive_log_show_rows[] = {
    GROUP("show archive log", "Log of configuration changes"),
    SHOW("show archive log config {all|" NUMBER("first") " [" NUMBER(
             "last") "]|user WORD:name} [provisioning]",
         15, show_archive_log, "Lines that took effect", "All of them",
         "Number of one, or of the first", "Number of the last",
         "Those of one user", "Name of the user",
         "As lines that can be typed again"),
    ROWS_END,
};
