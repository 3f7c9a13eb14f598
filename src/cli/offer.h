/*
 * What may be typed next: for `?` and Tab.
 */
#ifndef CLI_OFFER_H
#define CLI_OFFER_H

#include "cli/search.h"

#define OFFER_LABEL_MAX 64 /* bytes, NUL included */

struct offer {
    char label[OFFER_LABEL_MAX]; /* keyword, or "<1-120>", "WORD" */
    const char *help;            /* borrowed */
};

/* In the order of ASCII, each once; owned. An alias is
   "*name=command", or "*name" if that is too long. */
struct offers {
    struct offer *items;
    size_t count;
    bool complete; /* the line may end here: `<cr>` */
    bool keywords_only;
};

/*
 * What fits behind `words` in the mode of the context or one around it, the
 * last word being begun if `partial`. Hidden rows are not offered. CLI_OK, or
 * why the words before are no command. Free with offers_clear() always.
 */
enum cli_result offers_find(struct offers *offers,
                            const struct cli_language *language,
                            const struct cli_context *context,
                            const struct words *words, bool partial);
/* The same for the words behind the bar of a line that `shown` shows. */
enum cli_result offers_find_filter(struct offers *offers,
                                   const struct cli_language *language,
                                   const struct cli_row *shown,
                                   const struct cli_context *context,
                                   const struct words *behind, bool partial);
void offers_clear(struct offers *offers);

#endif
