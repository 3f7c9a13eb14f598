#include "aaa/radius_packet.h"

#include "base/secret.h"
#include "crypto/crypto.h"
#include "crypto/hash.h"

#define LENGTH_AT        2 /* bytes before the header's length */
#define AUTHENTICATOR_AT 4
#define ATTRIBUTE_HEADER 2  /* type, length */
#define MD5_LEN          16 /* also of a block of a hidden password */

/* Nothing is known yet of what these stand for. */
static const uint8_t zeros[MD5_LEN];

/* --- making one --------------------------------------------------------- */

void
radius_begin(struct buf *to, enum radius_code code, uint8_t id,
             const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN])
{
    buf_put_u8(to, (uint8_t)code);
    buf_put_u8(to, id);
    buf_put_u16(to, 0);
    buf_put(to, authenticator, RADIUS_AUTHENTICATOR_LEN);
}

void
radius_put(struct buf *to, enum radius_type type, struct span value)
{
    if (value.len == 0)
        return;
    if (value.len > RADIUS_VALUE_MAX) {
        to->failed = true;
        return;
    }
    buf_put_u8(to, (uint8_t)type);
    buf_put_u8(to, (uint8_t)(ATTRIBUTE_HEADER + value.len));
    buf_put_span(to, value);
}

void
radius_put_u32(struct buf *to, enum radius_type type, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                              (uint8_t)(value >> 8), (uint8_t)value};

    radius_put(to, type, span_of(bytes, sizeof(bytes)));
}

void
radius_put_signature(struct buf *to)
{
    radius_put(to, RADIUS_MESSAGE_AUTHENTICATOR, span_of(zeros, MD5_LEN));
}

/* RFC 2865 section 5.2: each block under the hash of the key and the last. */
static enum err
hide(struct span key, const uint8_t *authenticator, uint8_t *text, size_t len)
{
    uint8_t mask[HASH_MAX];
    const uint8_t *last = authenticator;
    enum err err = OK;

    for (size_t at = 0; err == OK && at < len; at += MD5_LEN) {
        const struct span pieces[] = {key, span_of(last, MD5_LEN)};

        err = hash_pieces(HASH_MD5, pieces, 2, mask);
        for (size_t i = 0; err == OK && i < MD5_LEN; i++)
            text[at + i] ^= mask[i];
        last = text + at;
    }
    wipe(mask, sizeof(mask));
    return err;
}

enum err
radius_put_password(struct buf *to, struct span key, struct span password)
{
    uint8_t text[RADIUS_PASSWORD_MAX] = {0};
    size_t len = (password.len + MD5_LEN - 1) / MD5_LEN * MD5_LEN;
    enum err err;

    if (password.len > RADIUS_PASSWORD_MAX)
        return ERR_LENGTH;
    if (len == 0)
        len = MD5_LEN;
    if (password.len > 0)
        memcpy(text, password.ptr, password.len);
    err = hide(key, buf_span(to).ptr + AUTHENTICATOR_AT, text, len);
    if (err == OK)
        radius_put(to, RADIUS_USER_PASSWORD, span_of(text, len));
    wipe(text, sizeof(text));
    return err;
}

enum err
radius_seal(struct buf *packet, struct span key)
{
    uint8_t *bytes = buf_bytes(packet);
    struct span whole = buf_span(packet);
    uint8_t digest[HASH_MAX];
    const struct span pieces[] = {whole, key};
    enum err err;

    if (!buf_ok(packet) || whole.len > RADIUS_PACKET_MAX)
        return ERR_LENGTH;
    bytes[LENGTH_AT] = (uint8_t)(whole.len >> 8);
    bytes[LENGTH_AT + 1] = (uint8_t)whole.len;
    if (bytes[0] == RADIUS_ACCOUNTING_REQUEST) {
        err = hash_pieces(HASH_MD5, pieces, 2, digest);
        if (err == OK)
            memcpy(bytes + AUTHENTICATOR_AT, digest, MD5_LEN);
        return err;
    }
    err = hash_hmac(HASH_MD5, key, pieces, 1, digest);
    if (err == OK)
        memcpy(bytes + RADIUS_HEADER_LEN + ATTRIBUTE_HEADER, digest, MD5_LEN);
    return err;
}

/* --- taking one apart --------------------------------------------------- */

bool
radius_next(struct reader *attributes, uint8_t *type, struct span *value)
{
    uint8_t len;

    if (!read_ok(attributes) || read_done(attributes))
        return false;
    *type = read_u8(attributes);
    len = read_u8(attributes);
    if (len < ATTRIBUTE_HEADER)
        read_fail(attributes);
    *value = read_bytes(attributes, (size_t)len - ATTRIBUTE_HEADER);
    return read_ok(attributes);
}

enum err
radius_parse(struct span datagram, struct radius_packet *packet)
{
    struct reader header = reader_over(datagram);
    struct reader attributes;
    struct span value;
    uint8_t type;
    size_t len;

    packet->code = read_u8(&header);
    packet->id = read_u8(&header);
    len = read_u16(&header);
    if (!read_ok(&header) || len < RADIUS_HEADER_LEN ||
        len > RADIUS_PACKET_MAX || len > datagram.len)
        return ERR_FORMAT;
    packet->whole = span_of(datagram.ptr, len);
    packet->attributes =
        span_of(datagram.ptr + RADIUS_HEADER_LEN, len - RADIUS_HEADER_LEN);
    attributes = reader_over(packet->attributes);
    while (radius_next(&attributes, &type, &value))
        continue;
    return read_done(&attributes) ? OK : ERR_FORMAT;
}

bool
radius_find(const struct radius_packet *packet, enum radius_type type,
            struct span *value)
{
    struct reader attributes = reader_over(packet->attributes);
    struct span one;
    uint8_t found;

    while (radius_next(&attributes, &found, &one))
        if (found == type) {
            *value = one;
            return true;
        }
    return false;
}

bool
radius_is_answer(const struct radius_packet *packet, struct span key,
                 const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN])
{
    const struct span pieces[] = {
        span_of(packet->whole.ptr, AUTHENTICATOR_AT),
        span_of(authenticator, RADIUS_AUTHENTICATOR_LEN),
        packet->attributes,
        key,
    };
    uint8_t digest[HASH_MAX];

    return hash_pieces(HASH_MD5, pieces, 4, digest) == OK &&
           crypto_equal(span_of(digest, MD5_LEN),
                        span_of(packet->whole.ptr + AUTHENTICATOR_AT, MD5_LEN));
}

/* Over the packet with the request's authenticator, and zeros in its place. */
static bool
signature_is_right(const struct radius_packet *packet, struct span signature,
                   struct span key, const uint8_t *authenticator)
{
    struct span all = packet->attributes;
    size_t before = (size_t)(signature.ptr - all.ptr);
    const struct span pieces[] = {
        span_of(packet->whole.ptr, AUTHENTICATOR_AT),
        span_of(authenticator, RADIUS_AUTHENTICATOR_LEN),
        span_of(all.ptr, before),
        span_of(zeros, MD5_LEN),
        span_of(signature.ptr + MD5_LEN, all.len - before - MD5_LEN),
    };
    uint8_t digest[HASH_MAX];

    return hash_hmac(HASH_MD5, key, pieces, 5, digest) == OK &&
           crypto_equal(span_of(digest, MD5_LEN), signature);
}

enum radius_signature
radius_signature(const struct radius_packet *packet, struct span key,
                 const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN])
{
    struct reader attributes = reader_over(packet->attributes);
    struct span signature = SPAN_EMPTY, value;
    unsigned count = 0;
    uint8_t type;

    while (radius_next(&attributes, &type, &value))
        if (type == RADIUS_MESSAGE_AUTHENTICATOR) {
            signature = value;
            count++;
        }
    if (count == 0)
        return RADIUS_UNSIGNED;
    if (count > 1 || signature.len != MD5_LEN ||
        !signature_is_right(packet, signature, key, authenticator))
        return RADIUS_FORGED;
    return RADIUS_SIGNED;
}
