/*
 * The first byte says what was asked, and whether the rest comes as it is or,
 * from a server that knows the key, as the body of an answer. Whatever it is:
 * it is one of a few, never more than has come is taken, and what an EXEC is
 * allowed is a list of strings without a control character.
 */
#include <assert.h>

#include "aaa/protocol.h"
#include "aaa/tacacs_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REPLY_MAX 8192
#define INPUT_MAX 8192
#define KEY       "key"

/* Nobody has to guess it here. */
static void
fixed_bytes(void *state, void *to, size_t len)
{
    (void)state;
    memset(to, 0x5a, len);
}

static void
answer_to(struct span request, struct span body, struct buf *to)
{
    struct tacacs_header header;
    enum err err;

    tacacs_header_read(request, &header);
    header.seq++;
    tacacs_begin(to, &header);
    buf_put_span(to, body);
    err = tacacs_seal(to, span_text(KEY));
    assert(err == OK);
}

static void
check_attributes(struct span attributes)
{
    struct reader r = reader_over(attributes);

    while (read_ok(&r) && !read_done(&r)) {
        struct span one = read_string(&r);

        for (size_t i = 0; i < one.len; i++)
            assert(one.ptr[i] >= ' ' && one.ptr[i] <= '~');
    }
    assert(read_ok(&r));
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
    step = tacacs_protocol.input(talk, packet, &note, &reply);
    assert(note.answers + note.bad + note.malformed + note.unexpected <= 1);
    if (step == AAA_STEP_PASS)
        check_attributes(buf_span(&reply.attributes));
    if (step == AAA_STEP_ASK) {
        assert(buf_len(&reply.prompt) > 0);
        step = tacacs_protocol.answer(talk, true, span_text("secret"));
        assert(step == AAA_STEP_SEND);
    }
    if (step == AAA_STEP_WAIT)
        assert(note.answers == 0);
    buf_clear(&reply.attributes);
    buf_clear(&reply.text);
    buf_clear(&reply.prompt);
}

static void
set_request(uint8_t first, struct msg_aaa_request *request)
{
    static const enum aaa_kind kinds[] = {AAA_AUTHENTICATE, AAA_AUTHORIZE,
                                          AAA_AUTHORIZE, AAA_ACCOUNT};

    *request = (struct msg_aaa_request){
        .kind = (uint8_t)kinds[first & 3],
        .service = AAA_LOGIN,
        .accounting = AAA_STOP,
        .has_given = (first & 4) != 0,
        .user = span_text("lab"),
        .port = span_text("tty3"),
        .remote = span_text("192.0.2.7"),
    };
    if ((first & 3) >= 2)
        request->arguments = span_of("\0\0\0\x08"
                                     "cmd=show\0\0\0\x0c"
                                     "cmd-arg=<cr>",
                                     28);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct aaa_server server = {.key = span_text(KEY)};
    struct msg_aaa_request request;
    struct aaa_start start = {.request = &request,
                              .server = &server,
                              .given = span_text("secret"),
                              .random = fixed_bytes};
    struct buf sent, packet;
    enum aaa_step step;
    void *talk;

    if (size < 1 || size > INPUT_MAX - TACACS_HEADER_LEN)
        return 0;
    set_request(data[0], &request);
    step = tacacs_protocol.begin(&start, &talk);
    assert(step == AAA_STEP_SEND);
    buf_init(&sent, TACACS_PACKET_MAX);
    buf_init(&packet, INPUT_MAX);
    tacacs_protocol.output(talk, 0, &sent);
    if ((data[0] & 8) != 0)
        buf_put(&packet, data + 1, size - 1);
    else
        answer_to(buf_span(&sent), span_of(data + 1, size - 1), &packet);
    take(talk, &packet);
    tacacs_protocol.leave(talk, &sent);
    tacacs_protocol.end(talk);
    buf_clear(&sent);
    buf_clear(&packet);
    return 0;
}
