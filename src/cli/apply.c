/*
 * A parsed setting onto the configuration.
 */
#include <stdlib.h>

#include "cli/apply.h"
#include "cli/value.h"
#include "cli/write.h"

#define TOO_MANY "% Too many entries"

bool
cli_restores(const struct cli_match *match)
{
    return match->negated || match->defaulted;
}

static const char *
apply_list(const struct cli_match *match, void *base)
{
    const struct cli_row *row = match->row;
    struct config_list *list = place_at(row, base);
    struct cli_key keys[CLI_KEYS_MAX];
    size_t i;

    place_keys(match, keys);
    if (cli_restores(match)) {
        while ((i = place_index(row, list, keys)) < list->count)
            config_list_remove(list, row->type, i);
        return NULL;
    }
    i = place_index(row, list, keys);
    if (i == CONFIG_LIST_MAX)
        return TOO_MANY;
    assign_values(match,
                  i < list->count ? list->items[i]
                                  : config_list_append(list, row->type),
                  i < list->count);
    return NULL;
}

static const char *
restore_lines(const struct cli_match *match, struct config_list *lines,
              const struct cli_key keys[CLI_KEYS_MAX])
{
    const struct cli_row *row = match->row;
    const struct config_range_kind *kind = row->ranges;
    uint32_t first = keys[0].number, last = place_last(keys);
    size_t i;

    /* Lines that need not exist are as if never entered. */
    if (match->negated || !kind->dense) {
        if (first < kind->permanent)
            return row->none_left == NULL ? "" : row->none_left;
        config_range_remove(kind, lines, first, last);
        return NULL;
    }
    config_range_select(kind, lines, first, last);
    i = config_range_index(lines, first);
    for (; i < lines->count && config_range_last(lines->items[i]) <= last;
         i++) {
        void *settings = (char *)lines->items[i] + kind->offset;

        config_type_clear(kind->settings, settings);
        config_type_init(kind->settings, settings);
    }
    config_range_merge(kind, lines, first, last);
    return NULL;
}

/* `no` or `default` before a section: it is as if never entered. */
static const char *
restore_section(const struct cli_language *language,
                const struct cli_match *match, void *base,
                const struct cli_key keys[CLI_KEYS_MAX])
{
    const struct cli_row *row = match->row;
    void *at = place_at(row, base);

    if (row->type == NULL) {
        assign_mode_defaults(language_mode(language, row->mode), base);
        return NULL;
    }
    switch (row->entries) {
    case CLI_ENTRY_ONE:
        config_type_clear(row->type, at);
        config_type_init(row->type, at);
        return NULL;
    case CLI_ENTRY_RANGES:
        return restore_lines(match, at, keys);
    default:
        return apply_list(match, base);
    }
}

/* They exist from now on. */
static void
add_lines(const struct cli_row *row, struct config_list *lines,
          const struct cli_key keys[CLI_KEYS_MAX])
{
    config_range_select(row->ranges, lines, keys[0].number, place_last(keys));
    config_range_merge(row->ranges, lines, keys[0].number, place_last(keys));
}

static const char *
apply_section(const struct cli_language *language, struct cli_match *match,
              void *base)
{
    const struct cli_row *row = match->row;
    struct cli_key keys[CLI_KEYS_MAX];

    place_keys(match, keys);
    if (row->entries == CLI_ENTRY_RANGES && row->keys == 2 &&
        keys[0].number > keys[1].number)
        return "% Bad line range";
    if (cli_restores(match))
        return restore_section(language, match, base, keys);
    if (row->type != NULL && row->entries == CLI_ENTRY_UNIQUE) {
        const char *refusal = apply_list(match, base);

        if (refusal != NULL)
            return refusal;
    }
    if (row->entries == CLI_ENTRY_RANGES)
        add_lines(row, place_at(row, base), keys);
    place_enter(match, keys);
    return NULL;
}

static const char *
store(const struct cli_language *language, struct cli_change *change,
      const struct targets *targets)
{
    struct cli_match *match = change->match;
    const char *refusal = NULL;

    if (match->row->kind == CLI_LIST)
        return apply_list(match, targets->at[0]);
    if (match->row->kind == CLI_SECTION)
        return apply_section(language, match, targets->at[0]);
    for (size_t i = 0; i < targets->count && refusal == NULL; i++) {
        change->section = targets->at[i];
        refusal = match->row->kind == CLI_SET_BY
                      ? match->row->set(change)
                      : assign_set(match, targets->at[i]);
    }
    return refusal;
}

/* What the running configuration says about this line. */
static void
describe(const struct cli_language *language, const struct cli_match *match,
         const void *base, struct buf *out)
{
    struct cli_writer writer = {language, out, 0, false};
    struct cli_key keys[CLI_KEYS_MAX];

    if (match->row->kind == CLI_LIST) {
        place_keys(match, keys);
        write_entries(&writer, match->pattern, base, keys);
    } else if (match->row->kind != CLI_SECTION) {
        write_row(&writer, match->pattern, base);
    }
}

static const void *
entry_of(const struct cli_match *match, void *base)
{
    const struct cli_row *row = match->row;
    struct config_list *list;
    struct cli_key keys[CLI_KEYS_MAX];
    size_t i;

    if (row->type == NULL || row->keys == 0 || row->entries == CLI_ENTRY_RANGES)
        return NULL;
    list = place_at(row, base);
    place_keys(match, keys);
    i = place_index(row, list, keys);
    return i < list->count ? list->items[i] : NULL;
}

static const char *
apply_at(const struct cli_language *language, struct cli_change *change,
         const struct targets *targets)
{
    const struct cli_row *row = change->match->row;
    struct buf before, after;
    const char *refusal = NULL;

    buf_init_secret(&before, CLI_LINES_MAX * 2);
    buf_init_secret(&after, CLI_LINES_MAX * 2);
    if (row->changed != NULL)
        describe(language, change->match, change->section, &before);
    if (row->check != NULL)
        refusal = row->check(change);
    if (refusal == NULL)
        refusal = store(language, change, targets);
    if (refusal == NULL && row->changed != NULL) {
        change->section = targets->at[0];
        change->entry = entry_of(change->match, change->section);
        describe(language, change->match, change->section, &after);
        change->before = buf_text(&before);
        change->after = buf_text(&after);
        row->changed(change);
    }
    buf_clear(&before);
    buf_clear(&after);
    return refusal;
}

const char *
cli_apply(const struct cli_language *language, struct config *config,
          struct cli_match *match, void *owner, char refusal[CLI_REFUSAL_MAX])
{
    struct cli_change change = {
        .match = match, .config = config, .owner = owner};
    struct targets targets;
    const char *text;

    if (!pattern_is_setting(match->pattern))
        return NULL;
    place_find(config, &match->after, &targets);
    change.section = targets.at[0];
    change.entry = entry_of(match, targets.at[0]);
    text = apply_at(language, &change, &targets);
    if (text != NULL)
        place_undo(&targets);
    place_done(&targets);
    if (text == change.refusal) {
        memcpy(refusal, change.refusal, CLI_REFUSAL_MAX);
        text = refusal;
    }
    return text;
}
