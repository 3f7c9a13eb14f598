/*
 * A row's syntax string, compiled: its tokens with, for each, the tokens that
 * may follow it (so a line is matched by sets of tokens, never by trying and
 * turning back), and its tree, from which lines are written.
 */
#ifndef CLI_PATTERN_H
#define CLI_PATTERN_H

#include "cli/cli.h"

#define PATTERN_NODES_MAX  160
#define PATTERN_RANGES_MAX 4

enum token_kind {
    TOKEN_KEYWORD,
    TOKEN_NUMBER,
    TOKEN_WORD,
    TOKEN_LINE,
    TOKEN_CHOICE,
    TOKEN_IPV4,
    TOKEN_IPV6,
    TOKEN_PREFIX,
    TOKEN_TIME,
};

/* Tokens of a row as a set: bit i is tokens[i]. */
typedef uint64_t token_set;

struct cli_token {
    enum token_kind kind;
    bool repeats;     /* CHOICE... */
    bool secret;      /* shown as stars in logs */
    char *text;       /* keyword, or what help shows: "<1-120>", "WORD" */
    char *name;       /* for functions that ask for the value */
    const char *help; /* borrowed from the row */
    token_set next;   /* may follow */
    token_set gone;   /* may not come again, once this one was there */
    const struct cli_bind *bind; /* NULL: none */
    unsigned range_count;
    struct {
        int64_t low, high; /* below 0: the value's two's complement */
    } ranges[PATTERN_RANGES_MAX];
};

enum node_kind { NODE_TOKEN, NODE_SEQUENCE, NODE_GROUP };

/* Nodes are numbered; 0, the root, is nobody's child: as a link it is none. */
struct node {
    enum node_kind kind;
    unsigned token; /* NODE_TOKEN */
    unsigned child; /* GROUP: its alternatives, each a SEQUENCE */
    unsigned next;  /* sibling */
    bool optional, always, any_order;
    const struct cli_bind *bind; /* GROUP: which alternative; NULL: none. Of
                                    one in any order, a part's: it is there */
    token_set tokens;            /* all inside */
};

struct cli_pattern {
    const struct cli_row *row;
    unsigned table;    /* which of the mode's tables */
    unsigned count;    /* tokens */
    unsigned keywords; /* tokens before the first value or group */
    unsigned covered;  /* tokens that GROUP rows explain */
    token_set first;   /* may begin a line */
    char initial;      /* in lower case: with which they do; 0: with several, or
                          one is no keyword */
    token_set last;    /* may end one */
    token_set no_last; /* may end one behind `no` */
    const struct cli_bind *flag; /* a flag without a value of its own */
    struct cli_token *tokens;
    struct node *nodes; /* nodes[0]: a SEQUENCE, the whole */
};

#define TOKEN_BIT(i) ((token_set)1 << (i))

/*
 * Compile row->syntax. NULL, or what is wrong with it (a constant text).
 * pattern_clear() in either case.
 */
const char *pattern_compile(struct cli_pattern *pattern,
                            const struct cli_row *row);
void pattern_clear(struct cli_pattern *pattern);

/* pattern_sets.c: .next of each token, .first, .last, .no_last. */
void pattern_link(struct cli_pattern *pattern);
/* pattern_bind.c: NULL, or why values and fields do not agree. */
const char *pattern_bind(struct cli_pattern *pattern);

/* The row is neither offered nor does its help count. */
static inline bool
pattern_hidden(const struct cli_pattern *pattern)
{
    return pattern->row->hidden || pattern->row->alias;
}

/* A row that `no` may stand before. */
static inline bool
pattern_is_setting(const struct cli_pattern *pattern)
{
    enum cli_kind kind = pattern->row->kind;

    return kind == CLI_SET || kind == CLI_SET_BY || kind == CLI_LIST ||
           kind == CLI_SECTION;
}

static inline bool
token_has_value(const struct cli_token *token)
{
    return token->kind != TOKEN_KEYWORD;
}

#endif
