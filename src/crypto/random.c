#include "crypto/random.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/secret.h"

#define POOL_BYTES 512

/* One buffer a thread: padding is drawn for every packet. */
static _Thread_local struct {
    size_t left;
    uint8_t bytes[POOL_BYTES];
} pool;

/*
 * From the kernel: libcrypto's generator would first seed itself anew in
 * every child, which costs time and dirties pages.
 */
static void
fill(void *to, size_t len)
{
    uint8_t *at = to;

    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        at += got;
        len -= (size_t)got;
    }
}

void
random_bytes(void *state, void *to, size_t len)
{
    (void)state;
    if (len > POOL_BYTES / 2) {
        fill(to, len);
        return;
    }
    if (len > pool.left) {
        fill(pool.bytes, POOL_BYTES);
        pool.left = POOL_BYTES;
    }
    if (len == 0)
        return;
    /* What was given out is not kept: it may have become a key. */
    pool.left -= len;
    memcpy(to, pool.bytes + pool.left, len);
    wipe(pool.bytes + pool.left, len);
}

void
random_forget(void)
{
    wipe(&pool, sizeof(pool));
}
