#include "cli/offer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/alias.h"
#include "cli/filter.h"

static void
add(struct offers *offers, const char *label, const char *help)
{
    for (size_t i = 0; i < offers->count; i++)
        if (strcmp(offers->items[i].label, label) == 0)
            return;
    offers->items =
        alloc_resize(offers->items, offers->count + 1, sizeof(*offers->items));
    text_copy(offers->items[offers->count].label, OFFER_LABEL_MAX, label);
    offers->items[offers->count].help = help;
    offers->count++;
}

static void
add_choices(struct offers *offers, const struct search *s,
            const struct cli_pattern *pattern, const struct cli_token *token,
            const char *begun)
{
    for (const struct cli_word *w = pattern->row->choices(); w->word != NULL;
         w++) {
        bool used = false;

        for (unsigned i = s->from; i < s->next; i++)
            used = used || (token->repeats && s->steps[i].full == w->word);
        if (!used && text_starts_nocase(w->word, begun))
            add(offers, w->word, w->help == NULL ? token->help : w->help);
    }
}

static void
add_ranges(struct offers *offers, const struct cli_token *token,
           const char *begun)
{
    char label[OFFER_LABEL_MAX];

    if (begun[strspn(begun, "-0123456789")] != '\0')
        return;
    for (unsigned i = 0; i < token->range_count; i++) {
        /* IOS sets a range apart that begins below zero: "<-23 - 23>". */
        snprintf(label, sizeof(label),
                 token->ranges[i].low < 0 ? "<%lld - %lld>" : "<%lld-%lld>",
                 (long long)token->ranges[i].low,
                 (long long)token->ranges[i].high);
        add(offers, label, token->help);
    }
}

static void
add_token(struct offers *offers, const struct search *s,
          const struct cli_pattern *pattern, const struct cli_token *token,
          const char *begun)
{
    switch (token->kind) {
    case TOKEN_KEYWORD:
        if (text_starts_nocase(token->text, begun))
            add(offers, token->text, token->help);
        break;
    case TOKEN_CHOICE:
        add_choices(offers, s, pattern, token, begun);
        break;
    case TOKEN_NUMBER:
        if (!offers->keywords_only)
            add_ranges(offers, token, begun);
        break;
    default:
        if (!offers->keywords_only)
            add(offers, token->text, token->help);
        break;
    }
}

static int
by_label(const void *a, const void *b)
{
    return strcmp(((const struct offer *)a)->label,
                  ((const struct offer *)b)->label);
}

static void
collect(struct offers *offers, const struct search *s, const char *begun)
{
    const struct candidate *end = s->next > s->from ? search_complete(s) : NULL;

    for (size_t i = 0; i < s->count && !s->whole; i++) {
        const struct candidate *c = &s->candidates[i];

        if (pattern_hidden(c->pattern))
            continue;
        for (unsigned t = 0; t < c->pattern->count; t++)
            if (c->expected & TOKEN_BIT(t))
                add_token(offers, s, c->pattern, &c->pattern->tokens[t], begun);
    }
    offers->complete = end != NULL && *begun == '\0';
    if (offers->complete && !offers->keywords_only && !s->whole &&
        end->pattern->row->kind == CLI_SHOW)
        add(offers, "|", "Output modifiers");
    if (offers->count > 0)
        qsort(offers->items, offers->count, sizeof(*offers->items), by_label);
}

struct alias_offers {
    struct offers *offers;
    const char *begun;
};

static void
add_alias(void *owner, const char *name, const char *command)
{
    const struct alias_offers *a = owner;
    const char *quote = strchr(command, ' ') == NULL ? "" : "\"";
    char label[OFFER_LABEL_MAX];

    if (!text_starts_nocase(name, a->begun))
        return;
    /* What is too long is not shown in part: that may be half a character. */
    if (snprintf(label, sizeof(label), "*%s=%s%s%s", name, quote, command,
                 quote) < OFFER_LABEL_MAX ||
        snprintf(label, sizeof(label), "*%s", name) < OFFER_LABEL_MAX)
        add(a->offers, label, "");
}

/* The word that is begun may become an alias as well. */
static void
add_aliases(struct offers *offers, const struct cli_language *language,
            const struct cli_context *context, const struct words *words,
            const char *begun)
{
    struct alias_offers a = {offers, begun};
    size_t at, length;
    int word = alias_word(context, words->line, &at, &length);

    if (word < 0 || (unsigned)word + 1 != words->count)
        return;
    cli_aliases(language, context, add_alias, &a);
    if (offers->count > 0)
        qsort(offers->items, offers->count, sizeof(*offers->items), by_label);
}

enum cli_result
offers_find(struct offers *offers, const struct cli_language *language,
            const struct cli_context *context, const struct words *words,
            bool partial)
{
    unsigned end = words->count - (partial ? 1 : 0);
    char *begun = partial ? text_dup_span(words_at(words, end)) : text_dup("");
    enum cli_result first = CLI_OK;

    for (const struct cli_mode *mode = context->mode; mode != NULL;
         mode = mode->parent) {
        const struct cli_row *prefix;
        enum cli_result result;
        struct search s;
        size_t fault;

        if (mode->parent == NULL && mode != context->mode)
            break;
        result = search_line(&s, language, language_mode(language, mode),
                             context, words, end, &prefix, &fault);
        if (result == CLI_OK)
            collect(offers, &s, begun);
        search_end(&s);
        if (mode == context->mode)
            first = result;
        if (offers->count > 0 || offers->complete || words->count == 0)
            break;
    }
    if (partial && !offers->keywords_only)
        add_aliases(offers, language, context, words, begun);
    free(begun);
    return offers->count > 0 || offers->complete ? CLI_OK : first;
}

enum cli_result
offers_find_filter(struct offers *offers, const struct cli_language *language,
                   const struct cli_row *shown,
                   const struct cli_context *context,
                   const struct words *behind, bool partial)
{
    unsigned end = behind->count - (partial ? 1 : 0);
    char *begun = partial ? text_dup_span(words_at(behind, end)) : text_dup("");
    struct search s;
    size_t fault;
    enum cli_result result;

    search_begin(&s, filter_table(language, shown), context, false, behind, 0);
    result = search_steps(&s, end, &fault);
    if (result == CLI_OK)
        collect(offers, &s, begun);
    search_end(&s);
    free(begun);
    return result;
}

void
offers_clear(struct offers *offers)
{
    free(offers->items);
    *offers = (struct offers){NULL, 0, false, false};
}
