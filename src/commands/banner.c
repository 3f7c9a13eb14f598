/*
 * `banner [motd|login|exec|incoming] cTEXTc`: texts of several lines between
 * two of whatever character (or ^C, as two characters) comes first.
 */
#include "commands/banner.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "commands/rows.h"

/* How a delimiter is written, and what therefore no text may hold. */
#define WRITTEN_DELIMITER "^C"

/* Without a kind it is the message of the day. */
#define BARE_SYNTAX "banner LINE"

/*
 * Of a banner without a kind: `banner slip-ppp #x#` is one that is not there,
 * and no text between two s's.
 */
static bool
looks_like_a_kind(const struct cli_match *match, const char *text)
{
    return strcmp(match->row->syntax, BARE_SYNTAX) == 0 &&
           isalnum((unsigned char)text[0]);
}

/* Bytes of the delimiter that the text begins with. */
static size_t
delimiter_length(const char *text)
{
    return strncmp(text, WRITTEN_DELIMITER, 2) == 0 ? 2 : text[0] != '\0';
}

/* Where the text ends: at the second delimiter; NULL: it is not there yet. */
static const char *
text_end(const char *text)
{
    char delimiter[3] = "";
    size_t len = delimiter_length(text);

    memcpy(delimiter, text, len);
    return len == 0 ? NULL : strstr(text + len, delimiter);
}

bool
banner_wants_more(const struct cli_match *match, const char *text)
{
    return !looks_like_a_kind(match, text) && text_end(text) == NULL;
}

static const char *
look_for_refusal(const char *banner)
{
    if (strstr(banner, WRITTEN_DELIMITER) != NULL)
        return "% A banner cannot contain ^C";
    for (const char *c = banner; *c != '\0'; c++)
        if (((unsigned char)*c < ' ' && *c != '\n' && *c != '\t') || *c == 0x7f)
            return "% A banner cannot contain control characters";
    return NULL;
}

/*
 * What stands between the delimiters, in whole lines: the end of the first
 * delimiter's line does not count, that of the last line is added.
 */
static char *
text_between(const char *all)
{
    const char *from = all + delimiter_length(all);
    const char *end = text_end(all);
    size_t len = end != NULL ? (size_t)(end - from) : strlen(from);
    char *text;

    if (len > 0 && from[0] == '\n') {
        from++;
        len--;
    }
    text = alloc_zero(len + 2, 1);
    memcpy(text, from, len);
    if (len > 0 && text[len - 1] != '\n')
        text[len] = '\n';
    return text;
}

const char *
banner_set(struct cli_change *change, char **banner)
{
    const struct cli_match *match = change->match;
    const char *refusal = NULL;
    char *text = NULL;

    if (looks_like_a_kind(match, cli_lines(match)))
        return "% There is no such banner, and no letter or digit can delimit "
               "one";
    if (!cli_restores(match)) {
        text = text_between(cli_lines(match));
        refusal = look_for_refusal(text);
    }
    if (refusal == NULL)
        config_text_set(banner, text != NULL && text[0] != '\0' ? text : NULL);
    free(text);
    return refusal;
}

static const char *
set_motd(struct cli_change *change)
{
    return banner_set(change, &change->config->banners.motd);
}

static const char *
set_login(struct cli_change *change)
{
    return banner_set(change, &change->config->banners.login);
}

static const char *
set_exec(struct cli_change *change)
{
    return banner_set(change, &change->config->banners.exec);
}

static const char *
set_incoming(struct cli_change *change)
{
    return banner_set(change, &change->config->banners.incoming);
}

void
banner_write(struct cli_writer *writer, const char *words, const char *text)
{
    if (text != NULL)
        cli_write_line(writer, "%s " WRITTEN_DELIMITER "\n%s" WRITTEN_DELIMITER,
                       words, text);
}

static void
write_motd(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    banner_write(writer, "banner motd", config->banners.motd);
}

static void
write_login(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    banner_write(writer, "banner login", config->banners.login);
}

static void
write_exec(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    banner_write(writer, "banner exec", config->banners.exec);
}

static void
write_incoming(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    banner_write(writer, "banner incoming", config->banners.incoming);
}

static void
apply_banner(struct command *cmd)
{
    /* The user was told if it was refused. */
    (void)cmd_apply(cmd);
}

void
banner_collect(struct command *cmd)
{
    const char *text = cli_lines(cmd->match);

    if (cli_wants_line(cmd->match))
        out_line(cmd, "Enter TEXT message.  End with the character '%.*s'.",
                 (int)delimiter_length(text), text);
    cmd_collect(cmd, "", apply_banner);
}

#define BANNER(name, set_, write_, help)                                     \
    {                                                                        \
        ROW_SET_BY("banner " name " LINE", set_, write_, help, BANNER_HELP), \
            .run = banner_collect, .wants_more = banner_wants_more           \
    }

const struct cli_row banner_rows[] = {
    GROUP("banner", "Define a login banner"),
    {ROW_SET_BY(BARE_SYNTAX, set_motd, write_motd, BANNER_HELP),
     .run = banner_collect, .wants_more = banner_wants_more, .unwritten = true},
    BANNER("exec", set_exec, write_exec, "Set EXEC process creation banner"),
    BANNER("incoming", set_incoming, write_incoming,
           "Set incoming terminal line banner"),
    BANNER("login", set_login, write_login, "Set login banner"),
    BANNER("motd", set_motd, write_motd, "Set Message of the Day banner"),
    ROWS_END,
};
