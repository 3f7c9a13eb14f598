#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "config/field.h"

#define FIRST_SLOTS 128 /* a power of two, as all that follow */

/* Open addressing; at most half of the slots are taken. */
struct config_index {
    config_hash_fn hash;
    uintptr_t how;
    size_t indexed; /* entries of the list, from the first on */
    void **slots;
    size_t slot_count, taken; /* GONE ones among them */
};

/* --- the index ---------------------------------------------------------- */

/* Where an entry was: what lies behind it is still there. */
static char gone;
#define GONE ((void *)&gone)

static void
index_drop(struct config_list *list)
{
    if (list->index != NULL)
        free(list->index->slots);
    free(list->index);
    list->index = NULL;
}

static void
put(struct config_index *index, void *item)
{
    size_t mask = index->slot_count - 1;
    size_t at = index->hash(index->how, item) & mask;

    while (index->slots[at] != NULL)
        at = (at + 1) & mask;
    index->slots[at] = item;
    index->taken++;
}

static void
grow(struct config_index *index, const struct config_list *list)
{
    size_t count = FIRST_SLOTS;

    while (count < list->count * 4)
        count *= 2;
    free(index->slots);
    index->slots = alloc_zero(count, sizeof(*index->slots));
    index->slot_count = count;
    index->taken = 0;
    for (size_t i = 0; i < index->indexed; i++)
        put(index, list->items[i]);
}

/* Entries that were added since the last time. */
static void
catch_up(struct config_index *index, const struct config_list *list)
{
    for (; index->indexed < list->count; index->indexed++) {
        if ((index->taken + 1) * 2 > index->slot_count)
            grow(index, list);
        put(index, list->items[index->indexed]);
    }
}

static size_t
place_of(const struct config_list *list, const void *item)
{
    size_t i = 0;

    while (list->items[i] != item)
        i++;
    return i;
}

size_t
config_list_find(struct config_list *list, config_hash_fn hash, uintptr_t how,
                 uint64_t wanted_hash, config_match_fn matches,
                 const void *wanted)
{
    struct config_index *index = list->index;
    size_t mask;

    if (index == NULL || index->hash != hash || index->how != how) {
        index_drop(list);
        index = list->index = alloc_zero(1, sizeof(*index));
        index->hash = hash;
        index->how = how;
    }
    catch_up(index, list);
    mask = index->slot_count - 1;
    for (size_t at = wanted_hash & mask;
         index->slot_count > 0 && index->slots[at] != NULL;
         at = (at + 1) & mask)
        if (index->slots[at] != GONE && matches(wanted, index->slots[at]))
            return place_of(list, index->slots[at]);
    return list->count;
}

/* An entry goes; one that is not where its hash says ends the index. */
static void
index_remove(struct config_list *list, size_t item_at)
{
    struct config_index *index = list->index;
    void *item = list->items[item_at];
    size_t mask, at;

    if (index == NULL || item_at >= index->indexed)
        return;
    mask = index->slot_count - 1;
    at = index->hash(index->how, item) & mask;
    while (index->slots[at] != NULL && index->slots[at] != item)
        at = (at + 1) & mask;
    if (index->slots[at] == NULL) {
        index_drop(list);
        return;
    }
    index->slots[at] = GONE;
    index->indexed--;
}

/* --- entries ------------------------------------------------------------ */

void *
config_list_insert(struct config_list *list, const struct config_type *type,
                   size_t at)
{
    void *item = alloc_zero(1, type->size);

    assert(at <= list->count);
    if (at < list->count)
        index_drop(list);
    config_type_init(type, item);
    list->items =
        alloc_resize(list->items, list->count + 1, sizeof(*list->items));
    memmove(list->items + at + 1, list->items + at,
            (list->count - at) * sizeof(*list->items));
    list->items[at] = item;
    list->count++;
    return item;
}

void *
config_list_append(struct config_list *list, const struct config_type *type)
{
    return config_list_insert(list, type, list->count);
}

void
config_list_remove(struct config_list *list, const struct config_type *type,
                   size_t at)
{
    assert(at < list->count);
    index_remove(list, at);
    config_type_clear(type, list->items[at]);
    free(list->items[at]);
    list->count--;
    memmove(list->items + at, list->items + at + 1,
            (list->count - at) * sizeof(*list->items));
}

void
config_list_clear(struct config_list *list, const struct config_type *type)
{
    index_drop(list);
    while (list->count > 0)
        config_list_remove(list, type, list->count - 1);
    free(list->items);
    list->items = NULL;
}
