#include "aaa/tacacs_packet.h"

#include "base/secret.h"
#include "crypto/hash.h"

#define LENGTH_AT     8 /* bytes before the header's length */
#define MD5_LEN       16
#define ARGUMENTS_MAX 255

#define ACTION_LOGIN   1 /* section 5.1 */
#define SERVICE_LOGIN  1
#define SERVICE_ENABLE 2
#define LEVEL_OF_LOGIN 1
#define LEVEL_MAX      15
#define COUNT_START    0x02 /* section 7.1 */
#define COUNT_STOP     0x04
#define COUNT_WATCHDOG 0x08
#define METHOD_NONE    0x01 /* section 6.1 */
#define METHOD_LINE    0x03
#define METHOD_ENABLE  0x04
#define METHOD_LOCAL   0x05
#define METHOD_TACACS  0x06
#define METHOD_RADIUS  0x10

/* --- the header and the key --------------------------------------------- */

void
tacacs_begin(struct buf *to, const struct tacacs_header *header)
{
    buf_put_u8(to, header->version);
    buf_put_u8(to, header->type);
    buf_put_u8(to, header->seq);
    buf_put_u8(to, header->flags);
    buf_put_u32(to, header->session);
    buf_put_u32(to, 0);
}

/*
 * Section 4.5: the body XOR a pad, each 16 bytes of which are the hash of
 * session, key, version and seq, and the 16 bytes before.
 */
static enum err
hide(uint8_t *packet, size_t len, struct span key)
{
    uint8_t pad[HASH_MAX];
    size_t last = 0;
    enum err err = OK;

    for (size_t at = TACACS_HEADER_LEN; err == OK && at < len; at += MD5_LEN) {
        const struct span pieces[] = {
            span_of(packet + 4, 4), key,
            span_of(packet, 1),     span_of(packet + 2, 1),
            span_of(pad, last),
        };

        err = hash_pieces(HASH_MD5, pieces, 5, pad);
        last = MD5_LEN;
        for (size_t i = 0; err == OK && i < MD5_LEN && at + i < len; i++)
            packet[at + i] ^= pad[i];
    }
    wipe(pad, sizeof(pad));
    return err;
}

enum err
tacacs_seal(struct buf *packet, struct span key)
{
    uint8_t *bytes = buf_bytes(packet);
    size_t len = buf_len(packet), body = len - TACACS_HEADER_LEN;

    if (!buf_ok(packet) || len > TACACS_PACKET_MAX)
        return ERR_LENGTH;
    for (size_t i = 0; i < 4; i++)
        bytes[LENGTH_AT + i] = (uint8_t)(body >> (24 - 8 * i));
    return hide(bytes, len, key);
}

enum err
tacacs_packet_len(struct span bytes, size_t *len)
{
    struct reader r = reader_over(bytes);
    uint32_t body;

    read_bytes(&r, LENGTH_AT);
    body = read_u32(&r);
    if (!read_ok(&r))
        return ERR_MORE;
    if (body > TACACS_PACKET_MAX - TACACS_HEADER_LEN)
        return ERR_LENGTH;
    *len = TACACS_HEADER_LEN + body;
    return OK;
}

void
tacacs_header_read(struct span bytes, struct tacacs_header *header)
{
    struct reader r = reader_over(bytes);

    header->version = read_u8(&r);
    header->type = read_u8(&r);
    header->seq = read_u8(&r);
    header->flags = read_u8(&r);
    header->session = read_u32(&r);
}

enum err
tacacs_open(uint8_t *packet, size_t len, struct span key)
{
    return hide(packet, len, key);
}

/* --- requests ----------------------------------------------------------- */

static uint8_t
level_of(uint32_t privilege)
{
    return (uint8_t)(privilege > LEVEL_MAX ? LEVEL_MAX : privilege);
}

static bool
fits(struct span field)
{
    return field.len <= TACACS_FIELD_MAX;
}

enum err
tacacs_put_start(struct buf *to, const struct msg_aaa_request *request,
                 enum tacacs_authen_type type, struct span data)
{
    bool enables = request->service == AAA_ENABLE;

    if (!fits(request->user) || !fits(request->port) ||
        !fits(request->remote) || !fits(data))
        return ERR_LENGTH;
    buf_put_u8(to, ACTION_LOGIN);
    buf_put_u8(to, enables ? level_of(request->privilege) : LEVEL_OF_LOGIN);
    buf_put_u8(to, (uint8_t)type);
    buf_put_u8(to, enables ? SERVICE_ENABLE : SERVICE_LOGIN);
    buf_put_u8(to, (uint8_t)request->user.len);
    buf_put_u8(to, (uint8_t)request->port.len);
    buf_put_u8(to, (uint8_t)request->remote.len);
    buf_put_u8(to, (uint8_t)data.len);
    buf_put_span(to, request->user);
    buf_put_span(to, request->port);
    buf_put_span(to, request->remote);
    buf_put_span(to, data);
    return OK;
}

enum err
tacacs_put_continue(struct buf *to, struct span message,
                    enum tacacs_continue_flags flags)
{
    if (message.len > UINT16_MAX)
        return ERR_LENGTH;
    buf_put_u16(to, (uint16_t)message.len);
    buf_put_u16(to, 0);
    buf_put_u8(to, (uint8_t)flags);
    buf_put_span(to, message);
    return OK;
}

static uint8_t
count_of(const struct msg_aaa_request *request)
{
    if (request->accounting == AAA_START)
        return COUNT_START;
    if (request->accounting == AAA_STOP)
        return COUNT_STOP;
    /* With the other flag its arguments count. */
    return COUNT_WATCHDOG | COUNT_START;
}

/* How the user came in; of authorization nobody says, and these ask here. */
static uint8_t
method_of(const struct msg_aaa_request *request)
{
    switch (request->method) {
    case AAA_BY_LOCAL:
        return METHOD_LOCAL;
    case AAA_BY_LINE:
        return METHOD_LINE;
    case AAA_BY_ENABLE:
        return METHOD_ENABLE;
    case AAA_BY_RADIUS:
        return METHOD_RADIUS;
    case AAA_BY_TACACS:
        return METHOD_TACACS;
    default:
        return request->kind == AAA_AUTHORIZE ? METHOD_TACACS : METHOD_NONE;
    }
}

/* False: one, or their number, is more than a packet can say. */
static bool
count_arguments(struct span arguments, size_t *count)
{
    struct reader r = reader_over(arguments);

    *count = 0;
    while (read_ok(&r) && !read_done(&r))
        if (!fits(read_string(&r)) || ++*count > ARGUMENTS_MAX)
            return false;
    return read_ok(&r);
}

enum err
tacacs_put_request(struct buf *to, const struct msg_aaa_request *request,
                   struct span arguments)
{
    struct reader lengths = reader_over(arguments), texts = lengths;
    size_t count;

    if (!fits(request->user) || !fits(request->port) ||
        !fits(request->remote) || !count_arguments(arguments, &count))
        return ERR_LENGTH;
    if (request->kind == AAA_ACCOUNT)
        buf_put_u8(to, count_of(request));
    buf_put_u8(to, method_of(request));
    buf_put_u8(to, level_of(request->privilege));
    buf_put_u8(to, TACACS_ASCII);
    buf_put_u8(to, SERVICE_LOGIN);
    buf_put_u8(to, (uint8_t)request->user.len);
    buf_put_u8(to, (uint8_t)request->port.len);
    buf_put_u8(to, (uint8_t)request->remote.len);
    buf_put_u8(to, (uint8_t)count);
    while (!read_done(&lengths))
        buf_put_u8(to, (uint8_t)read_string(&lengths).len);
    buf_put_span(to, request->user);
    buf_put_span(to, request->port);
    buf_put_span(to, request->remote);
    while (!read_done(&texts))
        buf_put_span(to, read_string(&texts));
    return OK;
}

/* --- replies ------------------------------------------------------------ */

/* Section 5.2. */
static void
parse_authentication(struct reader *r, struct tacacs_reply *reply)
{
    uint16_t message, data;

    reply->status = read_u8(r);
    reply->flags = read_u8(r);
    message = read_u16(r);
    data = read_u16(r);
    reply->message = read_bytes(r, message);
    read_bytes(r, data);
}

/* Section 6.2. */
static void
parse_authorization(struct reader *r, struct tacacs_reply *reply)
{
    uint16_t message, data;
    uint8_t count;
    size_t sum = 0;

    reply->status = read_u8(r);
    count = read_u8(r);
    message = read_u16(r);
    data = read_u16(r);
    reply->lengths = read_bytes(r, count);
    reply->message = read_bytes(r, message);
    read_bytes(r, data);
    for (size_t i = 0; i < reply->lengths.len; i++)
        sum += reply->lengths.ptr[i];
    reply->arguments = read_bytes(r, sum);
}

/* Section 7.2. */
static void
parse_accounting(struct reader *r, struct tacacs_reply *reply)
{
    uint16_t message = read_u16(r), data = read_u16(r);

    reply->status = read_u8(r);
    reply->message = read_bytes(r, message);
    read_bytes(r, data);
}

enum err
tacacs_parse(enum tacacs_type type, struct span body,
             struct tacacs_reply *reply)
{
    struct reader r = reader_over(body);

    *reply = (struct tacacs_reply){.status = 0};
    if (type == TACACS_AUTHENTICATION)
        parse_authentication(&r, reply);
    else if (type == TACACS_AUTHORIZATION)
        parse_authorization(&r, reply);
    else
        parse_accounting(&r, reply);
    return read_done(&r) ? OK : ERR_FORMAT;
}

bool
tacacs_next_argument(struct tacacs_reply *reply, struct span *argument)
{
    size_t len;

    if (reply->lengths.len == 0)
        return false;
    len = reply->lengths.ptr[0];
    *argument = span_of(reply->arguments.ptr, len);
    reply->lengths = span_of(reply->lengths.ptr + 1, reply->lengths.len - 1);
    reply->arguments =
        span_of(reply->arguments.ptr + len, reply->arguments.len - len);
    return true;
}
