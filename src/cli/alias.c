#include "cli/alias.h"

#include <stdio.h>

#include "base/text.h"
#include "cli/level.h"

#define BLANKS " \t"

/* A built-in alias of a command that is not there is none. */
static bool
leads_somewhere(const struct cli_language *language,
                const struct cli_context *context, const char *command)
{
    const struct mode_table *exec = &language->modes[0];

    for (size_t i = 0; i < exec->count; i++) {
        const struct cli_pattern *pattern = &exec->patterns[i];

        if (pattern->row->kind != CLI_GROUP && pattern->keywords > 0 &&
            text_equal_nocase(pattern->tokens[0].text, command) &&
            level_allows(context, exec, pattern))
            return true;
    }
    return false;
}

/* The user's own; the same letters in another case count when none is. */
static const char *
find_own(const struct cli_context *context, const char *name)
{
    const struct config_list *list;
    const char *near = NULL;

    if (context->config == NULL)
        return NULL;
    list = &context->config->aliases.list;
    for (size_t i = 0; i < list->count; i++) {
        const struct config_alias *alias = list->items[i];

        if (strcmp(alias->name, name) == 0)
            return alias->command;
        if (near == NULL && text_equal_nocase(alias->name, name))
            near = alias->command;
    }
    return near;
}

static const char *
find(const struct cli_language *language, const struct cli_context *context,
     const char *name)
{
    const struct cli_alias *a = language->modes[0].mode->aliases;
    const char *own = find_own(context, name);

    if (own != NULL || a == NULL)
        return own;
    for (; a->name != NULL; a++)
        if (text_equal_nocase(a->name, name))
            return leads_somewhere(language, context, a->command) ? a->command
                                                                  : NULL;
    return NULL;
}

void
cli_aliases(const struct cli_language *language,
            const struct cli_context *context, cli_alias_fn fn, void *owner)
{
    const struct cli_alias *a = language->modes[0].mode->aliases;

    for (; a != NULL && a->name != NULL; a++)
        if (find_own(context, a->name) == NULL &&
            leads_somewhere(language, context, a->command))
            fn(owner, a->name, a->command);
    for (size_t i = 0;
         context->config != NULL && i < context->config->aliases.list.count;
         i++) {
        const struct config_alias *own = context->config->aliases.list.items[i];

        fn(owner, own->name, own->command);
    }
}

int
alias_word(const struct cli_context *context, const char *line, size_t *at,
           size_t *length)
{
    int word = 0;

    *at = strspn(line, BLANKS);
    *length = strcspn(line + *at, BLANKS);
    /* In configuration modes EXEC commands stand behind `do`. */
    if (*length > 0 && cli_context_configures(context)) {
        if (*length != 2 || !text_starts_nocase(line + *at, "do"))
            return -1;
        word = 1;
        *at += *length;
        *at += strspn(line + *at, BLANKS);
        *length = strcspn(line + *at, BLANKS);
    }
    return *length == 0 ? -1 : word;
}

const char *
alias_expand(const struct cli_language *language,
             const struct cli_context *context, const char *line, bool begun,
             struct expansion *e)
{
    char name[CLI_WORD_MAX + 1];
    const char *command;

    e->typed = e->put = 0;
    if (alias_word(context, line, &e->at, &e->typed) < 0 ||
        (begun && line[e->at + e->typed] == '\0') ||
        !text_copy_span(name, sizeof(name), span_of(line + e->at, e->typed)) ||
        (command = find(language, context, name)) == NULL) {
        e->at = e->typed = 0;
        return line;
    }
    e->put = strlen(command);
    snprintf(e->line, sizeof(e->line), "%.*s%s%s", (int)e->at, line, command,
             line + e->at + e->typed);
    return e->line;
}

size_t
alias_typed_at(const struct expansion *e, size_t at)
{
    if (at < e->at || e->put == 0)
        return at;
    return at < e->at + e->put ? e->at : at - e->put + e->typed;
}
