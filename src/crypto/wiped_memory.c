#include "crypto/wiped_memory.h"

#include <malloc.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "base/secret.h"

static void *
get(size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return len == 0 ? NULL : malloc(len);
}

static void
give_back(void *place, const char *file, int line)
{
    (void)file;
    (void)line;
    if (place != NULL)
        wipe(place, malloc_usable_size(place));
    free(place);
}

/* Never in place of the old one: what realloc() leaves behind is not ours. */
static void *
change(void *old, size_t len, const char *file, int line)
{
    size_t had = old == NULL ? 0 : malloc_usable_size(old);
    void *place = get(len, file, line);

    /* For want of memory the old one stays as it is. */
    if (place == NULL && len > 0)
        return NULL;
    if (place != NULL && old != NULL)
        memcpy(place, old, had < len ? had : len);
    give_back(old, file, line);
    return place;
}

enum err
wiped_memory_begin(void)
{
    return CRYPTO_set_mem_functions(get, change, give_back) == 1 ? OK
                                                                 : ERR_CRYPTO;
}
