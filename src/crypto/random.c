#include "crypto/random.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "base/secret.h"
#include "crypto/crypto.h"

#define POOL_BYTES 512

/*
 * One buffer a thread: padding is drawn for every packet, and a call of
 * libcrypto's generator costs as much as the packet's MAC.
 */
static _Thread_local struct {
    size_t left;
    uint8_t bytes[POOL_BYTES];
} pool;

static void
fill(void *to, size_t len)
{
    uint8_t *at = to;

    if (crypto_warm_up() != OK)
        abort();
    while (len > 0) {
        size_t part = len < 0x10000 ? len : 0x10000;

        if (RAND_bytes(at, (int)part) != 1)
            abort();
        at += part;
        len -= part;
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
