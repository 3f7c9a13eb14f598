/*
 * The CRC-32 of SSH-1: reflected polynomial 0xEDB88320, started at zero, not
 * inverted at the end. It is no zlib CRC.
 */
#ifndef SSH_V1_CRC32_H
#define SSH_V1_CRC32_H

#include "base/span.h"

/* Go on with `crc` (0 at the beginning) over `bytes`. */
uint32_t crc32_add(uint32_t crc, struct span bytes);

#endif
