/*
 * Which token may follow which: the position automaton of a syntax tree
 * (Glushkov 1961), in bit sets.
 */
#include "cli/pattern.h"

#include "base/text.h"

struct sets {
    token_set first, last;
    bool nullable;
};

static struct sets sets_of(struct cli_pattern *pattern, unsigned node);

static void
follow(struct cli_pattern *pattern, token_set before, token_set after)
{
    for (unsigned i = 0; i < pattern->count; i++)
        if (before & TOKEN_BIT(i))
            pattern->tokens[i].next |= after;
}

static struct sets
join(struct cli_pattern *pattern, struct sets head, struct sets tail)
{
    follow(pattern, head.last, tail.first);
    return (struct sets){
        .first = head.first | (head.nullable ? tail.first : 0),
        .last = tail.last | (tail.nullable ? head.last : 0),
        .nullable = head.nullable && tail.nullable,
    };
}

static struct sets
sets_of_sequence(struct cli_pattern *pattern, unsigned node)
{
    struct sets all = {.nullable = true};

    for (unsigned i = pattern->nodes[node].child; i != 0;
         i = pattern->nodes[i].next)
        all = join(pattern, all, sets_of(pattern, i));
    return all;
}

static struct sets
sets_of_group(struct cli_pattern *pattern, unsigned node)
{
    const struct node *group = &pattern->nodes[node];
    struct sets all = {.nullable = group->optional};

    for (unsigned i = group->child; i != 0; i = pattern->nodes[i].next) {
        struct sets one = sets_of(pattern, i);

        all.first |= one.first;
        all.last |= one.last;
        if (!group->any_order)
            continue;
        for (unsigned t = 0; t < pattern->count; t++)
            if (one.first & TOKEN_BIT(t))
                pattern->tokens[t].gone |= one.first;
    }
    if (group->any_order)
        follow(pattern, all.last, all.first);
    return all;
}

static struct sets
sets_of(struct cli_pattern *pattern, unsigned node)
{
    const struct node *n = &pattern->nodes[node];
    token_set bit = TOKEN_BIT(n->token);

    switch (n->kind) {
    case NODE_SEQUENCE:
        return sets_of_sequence(pattern, node);
    case NODE_GROUP:
        return sets_of_group(pattern, node);
    case NODE_TOKEN:
        break;
    }
    if (pattern->tokens[n->token].repeats)
        pattern->tokens[n->token].next |= bit;
    return (struct sets){.first = bit, .last = bit};
}

/* How many values of the row lie in this part of it. */
static unsigned
values_in(const struct cli_pattern *pattern, token_set tokens)
{
    unsigned n = 0;

    for (unsigned i = 0; i < pattern->count; i++)
        n += (tokens & TOKEN_BIT(i)) && token_has_value(&pattern->tokens[i]);
    return n;
}

/*
 * Behind `no` a line may end as soon as it names the setting: behind its
 * leading keywords, or behind those keys that are not optional.
 */
static token_set
ends_of_no(const struct cli_pattern *pattern)
{
    const struct node *nodes = pattern->nodes;
    unsigned keys = pattern->row->keys;
    unsigned last = 0;

    /* An entry by its number, `no 10`; or all of it. */
    if (pattern->keywords == 0)
        return pattern->last | nodes[nodes[0].child].tokens;
    for (unsigned i = nodes[0].child; i != 0; i = nodes[i].next) {
        bool keyword = nodes[i].kind == NODE_TOKEN &&
                       !token_has_value(&pattern->tokens[nodes[i].token]);

        if (!keyword && (keys == 0 || nodes[i].optional))
            break;
        if (!keyword)
            keys -= values_in(pattern, nodes[i].tokens) < keys
                        ? values_in(pattern, nodes[i].tokens)
                        : keys;
        last = i;
    }
    /* All that comes behind, and the last token of the part itself. */
    for (unsigned t = 0; t < pattern->count; t++)
        if (nodes[last].tokens >> t == 1)
            return ~(TOKEN_BIT(t) - 1);
    return pattern->last;
}

static char
initial_of(const struct cli_pattern *pattern)
{
    char initial = 0;

    for (token_set left = pattern->first; left != 0; left &= left - 1) {
        const struct cli_token *t = &pattern->tokens[__builtin_ctzll(left)];
        char c = t->kind == TOKEN_KEYWORD ? text_lower(t->text[0]) : '\0';

        if (c == '\0' || (initial != 0 && c != initial))
            return 0;
        initial = c;
    }
    return initial;
}

void
pattern_link(struct cli_pattern *pattern)
{
    struct sets all = sets_of(pattern, 0);

    pattern->first = all.first;
    pattern->initial = initial_of(pattern);
    pattern->last = all.last;
    pattern->no_last = ends_of_no(pattern);
}
