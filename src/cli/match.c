/*
 * A typed line to a row: modes, `no`, `default`, `do` and what is said when
 * nothing matches.
 */
#include "cli/match.h"

#include "cli/alias.h"
#include "cli/filter.h"
#include "cli/hide.h"

/* What one mode says about a line. */
struct verdict {
    enum cli_result result;
    unsigned reached; /* words that were understood */
    size_t fault;     /* CLI_INVALID: byte of the line */
};

static void
take_lines(struct cli_match *match)
{
    const struct cli_pattern *pattern = match->pattern;
    const struct cli_value *last = &match->values[pattern->count - 1];

    if (match->row->wants_more == NULL || last->text == NULL ||
        pattern->tokens[pattern->count - 1].kind != TOKEN_LINE)
        return;
    buf_put_span(&match->lines, span_text(last->text));
    buf_text(&match->lines);
}

static void
put_prefix(struct cli_match *match)
{
    const char *prefix = match->negated ? "no" : "default";

    if (!cli_restores(match))
        return;
    buf_printf(&match->text, "%s", prefix);
    buf_printf(&match->masked, "%s", prefix);
}

/* What one mode's rows make of the line. */
static struct verdict
match_mode(const struct cli_language *language,
           const struct cli_context *context, const struct cli_mode *mode,
           const struct words *words, struct cli_match *match)
{
    struct verdict verdict = {.result = CLI_INVALID};
    const struct candidate *row = NULL;
    const struct cli_row *prefix;
    struct search s;

    verdict.result =
        search_line(&s, language, language_mode(language, mode), context, words,
                    words->count, &prefix, &verdict.fault);
    verdict.reached = s.next;
    if (verdict.result == CLI_OK) {
        row = search_complete(&s);
        verdict.result = row == NULL ? CLI_INCOMPLETE : CLI_OK;
    }
    if (row != NULL) {
        match->by_do = prefix == &language_do;
        match->negated = prefix == &language_no;
        match->defaulted = prefix == &language_default;
        match->mode = match->by_do ? language->modes[0].mode : mode;
        put_prefix(match);
        match_take(match, &s, row);
        take_lines(match);
    }
    search_end(&s);
    return verdict;
}

/* Out of sections until the context stands in `mode`. */
static void
climb(struct cli_context *context, const struct cli_mode *mode)
{
    while (context->depth > 0 &&
           context->path[context->depth - 1].row->mode != mode)
        context->depth--;
    context->mode = mode;
}

/* Where the line leads; sections are entered by cli_apply(). */
static void
find_after(const struct cli_language *language,
           const struct cli_context *context, struct cli_match *match)
{
    match->after = *context;
    if (match->by_do)
        return;
    if (match->row->kind != CLI_LEAVE) {
        climb(&match->after, match->mode);
        return;
    }
    /* `exit` found in an outer mode still leaves the mode it was typed in. */
    if (match->row->to_exec || context->mode->parent == NULL)
        cli_context_enter(&match->after, language->modes[0].mode);
    else
        climb(&match->after, context->mode->parent);
}

/* More of the line was understood. */
static bool
is_nearer(const struct verdict *a, const struct verdict *b)
{
    if (a->reached != b->reached)
        return a->reached > b->reached;
    return a->result == CLI_INVALID && b->result == CLI_INVALID &&
           a->fault > b->fault;
}

/* The mode the user is in, then those around it, but not EXEC. */
static struct verdict
match_modes(const struct cli_language *language,
            const struct cli_context *context, const struct words *words,
            struct cli_match *match)
{
    struct verdict best = {.result = CLI_INVALID};

    for (const struct cli_mode *mode = context->mode; mode != NULL;
         mode = mode->parent) {
        struct verdict verdict;

        if (mode->parent == NULL && mode != context->mode)
            break;
        verdict = match_mode(language, context, mode, words, match);
        if (verdict.result == CLI_OK || verdict.result == CLI_AMBIGUOUS)
            return verdict;
        if (mode == context->mode || is_nearer(&verdict, &best))
            best = verdict;
    }
    return best;
}

static void
begin(struct cli_match *match, const struct cli_context *context)
{
    match_init(match);
    match->after = *context;
    match->open_length = SIZE_MAX;
}

static bool
shows(const struct cli_language *language, const struct cli_context *context,
      const struct words *words, struct cli_match *match)
{
    return match_modes(language, context, words, match).result == CLI_OK &&
           match->row->kind == CLI_SHOW;
}

const struct cli_row *
match_behind_bar(const struct cli_language *language,
                 const struct cli_context *context, const struct words *words,
                 struct words *behind)
{
    struct words before;
    const struct cli_row *shown = NULL;
    struct cli_match match;

    if (!filter_cut(words, &before, behind))
        return NULL;
    begin(&match, context);
    if (shows(language, context, &before, &match))
        shown = match.row;
    cli_match_clear(&match);
    return shown;
}

/* The whole line: where a bar is no filter's it is a word like any other. */
static struct verdict
match_words(const struct cli_language *language,
            const struct cli_context *context, const struct words *words,
            struct cli_match *match)
{
    struct verdict verdict = {.result = CLI_INVALID};
    struct words before, behind;

    if (!filter_cut(words, &before, &behind))
        return match_modes(language, context, words, match);
    if (!shows(language, context, &before, match)) {
        cli_match_clear(match);
        begin(match, context);
        return match_modes(language, context, words, match);
    }
    verdict.result =
        filter_take(language, context, &behind, match, &verdict.fault);
    return verdict;
}

enum cli_result
cli_parse(const struct cli_language *language,
          const struct cli_context *context, const char *line,
          struct cli_match *match)
{
    struct expansion e;
    struct words words;
    struct verdict verdict;
    const char *meant = alias_expand(language, context, line, false, &e);
    size_t bad;

    begin(match, context);
    if (!words_split(&words, meant, &bad)) {
        match->column = words_column(line, alias_typed_at(&e, bad));
        match->open_length = 0;
        return CLI_INVALID;
    }
    if (words.count == 0 || *words_at(&words, 0).ptr == '!') {
        match->open_length = strlen(line);
        return CLI_EMPTY;
    }
    verdict = match_words(language, context, &words, match);
    match->column = words_column(line, alias_typed_at(&e, verdict.fault));
    if (verdict.result == CLI_OK)
        find_after(language, context, match);
    else
        match->open_length = hide_from(language, &words);
    match->open_length = match->open_length == SIZE_MAX
                             ? strlen(line)
                             : alias_typed_at(&e, match->open_length);
    return verdict.result;
}
