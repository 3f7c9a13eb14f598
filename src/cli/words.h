/*
 * A typed line as words, with their places.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "cli/cli.h"

#define WORDS_MAX (CLI_LINE_MAX / 2 + 1)

struct words {
    const char *line; /* borrowed */
    size_t length;    /* bytes of the line */
    unsigned count;
    struct word_place {
        uint16_t at, length; /* bytes */
    } places[WORDS_MAX];
};

/*
 * False, and `*bad` the first byte at fault, for a line that is too long or
 * holds control bytes. Blanks and tabs separate words.
 */
MUST_CHECK bool words_split(struct words *words, const char *line, size_t *bad);
struct span words_at(const struct words *words, unsigned index);
/* From that word to the end of the line, blanks and all. */
struct span words_rest(const struct words *words, unsigned index);
/* Screen columns before byte `at`: UTF-8 counts characters. */
size_t words_column(const char *line, size_t at);

#endif
