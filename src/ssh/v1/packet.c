#include "ssh/v1/packet.h"

#include "base/reader.h"
#include "ssh/v1/crc32.h"

#define CRC_LEN     4
#define PADDING_MAX 8

/* 1 to 8 bytes in front of what `length` counts. */
static size_t
padding_of(size_t length)
{
    return PADDING_MAX - length % PADDING_MAX;
}

static uint32_t
length_at(const uint8_t *bytes)
{
    struct reader r = reader_over(span_of(bytes, PACKET1_HEADER));

    return read_u32(&r);
}

enum err
packet1_size(struct span bytes, uint32_t max, size_t *size)
{
    uint32_t length;

    if (bytes.len < PACKET1_HEADER)
        return ERR_MORE;
    length = length_at(bytes.ptr);
    if (length < PACKET1_MIN || length > max)
        return ERR_LENGTH;
    *size = PACKET1_HEADER + padding_of(length) + length;
    return OK;
}

static enum err
decrypt(struct packet1_receiver *rx, uint8_t *body, size_t len)
{
    if (detector_finds_attack(rx->detector, span_of(body, len),
                              rx->has_last ? rx->last : NULL))
        return ERR_MAC;
    memcpy(rx->last, body + len - CIPHER1_BLOCK, CIPHER1_BLOCK);
    rx->has_last = true;
    return cipher1_crypt(rx->cipher, body, len);
}

enum err
packet1_open(struct packet1_receiver *rx, uint8_t *bytes, size_t size,
             struct span *message)
{
    uint32_t length = length_at(bytes);
    uint8_t *body = bytes + PACKET1_HEADER;
    size_t len = size - PACKET1_HEADER;
    enum err err = rx->cipher == NULL ? OK : decrypt(rx, body, len);

    if (err != OK)
        return err;
    if (crc32_add(0, span_of(body, len - CRC_LEN)) !=
        length_at(body + len - CRC_LEN))
        return ERR_MAC;
    *message = span_of(body + padding_of(length), length - CRC_LEN);
    return OK;
}

size_t
packet1_begin(struct buf *to)
{
    static const uint8_t zeros[PACKET1_HEADER + PADDING_MAX];
    size_t mark = buf_len(to);

    buf_put(to, zeros, sizeof(zeros));
    return mark;
}

/* Padding is one byte at least and eight at most: what is too much goes. */
static size_t
fit_padding(struct buf *to, size_t mark, size_t length)
{
    uint8_t *body = buf_bytes(to) + mark + PACKET1_HEADER;
    size_t padding = padding_of(length), surplus = PADDING_MAX - padding;

    memmove(body + padding, body + PADDING_MAX, length - CRC_LEN);
    buf_truncate(to, buf_len(to) - surplus);
    return padding;
}

enum err
packet1_seal(struct cipher1 *cipher, struct buf *to, size_t mark,
             random_fn random, void *random_state)
{
    size_t length, padding;
    uint8_t *packet, *body;

    if (!buf_ok(to))
        return ERR_LIMIT;
    length = buf_len(to) - mark - PACKET1_HEADER - PADDING_MAX + CRC_LEN;
    padding = fit_padding(to, mark, length);
    packet = buf_bytes(to) + mark;
    if (cipher != NULL)
        random(random_state, packet + PACKET1_HEADER, padding);
    buf_put_u32(to, crc32_add(0, span_of(packet + PACKET1_HEADER,
                                         padding + length - CRC_LEN)));
    if (!buf_ok(to))
        return ERR_LIMIT;
    packet = buf_bytes(to) + mark;
    for (size_t i = 0; i < PACKET1_HEADER; i++)
        packet[i] = (uint8_t)(length >> (24 - 8 * i));
    body = packet + PACKET1_HEADER;
    return cipher == NULL ? OK : cipher1_crypt(cipher, body, padding + length);
}
