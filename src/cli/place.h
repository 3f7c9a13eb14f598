/*
 * From a section and its keys to the structure of settings behind it.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "cli/match.h"

/* The structures a row applies to: several for a range of vtys. */
struct targets {
    void **at; /* owned array of borrowed pointers */
    size_t count;
    struct config_list *grown; /* has an entry at its end that was not there */
    const struct config_type *type; /* of an entry of it */
    struct config_list *lines;      /* ranges, selected; NULL: none */
    const struct config_range_kind *ranges;
    uint32_t first, last;      /* of them */
    struct config_list before; /* owned: `lines`, if some were not there */
    bool lines_grown;
};

/*
 * The structures that rows of the context's mode bind to. Entries that are
 * gone meanwhile (another user's `no`) come back as defaults.
 */
void place_find(struct config *config, const struct cli_context *context,
                struct targets *targets);
/* What came back goes again: the line was refused. `at` is void. */
void place_undo(struct targets *targets);
/* Also joins lines that are alike again: pointers to them are void. */
void place_done(struct targets *targets);

/*
 * The keys of a LIST or SECTION line. An absent one is like the key before it
 * (`line vty 3` is 3 to 3), or 0 and "".
 */
void place_keys(const struct cli_match *match,
                struct cli_key keys[CLI_KEYS_MAX]);
/* The last line of a range, whose row may have one key only. */
static inline uint32_t
place_last(const struct cli_key keys[CLI_KEYS_MAX])
{
    return keys[1].number > keys[0].number ? keys[1].number : keys[0].number;
}
bool place_has_keys(const struct cli_row *row, const void *entry,
                    const struct cli_key keys[CLI_KEYS_MAX]);
/* Index of the first such entry, or list->count. */
size_t place_index(const struct cli_row *row, struct config_list *list,
                   const struct cli_key keys[CLI_KEYS_MAX]);
/* A SECTION line's context: its match->after goes into the section. */
void place_enter(struct cli_match *match,
                 const struct cli_key keys[CLI_KEYS_MAX]);
/* The list or structure of a LIST or SECTION row. */
static inline void *
place_at(const struct cli_row *row, void *base)
{
    return (char *)base + row->offset;
}

#endif
