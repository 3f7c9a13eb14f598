/*
 * Memory that is always there: out of memory ends the process.
 * A count from outside meets a named limit before it comes here.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* `count` times `size` bytes, all zero; the caller frees with free(). */
void *alloc_zero(size_t count, size_t size) __attribute__((malloc));
/* As realloc(); not for secrets, whose old copy must be wiped. */
void *alloc_resize(void *old, size_t count, size_t size);

#endif
