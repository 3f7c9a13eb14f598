#include "cli/pattern.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"

#define GROUP_DEPTH_MAX 6
#define ADDRESS         "X:X::X"
#define PREFIX          "X:X:X:X::X/<0-128>"

/* Where the compiler stands in the syntax string. */
struct compiler {
    struct cli_pattern *pattern;
    const char *at;
    unsigned nodes;
    unsigned depth;
    const char *problem;
};

static bool parse_group(struct compiler *c, unsigned *node);

static bool
fail(struct compiler *c, const char *problem)
{
    if (c->problem == NULL)
        c->problem = problem;
    return false;
}

static unsigned
node_new(struct compiler *c, enum node_kind kind)
{
    if (c->nodes == PATTERN_NODES_MAX) {
        fail(c, "too many parts");
        return 0;
    }
    c->pattern->nodes[c->nodes].kind = kind;
    return c->nodes++;
}

/* Hang `child` behind the last child of `parent`. */
static void
node_add(struct compiler *c, unsigned parent, unsigned child)
{
    struct node *nodes = c->pattern->nodes;
    unsigned *link = &nodes[parent].child;

    while (*link != 0)
        link = &nodes[*link].next;
    *link = child;
    nodes[parent].tokens |= nodes[child].tokens;
}

/* "-23" or "23"; only what a 32-bit number can be. */
static bool
parse_limit(struct span text, int64_t *limit)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    uint64_t value;

    if (negative)
        text = span_of(text.ptr + 1, text.len - 1);
    if (text_number(text, negative ? INT32_MAX : UINT32_MAX, &value) != OK)
        return false;
    *limit = negative ? -(int64_t)value : (int64_t)value;
    return true;
}

/* "<1-99,1300-1999>" or "<-23-23>", without the brackets. */
static bool
parse_ranges(struct compiler *c, struct cli_token *token, struct span text)
{
    while (text.len > 0) {
        const uint8_t *comma = memchr(text.ptr, ',', text.len);
        size_t length = comma == NULL ? text.len : (size_t)(comma - text.ptr);
        const uint8_t *dash =
            length > 1 ? memchr(text.ptr + 1, '-', length - 1) : NULL;
        int64_t low, high;

        if (dash == NULL || token->range_count == PATTERN_RANGES_MAX ||
            !parse_limit(span_of(text.ptr, (size_t)(dash - text.ptr)), &low) ||
            !parse_limit(
                span_of(dash + 1, length - (size_t)(dash + 1 - text.ptr)),
                &high) ||
            low > high || (low < 0 && high > INT32_MAX))
            return fail(c, "a bad range of numbers");
        token->ranges[token->range_count].low = low;
        token->ranges[token->range_count].high = high;
        token->range_count++;
        length += comma != NULL;
        text = span_of(text.ptr + length, text.len - length);
    }
    return token->range_count > 0 || fail(c, "an empty range");
}

static bool
token_kind(struct compiler *c, struct cli_token *token, struct span text)
{
    static const struct {
        const char *text;
        enum token_kind kind;
    } values[] = {
        {"WORD", TOKEN_WORD},     {"LINE", TOKEN_LINE},
        {"CHOICE", TOKEN_CHOICE}, {"A.B.C.D", TOKEN_IPV4},
        {ADDRESS, TOKEN_IPV6},    {PREFIX, TOKEN_PREFIX},
        {"hh:mm:ss", TOKEN_TIME}, {"hh:mm", TOKEN_TIME},
        {"hhh:mm", TOKEN_TIME},
    };

    if (text.len == 0)
        return fail(c, "an empty word");
    if (text.ptr[0] == '<' && text.ptr[text.len - 1] == '>') {
        token->kind = TOKEN_NUMBER;
        return parse_ranges(c, token, span_of(text.ptr + 1, text.len - 2));
    }
    token->kind = TOKEN_KEYWORD;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (span_is(text, values[i].text))
            token->kind = values[i].kind;
    if (token->repeats && token->kind != TOKEN_CHOICE)
        return fail(c, "only CHOICE can repeat");
    return true;
}

/* The colon before a token's name; NULL: none. Addresses have their own. */
static const uint8_t *
name_colon(struct span word)
{
    static const char *const own[] = {PREFIX, ADDRESS, "hh:mm:ss", "hh:mm",
                                      "hhh:mm"};

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        size_t length = strlen(own[i]);

        if (word.len >= length && memcmp(word.ptr, own[i], length) == 0)
            return word.len > length ? word.ptr + length : NULL;
    }
    /* The one that ends a device's name, "nvram:", belongs to it. */
    if (word.len > 0 && word.ptr[word.len - 1] == ':')
        return NULL;
    return memchr(word.ptr, ':', word.len);
}

/* One word of the syntax: its text, `...` and `:name` taken off. */
static bool
parse_token(struct compiler *c, unsigned *node)
{
    struct cli_pattern *pattern = c->pattern;
    size_t length = strcspn(c->at, " {}[]|");
    struct span word = span_of(c->at, length);
    const uint8_t *colon;
    struct cli_token *token;

    if (pattern->count == CLI_TOKENS_MAX)
        return fail(c, "too many tokens");
    token = &pattern->tokens[pattern->count];
    c->at += length;
    if (word.len > 3 && memcmp(word.ptr + word.len - 3, "...", 3) == 0) {
        token->repeats = true;
        word.len -= 3;
    }
    colon = name_colon(word);
    if (colon != NULL) {
        token->name = text_dup_span(
            span_of(colon + 1, word.len - (size_t)(colon + 1 - word.ptr)));
        word.len = (size_t)(colon - word.ptr);
    } else {
        token->name = text_dup_span(word);
    }
    token->text = text_dup_span(word);
    *node = node_new(c, NODE_TOKEN);
    pattern->nodes[*node].token = pattern->count;
    pattern->nodes[*node].tokens = TOKEN_BIT(pattern->count);
    pattern->count++;
    return token_kind(c, token, word) && c->problem == NULL;
}

/* Items up to the end of the string, or the `|`, `}`, `]` of its group. */
static bool
parse_sequence(struct compiler *c, unsigned *node)
{
    *node = node_new(c, NODE_SEQUENCE);
    for (;;) {
        unsigned item = 0;

        while (*c->at == ' ')
            c->at++;
        if (*c->at == '\0' || strchr("|}]", *c->at) != NULL)
            break;
        if (*c->at == '{' || *c->at == '[') {
            if (!parse_group(c, &item))
                return false;
        } else if (!parse_token(c, &item)) {
            return false;
        }
        node_add(c, *node, item);
    }
    if (c->pattern->nodes[*node].child == 0)
        return fail(c, "an empty alternative");
    return c->problem == NULL;
}

static bool
parse_group(struct compiler *c, unsigned *node)
{
    bool optional = *c->at == '[';
    struct node *group;

    if (++c->depth > GROUP_DEPTH_MAX)
        return fail(c, "groups too deep");
    *node = node_new(c, NODE_GROUP);
    do {
        unsigned alternative = 0;

        c->at++;
        if (!parse_sequence(c, &alternative))
            return false;
        node_add(c, *node, alternative);
    } while (*c->at == '|');
    if (*c->at != (optional ? ']' : '}'))
        return fail(c, "a group is not closed");
    c->at++;
    c->depth--;
    group = &c->pattern->nodes[*node];
    group->optional = optional;
    if (*c->at == '!' && optional) {
        group->always = true;
        c->at++;
    } else if (strncmp(c->at, "...", 3) == 0) {
        group->any_order = true;
        c->at += 3;
    }
    return true;
}

/* How many tokens of the whole come before the first value or group. */
static unsigned
leading_keywords(const struct cli_pattern *pattern)
{
    const struct node *nodes = pattern->nodes;
    unsigned n = 0;

    for (unsigned i = nodes[0].child; i != 0; i = nodes[i].next, n++)
        if (nodes[i].kind != NODE_TOKEN ||
            pattern->tokens[nodes[i].token].kind != TOKEN_KEYWORD)
            break;
    return n;
}

/* `[<1-99>:sequence] permit ...`: a value in front that may be left out. */
static bool
begins_optionally(const struct cli_pattern *pattern)
{
    const struct node *first = &pattern->nodes[pattern->nodes[0].child];

    return pattern->row->kind == CLI_SET_BY && first->kind == NODE_GROUP &&
           first->optional && first->next != 0;
}

const char *
pattern_compile(struct cli_pattern *pattern, const struct cli_row *row)
{
    struct compiler c = {.pattern = pattern, .at = row->syntax};
    unsigned root;

    memset(pattern, 0, sizeof(*pattern));
    pattern->row = row;
    pattern->tokens = alloc_zero(CLI_TOKENS_MAX, sizeof(*pattern->tokens));
    pattern->nodes = alloc_zero(PATTERN_NODES_MAX, sizeof(*pattern->nodes));
    if (!parse_sequence(&c, &root))
        return c.problem;
    if (*c.at != '\0')
        return "a group is closed that was not opened";
    pattern->keywords = leading_keywords(pattern);
    if (pattern->keywords == 0 && !begins_optionally(pattern))
        return "a row begins with a keyword";
    pattern->tokens =
        alloc_resize(pattern->tokens, pattern->count, sizeof(*pattern->tokens));
    pattern->nodes =
        alloc_resize(pattern->nodes, c.nodes, sizeof(*pattern->nodes));
    pattern_link(pattern);
    return pattern_bind(pattern);
}

void
pattern_clear(struct cli_pattern *pattern)
{
    for (unsigned i = 0; i < pattern->count; i++) {
        free(pattern->tokens[i].text);
        free(pattern->tokens[i].name);
    }
    free(pattern->tokens);
    free(pattern->nodes);
    memset(pattern, 0, sizeof(*pattern));
}
