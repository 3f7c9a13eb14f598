#include "cli/place.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/value.h"

#define INDEXED_MIN 64 /* entries; fewer are looked through */

static void
targets_add(struct targets *targets, void *at)
{
    targets->at = alloc_resize(targets->at, targets->count + 1, sizeof(void *));
    targets->at[targets->count++] = at;
}

static void
key_store(const struct cli_bind *bind, const struct cli_key *key, void *entry)
{
    struct cli_value value = {.number = key->number, .address = key->address};
    char text[sizeof(key->text)];

    text_copy(text, sizeof(text), key->text);
    value.text = text;
    value_store(bind, &value, entry);
}

static void *
entry_find(const struct cli_row *row, struct config_list *list,
           const struct cli_key keys[CLI_KEYS_MAX], struct targets *targets)
{
    size_t i = place_index(row, list, keys);
    void *entry;

    if (i < list->count)
        return list->items[i];
    if (targets->grown == NULL) {
        targets->grown = list;
        targets->type = row->type;
    }
    entry = config_list_append(list, row->type);
    for (unsigned k = 0; k < row->keys; k++)
        key_store(&row->binds[k], &keys[k], entry);
    return entry;
}

static bool
lines_exist(const struct config_list *lines, uint32_t first, uint32_t last)
{
    while (first <= last) {
        const void *range = config_range_of(lines, first);

        if (range == NULL)
            return false;
        first = config_range_last(range) + 1;
    }
    return true;
}

static void
copy_lines(const struct config_range_kind *kind, struct config_list *to,
           const struct config_list *from)
{
    *to = (struct config_list){.items = NULL};
    for (size_t i = 0; i < from->count; i++) {
        void *range = config_list_append(to, kind->type);

        config_type_clear(kind->type, range);
        config_type_copy(kind->type, range, from->items[i]);
    }
}

static void
add_lines(struct config_list *lines, const struct cli_place *place,
          struct targets *targets)
{
    const struct config_range_kind *kind = place->row->ranges;
    uint32_t first = place->keys[0].number, last = place_last(place->keys);
    size_t i;

    targets->lines = lines;
    targets->ranges = kind;
    targets->first = first;
    targets->last = last;
    targets->lines_grown = !lines_exist(lines, first, last);
    if (targets->lines_grown)
        copy_lines(kind, &targets->before, lines);
    config_range_select(kind, lines, first, last);
    i = config_range_index(lines, first);
    for (; i < lines->count && config_range_last(lines->items[i]) <= last; i++)
        targets_add(targets, (char *)lines->items[i] + place->row->inner);
}

void
place_find(struct config *config, const struct cli_context *context,
           struct targets *targets)
{
    void *base = config;

    *targets = (struct targets){.at = NULL};
    for (unsigned i = 0; i < context->depth; i++) {
        const struct cli_place *place = &context->path[i];
        const struct cli_row *row = place->row;

        if (row->type == NULL)
            continue;
        base = place_at(row, base);
        if (row->entries == CLI_ENTRY_RANGES) {
            add_lines(base, place, targets);
            return;
        }
        if (row->entries == CLI_ENTRY_UNIQUE)
            base = (char *)entry_find(row, base, place->keys, targets) +
                   row->inner;
    }
    targets_add(targets, base);
}

void
place_undo(struct targets *targets)
{
    if (targets->lines_grown) {
        config_list_clear(targets->lines, targets->ranges->type);
        *targets->lines = targets->before;
        targets->before = (struct config_list){.items = NULL};
        targets->lines_grown = false;
    }
    if (targets->grown != NULL)
        config_list_remove(targets->grown, targets->type,
                           targets->grown->count - 1);
    targets->grown = NULL;
}

void
place_done(struct targets *targets)
{
    if (targets->lines != NULL)
        config_range_merge(targets->ranges, targets->lines, targets->first,
                           targets->last);
    if (targets->lines_grown)
        config_list_clear(&targets->before, targets->ranges->type);
    free(targets->at);
    *targets = (struct targets){.at = NULL};
}

void
place_keys(const struct cli_match *match, struct cli_key keys[CLI_KEYS_MAX])
{
    const struct cli_pattern *pattern = match->pattern;

    memset(keys, 0, CLI_KEYS_MAX * sizeof(*keys));
    for (unsigned k = 0; k < match->row->keys; k++) {
        /* One that may be left out: its default, or the start of a range. */
        keys[k].number = match->row->binds[k].number;
        if (k > 0)
            keys[k] = keys[k - 1];
        for (unsigned t = 0; t < pattern->count; t++) {
            const struct cli_value *value = &match->values[t];

            if (pattern->tokens[t].bind != &match->row->binds[k] ||
                !value->given)
                continue;
            keys[k].number = value->number;
            keys[k].address = value->address;
            text_copy(keys[k].text, sizeof(keys[k].text), value->text);
        }
    }
}

static bool
key_equal(const struct cli_bind *bind, const struct cli_key *key,
          const void *entry)
{
    const char *text = value_load_text(bind, entry);

    switch (bind->kind) {
    case CONFIG_TEXT:
        return strcmp(text == NULL ? "" : text, key->text) == 0;
    case CONFIG_ADDRESS:
        return config_address_equal(
            (const void *)((const char *)entry + bind->offset), &key->address);
    default:
        return value_load_number(bind, entry) == key->number;
    }
}

bool
place_has_keys(const struct cli_row *row, const void *entry,
               const struct cli_key keys[CLI_KEYS_MAX])
{
    for (unsigned k = 0; k < row->keys; k++)
        if (!key_equal(&row->binds[k], &keys[k], entry))
            return false;
    return true;
}

/* --- many entries with a name ------------------------------------------- */

/* FNV-1a: whoever writes names that share it slows down his own router. */
static uint64_t
hash_text(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

static uint64_t
hash_name(uintptr_t offset, const void *entry)
{
    return hash_text(
        *(char *const *)(const void *)((const char *)entry + offset));
}

struct wanted {
    const struct cli_row *row;
    const struct cli_key *keys;
};

static bool
is_wanted(const void *wanted, const void *entry)
{
    const struct wanted *w = wanted;

    return place_has_keys(w->row, entry, w->keys);
}

size_t
place_index(const struct cli_row *row, struct config_list *list,
            const struct cli_key keys[CLI_KEYS_MAX])
{
    struct wanted wanted = {row, keys};
    size_t i = 0;

    if (list->count >= INDEXED_MIN && row->keys == 1 &&
        row->binds[0].kind == CONFIG_TEXT)
        return config_list_find(list, hash_name, row->binds[0].offset,
                                hash_text(keys[0].text), is_wanted, &wanted);
    while (i < list->count && !place_has_keys(row, list->items[i], keys))
        i++;
    return i;
}

void
place_enter(struct cli_match *match, const struct cli_key keys[CLI_KEYS_MAX])
{
    struct cli_context *after = &match->after;
    struct cli_place *place = &after->path[after->depth++];

    place->row = match->row;
    place->pattern = match->pattern;
    memcpy(place->keys, keys, sizeof(place->keys));
    after->mode = match->row->mode;
}
