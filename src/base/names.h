/*
 * Comma-separated name lists (RFC 4251 section 5, "name-list").
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/span.h"

#define NAMES_MAX_BYTES 8192 /* of one list (hardening 3.2) */
#define NAMES_MAX_COUNT 256

/*
 * Take the next name off the front of `rest`; false at the end. Empty names
 * are returned as empty spans, so that callers can refuse them.
 */
bool names_next(struct span *rest, struct span *name);
/* Byte-exact membership, full length. */
bool names_has(struct span list, struct span name);
/* The first name, empty for an empty list. */
struct span names_first(struct span list);
/* The first name of `client` that `server` has as well (RFC 4253 7.1). */
bool names_match(struct span client, struct span server, struct span *chosen);
/* Within NAMES_MAX_BYTES and NAMES_MAX_COUNT. */
bool names_within_limits(struct span list);

#endif
