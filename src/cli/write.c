#include "cli/write.h"

#include <stdlib.h>

#include "cli/value.h"

#define REMOVED "<removed>"

/* What became of a part of the syntax. */
enum part {
    PART_WRITTEN,
    PART_LEFT_OUT,
    PART_IMPOSSIBLE, /* its value cannot be typed */
};

struct template
{
    const struct cli_pattern *pattern;
    const void *fields;
    bool masked;
    struct buf *out;
};

static enum part write_node(const struct template *t, unsigned node);

/* All values inside are their defaults: the part need not be there. */
static bool
node_is_default(const struct template *t, const struct node *node)
{
    if (node->bind != NULL && !value_is_default(node->bind, t->fields))
        return false;
    for (unsigned i = 0; i < t->pattern->count; i++) {
        const struct cli_bind *bind = t->pattern->tokens[i].bind;

        if ((node->tokens & TOKEN_BIT(i)) && bind != NULL &&
            !value_is_default(bind, t->fields))
            return false;
    }
    for (unsigned i = node->child; i != 0; i = t->pattern->nodes[i].next)
        if (!node_is_default(t, &t->pattern->nodes[i]))
            return false;
    return true;
}

static enum part
write_sequence(const struct template *t, const struct node *node)
{
    size_t start = buf_len(t->out);

    for (unsigned i = node->child; i != 0; i = t->pattern->nodes[i].next) {
        size_t mark = buf_len(t->out);
        enum part part;

        if (mark > start)
            buf_put_u8(t->out, ' ');
        part = write_node(t, i);
        if (part == PART_IMPOSSIBLE) {
            buf_truncate(t->out, start);
            return PART_IMPOSSIBLE;
        }
        if (part == PART_LEFT_OUT)
            buf_truncate(t->out, mark);
    }
    return PART_WRITTEN;
}

/* The alternative that the group's field names; 0: none. */
static unsigned
chosen_alternative(const struct template *t, const struct node *group)
{
    const struct node *nodes = t->pattern->nodes;
    uint32_t number = value_load_number(group->bind, t->fields);
    uint32_t n = 1;

    for (unsigned i = group->child; i != 0; i = nodes[i].next, n++) {
        const char *word = t->pattern->tokens[nodes[nodes[i].child].token].text;

        if (group->bind->kind == CONFIG_NUMBER
                ? strtoul(word, NULL, 10) == number
                : n == number)
            return i;
    }
    return 0;
}

/* Those parts in any order that are there, in the order of the syntax. */
static enum part
write_options(const struct template *t, const struct node *group)
{
    size_t start = buf_len(t->out);

    for (unsigned i = group->child; i != 0; i = t->pattern->nodes[i].next) {
        const struct node *part = &t->pattern->nodes[i];
        size_t mark = buf_len(t->out);

        if (node_is_default(t, part))
            continue;
        if (mark > start)
            buf_put_u8(t->out, ' ');
        if (write_sequence(t, part) != PART_WRITTEN)
            buf_truncate(t->out, mark);
    }
    if (buf_len(t->out) > start)
        return PART_WRITTEN;
    return group->optional ? PART_LEFT_OUT : PART_IMPOSSIBLE;
}

static enum part
write_group(const struct template *t, const struct node *group)
{
    unsigned alternative = group->child;
    enum part part;

    if (group->any_order)
        return write_options(t, group);
    if (group->optional && !group->always && node_is_default(t, group))
        return PART_LEFT_OUT;
    if (group->bind != NULL && group->bind->kind != CONFIG_FLAG)
        alternative = chosen_alternative(t, group);
    if (group->bind != NULL && group->bind->kind == CONFIG_FLAG &&
        value_load_number(group->bind, t->fields) == 0)
        return PART_LEFT_OUT;
    part = alternative == 0
               ? PART_IMPOSSIBLE
               : write_sequence(t, &t->pattern->nodes[alternative]);
    return part == PART_IMPOSSIBLE && group->optional ? PART_LEFT_OUT : part;
}

const char *
cli_write_secret(const struct cli_writer *writer, const char *secret)
{
    return writer->masked ? REMOVED : secret;
}

/* What stands for a secret that not everybody may see. */
static bool
write_mask(const struct template *t, const struct cli_bind *bind)
{
    if (value_load_text(bind, t->fields) == NULL)
        return false;
    buf_put_span(t->out, span_text(REMOVED));
    return true;
}

static enum part
write_token(const struct template *t, unsigned token)
{
    const struct cli_bind *bind = t->pattern->tokens[token].bind;
    bool mask = t->masked && bind != NULL && bind->kind == CONFIG_SECRET;

    if (mask ? write_mask(t, bind)
             : value_write(t->pattern, token, t->fields, t->out))
        return PART_WRITTEN;
    return PART_IMPOSSIBLE;
}

static enum part
write_node(const struct template *t, unsigned node)
{
    const struct node *n = &t->pattern->nodes[node];

    switch (n->kind) {
    case NODE_SEQUENCE:
        return write_sequence(t, n);
    case NODE_GROUP:
        return write_group(t, n);
    case NODE_TOKEN:
        break;
    }
    return write_token(t, n->token);
}

bool
write_pattern(const struct cli_pattern *pattern, const void *fields,
              bool masked, struct buf *out)
{
    /* Its own buffer: blanks between parts depend on what is in front. */
    struct buf line;
    struct template t = {pattern, fields, masked, &line};
    bool written;

    buf_init_secret(&line, (size_t)CLI_LINE_MAX * 2);
    written = write_node(&t, 0) == PART_WRITTEN && buf_ok(&line);
    if (written)
        buf_put_span(out, buf_span(&line));
    buf_clear(&line);
    return written;
}
