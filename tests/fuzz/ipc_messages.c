/*
 * Whatever decodes must encode to the very bytes it came from: one message
 * has one encoding, and no byte is left unread.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/messages.h"
#include "ipc/pipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct message m;
    struct buf again;

    if (len > PIPE_MESSAGE_MAX || message_decode(span_of(bytes, len), &m) != OK)
        return 0;
    buf_init(&again, PIPE_MESSAGE_MAX);
    message_encode(&again, &m);
    assert(buf_ok(&again));
    assert(span_equal(buf_span(&again), span_of(bytes, len)));
    buf_clear(&again);
    return 0;
}
