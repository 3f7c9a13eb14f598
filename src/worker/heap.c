#include "worker/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

/* Large buffers come and go whole; small ones leave a short heap behind. */
#define MMAP_BYTES (64 * 1024)
#define TRIM_BYTES (64 * 1024)

#define HOLE_MAX  (MMAP_BYTES - 4096) /* bytes; a larger one is no hole */
#define HOLE_MIN  24                  /* bytes; the smallest block */
#define HOLE_STEP 16                  /* blocks differ by this */
#define FILL_MAX  (512 * 1024)        /* bytes, whatever malloc() does */

void
heap_begin(void)
{
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
    mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
}

void
heap_close_holes(void)
{
    void *block = malloc(HOLE_MAX);
    uintptr_t top = (uintptr_t)block;
    size_t filled = 0;

    free(block);
    for (size_t size = HOLE_MAX; size >= HOLE_MIN && top != 0;
         size -= HOLE_STEP) {
        /* Kept for ever: that is what they are for. */
        while ((block = malloc(size)) != NULL && (uintptr_t)block < top &&
               filled < FILL_MAX)
            filled += size;
        free(block);
    }
}

void
heap_trim(void)
{
    malloc_trim(0);
}
