/*
 * A stranger's pattern over a stranger's text, in pieces of any size: the
 * first byte is the kind of filter, the second the size of the pieces, then
 * come the pattern, LF, and the text. However the text is cut, the same lines
 * pass, and of two filters that say the opposite each line passes one.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "term/filter.h"

#define TEXT_MAX  ((size_t)1 << 20)
#define INPUT_MAX 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What `kind` lets pass of the text; not OK: it takes too long. */
static enum err
run(enum filter_kind kind, struct span pattern, struct span text, size_t piece,
    struct buf *out)
{
    struct filter *f;
    enum err err = filter_new(kind, pattern, &f);

    buf_reset(out);
    if (err != OK)
        return err;
    while (err == OK && text.len > 0) {
        size_t n = text.len < piece ? text.len : piece;

        err = filter_put(f, span_of(text.ptr, n), out);
        text = span_of(text.ptr + n, text.len - n);
        assert(filter_held(f).len <= FILTER_LINE_MAX);
    }
    if (err == OK)
        err = filter_end(f, out);
    filter_free(f);
    return err;
}

/* The kind that lets pass what `kind` does not; FILTER_COUNT: none does. */
static enum filter_kind
opposite(enum filter_kind kind)
{
    switch (kind) {
    case FILTER_INCLUDE:
        return FILTER_EXCLUDE;
    case FILTER_EXCLUDE:
        return FILTER_INCLUDE;
    case FILTER_SECTION:
        return FILTER_NOT_SECTION;
    case FILTER_NOT_SECTION:
        return FILTER_SECTION;
    default:
        return FILTER_COUNT;
    }
}

static void
compare(enum filter_kind kind, struct span pattern, struct span text,
        size_t piece)
{
    struct buf whole, other;
    enum err err;

    buf_init(&whole, TEXT_MAX);
    buf_init(&other, TEXT_MAX);
    if (run(kind, pattern, text, INPUT_MAX, &whole) == OK) {
        err = run(kind, pattern, text, piece, &other);
        assert(err == OK);
        assert(span_equal(buf_span(&whole), buf_span(&other)));
        if (opposite(kind) != FILTER_COUNT) {
            err = run(opposite(kind), pattern, text, piece, &other);
            assert(err == OK);
            assert(buf_len(&whole) + buf_len(&other) == text.len);
        }
    }
    buf_clear(&whole);
    buf_clear(&other);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end;

    if (size < 3 || size > INPUT_MAX)
        return 0;
    end = memchr(data + 2, '\n', size - 2);
    if (end == NULL)
        return 0;
    compare((enum filter_kind)(data[0] % (FILTER_COUNT + 1)),
            span_of(data + 2, (size_t)(end - data) - 2),
            span_of(end + 1, (size_t)(data + size - end) - 1),
            1 + (size_t)data[1]);
    return 0;
}
