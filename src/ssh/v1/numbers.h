/*
 * How version 1 writes numbers, and sets of them: an integer is a count of bits
 * in two bytes and its bytes, big-endian (protocol 1.5 as deployed, section 2).
 */
#ifndef SSH_V1_NUMBERS_H
#define SSH_V1_NUMBERS_H

#include "base/buf.h"
#include "base/reader.h"

/* Zeros in front of a magnitude count for nothing, and are not written. */
uint32_t numbers_bits(struct span magnitude);
void numbers_put(struct buf *to, struct span magnitude);
/*
 * Its bytes without leading zeros, borrowed. Peers may count more bits than
 * there are; a count that goes beyond the message makes the reader fail.
 */
struct span numbers_read(struct reader *r);
/* "3des,des" as the mask of SMSG_PUBLIC_KEY. */
uint32_t numbers_cipher_mask(const char *ciphers);

#endif
