#include "cli/level.h"

#include "base/text.h"
#include "cli/search.h"

/* The next word of a list of them; empty at its end. */
static struct span
take_word(const char **list)
{
    size_t length = strcspn(*list, " ");
    struct span word = span_of(*list, length);

    *list += length;
    *list += strspn(*list, " ");
    return word;
}

/*
 * How many words of `command` the row begins with: the first ones up to its
 * leading keywords. `*all`: these are all that it has.
 */
static unsigned
words_in_common(const struct cli_pattern *pattern, const char *command,
                bool *all)
{
    unsigned n = 0;

    *all = false;
    while (*command != '\0' && n < pattern->keywords) {
        if (!span_is(take_word(&command), pattern->tokens[n].text))
            return 0;
        n++;
    }
    *all = *command == '\0';
    return n;
}

const struct config_list *
level_list(const struct cli_context *context, const struct mode_table *table)
{
    return context->config == NULL || table->mode->parent != NULL ||
                   context->config->levels.list.count == 0
               ? NULL
               : &context->config->levels.list;
}

/* Of all that begins with the row's first keywords. */
static unsigned
level_of(const struct config_list *levels, const struct cli_pattern *pattern)
{
    unsigned level = pattern->row->privilege, longest = 0;

    for (size_t i = 0; levels != NULL && i < levels->count; i++) {
        const struct config_level *entry = levels->items[i];
        bool all;
        unsigned common = words_in_common(pattern, entry->command, &all);

        if (all && common > longest) {
            longest = common;
            level = entry->level;
        }
    }
    return level;
}

bool
level_allows(const struct cli_context *context, const struct mode_table *table,
             const struct cli_pattern *pattern)
{
    const struct cli_row *row = pattern->row;
    const struct config_list *levels = level_list(context, table);

    /* Whoever was let in with less may look around and leave. */
    if (table->mode->parent != NULL)
        return row->kind == CLI_LEAVE || row->kind == CLI_PREFIX ||
               context->privilege >= LEVEL_CONFIGURE;
    if (row->kind == CLI_FILTER)
        return context->privilege >= row->privilege;
    if (level_of(levels, pattern) <= context->privilege)
        return true;
    /* A part of it may be open. */
    for (size_t i = 0; levels != NULL && i < levels->count; i++) {
        const struct config_level *entry = levels->items[i];
        bool all;

        if (entry->level <= context->privilege &&
            words_in_common(pattern, entry->command, &all) ==
                pattern->keywords &&
            !all)
            return true;
    }
    return false;
}

/* --- behind the first keywords ------------------------------------------ */

/*
 * What the entries say about the words so far and one more (NULL: none): the
 * level by the longest of them, and whether one about more words is open.
 */
struct verdict {
    unsigned level;
    bool leads_on;
};

/* The words that were typed are the entry's first ones; `rest` is behind. */
static bool
begins_with(const struct search *s, const char *entry, const char **rest)
{
    for (unsigned i = s->from; i < s->next && *entry != '\0'; i++)
        if (s->steps[i].full == NULL ||
            !span_is(take_word(&entry), s->steps[i].full))
            return false;
    *rest = entry;
    return true;
}

static struct verdict
judge(const struct search *s, const struct cli_pattern *pattern,
      const char *word)
{
    struct verdict verdict = {.level = level_of(s->levels, pattern)};
    size_t longest = 0;

    for (size_t i = 0; i < s->levels->count; i++) {
        const struct config_level *entry = s->levels->items[i];
        const char *rest;

        if (!begins_with(s, entry->command, &rest))
            continue;
        if (*rest != '\0' && word != NULL && !span_is(take_word(&rest), word))
            continue;
        if (*rest != '\0') {
            verdict.leads_on = verdict.leads_on || entry->level <= s->privilege;
        } else if (strlen(entry->command) > longest) {
            longest = strlen(entry->command);
            verdict.level = entry->level;
        }
    }
    return verdict;
}

void
level_narrow(const struct search *s, struct candidate *c)
{
    if (s->levels == NULL || c->pattern->row->kind == CLI_FILTER ||
        s->next - s->from < c->pattern->keywords)
        return;
    c->barred = judge(s, c->pattern, NULL).level > s->privilege;
    for (token_set left = c->expected; left != 0; left &= left - 1) {
        unsigned t = (unsigned)__builtin_ctzll(left);
        const struct cli_token *token = &c->pattern->tokens[t];
        bool keyword = token->kind == TOKEN_KEYWORD;
        struct verdict verdict;

        if (!keyword) {
            /* Of values there is nothing to be said. */
            if (c->barred)
                c->expected &= ~TOKEN_BIT(t);
            continue;
        }
        verdict = judge(s, c->pattern, token->text);
        if (verdict.level > s->privilege && !verdict.leads_on)
            c->expected &= ~TOKEN_BIT(t);
    }
}

/* --- of a whole line ---------------------------------------------------- */

/* Entries are in full words, as the line is. */
static bool
line_begins_with(struct span line, const char *entry)
{
    size_t length = strlen(entry);

    return line.len >= length && memcmp(line.ptr, entry, length) == 0 &&
           (line.len == length || line.ptr[length] == ' ');
}

unsigned
cli_level(const struct cli_context *context, const struct cli_match *match)
{
    struct span line = buf_span(&match->text);
    unsigned level = match->row->privilege;
    size_t longest = 0;

    if (match->mode->parent != NULL)
        return match->row->kind == CLI_LEAVE ? 0 : LEVEL_CONFIGURE;
    for (size_t i = 0;
         context->config != NULL && i < context->config->levels.list.count;
         i++) {
        const struct config_level *entry =
            context->config->levels.list.items[i];

        if (strlen(entry->command) > longest &&
            line_begins_with(line, entry->command)) {
            longest = strlen(entry->command);
            level = entry->level;
        }
    }
    return level;
}

/* --- which words may have one ------------------------------------------- */

/* The word that was taken last is a keyword of some row. */
static bool
is_keyword(const struct search *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct candidate *c = &s->candidates[i];

        for (token_set left = c->reached; left != 0; left &= left - 1)
            if (c->pattern->tokens[__builtin_ctzll(left)].kind == TOKEN_KEYWORD)
                return true;
    }
    return false;
}

bool
cli_exec_words(const struct cli_language *language, const char *command,
               struct buf *out)
{
    const struct mode_table *exec = &language->modes[0];
    struct cli_context context;
    struct words words;
    struct search s;
    size_t bad;
    bool good = true;

    cli_context_init(&context, exec->mode, LEVEL_CONFIGURE);
    if (!words_split(&words, command, &bad) || words.count == 0)
        return false;
    search_begin(&s, exec, &context, false, &words, 0);
    for (unsigned i = 0; good && i < words.count; i++) {
        good = search_step(&s, &bad) == CLI_OK && s.steps[i].full != NULL &&
               is_keyword(&s);
        if (good)
            buf_printf(out, "%s%s", i == 0 ? "" : " ", s.steps[i].full);
    }
    search_end(&s);
    return good;
}
