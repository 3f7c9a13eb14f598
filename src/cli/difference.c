/*
 * From one configuration to another: the lines that lead there.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "cli/outline.h"

struct cli_difference {
    const struct cli_language *language;
    struct span to_text;
    struct outline_reading *reading; /* NULL: both are read */
    bool to_begun;
    struct outline_names names;
    struct outline from, to;
    bool *in_from, *in_to; /* paths */
    bool *about_to;        /* groups */
    bool *several;         /* groups with more than one line */
    uint32_t place; /* item of the section the last line was written in */
    struct buf *out;
};

static void find_several(struct cli_difference *d);

struct cli_difference *
cli_difference_begin(const struct cli_language *language, struct span from,
                     struct span to, bool fold)
{
    struct cli_difference *d = alloc_zero(1, sizeof(*d));

    d->language = language;
    d->to_text = to;
    outline_names_init(&d->names, fold);
    d->reading = outline_begin(language, &d->names, from, &d->from);
    return d;
}

/* What the texts have, now that both are read. */
static void
compare(struct cli_difference *d)
{
    d->in_from = outline_paths(&d->from, &d->names);
    d->in_to = outline_paths(&d->to, &d->names);
    d->about_to = outline_groups(&d->to, &d->names);
    d->several = alloc_zero(d->names.count + 1, sizeof(bool));
    find_several(d);
}

bool
cli_difference_read(struct cli_difference *d)
{
    if (d->reading == NULL)
        return false;
    if (outline_line(d->reading))
        return true;
    outline_end(d->reading);
    d->reading = NULL;
    if (d->to_begun) {
        compare(d);
        return false;
    }
    d->to_begun = true;
    d->reading = outline_begin(d->language, &d->names, d->to_text, &d->to);
    return true;
}

void
cli_difference_end(struct cli_difference *d)
{
    if (d == NULL)
        return;
    outline_end(d->reading);
    free(d->in_from);
    free(d->in_to);
    free(d->about_to);
    free(d->several);
    outline_clear(&d->from);
    outline_clear(&d->to);
    outline_names_clear(&d->names);
    free(d);
}

/* Both texts at once. */
static struct cli_difference *
difference_of(const struct cli_language *language, struct span from,
              struct span to, bool fold)
{
    struct cli_difference *d = cli_difference_begin(language, from, to, fold);

    while (cli_difference_read(d)) {
    }
    return d;
}

/* --- writing ------------------------------------------------------------ */

static void
put_indent(struct cli_difference *d, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++)
        buf_put_u8(d->out, ' ');
}

/* Each line of it with its sign; only the first is indented. */
static void
put_line(struct cli_difference *d, uint32_t depth, const char *sign,
         struct span text)
{
    buf_printf(d->out, "%s", sign);
    put_indent(d, depth);
    for (size_t i = 0; i < text.len; i++) {
        buf_put_u8(d->out, text.ptr[i]);
        if (text.ptr[i] == '\n')
            buf_printf(d->out, "%s", sign);
    }
    buf_put_u8(d->out, '\n');
}

static bool
is_inside(const struct outline *o, uint32_t item, uint32_t section)
{
    while (item != OUTLINE_NONE && item != section)
        item = o->items[item].parent;
    return item == section;
}

static void
put_sections(struct cli_difference *d, const struct outline *o,
             uint32_t section)
{
    if (section == OUTLINE_NONE || is_inside(o, d->place, section))
        return;
    put_sections(d, o, o->items[section].parent);
    put_line(d, o->items[section].depth, "", o->items[section].text);
}

/* The lines of the sections around it, unless the last line stood there. */
static void
go_to(struct cli_difference *d, const struct outline *o, uint32_t section)
{
    if (section == d->place)
        return;
    if (d->place != OUTLINE_NONE && !is_inside(o, section, d->place)) {
        buf_printf(d->out, "!\n");
        d->place = OUTLINE_NONE;
    }
    put_sections(d, o, section);
    d->place = section;
}

/* A section's line leads into it. */
static void
put_addition(struct cli_difference *d, uint32_t i)
{
    const struct outline_item *item = &d->to.items[i];

    go_to(d, &d->to, item->parent);
    put_line(d, item->depth, "", item->text);
    if (item->pattern != NULL && item->pattern->row->kind == CLI_SECTION)
        d->place = i;
}

/* --- removals ----------------------------------------------------------- */

/* One of several lines that a setting's own functions write. */
static bool
is_multiple(const struct cli_difference *d, const struct outline_item *item)
{
    return item->pattern != NULL && item->pattern->row->kind == CLI_SET_BY &&
           d->several[item->group];
}

static void
find_several(struct cli_difference *d)
{
    const struct outline *const both[] = {&d->from, &d->to};
    uint8_t *seen = alloc_zero(d->names.count + 1, sizeof(*seen));

    for (size_t o = 0; o < 2; o++)
        for (uint32_t i = 0; i < both[o]->count; i++) {
            uint32_t group = both[o]->items[i].group;
            uint8_t bit = (uint8_t)(1u << o);

            if (group == OUTLINE_NONE)
                continue;
            d->several[group] = d->several[group] || (seen[group] & bit) != 0;
            seen[group] |= bit;
        }
    free(seen);
}

/*
 * Which items of `from` have to go. Of several lines the order may count, and
 * a new one comes behind the others: what stands behind the first that is not
 * wanted there goes as well, and comes again. The caller frees the array.
 */
static bool *
find_gone(struct cli_difference *d)
{
    bool *gone = alloc_zero(d->from.count + 1, sizeof(*gone));
    uint32_t *wanted = alloc_zero(d->names.count + 1, sizeof(*wanted));
    uint32_t *next = alloc_zero(d->to.count + 1, sizeof(*next));

    /* wanted[group]: its first item of `to`, + 1; next[item]: the one behind */
    for (uint32_t i = d->to.count; i-- > 0;)
        if (is_multiple(d, &d->to.items[i])) {
            next[i] = wanted[d->to.items[i].group];
            wanted[d->to.items[i].group] = i + 1;
        }
    for (uint32_t i = 0; i < d->from.count; i++) {
        const struct outline_item *item = &d->from.items[i];
        uint32_t at;

        gone[i] = item->pattern != NULL && !d->in_to[item->path];
        if (!is_multiple(d, item))
            continue;
        at = wanted[item->group];
        gone[i] = at == 0 || d->to.items[at - 1].path != item->path;
        wanted[item->group] = gone[i] ? 0 : next[at - 1];
    }
    free(next);
    free(wanted);
    return gone;
}

/*
 * What `no` cannot remove (the machine's own interfaces) can have its defaults
 * again: for the second try.
 */
static void
put_negation(struct cli_difference *d, const struct outline_item *item,
             bool thorough)
{
    struct span text = item->text;
    const uint8_t *lf = memchr(text.ptr, '\n', text.len);

    /* Of a value with several lines the first says which it is. */
    if (lf != NULL)
        text.len = (size_t)(lf - text.ptr);
    go_to(d, &d->from, item->parent);
    if (text.len > 3 && memcmp(text.ptr, "no ", 3) == 0) {
        put_line(d, item->depth, "", span_of(text.ptr + 3, text.len - 3));
        return;
    }
    put_indent(d, item->depth);
    buf_printf(d->out, thorough && item->pattern->row->kind == CLI_SECTION
                           ? "default "
                           : "no ");
    put_line(d, 0, "", text);
}

static bool
has_lines(const struct outline_item *item, const struct config_range_kind *kind)
{
    return item->pattern != NULL &&
           item->pattern->row->entries == CLI_ENTRY_RANGES &&
           item->pattern->row->ranges == kind;
}

/* Dense ranges: from behind the last line that is wanted on. */
static void
put_no_upper_lines(struct cli_difference *d, const struct outline_item *item)
{
    const struct config_range_kind *kind = item->pattern->row->ranges;
    uint32_t count = kind->permanent;

    for (uint32_t i = 0; i < d->to.count; i++)
        if (has_lines(&d->to.items[i], kind) && d->to.items[i].last >= count)
            count = d->to.items[i].last + 1;
    if (item->last < count)
        return;
    buf_printf(d->out, "no");
    for (unsigned i = 0; i < item->pattern->keywords; i++)
        buf_printf(d->out, " %s", item->pattern->tokens[i].text);
    buf_printf(d->out, " %u\n", item->first > count ? item->first : count);
}

/*
 * Ranges divide anew: what is wanted of them comes again. Dense lines stay,
 * with their defaults.
 */
static void
put_lines_away(struct cli_difference *d, const struct outline_item *item)
{
    go_to(d, &d->from, OUTLINE_NONE);
    buf_printf(d->out, item->pattern->row->ranges->dense ? "default " : "no ");
    put_line(d, 0, "", item->text);
    if (item->pattern->row->ranges->dense)
        put_no_upper_lines(d, item);
}

/* An addition says all that is to be said about it. */
static bool
is_replaced(const struct cli_difference *d, const struct outline_item *item)
{
    return !is_multiple(d, item) && item->group != OUTLINE_NONE &&
           d->about_to[item->group];
}

bool
cli_difference_removals(struct cli_difference *d, bool thorough,
                        struct buf *out)
{
    size_t mark = buf_len(out);
    bool *gone = find_gone(d);

    d->place = OUTLINE_NONE;
    d->out = out;
    for (uint32_t i = d->from.count; i-- > 0;) {
        const struct outline_item *item = &d->from.items[i];

        /* What is in a section that goes, goes with it. */
        if (!gone[i] || (item->parent != OUTLINE_NONE && gone[item->parent]) ||
            (!thorough && is_replaced(d, item)))
            continue;
        if (item->pattern->row->entries == CLI_ENTRY_RANGES)
            put_lines_away(d, item);
        else
            put_negation(d, item, thorough);
    }
    free(gone);
    return buf_len(out) > mark;
}

bool
cli_write_removals(const struct cli_language *language, struct span from,
                   struct span to, bool thorough, struct buf *out)
{
    struct cli_difference *d = difference_of(language, from, to, false);
    bool any = cli_difference_removals(d, thorough, out);

    cli_difference_end(d);
    return any;
}

/* --- additions ---------------------------------------------------------- */

bool
cli_difference_additions(struct cli_difference *d, struct buf *out)
{
    size_t mark = buf_len(out);

    d->place = OUTLINE_NONE;
    d->out = out;
    for (uint32_t i = 0; i < d->to.count; i++)
        if (!d->in_from[d->to.items[i].path])
            put_addition(d, i);
    return buf_len(out) > mark;
}

bool
cli_write_additions(const struct cli_language *language, struct span from,
                    struct span to, bool fold, struct buf *out)
{
    struct cli_difference *d = difference_of(language, from, to, fold);
    bool any = cli_difference_additions(d, out);

    cli_difference_end(d);
    return any;
}

/* --- both, to be read --------------------------------------------------- */

static void
put_differing(struct cli_difference *d, const struct outline *o,
              const bool *there, const char *sign)
{
    d->place = OUTLINE_NONE;
    for (uint32_t i = 0; i < o->count; i++) {
        const struct outline_item *item = &o->items[i];

        if (there[item->path])
            continue;
        /* A section that is new is no place: its line has a sign. */
        if (item->parent == OUTLINE_NONE || there[o->items[item->parent].path])
            go_to(d, o, item->parent);
        put_line(d, item->depth, sign, item->text);
        if (item->parent == OUTLINE_NONE)
            d->place = OUTLINE_NONE;
    }
}

bool
cli_write_differences(const struct cli_language *language, struct span from,
                      struct span to, struct buf *out)
{
    struct cli_difference *d = difference_of(language, from, to, false);
    size_t mark = buf_len(out);

    d->out = out;
    put_differing(d, &d->to, d->in_from, "+");
    put_differing(d, &d->from, d->in_to, "-");
    cli_difference_end(d);
    return buf_len(out) > mark;
}
