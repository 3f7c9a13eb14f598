#include "cli/level.h"

#include "base/text.h"
#include "cli/search.h"

/* How many words of `command` the row begins with, if it has them all; 0. */
static unsigned
words_in_common(const struct cli_pattern *pattern, const char *command)
{
    unsigned n = 0;

    while (*command != '\0') {
        size_t length = strcspn(command, " ");
        const char *text;

        if (n == pattern->keywords)
            return 0;
        text = pattern->tokens[n++].text;
        if (strlen(text) != length || strncmp(text, command, length) != 0)
            return 0;
        command += length;
        command += strspn(command, " ");
    }
    return n;
}

unsigned
level_of(const struct cli_context *context, const struct mode_table *table,
         const struct cli_pattern *pattern)
{
    const struct cli_row *row = pattern->row;
    unsigned level = row->privilege, longest = 0;
    const struct config_list *list;

    /* Whoever was let in with less may look around and leave. */
    if (table->mode->parent != NULL)
        return row->kind == CLI_LEAVE || row->kind == CLI_PREFIX
                   ? 0
                   : LEVEL_CONFIGURE;
    if (context->config == NULL || row->kind == CLI_FILTER)
        return level;
    list = &context->config->levels.list;
    for (size_t i = 0; i < list->count; i++) {
        const struct config_level *entry = list->items[i];
        unsigned common = words_in_common(pattern, entry->command);

        if (common > longest) {
            longest = common;
            level = entry->level;
        }
    }
    return level;
}

/* Keywords alone lead to the row, and these are they. */
static bool
begins_a_row(const struct search *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->candidates[i].pattern->keywords >= s->words->count)
            return true;
    return false;
}

bool
cli_exec_words(const struct cli_language *language, const char *command,
               struct buf *out)
{
    struct cli_context context;
    const struct cli_row *prefix;
    struct words words;
    struct search s;
    size_t bad;
    bool good;

    cli_context_init(&context, language->modes[0].mode, LEVEL_CONFIGURE);
    if (!words_split(&words, command, &bad) || words.count == 0)
        return false;
    good = search_line(&s, language, &language->modes[0], &context, &words,
                       words.count, &prefix, &bad) == CLI_OK &&
           s.next == words.count && begins_a_row(&s);
    for (unsigned i = 0; good && i < words.count; i++) {
        good = s.steps[i].full != NULL;
        if (good)
            buf_printf(out, "%s%s", i == 0 ? "" : " ", s.steps[i].full);
    }
    search_end(&s);
    return good;
}
