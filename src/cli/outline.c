#include "cli/outline.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"

#define FIRST_SLOTS 1024
#define FIRST_ROOM  256
#define KEY_MAX     (2 * (CLI_WORD_MAX + 64))

/* --- names -------------------------------------------------------------- */

struct outline_name {
    uint32_t parent;
    uint64_t hash;
    struct span text; /* owned */
};

void
outline_names_init(struct outline_names *n, bool fold)
{
    *n = (struct outline_names){.fold = fold, .slot_count = FIRST_SLOTS};
    n->slots = alloc_zero(FIRST_SLOTS, sizeof(*n->slots));
    memset(n->slots, 0xff, FIRST_SLOTS * sizeof(*n->slots));
}

void
outline_names_clear(struct outline_names *n)
{
    for (uint32_t i = 0; i < n->count; i++) {
        wipe((void *)n->names[i].text.ptr, n->names[i].text.len);
        free((void *)n->names[i].text.ptr);
    }
    free(n->names);
    free(n->slots);
    *n = (struct outline_names){0};
}

static uint8_t
folded(const struct outline_names *n, uint8_t byte)
{
    return n->fold && byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 'a' - 'A')
                                                 : byte;
}

/* FNV-1a: only the speed of whoever wrote both texts depends on it. */
static uint64_t
hash_of(const struct outline_names *n, uint32_t parent, struct span text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ parent;

    hash *= UINT64_C(0x100000001b3);
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ folded(n, text.ptr[i])) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

static bool
is_name(const struct outline_names *n, const struct outline_name *name,
        uint32_t parent, uint64_t hash, struct span text)
{
    if (name->hash != hash || name->parent != parent ||
        name->text.len != text.len)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (folded(n, name->text.ptr[i]) != folded(n, text.ptr[i]))
            return false;
    return true;
}

static void
grow_slots(struct outline_names *n)
{
    size_t count = n->slot_count * 2;

    free(n->slots);
    n->slots = alloc_zero(count, sizeof(*n->slots));
    memset(n->slots, 0xff, count * sizeof(*n->slots));
    n->slot_count = count;
    for (uint32_t i = 0; i < n->count; i++) {
        size_t at = n->names[i].hash & (count - 1);

        while (n->slots[at] != OUTLINE_NONE)
            at = (at + 1) & (count - 1);
        n->slots[at] = i;
    }
}

static uint32_t
add_name(struct outline_names *n, size_t slot, uint32_t parent, uint64_t hash,
         struct span text)
{
    uint32_t number = n->count++;

    if (number == n->room) {
        n->room = n->room == 0 ? FIRST_ROOM : n->room * 2;
        n->names = alloc_resize(n->names, n->room, sizeof(*n->names));
    }
    n->slots[slot] = number;
    n->names[number] = (struct outline_name){
        parent, hash, span_of((const uint8_t *)text_dup_span(text), text.len)};
    if (n->count * 2 > n->slot_count)
        grow_slots(n);
    return number;
}

static uint32_t
number_of(struct outline_names *n, uint32_t parent, struct span text)
{
    uint64_t hash = hash_of(n, parent, text);
    size_t at = hash & (n->slot_count - 1);

    for (; n->slots[at] != OUTLINE_NONE; at = (at + 1) & (n->slot_count - 1))
        if (is_name(n, &n->names[n->slots[at]], parent, hash, text))
            return n->slots[at];
    return add_name(n, at, parent, hash, text);
}

/* --- lines -------------------------------------------------------------- */

/* Where the reader is. */
struct outline_reading {
    const struct cli_language *language;
    struct outline_names *names;
    struct outline *outline;
    struct span rest;
    unsigned depth;
    struct {
        size_t indent;
        uint32_t item;
        struct cli_context context; /* inside */
    } path[CLI_DEPTH_MAX + 1];
};

/* Without its end. */
static struct span
take_line(struct span *rest)
{
    const uint8_t *lf = memchr(rest->ptr, '\n', rest->len);
    size_t len = lf == NULL ? rest->len : (size_t)(lf - rest->ptr);
    size_t taken = lf == NULL ? len : len + 1;
    struct span line = span_of(rest->ptr, len);

    *rest = span_of(rest->ptr + taken, rest->len - taken);
    if (len > 0 && line.ptr[len - 1] == '\r')
        line.len--;
    return line;
}

static struct outline_item *
new_item(struct outline *o)
{
    if (o->count == o->room) {
        o->room = o->room == 0 ? FIRST_ROOM : o->room * 2;
        o->items = alloc_resize(o->items, o->room, sizeof(*o->items));
    }
    return &o->items[o->count++];
}

/* `access-list 5 ...`: which one the line is about is a number. */
static bool
is_numbered(const struct cli_pattern *p)
{
    return p->row->kind == CLI_SET_BY && p->keywords > 0 &&
           p->keywords < p->count &&
           p->tokens[p->keywords].kind == TOKEN_NUMBER &&
           p->tokens[p->keywords - 1].next == TOKEN_BIT(p->keywords);
}

/* The same for all lines about one setting, or one entry of a list. */
static uint32_t
group_of(struct outline_reading *r, const struct cli_match *match,
         uint32_t parent)
{
    const struct cli_row *row = match->row;
    struct cli_key keys[CLI_KEYS_MAX];
    char text[KEY_MAX] = "";
    int at;

    at = snprintf(text, sizeof(text), "%p", (const void *)match->pattern);
    if (row->kind == CLI_LIST || row->kind == CLI_SECTION) {
        place_keys(match, keys);
        for (unsigned i = 0; i < row->keys; i++) {
            const struct config_address *a = &keys[i].address;

            at += snprintf(text + at, sizeof(text) - (size_t)at, "/%u/%s/%u.",
                           keys[i].number, keys[i].text, a->family);
            for (size_t b = 0; b < sizeof(a->bytes); b++)
                at += snprintf(text + at, sizeof(text) - (size_t)at, "%02x",
                               a->bytes[b]);
        }
    }
    if (is_numbered(match->pattern))
        snprintf(text + at, sizeof(text) - (size_t)at, "/%u",
                 match->values[match->pattern->keywords].number);
    return number_of(r->names, parent, span_text(text));
}

/* The lines behind the first that are parts of a value. */
static void
take_value(struct outline_reading *r, struct cli_match *match,
           struct span *text)
{
    while (r->rest.len > 0 && cli_wants_line(match)) {
        struct span line = take_line(&r->rest);
        char *copy = text_dup_span(line);
        bool good = cli_add_line(match, copy) == OK;

        text->len = (size_t)(line.ptr + line.len - text->ptr);
        wipe(copy, line.len);
        free(copy);
        if (!good)
            return;
    }
}

static void
enter(struct outline_reading *r, struct cli_match *match, size_t indent,
      uint32_t item)
{
    struct cli_key keys[CLI_KEYS_MAX];

    if (r->depth == CLI_DEPTH_MAX)
        return;
    place_keys(match, keys);
    place_enter(match, keys);
    r->depth++;
    r->path[r->depth].indent = indent;
    r->path[r->depth].item = item;
    r->path[r->depth].context = match->after;
}

static void
add_item(struct outline_reading *r, struct cli_match *match, bool understood,
         size_t indent, struct span text)
{
    uint32_t parent = r->path[r->depth].item;
    uint32_t above =
        parent == OUTLINE_NONE ? OUTLINE_NONE : r->outline->items[parent].path;
    struct outline_item *item = new_item(r->outline);

    *item = (struct outline_item){.text = text, .parent = parent};
    item->depth = r->depth;
    item->group = OUTLINE_NONE;
    if (understood) {
        take_value(r, match, &item->text);
        item->pattern = match->pattern;
        item->group = group_of(r, match, above);
    }
    item->path = number_of(r->names, above, item->text);
    if (!understood || match->row->kind != CLI_SECTION || match->negated)
        return;
    if (match->row->entries == CLI_ENTRY_RANGES) {
        struct cli_key keys[CLI_KEYS_MAX];

        place_keys(match, keys);
        item->first = keys[0].number;
        item->last = place_last(keys);
    }
    enter(r, match, indent, r->outline->count - 1);
}

static void
read_line(struct outline_reading *r, struct span line)
{
    struct cli_match match;
    enum cli_result result;
    size_t indent = 0;
    char *copy;

    while (indent < line.len && line.ptr[indent] == ' ')
        indent++;
    line = span_of(line.ptr + indent, line.len - indent);
    if (line.len == 0 || line.ptr[0] == '!')
        return;
    while (r->depth > 0 && r->path[r->depth].indent >= indent)
        r->depth--;
    copy = text_dup_span(line);
    result = cli_parse(r->language, &r->path[r->depth].context, copy, &match);
    if (result != CLI_OK || match.row->kind != CLI_LEAVE)
        add_item(r, &match,
                 result == CLI_OK && pattern_is_setting(match.pattern), indent,
                 line);
    cli_match_clear(&match);
    wipe(copy, line.len);
    free(copy);
}

struct outline_reading *
outline_begin(const struct cli_language *language, struct outline_names *names,
              struct span text, struct outline *outline)
{
    struct outline_reading *r = alloc_zero(1, sizeof(*r));

    *outline = (struct outline){0};
    r->language = language;
    r->names = names;
    r->outline = outline;
    r->rest = text;
    r->path[0].item = OUTLINE_NONE;
    cli_context_init(&r->path[0].context, language->modes[1].mode, 15);
    return r;
}

bool
outline_line(struct outline_reading *r)
{
    if (r->rest.len == 0)
        return false;
    read_line(r, take_line(&r->rest));
    return true;
}

void
outline_end(struct outline_reading *r)
{
    free(r);
}

void
outline_clear(struct outline *outline)
{
    free(outline->items);
    *outline = (struct outline){0};
}

/* --- what is there ------------------------------------------------------ */

bool *
outline_paths(const struct outline *outline, const struct outline_names *names)
{
    bool *there = alloc_zero(names->count + 1, sizeof(*there));

    for (uint32_t i = 0; i < outline->count; i++)
        there[outline->items[i].path] = true;
    return there;
}

bool *
outline_groups(const struct outline *outline, const struct outline_names *names)
{
    bool *there = alloc_zero(names->count + 1, sizeof(*there));

    for (uint32_t i = 0; i < outline->count; i++)
        if (outline->items[i].group != OUTLINE_NONE)
            there[outline->items[i].group] = true;
    return there;
}
