/*
 * The first byte says what was asked, and whether the rest comes as it is or,
 * from a server that knows the key, as attributes of an answer. Whatever they
 * are: an answer is one of a few, what it allows is a list of strings without
 * a control character, and its level is one there is.
 */
#include <assert.h>

#include "aaa/protocol.h"
#include "aaa/radius_packet.h"
#include "crypto/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REPLY_MAX 8192
#define KEY       "key"

/* Nobody has to guess it here. */
static void
fixed_bytes(void *state, void *to, size_t len)
{
    (void)state;
    memset(to, 0x5a, len);
}

/* Both seals, as RFC 2865 and RFC 2869 want them; over the request's own. */
static void
answer_to(struct span request, uint8_t code, struct span attributes,
          struct buf *to)
{
    struct span key = span_text(KEY), pieces[2];
    uint8_t digest[HASH_MAX];
    enum err err;

    radius_begin(to, (enum radius_code)code, request.ptr[1], request.ptr + 4);
    radius_put_signature(to);
    buf_put_span(to, attributes);
    err = radius_seal(to, key);
    assert(err == OK);
    pieces[0] = buf_span(to);
    pieces[1] = key;
    err = hash_pieces(HASH_MD5, pieces, 2, digest);
    assert(err == OK);
    memcpy(buf_bytes(to) + 4, digest, RADIUS_AUTHENTICATOR_LEN);
}

static void
check_attributes(struct span attributes)
{
    struct reader r = reader_over(attributes);
    struct span level;

    while (read_ok(&r) && !read_done(&r)) {
        struct span one = read_string(&r);

        for (size_t i = 0; i < one.len; i++)
            assert(one.ptr[i] >= ' ' && one.ptr[i] <= '~');
    }
    assert(read_ok(&r));
    if (aaa_argument_find(attributes, "priv-lvl", &level))
        assert(level.len == 1 || (level.len == 2 && level.ptr[0] <= '1'));
}

static void
take(void *talk, struct buf *packet)
{
    struct aaa_reply reply = {.echo = false};
    struct aaa_note note = {.server = 0};
    enum aaa_step step;

    buf_init(&reply.attributes, REPLY_MAX);
    buf_init(&reply.text, REPLY_MAX);
    buf_init(&reply.prompt, REPLY_MAX);
    step = radius_protocol.input(talk, packet, &note, &reply);
    assert(buf_len(packet) == 0);
    assert(step == AAA_STEP_WAIT || step == AAA_STEP_ASK ||
           step == AAA_STEP_PASS || step == AAA_STEP_FAIL);
    assert((step == AAA_STEP_WAIT) == (note.answers == 0));
    assert(note.answers + note.bad + note.malformed + note.unexpected == 1);
    if (step == AAA_STEP_PASS)
        check_attributes(buf_span(&reply.attributes));
    if (step == AAA_STEP_ASK)
        assert(buf_len(&reply.prompt) > 0);
    buf_clear(&reply.attributes);
    buf_clear(&reply.text);
    buf_clear(&reply.prompt);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t local[4] = {127, 0, 0, 1};
    static const uint8_t codes[] = {RADIUS_ACCESS_ACCEPT, RADIUS_ACCESS_REJECT,
                                    RADIUS_ACCESS_CHALLENGE,
                                    RADIUS_ACCOUNTING_RESPONSE};
    struct msg_aaa_request request = {.kind = AAA_AUTHENTICATE,
                                      .service = AAA_LOGIN};
    const struct aaa_server server = {.key = span_text(KEY)};
    struct aaa_start start = {.request = &request,
                              .server = &server,
                              .given = span_text("secret"),
                              .local = span_of(local, sizeof(local)),
                              .random = fixed_bytes};
    struct buf sent, packet;
    void *talk;
    enum aaa_step step;

    if (size < 1 || size > 3000)
        return 0;
    request.user = span_text("lab");
    if ((data[0] & 8) != 0)
        request.kind = AAA_ACCOUNT;
    request.accounting = AAA_STOP;
    request.arguments = span_of("\0\0\0\x09task_id=1", 13);
    step = radius_protocol.begin(&start, &talk);
    assert(step == AAA_STEP_SEND);
    buf_init(&sent, RADIUS_PACKET_MAX);
    buf_init(&packet, 2 * RADIUS_PACKET_MAX);
    radius_protocol.output(talk, 0, &sent);
    if ((data[0] & 16) != 0)
        buf_put(&packet, data + 1, size - 1);
    else
        answer_to(buf_span(&sent), codes[data[0] & 3],
                  span_of(data + 1, size - 1), &packet);
    take(talk, &packet);
    radius_protocol.end(talk);
    buf_clear(&sent);
    buf_clear(&packet);
    return 0;
}
