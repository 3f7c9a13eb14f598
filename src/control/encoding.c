#include "control/encoding.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "control/judge.h"
#include "crypto/password.h"

struct encoding {
    struct router *router;
    void (*ready)(void *owner);
    void *owner;
    char clear[PASSWORD_MAX + 1]; /* of which one was wanted; "" none */
    unsigned type;
    bool made, failed;
    char stored[PASSWORD_STORED_MAX];
};

struct encoding *
encoding_new(struct router *r, void (*ready)(void *owner), void *owner)
{
    struct encoding *e = alloc_zero(1, sizeof(*e));

    e->router = r;
    e->ready = ready;
    e->owner = owner;
    return e;
}

void
encoding_free(struct encoding *e)
{
    if (e == NULL)
        return;
    judge_forget(e->router, e);
    wipe(e, sizeof(*e));
    free(e);
}

static void
on_encoded(void *owner, const char *stored)
{
    struct encoding *e = owner;

    e->made = stored != NULL;
    e->failed = stored == NULL;
    if (stored != NULL)
        text_copy(e->stored, sizeof(e->stored), stored);
    e->ready(e->owner);
}

enum encoded
encoding_ask(struct encoding *e, unsigned type, const char *clear,
             const char **stored)
{
    bool same = e->type == type && strcmp(e->clear, clear) == 0;

    if (same && e->made) {
        /* Each user has a salt of his own. */
        e->made = false;
        e->clear[0] = '\0';
        *stored = e->stored;
        return ENCODED_MADE;
    }
    if (same && e->failed) {
        e->failed = false;
        e->clear[0] = '\0';
        return ENCODED_FAILED;
    }
    if (!same) {
        judge_forget(e->router, e);
        e->made = e->failed = false;
        e->type = type;
        text_copy(e->clear, sizeof(e->clear), clear);
        judge_encode(e->router, type, clear, on_encoded, e);
    }
    return ENCODED_LATER;
}
