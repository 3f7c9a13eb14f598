#include "chance.h"

#include <stdlib.h>

/* splitmix64: one addition and a mix of the bits. */
static uint64_t
next(struct chance *chance)
{
    uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void
chance_bytes(void *state, void *to, size_t len)
{
    uint8_t *bytes = to;

    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(next(state) >> 32 & 0xff);
}

uint32_t
chance_below(struct chance *chance, uint32_t limit)
{
    return (uint32_t)(next(chance) >> 33) % limit;
}

uint64_t
chance_from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtoull(text, NULL, 0);
}
