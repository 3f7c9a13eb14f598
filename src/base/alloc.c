#include "base/alloc.h"

#include <stdlib.h>

void *
alloc_zero(size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);

    if (memory == NULL)
        abort();
    return memory;
}

void *
alloc_resize(void *old, size_t count, size_t size)
{
    void *memory;

    if (count == 0 || size == 0)
        count = size = 1;
    memory = reallocarray(old, count, size);
    if (memory == NULL)
        abort();
    return memory;
}
