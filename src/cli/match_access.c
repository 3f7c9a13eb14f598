/*
 * The values of a parsed line, by name.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/secret.h"
#include "base/text.h"
#include "cli/match.h"

static void
forget(struct cli_value *value)
{
    if (value->text != NULL)
        wipe(value->text, strlen(value->text));
    free(value->text);
    *value = (struct cli_value){.given = false};
}

void
match_init(struct cli_match *match)
{
    memset(match, 0, sizeof(*match));
    /* A line in full words is longer than typed, by far less than this. */
    buf_init_secret(&match->text, (size_t)CLI_LINE_MAX * 64);
    buf_init(&match->masked, (size_t)CLI_LINE_MAX * 64);
    buf_init_secret(&match->lines, CLI_LINES_MAX);
}

void
cli_match_clear(struct cli_match *match)
{
    for (unsigned i = 0; i < CLI_TOKENS_MAX; i++)
        forget(&match->values[i]);
    buf_clear(&match->text);
    buf_clear(&match->masked);
    buf_clear(&match->lines);
    if (match->filter_pattern != NULL)
        wipe(match->filter_pattern, strlen(match->filter_pattern));
    free(match->filter_pattern);
    match->filter_pattern = NULL;
    match->row = NULL;
    match->pattern = NULL;
}

/* The given token of that name, else the first of that name. */
static unsigned
token_named(const struct cli_match *match, const char *name)
{
    const struct cli_pattern *pattern = match->pattern;
    unsigned found = pattern->count;

    for (unsigned i = 0; i < pattern->count; i++) {
        if (strcmp(pattern->tokens[i].name, name) != 0)
            continue;
        if (match->values[i].given)
            return i;
        if (found == pattern->count)
            found = i;
    }
    assert(found < pattern->count);
    return found;
}

bool
cli_given(const struct cli_match *match, const char *name)
{
    return match->values[token_named(match, name)].given;
}

uint32_t
cli_number(const struct cli_match *match, const char *name)
{
    return match->values[token_named(match, name)].number;
}

uint32_t
cli_number_or(const struct cli_match *match, const char *name,
              uint32_t otherwise)
{
    return cli_given(match, name) ? cli_number(match, name) : otherwise;
}

const char *
cli_text(const struct cli_match *match, const char *name)
{
    return match->values[token_named(match, name)].text;
}

struct config_address
cli_address(const struct cli_match *match, const char *name)
{
    return match->values[token_named(match, name)].address;
}

void
cli_replace_text(struct cli_match *match, const char *name, const char *text)
{
    struct cli_value *value = &match->values[token_named(match, name)];
    char *copy = text_dup(text);

    forget(value);
    value->given = true;
    value->text = copy;
}

void
cli_replace_given(struct cli_match *match, const char *name, bool given)
{
    struct cli_value *value = &match->values[token_named(match, name)];

    if (!given)
        forget(value);
    value->given = given;
}

bool
cli_wants_line(const struct cli_match *match)
{
    return match->row->wants_more != NULL && !match->negated &&
           !match->defaulted && match->row->wants_more(match, cli_lines(match));
}

enum err
cli_add_line(struct cli_match *match, const char *line)
{
    if (line[strcspn(line, "\n\r\x7f")] != '\0')
        return ERR_FORMAT;
    buf_put_u8(&match->lines, '\n');
    buf_put(&match->lines, line, strlen(line));
    buf_text(&match->lines); /* cli_lines() relies on its NUL */
    return buf_ok(&match->lines) ? OK : ERR_LIMIT;
}

const char *
cli_lines(const struct cli_match *match)
{
    struct span all = buf_span(&match->lines);

    return all.len == 0 ? "" : (const char *)all.ptr;
}
