/*
 * What the far end of a telnet connection says: the first byte chooses the
 * size of the pieces, and what is done between them. However it goes, there
 * are never more plain bytes than came, answers stay within their limit, and
 * what we send reads as what was typed.
 */
#include <assert.h>

#include "worker/telnet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM (1 << 20)

/* A peer that understands everything, and wants nothing. */
static void
check_typed(const struct telnet *t, struct span typed)
{
    static const struct tty_settings settings = {.speed = 1};
    struct telnet *peer = telnet_new(&settings);
    struct buf sent, read, answers;

    buf_init(&sent, TELNET_ESCAPED_MAX(ROOM));
    buf_init(&read, ROOM);
    buf_init(&answers, ROOM);
    telnet_output(t, typed, &sent);
    assert(buf_ok(&sent));
    assert(buf_len(&sent) <= TELNET_ESCAPED_MAX(typed.len));
    telnet_input(peer, buf_span(&sent), &read, &answers);
    assert(buf_len(&answers) == 0);
    assert(buf_len(&read) <= typed.len);
    telnet_free(peer);
    buf_clear(&sent);
    buf_clear(&read);
    buf_clear(&answers);
}

static void
do_something(struct telnet *t, uint8_t choice, struct buf *out)
{
    struct tty_settings settings = {.speed = 0x01ff00ffu * choice,
                                    .databits = 5 + choice % 4,
                                    .parity = choice % 5,
                                    .stopbits = 2 + choice % 3,
                                    .flow = choice % 3};

    switch (choice % 5) {
    case 1:
        telnet_set(t, &settings, out);
        break;
    case 2:
        telnet_break(t, choice & 8, out);
        break;
    case 3:
        telnet_ready(t, choice & 8, out);
        break;
    default:
        break;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tty_settings settings = {.speed = 9600, .databits = 8};
    struct telnet *t = telnet_new(&settings);
    struct buf plain, out;
    size_t came = 0, answered = 0, step;

    if (size == 0) {
        telnet_free(t);
        return 0;
    }
    step = 1 + data[0] % 64;
    buf_init(&plain, ROOM);
    buf_init(&out, ROOM);
    telnet_begin(t, &out);
    for (size_t at = 1; at < size; at += step) {
        size_t len = size - at < step ? size - at : step;

        buf_reset(&plain);
        buf_reset(&out);
        telnet_input(t, span_of(data + at, len), &plain, &out);
        came += len;
        answered += buf_len(&out);
        assert(buf_ok(&plain) && buf_len(&plain) <= len);
        assert(answered <= TELNET_ANSWER_MAX(came));
        if (data[0] & 128)
            do_something(t, data[at], &out);
        assert(buf_ok(&out));
        check_typed(t, span_of(data + at, len));
        (void)telnet_is_suspended(t);
    }
    telnet_free(t);
    buf_clear(&plain);
    buf_clear(&out);
    return 0;
}
