/*
 * Stored forms of secrets that a text has in clear, while its lines are
 * carried out in turns: aaa makes them, since each takes tens of milliseconds.
 */
#ifndef CONTROL_ENCODING_H
#define CONTROL_ENCODING_H

#include "control/router.h"

struct encoding;

/* `ready` is called when a form that was wanted is there, or cannot be. */
struct encoding *encoding_new(struct router *r, void (*ready)(void *owner),
                              void *owner);
void encoding_free(struct encoding *e); /* NULL is fine */

enum encoded {
    ENCODED_LATER,  /* it is being made: ask again when it is ready */
    ENCODED_MADE,   /* `*stored`: borrowed until the next call */
    ENCODED_FAILED, /* aaa could not */
};

/* Of `clear` in this type. Only one is made at a time. */
enum encoded encoding_ask(struct encoding *e, unsigned type, const char *clear,
                          const char **stored);

#endif
