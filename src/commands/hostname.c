/*
 * The router's names: `hostname`, `ip domain name`.
 */
#include "commands/rows.h"
#include "control/command.h"

#define HOSTNAME_LEN_MAX 63  /* RFC 1034 section 3.5: of a label */
#define DOMAIN_LEN_MAX   253 /* of a whole name, dots included */

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

    if (change->match->negated || change->match->defaulted)
        return NULL;
    return hostname_is_valid(name)
               ? NULL
               : "% Hostname contains one or more illegal characters.";
}

static const char *
check_domain(struct cli_change *change)
{
    const char *name = cli_text(change->match, "WORD");

    if (change->match->negated || change->match->defaulted)
        return NULL;
    if (strlen(name) > DOMAIN_LEN_MAX)
        return "% Domain name is too long.";
    for (const char *c = name; *c != '\0'; c++)
        if (!is_letter(*c) && !is_digit(*c) && strchr("-._", *c) == NULL)
            return "% Domain name contains one or more illegal characters.";
    return NULL;
}

const struct cli_row hostname_rows[] = {
    {ROW_SET_TEXT("hostname WORD", hostname, "Router",
                  "Set system's network name", "This system's network name"),
     .check = check_hostname},
    ROWS_END,
};

/* Typed either way; written the newer way. */
const struct cli_row ip_domain_rows[] = {
    GROUP("ip", "Global IP configuration subcommands"),
    {ROW_SET_TEXT("ip domain name WORD", domain_name, NULL, "IP DNS Resolver",
                  "Define the default domain name", "Default domain name"),
     .check = check_domain},
    {ROW_SET_TEXT("ip domain-name WORD", domain_name, NULL,
                  "Define the default domain name", "Default domain name"),
     .check = check_domain, .unwritten = true},
    ROWS_END,
};
