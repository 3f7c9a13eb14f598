#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "config/field.h"

void *
config_list_insert(struct config_list *list, const struct config_type *type,
                   size_t at)
{
    void *item = alloc_zero(1, type->size);

    assert(at <= list->count);
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
    config_type_clear(type, list->items[at]);
    free(list->items[at]);
    list->count--;
    memmove(list->items + at, list->items + at + 1,
            (list->count - at) * sizeof(*list->items));
}

void
config_list_clear(struct config_list *list, const struct config_type *type)
{
    while (list->count > 0)
        config_list_remove(list, type, list->count - 1);
    free(list->items);
    list->items = NULL;
}
