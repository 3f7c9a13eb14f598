/*
 * Seal and open one packet of SSH-1, in place: length in clear, padding in
 * front, CRC-32 behind (protocol 1.5 as deployed, section 3).
 */
#ifndef SSH_V1_PACKET_H
#define SSH_V1_PACKET_H

#include "base/buf.h"
#include "crypto/cipher1.h"
#include "crypto/random.h"
#include "ssh/v1/detector.h"

#define PACKET1_MAX    262144 /* what the length field may say */
#define PACKET1_MIN    5      /* type and CRC */
#define PACKET1_HEADER 4
/* Most bytes that sealing adds to type and data. */
#define PACKET1_OVERHEAD (PACKET1_HEADER + 8 + 4)

struct packet1_receiver {
    struct cipher1 *cipher;    /* NULL: in clear */
    struct detector *detector; /* with a cipher */
    bool has_last;
    uint8_t last[CIPHER1_BLOCK]; /* ciphertext of the packet before */
};

/*
 * How many bytes the packet has that begins with `bytes`, header included; at
 * most `max` in its length field. ERR_MORE: the header is not there yet.
 * ERR_LENGTH.
 */
MUST_CHECK enum err packet1_size(struct span bytes, uint32_t max, size_t *size);
/*
 * Open it; `message` gets type and data, within `bytes`. ERR_MAC: an attack or
 * a wrong CRC. ERR_CRYPTO.
 */
MUST_CHECK enum err packet1_open(struct packet1_receiver *rx, uint8_t *bytes,
                                 size_t size, struct span *message);

/* Begin a packet at the end of `to`; type and data are appended. */
size_t packet1_begin(struct buf *to);
/*
 * End the packet that began at `mark`; `cipher` NULL: in clear. ERR_LIMIT: the
 * buffer is full. ERR_CRYPTO.
 */
MUST_CHECK enum err packet1_seal(struct cipher1 *cipher, struct buf *to,
                                 size_t mark, random_fn random,
                                 void *random_state);

#endif
