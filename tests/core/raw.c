#include "raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define WAY_MAX (64 * 1024 * 1024)

void
raw_init(struct raw *raw, struct ssh_conn *conn, enum ssh_role role,
         void (*turn)(void *owner), void *owner)
{
    *raw = (struct raw){
        .conn = conn,
        .turn = turn,
        .owner = owner,
        .role = role,
        .ident = "SSH-2.0-raw_1",
        .kex = "curve25519-sha256",
        .host_key = "ssh-ed25519",
        .cipher = "aes128-ctr",
        .mac = "hmac-sha2-256",
        .compression = "none",
        .chance = {7},
        .rx.max = SSH_PACKET_MAX,
    };
    buf_init(&raw->in, WAY_MAX);
    buf_init(&raw->scratch, WAY_MAX);
    buf_init(&raw->packet, WAY_MAX);
    buf_init(&raw->own_init, WAY_MAX);
    buf_init(&raw->peer_init, WAY_MAX);
    buf_init(&raw->after, WAY_MAX);
}

void
raw_clear(struct raw *raw)
{
    packet_keys_clear(&raw->tx.keys);
    packet_keys_clear(&raw->rx.keys);
    packet_keys_clear(&raw->next_in);
    packet_keys_clear(&raw->next_out);
    kex_client_free(raw->client);
    kex_group_free(raw->group);
    free((void *)(uintptr_t)raw->peer_ident.ptr);
    buf_clear(&raw->in);
    buf_clear(&raw->scratch);
    buf_clear(&raw->packet);
    buf_clear(&raw->own_init);
    buf_clear(&raw->peer_init);
    buf_clear(&raw->after);
}

/* --- bytes ----------------------------------------------------------- */

void
raw_take(struct raw *raw)
{
    struct span out;

    raw->turn(raw->owner);
    out = ssh_conn_output(raw->conn);
    buf_put_span(&raw->in, out);
    assert_true(buf_ok(&raw->in));
    ssh_conn_output_sent(raw->conn, out.len);
    raw->turn(raw->owner);
}

/* In memory of exactly this size, as sanitizers like it. */
static size_t
hand_over(struct raw *raw, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len);
    size_t taken;

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    taken = ssh_conn_input(raw->conn, copy, len);
    raw->turn(raw->owner);
    memset(copy, 0xee, len);
    free(copy);
    return taken;
}

void
raw_bytes(struct raw *raw, struct span bytes)
{
    while (bytes.len > 0) {
        size_t len = bytes.len;
        size_t taken;

        if (raw->chunk > 0 && len > raw->chunk)
            len = raw->chunk;
        taken = hand_over(raw, bytes.ptr, len);
        raw_take(raw);
        if (taken == 0 && !ssh_conn_wants_input(raw->conn))
            break;
        bytes = span_of(bytes.ptr + taken, bytes.len - taken);
    }
    raw_take(raw);
}

/* --- packets --------------------------------------------------------- */

void
raw_send(struct raw *raw, struct span payload)
{
    size_t mark;

    buf_reset(&raw->packet);
    mark = packet_begin(&raw->packet);
    buf_put_span(&raw->packet, payload);
    assert_int_equal(
        packet_seal(&raw->tx, &raw->packet, mark, chance_bytes, &raw->chance),
        OK);
    raw_bytes(raw, buf_span(&raw->packet));
}

static bool
has_length_apart(const struct raw *raw)
{
    const struct packet_keys *keys = &raw->tx.keys;

    return keys->cipher != NULL &&
           (cipher_method_of(keys->cipher)->tag_len > 0 ||
            mac_method_of(keys->mac)->etm);
}

void
raw_send_plain(struct raw *raw, struct span packet)
{
    struct packet_keys *keys = &raw->tx.keys;
    size_t clear = has_length_apart(raw) ? 4 : 0;
    uint8_t mac[MAC_MAX];
    uint8_t *bytes;

    buf_reset(&raw->packet);
    bytes = buf_reserve(&raw->packet, packet.len + MAC_MAX);
    memcpy(bytes, packet.ptr, packet.len);
    buf_commit(&raw->packet, packet.len);
    if (keys->cipher == NULL) {
        raw_bytes(raw, buf_span(&raw->packet));
        return;
    }
    if (cipher_method_of(keys->cipher)->tag_len > 0) {
        assert_int_equal(
            cipher_seal(keys->cipher, raw->tx.seq, bytes, packet.len), OK);
        buf_commit(&raw->packet, cipher_method_of(keys->cipher)->tag_len);
    } else {
        if (clear == 0)
            assert_int_equal(mac_make(keys->mac, raw->tx.seq, packet, mac), OK);
        assert_int_equal(cipher_crypt(keys->cipher, bytes + clear,
                                      bytes + clear, packet.len - clear),
                         OK);
        if (clear > 0)
            assert_int_equal(mac_make(keys->mac, raw->tx.seq,
                                      span_of(bytes, packet.len), mac),
                             OK);
        buf_put(&raw->packet, mac, mac_method_of(keys->mac)->len);
    }
    raw->tx.seq++;
    raw_bytes(raw, buf_span(&raw->packet));
}

static void
put_length(uint8_t *to, uint32_t length)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(length >> (24 - 8 * i));
}

void
raw_send_length(struct raw *raw, uint32_t length, size_t len)
{
    struct packet_keys *keys = &raw->tx.keys;
    uint8_t *bytes;

    buf_reset(&raw->packet);
    bytes = buf_reserve(&raw->packet, len + 64);
    memset(bytes, 0, len + 64);
    if (keys->cipher != NULL && strcmp(cipher_method_of(keys->cipher)->name,
                                       "chacha20-poly1305@openssh.com") == 0) {
        /* Its length field is a stream of its own: find it, then use it. */
        uint8_t wanted[4];

        put_length(wanted, length);
        put_length(bytes, 32);
        assert_int_equal(cipher_seal(keys->cipher, raw->tx.seq, bytes, 36), OK);
        for (int i = 0; i < 4; i++)
            bytes[i] ^= (uint8_t)((i == 3 ? 32 : 0) ^ wanted[i]);
    } else {
        put_length(bytes, length);
        if (keys->cipher != NULL && !has_length_apart(raw))
            assert_int_equal(cipher_crypt(keys->cipher, bytes, bytes, 16), OK);
    }
    buf_commit(&raw->packet, len);
    raw_bytes(raw, buf_span(&raw->packet));
}

void
raw_send_number(struct raw *raw, uint8_t message)
{
    raw_send(raw, span_of(&message, 1));
}

struct buf *
raw_begin(struct raw *raw, uint8_t message)
{
    buf_reset(&raw->scratch);
    buf_put_u8(&raw->scratch, message);
    return &raw->scratch;
}

void
raw_end(struct raw *raw)
{
    raw_send(raw, buf_span(&raw->scratch));
}

int
raw_next(struct raw *raw)
{
    size_t size, len;
    enum err err;

    buf_consume(&raw->in, raw->opened);
    raw->opened = 0;
    raw->payload = SPAN_EMPTY;
    if (buf_len(&raw->in) == 0)
        return RAW_NOTHING;
    err = packet_open(&raw->rx, buf_bytes(&raw->in), buf_len(&raw->in), &size,
                      &len);
    if (err == ERR_MORE)
        return RAW_NOTHING;
    if (err != OK)
        return RAW_GARBAGE;
    raw->opened = size;
    raw->payload = span_of(buf_bytes(&raw->in) + PACKET_HEADER, len);
    return raw->payload.ptr[0];
}

struct reader
raw_fields(const struct raw *raw)
{
    return reader_over(span_of(raw->payload.ptr + 1, raw->payload.len - 1));
}

void
raw_expect(struct raw *raw, int message)
{
    assert_int_equal(raw_next(raw), message);
}

void
raw_expect_end(struct raw *raw, enum ssh_reason reason)
{
    struct reader r;

    if (reason != SSH_REASON_NONE) {
        raw_expect(raw, SSH2_MSG_DISCONNECT);
        r = raw_fields(raw);
        assert_int_equal(read_u32(&r), reason);
    }
    raw_expect(raw, RAW_NOTHING);
    assert_false(ssh_conn_wants_input(raw->conn));
}

void
raw_expect_quiet(struct raw *raw)
{
    raw_expect(raw, RAW_NOTHING);
    assert_true(ssh_conn_wants_input(raw->conn));
}
