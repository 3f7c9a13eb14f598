#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/apply.h"
#include "cli/value.h"

#define NONE_LEFT "% At least one must remain"

/* All fields of a part of the syntax. */
static void
assign_defaults(const struct cli_pattern *pattern, const struct node *node,
                void *fields)
{
    if (node->bind != NULL)
        value_store_default(node->bind, fields);
    if (node->kind == NODE_TOKEN && pattern->tokens[node->token].bind != NULL)
        value_store_default(pattern->tokens[node->token].bind, fields);
    for (unsigned i = node->child; i != 0; i = pattern->nodes[i].next)
        assign_defaults(pattern, &pattern->nodes[i], fields);
}

static void assign_sequence(const struct cli_match *match, unsigned sequence,
                            void *fields, bool merge);

/* A group's own field: which alternative, or the number that it is. */
static void
assign_choice(const struct cli_match *match, const struct node *group,
              unsigned alternative, unsigned number, void *fields)
{
    const struct node *nodes = match->pattern->nodes;
    unsigned token = nodes[nodes[alternative].child].token;

    if (group->bind->kind == CONFIG_NUMBER)
        number =
            (unsigned)strtoul(match->pattern->tokens[token].text, NULL, 10);
    value_store_number(group->bind, number, fields);
}

/* Parts in any order: each that was typed, and with it nothing else. */
static void
assign_options(const struct cli_match *match, const struct node *group,
               void *fields, bool merge)
{
    const struct node *nodes = match->pattern->nodes;
    token_set given = match_given(match);

    for (unsigned i = group->child; i != 0; i = nodes[i].next) {
        bool typed = (nodes[i].tokens & given) != 0;

        if (!typed && merge)
            continue;
        assign_defaults(match->pattern, &nodes[i], fields);
        if (typed && nodes[i].bind != NULL)
            value_store_number(nodes[i].bind, true, fields);
        if (typed)
            assign_sequence(match, i, fields, false);
    }
}

static void
assign_group(const struct cli_match *match, unsigned node, void *fields,
             bool merge)
{
    const struct node *group = &match->pattern->nodes[node];
    unsigned alternative = 0;
    unsigned number = match_alternative(match, node, &alternative);

    if (group->any_order) {
        assign_options(match, group, fields, merge);
        return;
    }
    if (number == 0 && merge && group->optional)
        return;
    /* Alternatives may share fields: the others' go first. */
    assign_defaults(match->pattern, group, fields);
    if (number == 0)
        return;
    if (group->bind != NULL)
        assign_choice(match, group, alternative, number, fields);
    assign_sequence(match, alternative, fields, false);
}

static void
assign_sequence(const struct cli_match *match, unsigned sequence, void *fields,
                bool merge)
{
    const struct node *nodes = match->pattern->nodes;

    for (unsigned i = nodes[sequence].child; i != 0; i = nodes[i].next) {
        const struct cli_token *token;

        if (nodes[i].kind == NODE_GROUP) {
            assign_group(match, i, fields, merge);
            continue;
        }
        token = &match->pattern->tokens[nodes[i].token];
        if (token->bind != NULL)
            value_store(token->bind, &match->values[nodes[i].token], fields);
    }
}

void
assign_values(const struct cli_match *match, void *fields, bool merge)
{
    assign_sequence(match, 0, fields, merge);
}

/* The value that is a list of names; NULL: the row has none. */
static const struct cli_value *
names_of(const struct cli_match *match, const struct cli_bind **bind)
{
    for (unsigned i = 0; i < match->pattern->count; i++)
        if (match->pattern->tokens[i].repeats) {
            *bind = match->pattern->tokens[i].bind;
            return &match->values[i];
        }
    return NULL;
}

/* The default list is kept as no list, so that it is never written. */
static void
store_names(const struct cli_bind *bind, char *names, const char *usual,
            void *fields)
{
    struct cli_value value = {.given = true};

    if (names != NULL && strcmp(names, usual) != 0)
        value.text = names;
    value_store(bind, &value, fields);
}

static const char *
assign_names(const struct cli_match *match, const struct cli_bind *bind,
             const struct cli_value *value, void *fields)
{
    char *usual = value_default_names(match->row->choices());
    const char *now = value_load_text(bind, fields);
    const char *refusal = NULL;
    char *names = NULL;

    if (value->text != NULL) {
        names = match->negated
                    ? value_without(now == NULL ? usual : now, value->text)
                    : text_dup(value->text);
        if (names == NULL)
            refusal = match->row->none_left == NULL ? NONE_LEFT
                                                    : match->row->none_left;
    }
    if (match->defaulted)
        store_names(bind, NULL, usual, fields);
    else if (refusal == NULL)
        store_names(bind, names, usual, fields);
    free(names);
    free(usual);
    return refusal;
}

const char *
assign_set(const struct cli_match *match, void *fields)
{
    const struct cli_pattern *pattern = match->pattern;
    const struct cli_bind *bind = NULL;
    const struct cli_value *names = names_of(match, &bind);

    if (names != NULL)
        return assign_names(match, bind, names, fields);
    if (pattern->flag != NULL && !match->defaulted)
        value_store_number(pattern->flag, !match->negated, fields);
    else if (cli_restores(match))
        for (const struct cli_bind *b = match->row->binds;
             b->kind != CONFIG_END; b++)
            value_store_default(b, fields);
    else
        assign_values(match, fields, false);
    return NULL;
}

void
assign_mode_defaults(const struct mode_table *table, void *base)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct cli_row *row = table->patterns[i].row;

        if (row->kind == CLI_SET)
            for (const struct cli_bind *b = row->binds; b->kind != CONFIG_END;
                 b++)
                value_store_default(b, base);
        else if ((row->kind == CLI_LIST || row->kind == CLI_SECTION) &&
                 row->type != NULL && row->keys > 0)
            config_list_clear(place_at(row, base), row->type);
    }
}
