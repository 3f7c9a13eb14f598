/*
 * One place for each value type: does a word fit, what is its value, and how
 * is it written.
 */
#ifndef CLI_VALUE_H
#define CLI_VALUE_H

#include "cli/pattern.h"

/* Decimal and inside one of the ranges. */
bool value_number(const struct cli_token *token, struct span word,
                  uint32_t *number);
/* As it is typed; false: in none of the ranges. */
#define VALUE_NUMBER_TEXT 16
bool value_number_text(const struct cli_token *token, uint32_t number,
                       char text[VALUE_NUMBER_TEXT]);
/* A time of the token's form, in seconds. */
bool value_time(const struct cli_token *token, struct span word,
                uint32_t *seconds);
/* Could be a WORD: bounded. */
bool value_is_word(struct span word);

/* One more name at the end of a comma-separated list. */
void value_add_name(char **names, const char *name);
/* `names` without those of `less`; NULL when none is left. Owned. */
char *value_without(const char *names, const char *less);
/* The words of a provider that are not opt_in, comma-separated. Owned. */
char *value_default_names(const struct cli_word *words);

/*
 * Can the field's value be typed at this token; if so append it to `out` as
 * it is typed. False: nothing appended.
 */
bool value_write(const struct cli_pattern *pattern, unsigned token,
                 const void *fields, struct buf *out);
/* Whether the field holds the bind's default. */
bool value_is_default(const struct cli_bind *bind, const void *fields);

/* Put a parsed value, or the default, into the field. */
void value_store(const struct cli_bind *bind, const struct cli_value *value,
                 void *fields);
void value_store_number(const struct cli_bind *bind, uint32_t number,
                        void *fields);
void value_store_default(const struct cli_bind *bind, void *fields);
/* The field (NUMBER, CHOICE, FLAG) as a number. */
uint32_t value_load_number(const struct cli_bind *bind, const void *fields);
/* The field (TEXT, SECRET) as text; NULL if unset. */
const char *value_load_text(const struct cli_bind *bind, const void *fields);

#endif
