/*
 * The first bytes choose the fields to read; whatever they are, the reader
 * stays inside its input and its failure is sticky.
 */
#include <assert.h>

#include "base/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_field(struct reader *r, uint8_t kind)
{
    switch (kind % 9) {
    case 0:
        read_u8(r);
        break;
    case 1:
        read_bool(r);
        break;
    case 2:
        read_u16(r);
        break;
    case 3:
        read_u32(r);
        break;
    case 4:
        read_u64(r);
        break;
    case 5:
        read_bytes(r, kind);
        break;
    case 6:
        read_string(r);
        break;
    case 7:
        read_mpint(r, kind);
        break;
    default:
        read_rest(r);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8)
        return 0;
    struct reader r = reader_over(span_of(data + 8, size - 8));
    for (size_t i = 0; i < 8; i++) {
        size_t before = r.left;
        bool failed = !read_ok(&r);
        read_field(&r, data[i]);
        assert(r.left <= before);
        assert(!failed || !read_ok(&r));
    }
    assert(!read_done(&r) || r.left == 0);
    return 0;
}
