#include "config/vty.h"

#include <assert.h>

static struct config_vty *
range_at(const struct config_list *vtys, size_t i)
{
    return vtys->items[i];
}

static uint32_t
count_of(const struct config_list *vtys)
{
    return vtys->count == 0 ? 0 : range_at(vtys, vtys->count - 1)->last + 1;
}

uint32_t
config_vty_count(const struct config *config)
{
    return count_of(&config->vtys.list);
}

const struct config_line *
config_vty_line(const struct config *config, uint32_t number)
{
    for (size_t i = 0; i < config->vtys.list.count; i++) {
        const struct config_vty *range = range_at(&config->vtys.list, i);

        if (number >= range->first && number <= range->last)
            return &range->line;
    }
    return NULL;
}

#define DEFAULT_NUMBER(name, arg) .name = (arg),
#define DEFAULT_FLAG(name, arg)   .name = (arg),
#define DEFAULT_CHOICE(name, arg) .name = (arg),
#define DEFAULT_TEXT(name, arg)   .name = (arg),
#define DEFAULT_SECRET(name, arg) .name = {(arg)},
#define DEFAULT_LIST(name, arg)   .name = {.list = {.count = 0}},
/* An access class: none, all zero. */
#define DEFAULT_STRUCT(name, arg)
#define DEFAULT(kind, name, arg) DEFAULT_##kind(name, arg)

const struct config_line *
config_line_of(const struct config *config, bool console, uint32_t number)
{
    static const struct config_line defaults = {CONFIG_LINE_FIELDS(DEFAULT)};
    const struct config_line *line = config_vty_line(config, number);

    if (console)
        return &config->console;
    return line != NULL ? line : &defaults;
}

/* Make `border` the first line of a range, if it lies inside one. */
static void
split(struct config_list *vtys, uint32_t border)
{
    for (size_t i = 0; i < vtys->count; i++) {
        struct config_vty *low = range_at(vtys, i);
        struct config_vty *high;

        if (border <= low->first || border > low->last)
            continue;
        high = config_list_insert(vtys, &config_vty_type, i + 1);
        config_type_clear(&config_vty_type, high);
        config_type_copy(&config_vty_type, high, low);
        high->first = border;
        low->last = border - 1;
        return;
    }
}

void
config_vty_select(struct config_list *vtys, uint32_t first, uint32_t last)
{
    uint32_t count = count_of(vtys);

    assert(first <= last && last < CONFIG_VTY_MAX);
    if (last >= count) {
        struct config_vty *added = config_list_append(vtys, &config_vty_type);

        added->first = count;
        added->last = last;
    }
    split(vtys, CONFIG_VTY_PERMANENT);
    split(vtys, first);
    split(vtys, last + 1);
}

void
config_vty_merge(struct config_list *vtys)
{
    size_t i = 0;

    while (i + 1 < vtys->count) {
        struct config_vty *low = range_at(vtys, i);
        const struct config_vty *high = range_at(vtys, i + 1);

        if (high->first != CONFIG_VTY_PERMANENT &&
            config_type_equal(&config_line_type, &low->line, &high->line)) {
            low->last = high->last;
            config_list_remove(vtys, &config_vty_type, i + 1);
        } else {
            i++;
        }
    }
}

void
config_vty_remove(struct config_list *vtys, uint32_t first)
{
    if (first < CONFIG_VTY_PERMANENT)
        first = CONFIG_VTY_PERMANENT;
    split(vtys, first);
    while (vtys->count > 0 && range_at(vtys, vtys->count - 1)->first >= first)
        config_list_remove(vtys, &config_vty_type, vtys->count - 1);
}
