/*
 * A text of configuration lines as a tree: which line stands in which section,
 * and which lines of two texts say the same.
 */
#ifndef CLI_OUTLINE_H
#define CLI_OUTLINE_H

#include "cli/place.h"

#define OUTLINE_NONE UINT32_MAX

/*
 * Numbers for texts: the same text below the same number has the same number.
 * Both outlines of a comparison share one table. Texts are copied and wiped.
 */
struct outline_names {
    struct outline_name *names;
    uint32_t count, room;
    uint32_t *slots; /* OUTLINE_NONE: free */
    size_t slot_count;
    bool fold; /* upper and lower case are one */
};

void outline_names_init(struct outline_names *n, bool fold);
void outline_names_clear(struct outline_names *n);

/* A line, with those that belong to its value. */
struct outline_item {
    struct span text;     /* without indentation and last LF; borrowed */
    uint32_t parent;      /* its section's item; OUTLINE_NONE: global */
    uint32_t depth;       /* sections around it */
    uint32_t path;        /* what it says, and where: a number of the table */
    uint32_t group;       /* which setting or entry it is about: another one */
    uint32_t first, last; /* a range of lines: its keys */
    const struct cli_pattern *pattern; /* NULL: not understood */
};

struct outline {
    struct outline_item *items;
    uint32_t count, room;
};

/*
 * Read a text whose sections are indented; comments are left out, and what
 * leaves sections. `text` is borrowed for as long as the outline lives, the
 * others for as long as it is read. A line, with those that belong to its
 * value, at a time; false: there are no more.
 */
struct outline_reading *outline_begin(const struct cli_language *language,
                                      struct outline_names *names,
                                      struct span text,
                                      struct outline *outline);
bool outline_line(struct outline_reading *r);
void outline_end(struct outline_reading *r);
void outline_clear(struct outline *outline);

/* Which of the table's numbers an outline has, as paths or as groups. The
   caller frees the array. */
bool *outline_paths(const struct outline *outline,
                    const struct outline_names *names);
bool *outline_groups(const struct outline *outline,
                     const struct outline_names *names);

#endif
