/*
 * Which value of a row is kept in which field: row.h, "VALUES".
 */
#include "base/names.h"
#include "cli/pattern.h"

struct binder {
    struct cli_pattern *pattern;
    const struct cli_bind *next;
    const char *problem;
};

static bool
token_fits(const struct cli_token *token, enum config_kind kind)
{
    switch (token->kind) {
    case TOKEN_NUMBER:
        return kind == CONFIG_NUMBER;
    case TOKEN_WORD:
    case TOKEN_LINE:
        return kind == CONFIG_TEXT || kind == CONFIG_SECRET;
    case TOKEN_CHOICE:
    case TOKEN_PREFIX:
        return kind == CONFIG_TEXT;
    case TOKEN_IPV4:
    case TOKEN_IPV6:
        return kind == CONFIG_ADDRESS;
    case TOKEN_TIME: /* of commands only */
    case TOKEN_KEYWORD:
        break;
    }
    return false;
}

/* All alternatives are single words of digits: `{0|7}`. */
static bool
group_is_numeric(const struct cli_pattern *pattern, const struct node *group)
{
    for (unsigned i = group->child; i != 0; i = pattern->nodes[i].next) {
        const struct node *item = &pattern->nodes[pattern->nodes[i].child];
        const char *text;

        if (item->kind != NODE_TOKEN || item->next != 0)
            return false;
        text = pattern->tokens[item->token].text;
        if (text[strspn(text, "0123456789")] != '\0')
            return false;
    }
    return true;
}

/* `[word]`: one keyword that is there or not. */
static bool
group_is_flag(const struct cli_pattern *pattern, const struct node *group)
{
    const struct node *one = &pattern->nodes[group->child];
    const struct node *item = &pattern->nodes[one->child];

    return group->optional && one->next == 0 && item->next == 0 &&
           item->kind == NODE_TOKEN &&
           pattern->tokens[item->token].kind == TOKEN_KEYWORD;
}

static const struct cli_bind *
take(struct binder *b)
{
    if (b->next->kind == CONFIG_END) {
        b->problem = "more values than fields";
        return NULL;
    }
    return b->next++;
}

static void bind_node(struct binder *b, unsigned node);

static void
bind_group(struct binder *b, struct node *group)
{
    bool several = b->pattern->nodes[group->child].next != 0;
    bool flag = group_is_flag(b->pattern, group);

    if (!several && !flag)
        return;
    group->bind = take(b);
    if (group->bind == NULL)
        return;
    if (flag ? group->bind->kind != CONFIG_FLAG
             : group->bind->kind != CONFIG_CHOICE &&
                   !(group->bind->kind == CONFIG_NUMBER &&
                     group_is_numeric(b->pattern, group)))
        b->problem = "a choice in a field of another kind";
}

static void
bind_token(struct binder *b, struct cli_token *token)
{
    if (!token_has_value(token))
        return;
    token->bind = take(b);
    if (token->bind == NULL)
        return;
    if (!token_fits(token, token->bind->kind))
        b->problem = "a value in a field of another kind";
    token->secret = token->bind->kind == CONFIG_SECRET;
}

/* Parts in any order are there or not each by itself: a single word has a
   field of its own. */
static void
bind_option(struct binder *b, unsigned part)
{
    struct node *n = &b->pattern->nodes[part];
    const struct node *item = &b->pattern->nodes[n->child];

    if (item->next != 0 || item->kind != NODE_TOKEN ||
        token_has_value(&b->pattern->tokens[item->token])) {
        bind_node(b, part);
        return;
    }
    n->bind = take(b);
    if (n->bind != NULL && n->bind->kind != CONFIG_FLAG)
        b->problem = "a choice in a field of another kind";
}

static void
bind_node(struct binder *b, unsigned node)
{
    struct node *n = &b->pattern->nodes[node];

    if (n->kind == NODE_GROUP && n->any_order) {
        for (unsigned i = n->child; i != 0 && b->problem == NULL;
             i = b->pattern->nodes[i].next)
            bind_option(b, i);
        return;
    }
    if (n->kind == NODE_TOKEN)
        bind_token(b, &b->pattern->tokens[n->token]);
    if (n->kind == NODE_GROUP)
        bind_group(b, n);
    for (unsigned i = n->child; i != 0 && b->problem == NULL;
         i = b->pattern->nodes[i].next)
        bind_node(b, i);
}

/* The last value of a row that says so is a secret, without a field. */
static void
mark_secret(struct cli_pattern *pattern)
{
    for (unsigned i = pattern->count; i-- > 0;)
        if (token_has_value(&pattern->tokens[i])) {
            pattern->tokens[i].secret = true;
            return;
        }
}

/* And those that it names. */
static void
mark_named(struct cli_pattern *pattern)
{
    for (unsigned i = 0; i < pattern->count; i++) {
        struct cli_token *token = &pattern->tokens[i];

        if (token_has_value(token) &&
            names_has(span_text(pattern->row->secrets), span_text(token->name)))
            token->secret = true;
    }
}

const char *
pattern_bind(struct cli_pattern *pattern)
{
    const struct cli_row *row = pattern->row;
    struct binder b = {.pattern = pattern, .next = row->binds};

    if (row->secret)
        mark_secret(pattern);
    if (row->secrets != NULL)
        mark_named(pattern);
    if (row->binds == NULL)
        return NULL;
    bind_node(&b, 0);
    if (b.problem != NULL)
        return b.problem;
    if (row->kind == CLI_SET && b.next == row->binds &&
        b.next->kind == CONFIG_FLAG)
        pattern->flag = b.next++;
    if (b.next->kind != CONFIG_END)
        return "more fields than values";
    return NULL;
}
