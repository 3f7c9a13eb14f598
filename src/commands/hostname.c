/*
 * The router's name: `hostname`; names of others are in hosts.c.
 */
#include "commands/rows.h"
#include "control/command.h"

#define HOSTNAME_LEN_MAX 63 /* RFC 1034 section 3.5: of a label */

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * Tools find the end of an answer by the prompt: only characters that their
 * patterns know, a letter first, no hyphen last.
 */
static bool
hostname_is_valid(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > HOSTNAME_LEN_MAX || !is_letter(name[0]) ||
        name[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_letter(name[i]) && !is_digit(name[i]) &&
            strchr("-._", name[i]) == NULL)
            return false;
    return true;
}

static const char *
check_hostname(struct cli_change *change)
{
    const char *name = cli_text(change->match, "WORD");

    if (cli_restores(change->match))
        return NULL;
    return hostname_is_valid(name)
               ? NULL
               : "% Hostname contains one or more illegal characters.";
}

const struct cli_row hostname_rows[] = {
    {ROW_SET_TEXT("hostname WORD", hostname, "Router",
                  "Set system's network name", "This system's network name"),
     .check = check_hostname},
    ROWS_END,
};
