#include "ssh/v1/detector.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "ssh/v1/crc32.h"

struct detector {
    size_t blocks_max;
    uint64_t seed[2];
    uint32_t *places; /* number of a block and 1; 0: free */
    size_t place_count;
};

struct detector *
detector_new(size_t bytes_max, const uint64_t seed[2])
{
    struct detector *d = alloc_zero(1, sizeof(*d));

    d->blocks_max = bytes_max / DETECTOR_BLOCK;
    d->seed[0] = seed[0];
    d->seed[1] = seed[1] | 1;
    return d;
}

void
detector_free(struct detector *d)
{
    if (d == NULL)
        return;
    free(d->places);
    free(d);
}

static uint64_t
block_at(struct span packet, size_t block)
{
    uint64_t value;

    memcpy(&value, packet.ptr + block * DETECTOR_BLOCK, sizeof(value));
    return value;
}

/* Twice as many places as blocks, all free. */
static void
clear_places(struct detector *d, size_t blocks)
{
    size_t wanted = 16;

    while (wanted < 2 * blocks)
        wanted *= 2;
    if (wanted > d->place_count) {
        free(d->places);
        d->places = alloc_zero(wanted, sizeof(*d->places));
        d->place_count = wanted;
    }
    memset(d->places, 0, wanted * sizeof(*d->places));
}

static size_t
first_place(const struct detector *d, uint64_t block, size_t count)
{
    uint64_t mixed = (block ^ d->seed[0]) * d->seed[1];

    mixed ^= mixed >> 32;
    mixed *= d->seed[1];
    return (size_t)(mixed >> 32) & (count - 1);
}

/* True: it was there before; else it is now. */
static bool
note_block(struct detector *d, struct span packet, uint32_t number)
{
    uint64_t block = block_at(packet, number);
    size_t count = d->place_count;
    size_t place = first_place(d, block, count);

    for (; d->places[place] != 0; place = (place + 1) & (count - 1))
        if (block_at(packet, d->places[place] - 1) == block)
            return true;
    d->places[place] = number + 1;
    return false;
}

/* The CRC that stands still when every `suspect` is changed by the same. */
static bool
is_compensated(struct span packet, uint64_t suspect, const uint8_t *previous)
{
    static const uint8_t changed[DETECTOR_BLOCK] = {1};
    static const uint8_t kept[DETECTOR_BLOCK] = {0};
    size_t blocks = packet.len / DETECTOR_BLOCK;
    uint32_t crc = 0;

    if (previous != NULL && memcmp(previous, &suspect, DETECTOR_BLOCK) == 0)
        crc = crc32_add(crc, span_of(changed, DETECTOR_BLOCK));
    for (size_t i = 0; i < blocks; i++)
        crc = crc32_add(crc,
                        span_of(block_at(packet, i) == suspect ? changed : kept,
                                DETECTOR_BLOCK));
    return crc == 0;
}

/* Not those before it: each is judged once. */
static bool
is_new(const uint64_t *suspects, size_t count, uint64_t block)
{
    for (size_t i = 0; i < count; i++)
        if (suspects[i] == block)
            return false;
    return true;
}

bool
detector_finds_attack(struct detector *d, struct span packet,
                      const uint8_t *previous)
{
    size_t blocks = packet.len / DETECTOR_BLOCK;
    uint64_t suspects[DETECTOR_PAIRS_MAX];
    size_t count = 0, pairs = 0;

    assert(blocks <= d->blocks_max);
    clear_places(d, blocks);
    for (uint32_t i = 0; i < blocks; i++) {
        uint64_t block = block_at(packet, i);

        /* The block before the packet is a place of the pattern as well. */
        if (!note_block(d, packet, i) &&
            (previous == NULL || memcmp(previous, &block, DETECTOR_BLOCK) != 0))
            continue;
        if (++pairs > DETECTOR_PAIRS_MAX)
            return true;
        if (is_new(suspects, count, block))
            suspects[count++] = block;
    }
    for (size_t i = 0; i < count; i++)
        if (is_compensated(packet, suspects[i], previous))
            return true;
    return false;
}
