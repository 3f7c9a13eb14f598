/*
 * The rows of one mode that agree with the words typed so far, word by word.
 * Matching, help and completion all walk this way, so they cannot disagree.
 */
#ifndef CLI_SEARCH_H
#define CLI_SEARCH_H

#include "cli/language.h"
#include "cli/words.h"

/* How a word fits a token, worst first: the best fit alone is followed. */
enum fit {
    FIT_NONE,
    FIT_LINE,
    FIT_WORD,
    FIT_VALUE, /* a number or an address */
    FIT_HIDDEN_PREFIX,
    FIT_PREFIX,
    FIT_EXACT,
};

struct candidate {
    const struct cli_pattern *pattern;
    token_set expected; /* tokens that the next word may be */
    token_set gone;     /* tokens that may not come again */
    token_set reached;  /* tokens that the last word was */
    bool barred;        /* by its level the line may not end here */
};

struct search {
    const struct words *words;
    unsigned from; /* index of the first word */
    unsigned next; /* index of the word that search_step() takes */
    bool negated;  /* `no`, `default`: settings only, and lines may end early */
    bool whole;    /* a LINE took the rest */
    const struct config_list *levels; /* level.h; NULL: none */
    unsigned privilege;               /* of the user */
    struct candidate *candidates;     /* owned */
    size_t count;
    /* For each word: how well it fitted, and what it was in full. */
    struct {
        enum fit fit;
        const char *full; /* keywords; borrowed from rows */
    } steps[WORDS_MAX];
};

/* Rows above the user's level do not exist. Always search_end(). */
void search_begin(struct search *s, const struct mode_table *table,
                  const struct cli_context *context, bool negated,
                  const struct words *words, unsigned from);
void search_end(struct search *s);

/*
 * Take one word. CLI_OK; CLI_AMBIGUOUS; CLI_INVALID and the byte of the line
 * that is at fault: the candidates are then those of before.
 */
enum cli_result search_step(struct search *s, size_t *fault);
/* Take words up to `end`, stopping at the first that fails. */
enum cli_result search_steps(struct search *s, unsigned end, size_t *fault);

/*
 * Begin in a mode and take the words up to `end`. Behind `no`, `default` and
 * `do` the search begins anew with what these lead to; `prefix` is then their
 * row, else NULL. search_end() whatever the result.
 */
enum cli_result search_line(struct search *s,
                            const struct cli_language *language,
                            const struct mode_table *table,
                            const struct cli_context *context,
                            const struct words *words, unsigned end,
                            const struct cli_row **prefix, size_t *fault);

/* The first row that may end here; NULL: the line is not complete. */
const struct candidate *search_complete(const struct search *s);

/* `word` was this token of the row, by what steps[next] says about it. */
bool search_follows(const struct search *s, const struct cli_pattern *pattern,
                    unsigned token, struct span word);
/*
 * How `word` fits a token of a row; `full` becomes the keyword in full, for a
 * CHOICE NULL when several of its words begin so.
 */
enum fit search_fit(const struct search *s, const struct cli_pattern *pattern,
                    unsigned token, struct span word, const char **full);

#endif
