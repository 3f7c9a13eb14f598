#include "ssh/v2/packet.h"

#include <assert.h>

#define BLOCK_MIN   8 /* RFC 4253 section 6: 8, or the cipher's if larger */
#define PADDING_MIN 4

/* --- what the keys say about the form of a packet -------------------- */

static size_t
block_of(const struct packet_keys *keys)
{
    size_t len = BLOCK_MIN;

    if (keys->cipher != NULL)
        len = cipher_method_of(keys->cipher)->block_len;
    return len < BLOCK_MIN ? BLOCK_MIN : len;
}

static size_t
tag_of(const struct packet_keys *keys)
{
    if (keys->cipher == NULL)
        return 0;
    return cipher_method_of(keys->cipher)->tag_len;
}

size_t
packet_mac_bytes(const struct packet_keys *keys)
{
    if (keys->mac != NULL)
        return mac_method_of(keys->mac)->len;
    return tag_of(keys);
}

static bool
is_etm(const struct packet_keys *keys)
{
    return keys->mac != NULL && mac_method_of(keys->mac)->etm;
}

/* The length field is not part of what is padded to whole blocks. */
static bool
is_length_apart(const struct packet_keys *keys)
{
    return is_etm(keys) || tag_of(keys) > 0;
}

size_t
packet_first_bytes(const struct packet_keys *keys)
{
    return is_length_apart(keys) ? 4 : block_of(keys);
}

/* Which of several faults a packet has must not show (hardening 2.12). */
static bool
is_masked(const struct packet_keys *keys)
{
    return keys->cipher != NULL && cipher_method_of(keys->cipher)->cbc &&
           !is_etm(keys);
}

/* --- opening --------------------------------------------------------- */

static uint32_t
get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           (uint32_t)p[3];
}

static void
put_u32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 24 & 0xff);
    p[1] = (uint8_t)(value >> 16 & 0xff);
    p[2] = (uint8_t)(value >> 8 & 0xff);
    p[3] = (uint8_t)(value & 0xff);
}

/* Fail with `err`, or for CBC read on until all faults look the same. */
static enum err
corrupted(struct packet_receiver *rx, enum err err, size_t len, size_t *size)
{
    size_t taken;

    if (!is_masked(&rx->keys))
        return err;
    rx->corrupted = true;
    rx->discarded = 0;
    taken = packet_discard(rx, len, &err);
    *size = taken + 1;
    return err;
}

static bool
is_good_length(const struct packet_receiver *rx, uint32_t length)
{
    size_t block = block_of(&rx->keys);
    size_t padded = length;

    if (length > rx->max)
        return false;
    if (!is_length_apart(&rx->keys))
        padded += 4;
    /* Padding length, one byte of payload, the least padding. */
    return length >= 1 + 1 + PADDING_MIN && padded % block == 0 &&
           padded >= (is_length_apart(&rx->keys) ? block : 16);
}

/* Learn the length; what of the packet is encrypted stays so, but for the
   first block when the length is in it. */
static enum err
open_length(struct packet_receiver *rx, uint8_t *bytes, size_t len,
            size_t *size)
{
    bool apart = is_length_apart(&rx->keys);
    size_t first = packet_first_bytes(&rx->keys);
    uint32_t length;

    if (len < first) {
        *size = first;
        return ERR_MORE;
    }
    if (rx->keys.cipher != NULL && !apart &&
        cipher_crypt(rx->keys.cipher, bytes, bytes, first) != OK)
        return ERR_CRYPTO;
    length = tag_of(&rx->keys) > 0
                 ? cipher_peek_length(rx->keys.cipher, rx->seq, bytes)
                 : get_u32(bytes);
    if (!is_good_length(rx, length))
        return corrupted(rx, ERR_LENGTH, len, size);
    rx->length = length;
    rx->length_known = true;
    return OK;
}

/* Check and decrypt the whole packet. */
static enum err
open_body(struct packet_receiver *rx, uint8_t *bytes)
{
    struct packet_keys *keys = &rx->keys;
    size_t len = 4 + (size_t)rx->length;
    struct span all = span_of(bytes, len);
    size_t first;

    if (keys->cipher == NULL)
        return OK;
    if (tag_of(keys) > 0)
        return cipher_open(keys->cipher, rx->seq, bytes, len);
    if (is_etm(keys)) {
        if (mac_check(keys->mac, rx->seq, all, bytes + len) != OK)
            return ERR_MAC;
        return cipher_crypt(keys->cipher, bytes + 4, bytes + 4, len - 4);
    }
    first = block_of(keys);
    if (len > first && cipher_crypt(keys->cipher, bytes + first, bytes + first,
                                    len - first) != OK)
        return ERR_CRYPTO;
    return mac_check(keys->mac, rx->seq, all, bytes + len);
}

enum err
packet_open(struct packet_receiver *rx, uint8_t *bytes, size_t len,
            size_t *size, size_t *payload_len)
{
    enum err err;
    size_t padding;

    assert(!rx->corrupted);
    if (!rx->length_known) {
        err = open_length(rx, bytes, len, size);
        if (err != OK)
            return err;
    }
    *size = 4 + (size_t)rx->length + packet_mac_bytes(&rx->keys);
    if (len < *size)
        return ERR_MORE;
    err = open_body(rx, bytes);
    rx->length_known = false;
    if (err == ERR_MAC)
        return corrupted(rx, ERR_MAC, len, size);
    if (err != OK)
        return err;
    padding = bytes[4];
    if (padding < PADDING_MIN || padding + 2 > rx->length)
        return ERR_LENGTH;
    *payload_len = rx->length - 1 - padding;
    if (rx->seq == UINT32_MAX)
        rx->seq_wrapped = true;
    rx->seq++;
    rx->packets++;
    rx->bytes += *size;
    return OK;
}

/* A MAC over as many bytes as the longest packet has: time, not a result. */
static void
make_dummy_mac(struct packet_receiver *rx)
{
    static const uint8_t zeros[4096];
    uint8_t out[MAC_MAX];

    for (size_t left = PACKET_DISCARD; left > 0;) {
        size_t len = left < sizeof(zeros) ? left : sizeof(zeros);

        if (mac_make(rx->keys.mac, rx->seq, span_of(zeros, len), out) != OK)
            return;
        left -= len;
    }
}

size_t
packet_discard(struct packet_receiver *rx, size_t len, enum err *err)
{
    size_t left = PACKET_DISCARD - rx->discarded;

    assert(rx->corrupted);
    if (len > left)
        len = left;
    rx->discarded += len;
    *err = ERR_MORE;
    if (rx->discarded == PACKET_DISCARD) {
        make_dummy_mac(rx);
        *err = ERR_MAC;
    }
    return len;
}

/* --- sealing --------------------------------------------------------- */

size_t
packet_begin(struct buf *out)
{
    static const uint8_t header[PACKET_HEADER];
    size_t mark = buf_len(out);

    buf_put(out, header, sizeof(header));
    return mark;
}

/* Padding to a multiple of the block, at least four bytes. */
static size_t
padding_for(const struct packet_keys *keys, size_t payload_len)
{
    size_t block = block_of(keys);
    size_t header = is_length_apart(keys) ? 1 : PACKET_HEADER;
    size_t padding = block - (header + payload_len) % block;

    if (padding < PADDING_MIN)
        padding += block;
    /* RFC 4253 section 6: no packet is shorter than 16 bytes. */
    if (!is_length_apart(keys) && header + payload_len + padding < 16)
        padding += block;
    return padding;
}

/* Encrypt and authenticate packet[0..len); the trailer goes behind it. */
static enum err
seal_bytes(struct packet_sender *tx, uint8_t *packet, size_t len)
{
    struct packet_keys *keys = &tx->keys;
    uint8_t mac[MAC_MAX];
    bool etm = is_etm(keys);
    size_t clear = etm ? 4 : 0;

    if (keys->cipher == NULL)
        return OK;
    if (tag_of(keys) > 0)
        return cipher_seal(keys->cipher, tx->seq, packet, len);
    if (!etm && mac_make(keys->mac, tx->seq, span_of(packet, len), mac) != OK)
        return ERR_CRYPTO;
    if (cipher_crypt(keys->cipher, packet + clear, packet + clear,
                     len - clear) != OK)
        return ERR_CRYPTO;
    if (etm && mac_make(keys->mac, tx->seq, span_of(packet, len), mac) != OK)
        return ERR_CRYPTO;
    memcpy(packet + len, mac, mac_method_of(keys->mac)->len);
    return OK;
}

enum err
packet_seal(struct packet_sender *tx, struct buf *out, size_t mark,
            random_fn random, void *random_state)
{
    size_t trailer = packet_mac_bytes(&tx->keys);
    size_t payload_len, padding, len;
    uint8_t *packet, *end;

    if (!buf_ok(out) || tx->packets >= UINT32_MAX)
        return ERR_LIMIT;
    payload_len = buf_len(out) - mark - PACKET_HEADER;
    padding = padding_for(&tx->keys, payload_len);
    end = buf_reserve(out, padding + trailer);
    if (end == NULL)
        return ERR_LIMIT;
    random(random_state, end, padding);
    buf_commit(out, padding + trailer);
    packet = buf_bytes(out) + mark;
    len = PACKET_HEADER + payload_len + padding;
    put_u32(packet, (uint32_t)(len - 4));
    packet[4] = (uint8_t)padding;
    if (seal_bytes(tx, packet, len) != OK)
        return ERR_CRYPTO;
    tx->length = (uint32_t)len;
    tx->padding = (uint32_t)padding;
    tx->seq++;
    tx->packets++;
    tx->bytes += len + trailer;
    return OK;
}

/* --- keys ------------------------------------------------------------ */

void
packet_keys_clear(struct packet_keys *keys)
{
    cipher_free(keys->cipher);
    mac_free(keys->mac);
    *keys = (struct packet_keys){NULL, NULL};
}

void
packet_receiver_rekey(struct packet_receiver *rx, struct packet_keys *keys,
                      bool reset_seq)
{
    packet_keys_clear(&rx->keys);
    rx->keys = *keys;
    *keys = (struct packet_keys){NULL, NULL};
    rx->packets = rx->bytes = 0;
    if (reset_seq)
        rx->seq = 0;
}

void
packet_sender_rekey(struct packet_sender *tx, struct packet_keys *keys,
                    bool reset_seq)
{
    packet_keys_clear(&tx->keys);
    tx->keys = *keys;
    *keys = (struct packet_keys){NULL, NULL};
    tx->packets = tx->bytes = 0;
    if (reset_seq)
        tx->seq = 0;
}
