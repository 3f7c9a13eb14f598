/*
 * Pseudo-random bytes that a seed repeats: tests that fail can be run again.
 */
#ifndef TESTS_CORE_CHANCE_H
#define TESTS_CORE_CHANCE_H

#include <stddef.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

/* A random_fn; `state` is a struct chance. */
void chance_bytes(void *state, void *to, size_t len);
/* 0 to `limit` - 1. */
uint32_t chance_below(struct chance *chance, uint32_t limit);
/* The number in this environment variable, or `otherwise`. */
uint64_t chance_from_environment(const char *name, uint64_t otherwise);

#endif
