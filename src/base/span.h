/*
 * A borrowed run of bytes. It never owns what it points to.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The caller must look at the result. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* The function takes a printf format, not NULL, at argument F, values from V.
 */
#define PRINTF(f, v) __attribute__((format(printf, f, v), nonnull(f)))

struct span {
    const uint8_t *ptr;
    size_t len;
};

#define SPAN_EMPTY ((struct span){NULL, 0})

static inline struct span
span_of(const void *ptr, size_t len)
{
    return (struct span){ptr, len};
}

static inline struct span
span_text(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

/* Not for secrets: see crypto_equal(). */
static inline bool
span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
span_is(struct span a, const char *text)
{
    return span_equal(a, span_text(text));
}

#endif
