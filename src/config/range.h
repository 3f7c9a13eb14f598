/*
 * Numbered lines as ranges of equal settings: thousands of lines cost as much
 * as there are differences among them. Ranges are sorted and do not overlap.
 *
 * Whoever changes lines selects them, changes the ranges between first and
 * last, and merges them.
 */
#ifndef CONFIG_RANGE_H
#define CONFIG_RANGE_H

#include "config/config.h"

/* What is the same for all lines of a list. */
struct config_range_kind {
    const struct config_type *type;     /* begins with NUMBERs first, last */
    const struct config_type *settings; /* the structure behind them, */
    size_t offset;                      /* and where it lies */
    uint32_t limit;                     /* lines are below this number */
    uint32_t permanent; /* those below stay, and no range spans this border */
    bool dense; /* all lines below the highest exist, with default settings */
};

extern const struct config_range_kind config_vty_ranges; /* config/vty.h */
extern const struct config_range_kind config_tty_ranges; /* config/tty.h */
extern const struct config_range_kind config_aux_ranges; /* config/tty.h */

/* The ends of a range of any kind. */
uint32_t config_range_first(const void *range);
uint32_t config_range_last(const void *range);

/* One more than the highest number; 0: there is no line. */
uint32_t config_range_end(const struct config_list *list);
/* Index of the first range that ends at `number` or above, or list->count. */
size_t config_range_index(const struct config_list *list, uint32_t number);
/* The range that has this line; NULL: there is no such line. Borrowed. */
void *config_range_of(const struct config_list *list, uint32_t number);

/*
 * Make first .. last (first <= last < limit) exist and be whole ranges. Where
 * lines are dense, missing ones below come to be as well.
 */
void config_range_select(const struct config_range_kind *kind,
                         struct config_list *list, uint32_t first,
                         uint32_t last);
/*
 * Join neighbours with equal settings, from below what select() may have filled
 * in below `first` to beside `last`.
 */
void config_range_merge(const struct config_range_kind *kind,
                        struct config_list *list, uint32_t first,
                        uint32_t last);
/* Remove first .. last; where lines are dense, all above as well. */
void config_range_remove(const struct config_range_kind *kind,
                         struct config_list *list, uint32_t first,
                         uint32_t last);

#endif
