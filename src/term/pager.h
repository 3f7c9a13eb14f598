/*
 * Output of commands on a screen: LF becomes CR LF, and after each page
 * ` --More-- ` waits for a key. Bytes as in classic IOS: scripts match them.
 * `/`, `+` and `-` at it begin a pattern, which Enter ends.
 */
#ifndef TERM_PAGER_H
#define TERM_PAGER_H

#include "base/buf.h"
#include "term/key.h"

#define PAGER_PATTERN_MAX 128 /* bytes */

struct pager {
    uint32_t length; /* rows of the screen; 0: no paging */
    uint32_t width;  /* columns; 0: lines never wrap */
    uint32_t rows;   /* shown since the last page began */
    uint32_t column; /* of the cursor, wrapped lines not taken apart */
    bool waiting;    /* ` --More-- ` is shown */
    bool stopped;    /* the user wants no more of this output */
    uint8_t sign;    /* waiting: '/', '+', '-': its pattern is typed; or 0 */
    size_t pattern_len;
    uint8_t pattern[PAGER_PATTERN_MAX];
};

enum pager_answer {
    PAGER_MORE, /* still waiting, or going on */
    PAGER_STOP, /* output is dropped until pager_begin() */
    /*
     * Only what `pattern` says of the rest: everything from the first line
     * that matches (`sign` is '/'), lines that match ('+'), all others ('-').
     * It waits: pager_search() or pager_refuse().
     */
    PAGER_SEARCH,
};

void pager_init(struct pager *p);
void pager_set_size(struct pager *p, uint32_t length, uint32_t width);
/* The output of another command: pages are counted afresh, stop is over. */
void pager_begin(struct pager *p);

/*
 * Show text up to the end of the page; how many bytes were taken. Less than
 * all: it waits for a key. Once stopped all is taken and nothing shown.
 */
size_t pager_print(struct pager *p, struct span text, struct buf *out);
/* The key that it waits for. */
enum pager_answer pager_key(struct pager *p, const struct key *key,
                            struct buf *out);
/* Behind PAGER_SEARCH: say so and go on with a new page. */
void pager_search(struct pager *p, struct buf *out);
/* Behind PAGER_SEARCH: it cannot be; `why` is a line without its end. */
void pager_refuse(struct pager *p, const char *why, struct buf *out);
/* No key will come: take ` --More-- ` away and show the rest unpaged. */
void pager_release(struct pager *p, struct buf *out);
/* CR LF if the cursor is not in column 0. */
void pager_fresh_line(struct pager *p, struct buf *out);
/* Something else was written; the cursor is in column 0, or it is not. */
void pager_set_column(struct pager *p, bool zero);

#endif
