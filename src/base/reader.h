/*
 * A bounded reader over borrowed bytes. Failure is sticky: after the first
 * field that does not fit, every further read gives zero or an empty span.
 * Read all fields, then ask once: read_done().
 */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/span.h"

struct reader {
    const uint8_t *ptr;
    size_t left;
    bool failed;
};

static inline struct reader
reader_over(struct span bytes)
{
    return (struct reader){bytes.ptr, bytes.len, false};
}

uint8_t read_u8(struct reader *r);
bool read_bool(struct reader *r); /* any value but 0 is true (RFC 4251) */
uint16_t read_u16(struct reader *r);
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);
/* Exactly `len` bytes, borrowed from the input. */
struct span read_bytes(struct reader *r, size_t len);
/* uint32 length and that many bytes, borrowed. */
struct span read_string(struct reader *r);
/*
 * A non-negative mpint in canonical form (RFC 4251 section 5), of at most
 * `max` bytes without the sign byte; the magnitude without leading zeros.
 * Negative or needlessly long: the reader fails.
 */
struct span read_mpint(struct reader *r, size_t max);
/* All that is left. */
struct span read_rest(struct reader *r);
/* Nothing failed so far. */
bool read_ok(const struct reader *r);
/* Nothing failed and nothing is left. */
bool read_done(const struct reader *r);
/* Make the reader fail: a field was read but its value is out of bounds. */
void read_fail(struct reader *r);

#endif
