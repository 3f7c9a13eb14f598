/*
 * The detector of the CRC-32 compensation attack: who knows a little of the
 * plaintext of a CBC packet can insert blocks and mend the CRC by a pattern in
 * which one ciphertext block stands again and again. It looks at ciphertext,
 * before decryption; work is linear in the packet's length, whatever is in it.
 */
#ifndef SSH_V1_DETECTOR_H
#define SSH_V1_DETECTOR_H

#include "base/span.h"

#define DETECTOR_BLOCK 8
/* Pairs of equal blocks of one packet beyond which it is an attack: random
   ciphertext has none. */
#define DETECTOR_PAIRS_MAX 32

struct detector;

/*
 * For packets of up to `bytes_max` bytes. `seed`: random; it decides where a
 * block has its place in the table, so that nobody can choose blocks that
 * share one. Memory for the table is taken when the first packet comes.
 */
struct detector *detector_new(size_t bytes_max, const uint64_t seed[2]);
void detector_free(struct detector *d); /* NULL is fine */
/*
 * `packet`: the ciphertext of one packet, a multiple of eight bytes.
 * `previous`: the last ciphertext block before it; NULL for the first packet.
 */
MUST_CHECK bool detector_finds_attack(struct detector *d, struct span packet,
                                      const uint8_t *previous);

#endif
