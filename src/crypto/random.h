/*
 * Random bytes. The protocol core takes a random_fn, so that its tests are
 * exact; programs pass random_bytes().
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>

typedef void (*random_fn)(void *state, void *to, size_t len);

/*
 * From a small buffer filled by the kernel, getrandom(2), which waits until
 * its generator is seeded; `state` is not used. A buffer is its thread's own.
 * A failing generator ends the process (fail closed, hardening 10.12).
 */
void random_bytes(void *state, void *to, size_t len);
/*
 * Forget what is buffered. A process that forks calls it before the fork, and
 * never draws between that and the fork: no two children share a byte.
 */
void random_forget(void);

#endif
