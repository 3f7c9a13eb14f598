/*
 * Packets of version 1: form, then the packet. Form 0: in clear, as it comes;
 * 1: ciphertext; 2: type and data, which are sealed and must open again.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "ssh/v1/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const uint8_t key[CIPHER1_KEY] = {1, 2, 3, 4, 5, 6, 7, 8};
static const uint64_t seed[2] = {1, 2};

static void
pad(void *state, void *to, size_t len)
{
    (void)state;
    memset(to, 0x55, len);
}

static struct cipher1 *
cipher(bool encrypt)
{
    struct cipher1 *c = NULL;
    enum err err = cipher1_new(CIPHER1_3DES, key, encrypt, &c);

    assert(err == OK);
    return c;
}

/* Packets as long as they last, in memory that holds exactly these bytes. */
static void
open_all(struct packet1_receiver *rx, struct span input)
{
    uint8_t *copy = malloc(input.len + 1);
    struct span left, message;
    size_t size;

    memcpy(copy, input.ptr, input.len);
    left = span_of(copy, input.len);
    while (packet1_size(left, PACKET1_MAX, &size) == OK && size <= left.len) {
        uint8_t *at = copy + (input.len - left.len);

        if (packet1_open(rx, at, size, &message) != OK)
            break;
        assert(message.len >= 1 && message.ptr >= at &&
               message.ptr + message.len <= at + size);
        left = span_of(left.ptr + size, left.len - size);
    }
    free(copy);
}

static void
seal_and_open(struct packet1_receiver *rx, struct span input)
{
    struct cipher1 *tx = cipher(true);
    struct span message;
    struct buf packet;
    size_t size;

    buf_init(&packet, PACKET1_MAX + 64);
    packet1_begin(&packet);
    buf_put_span(&packet, input);
    if (packet1_seal(tx, &packet, 0, pad, NULL) == OK) {
        enum err err = packet1_size(buf_span(&packet), PACKET1_MAX, &size);

        assert(err == OK && size == buf_len(&packet));
        /* One block again and again is an attack, whoever sends it. */
        err = packet1_open(rx, buf_bytes(&packet), size, &message);
        assert(err == ERR_MAC || span_equal(message, input));
    }
    buf_clear(&packet);
    cipher1_free(tx);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct packet1_receiver rx = {.cipher = NULL};
    struct span input;

    if (len < 2 || len > 100000 || crypto_warm_up() != OK)
        return 0;
    input = span_of(bytes + 1, len - 1);
    if (bytes[0] % 3 != 0) {
        rx.cipher = cipher(false);
        rx.detector = detector_new(PACKET1_MAX + CIPHER1_BLOCK, seed);
    }
    if (bytes[0] % 3 == 2)
        seal_and_open(&rx, input);
    else
        open_all(&rx, input);
    cipher1_free(rx.cipher);
    detector_free(rx.detector);
    return 0;
}
