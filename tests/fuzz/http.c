/*
 * Whatever comes, HTTP is read alike whole and in pieces, says what it makes
 * of it at the limit at the latest, and the answer fits.
 */
#include <assert.h>

#include "notify/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char page[] = "x 1\n";
    struct http_request whole = {.status = 0}, early = {.status = 0};
    struct buf answer;
    size_t n = 0;

    if (size > HTTP_REQUEST_MAX)
        size = HTTP_REQUEST_MAX;
    if (!http_read(span_of(data, size), &whole)) {
        assert(size < HTTP_REQUEST_MAX);
        return 0;
    }
    while (!http_read(span_of(data, n), &early))
        n = n + 1 + n / 16 < size ? n + 1 + n / 16 : size;
    assert(early.status == whole.status && early.head == whole.head);
    buf_init(&answer, HTTP_HEAD_MAX + sizeof(page));
    http_answer(&answer, &whole, span_of(page, sizeof(page) - 1));
    assert(buf_ok(&answer));
    buf_clear(&answer);
    return 0;
}
