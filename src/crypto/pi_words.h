/*
 * The first 33,344 bits behind the point of pi, the highest first: what
 * Blowfish begins with (B. Schneier, "Description of a New Variable-Length Key,
 * 64-Bit Block Cipher", 1993).
 */
#ifndef CRYPTO_PI_WORDS_H
#define CRYPTO_PI_WORDS_H

#include <stdint.h>

#define PI_WORDS (18 + 4 * 256)

extern const uint32_t pi_words[PI_WORDS];

#endif
