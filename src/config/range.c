#include "config/range.h"

#include <assert.h>
#include <string.h>

/* Two NUMBERs stand at the beginning of each. */
_Static_assert(offsetof(struct config_vty, first) == 0 &&
                   offsetof(struct config_vty, last) == sizeof(uint32_t),
               "a range begins with first and last");
_Static_assert(offsetof(struct config_tty_range, first) == 0 &&
                   offsetof(struct config_tty_range, last) == sizeof(uint32_t),
               "a range begins with first and last");

uint32_t
config_range_first(const void *range)
{
    uint32_t first;

    memcpy(&first, range, sizeof(first));
    return first;
}

uint32_t
config_range_last(const void *range)
{
    uint32_t last;

    memcpy(&last, (const char *)range + sizeof(last), sizeof(last));
    return last;
}

static void
set_ends(void *range, uint32_t first, uint32_t last)
{
    memcpy(range, &first, sizeof(first));
    memcpy((char *)range + sizeof(first), &last, sizeof(last));
}

uint32_t
config_range_end(const struct config_list *list)
{
    return list->count == 0
               ? 0
               : config_range_last(list->items[list->count - 1]) + 1;
}

size_t
config_range_index(const struct config_list *list, uint32_t number)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (config_range_last(list->items[middle]) < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void *
config_range_of(const struct config_list *list, uint32_t number)
{
    size_t i = config_range_index(list, number);

    return i < list->count && config_range_first(list->items[i]) <= number
               ? list->items[i]
               : NULL;
}

/* Make `border` the first line of a range, if it lies inside one. */
static void
split(const struct config_range_kind *kind, struct config_list *list,
      uint32_t border)
{
    size_t i = config_range_index(list, border);
    uint32_t first, last;
    void *low, *high;

    if (i == list->count || config_range_first(list->items[i]) >= border)
        return;
    low = list->items[i];
    first = config_range_first(low);
    last = config_range_last(low);
    high = config_list_insert(list, kind->type, i + 1);
    config_type_clear(kind->type, high);
    config_type_copy(kind->type, high, low);
    set_ends(high, border, last);
    set_ends(low, first, border - 1);
}

/* Default lines wherever first .. last has none. */
static void
fill(const struct config_range_kind *kind, struct config_list *list,
     uint32_t first, uint32_t last)
{
    size_t i = config_range_index(list, first);

    while (first <= last) {
        uint32_t next =
            i < list->count ? config_range_first(list->items[i]) : UINT32_MAX;

        if (next > first) {
            uint32_t end = next > last ? last : next - 1;

            set_ends(config_list_insert(list, kind->type, i), first, end);
        }
        first = config_range_last(list->items[i++]) + 1;
    }
}

void
config_range_select(const struct config_range_kind *kind,
                    struct config_list *list, uint32_t first, uint32_t last)
{
    uint32_t end = config_range_end(list);

    assert(first <= last && last < kind->limit);
    fill(kind, list, kind->dense && end < first ? end : first, last);
    split(kind, list, kind->permanent);
    split(kind, list, first);
    split(kind, list, last + 1);
}

static bool
are_one(const struct config_range_kind *kind, const void *low, const void *high)
{
    uint32_t border = config_range_first(high);

    return config_range_last(low) + 1 == border && border != kind->permanent &&
           config_type_equal(kind->settings, (const char *)low + kind->offset,
                             (const char *)high + kind->offset);
}

void
config_range_merge(const struct config_range_kind *kind,
                   struct config_list *list, uint32_t first, uint32_t last)
{
    size_t i = config_range_index(list, first == 0 ? 0 : first - 1);

    /* What fills the gap below the first is new as well. */
    if (i > 0)
        i--;
    while (i + 1 < list->count &&
           config_range_first(list->items[i + 1]) <= last + 1) {
        void *low = list->items[i];
        const void *high = list->items[i + 1];

        if (are_one(kind, low, high)) {
            set_ends(low, config_range_first(low), config_range_last(high));
            config_list_remove(list, kind->type, i + 1);
        } else {
            i++;
        }
    }
}

void
config_range_remove(const struct config_range_kind *kind,
                    struct config_list *list, uint32_t first, uint32_t last)
{
    size_t i;

    if (first < kind->permanent)
        first = kind->permanent;
    if (kind->dense)
        last = kind->limit - 1;
    split(kind, list, first);
    split(kind, list, last + 1);
    i = config_range_index(list, first);
    while (i < list->count && config_range_last(list->items[i]) <= last)
        config_list_remove(list, kind->type, i);
}
