/*
 * Random lines that a row's syntax allows, made from the compiled syntax.
 */
#ifndef TESTS_COMMANDS_SENTENCE_H
#define TESTS_COMMANDS_SENTENCE_H

#include "cli/language.h"

#define SENTENCE_WORDS_MAX 128

/* The words of a line, and the token that each one is. */
struct sentence {
    unsigned count;
    unsigned tokens[SENTENCE_WORDS_MAX];
    char words[SENTENCE_WORDS_MAX][256];
};

/* A sequence that repeats from its seed; never 0. */
struct dice {
    uint64_t state;
};
/* 0 .. sides - 1 */
uint32_t dice_throw(struct dice *dice, uint32_t sides);

void sentence_make(struct sentence *sentence, const struct cli_pattern *pattern,
                   struct dice *dice);
/* Make one of its words wrong, or add one too many: it may still be a line. */
void sentence_spoil(struct sentence *s, struct dice *dice);
/* The words, separated by blanks; `prefix` ("no ", "  ") in front. */
void sentence_put(const struct sentence *sentence, const char *prefix,
                  struct buf *out);

/*
 * The lines that lead from global configuration into a mode, one more blank
 * before each, LF behind. False: no section leads there.
 */
bool sentence_put_way(const struct cli_language *language,
                      const struct cli_mode *mode, struct dice *dice,
                      struct buf *out, unsigned *depth);

#endif
