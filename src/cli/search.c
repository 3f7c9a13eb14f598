#include "cli/search.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/level.h"
#include "cli/value.h"

static bool
row_exists(const struct mode_table *table, const struct cli_pattern *pattern,
           const struct cli_context *context, bool negated)
{
    return pattern->row->kind != CLI_GROUP &&
           (!negated || pattern_is_setting(pattern)) &&
           level_allows(context, table, pattern);
}

/* Of the first word, in lower case; 0: there is none. */
static char
initial_of(const struct words *words, unsigned from)
{
    struct span word;

    if (from >= words->count)
        return '\0';
    word = words_at(words, from);
    return word.len == 0 ? '\0' : text_lower((char)word.ptr[0]);
}

/* Told without a look at its row: most of a table is not meant. */
static bool
begins_otherwise(const struct cli_pattern *pattern, char initial)
{
    return initial != '\0' && pattern->initial != '\0' &&
           pattern->initial != initial;
}

void
search_begin(struct search *s, const struct mode_table *table,
             const struct cli_context *context, bool negated,
             const struct words *words, unsigned from)
{
    char initial = initial_of(words, from);

    s->words = words;
    s->from = s->next = from;
    s->negated = negated;
    s->whole = false;
    s->levels = level_list(context, table);
    s->privilege = context->privilege;
    s->candidates = alloc_zero(table->count + 1, sizeof(*s->candidates));
    s->count = 0;
    for (size_t i = 0; i < table->count; i++)
        if (!begins_otherwise(&table->patterns[i], initial) &&
            row_exists(table, &table->patterns[i], context, negated))
            s->candidates[s->count++] = (struct candidate){
                .pattern = &table->patterns[i],
                .expected = table->patterns[i].first,
            };
}

void
search_end(struct search *s)
{
    free(s->candidates);
    s->candidates = NULL;
}

/* Bytes at the start that agree, whatever the case. */
static size_t
agreement(struct span word, const char *text)
{
    size_t n = 0;

    while (n < word.len && text[n] != '\0' &&
           text_lower((char)word.ptr[n]) == text_lower(text[n]))
        n++;
    return n;
}

static enum fit
keyword_fit(const char *text, struct span word)
{
    if (agreement(word, text) < word.len)
        return FIT_NONE;
    return text[word.len] == '\0' ? FIT_EXACT : FIT_PREFIX;
}

/* The same word of a CHOICE that repeats does not count twice. */
static bool
used_before(const struct search *s, const char *word)
{
    for (unsigned i = s->from; i < s->next; i++)
        if (s->steps[i].full == word)
            return true;
    return false;
}

static enum fit
choice_fit(const struct search *s, const struct cli_word *words, bool repeats,
           struct span word, const char **full)
{
    enum fit best = FIT_NONE;

    for (; words->word != NULL; words++) {
        enum fit fit = keyword_fit(words->word, word);

        if (fit == FIT_NONE)
            continue;
        if (repeats && used_before(s, words->word)) {
            /* Named in full it is no abbreviation of a longer one. */
            if (fit == FIT_EXACT)
                return FIT_NONE;
            continue;
        }
        if (fit == FIT_EXACT) {
            *full = words->word;
            return FIT_EXACT;
        }
        *full = best == FIT_NONE ? words->word : NULL;
        best = fit;
    }
    return best;
}

enum fit
search_fit(const struct search *s, const struct cli_pattern *pattern,
           unsigned token, struct span word, const char **full)
{
    const struct cli_token *t = &pattern->tokens[token];
    struct config_address address;
    enum fit fit;
    unsigned length;
    uint32_t number;

    *full = t->text;
    switch (t->kind) {
    case TOKEN_KEYWORD:
        fit = keyword_fit(t->text, word);
        return fit == FIT_PREFIX && pattern_hidden(pattern) ? FIT_HIDDEN_PREFIX
                                                            : fit;
    case TOKEN_CHOICE:
        return choice_fit(s, pattern->row->choices(), t->repeats, word, full);
    case TOKEN_NUMBER:
        return value_number(t, word, &number) ? FIT_VALUE : FIT_NONE;
    case TOKEN_WORD:
        return value_is_word(word) ? FIT_WORD : FIT_NONE;
    case TOKEN_LINE:
        return FIT_LINE;
    case TOKEN_IPV4:
        return config_address_parse_ipv4(word, &address) == OK ? FIT_VALUE
                                                               : FIT_NONE;
    case TOKEN_IPV6:
        return config_address_parse_ipv6(word, &address) == OK ? FIT_VALUE
                                                               : FIT_NONE;
    case TOKEN_PREFIX:
        return config_prefix_parse(word, &address, &length) == OK ? FIT_VALUE
                                                                  : FIT_NONE;
    case TOKEN_TIME:
        return value_time(t, word, &number) ? FIT_VALUE : FIT_NONE;
    }
    return FIT_NONE;
}

/* What the best of all fits is, and whether different keywords share it. */
static enum fit
best_fit(const struct search *s, struct span word, const char **full,
         bool *several)
{
    enum fit best = FIT_NONE;

    *several = false;
    for (size_t i = 0; i < s->count; i++) {
        const struct candidate *c = &s->candidates[i];

        for (token_set left = c->expected; left != 0; left &= left - 1) {
            unsigned token = (unsigned)__builtin_ctzll(left);
            const char *name;
            enum fit fit = search_fit(s, c->pattern, token, word, &name);

            if (fit == FIT_NONE || fit < best)
                continue;
            if (fit > best) {
                *full = name;
                *several = name == NULL;
            } else if (fit >= FIT_HIDDEN_PREFIX && fit != FIT_EXACT) {
                *several =
                    *several || name == NULL || !text_equal_nocase(name, *full);
            }
            best = fit;
        }
    }
    return best;
}

bool
search_follows(const struct search *s, const struct cli_pattern *pattern,
               unsigned token, struct span word)
{
    enum fit best = s->steps[s->next].fit;
    const char *full = s->steps[s->next].full;
    const char *name;
    enum fit fit = search_fit(s, pattern, token, word, &name);

    /* The words that a hidden row shares with others are not hidden. */
    return fit == best || (fit == FIT_HIDDEN_PREFIX && best == FIT_PREFIX &&
                           full != NULL && text_equal_nocase(name, full));
}

/* Keep the candidates that have a token of the best fit. */
static void
advance(struct search *s, struct span word)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->count; i++) {
        struct candidate c = s->candidates[i];
        token_set next = 0, reached = 0;

        for (token_set left = c.expected; left != 0; left &= left - 1) {
            unsigned token = (unsigned)__builtin_ctzll(left);

            if (!search_follows(s, c.pattern, token, word))
                continue;
            reached |= TOKEN_BIT(token);
            next |= c.pattern->tokens[token].next;
            c.gone |= c.pattern->tokens[token].gone;
        }
        if (reached == 0)
            continue;
        c.reached = reached;
        c.expected = next & ~c.gone;
        s->candidates[kept++] = c;
    }
    s->count = kept;
}

/*
 * Where the caret goes: the first byte that differs from the keyword that
 * agrees longest, else the start of the word.
 */
static size_t
fault_of(const struct search *s, struct span word)
{
    size_t longest = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct candidate *c = &s->candidates[i];

        for (unsigned t = 0; t < c->pattern->count; t++)
            if ((c->expected & TOKEN_BIT(t)) &&
                c->pattern->tokens[t].kind == TOKEN_KEYWORD &&
                !pattern_hidden(c->pattern)) {
                size_t n = agreement(word, c->pattern->tokens[t].text);

                longest = n > longest ? n : longest;
            }
    }
    return s->words->places[s->next].at + longest;
}

enum cli_result
search_step(struct search *s, size_t *fault)
{
    struct span word = words_at(s->words, s->next);
    const char *full = NULL;
    bool several;
    enum fit best = best_fit(s, word, &full, &several);

    if (best == FIT_NONE) {
        *fault = fault_of(s, word);
        return CLI_INVALID;
    }
    if (several)
        return CLI_AMBIGUOUS;
    s->steps[s->next].fit = best;
    s->steps[s->next].full = best >= FIT_HIDDEN_PREFIX ? full : NULL;
    advance(s, word);
    s->whole = best == FIT_LINE;
    s->next++;
    for (size_t i = 0; i < s->count; i++)
        level_narrow(s, &s->candidates[i]);
    return CLI_OK;
}

/* A list's or section's `no` looks at nothing behind its keys. */
static bool
rest_is_ignored(const struct search *s)
{
    const struct candidate *c = s->negated ? search_complete(s) : NULL;

    return c != NULL && (c->pattern->row->kind == CLI_LIST ||
                         c->pattern->row->kind == CLI_SECTION);
}

enum cli_result
search_steps(struct search *s, unsigned end, size_t *fault)
{
    enum cli_result result = CLI_OK;

    while (result == CLI_OK && s->next < end && !s->whole) {
        result = search_step(s, fault);
        if (result != CLI_OK && s->next > s->from && rest_is_ignored(s))
            return CLI_OK;
    }
    return result;
}

const struct candidate *
search_complete(const struct search *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct candidate *c = &s->candidates[i];

        if (!c->barred && (c->reached & (s->negated ? c->pattern->no_last
                                                    : c->pattern->last)))
            return c;
    }
    return NULL;
}

enum cli_result
search_line(struct search *s, const struct cli_language *language,
            const struct mode_table *table, const struct cli_context *context,
            const struct words *words, unsigned end,
            const struct cli_row **prefix, size_t *fault)
{
    enum cli_result result;

    *prefix = NULL;
    search_begin(s, table, context, false, words, 0);
    result = search_steps(s, end == 0 ? 0 : 1, fault);
    if (result == CLI_OK && s->next > 0 &&
        s->candidates[0].pattern->row->kind == CLI_PREFIX) {
        *prefix = s->candidates[0].pattern->row;
        search_end(s);
        search_begin(s, *prefix == &language_do ? &language->modes[0] : table,
                     context, *prefix != &language_do, words, 1);
    }
    return result == CLI_OK ? search_steps(s, end, fault) : result;
}
