/*
 * Packets of every form under every cipher and MAC. The keys are known here,
 * so that odd packets are authentic as well:
 *
 *     suite, form, piece length, then the packet
 *
 * form 0: the bytes are ciphertext; 1: they are a plaintext packet, length
 * field and all, which is encrypted; 2: they are a payload, which is sealed
 * and must open again.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "ssh/v2/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define SUITES   11
#define TEXT_MAX 70000

static const struct {
    const char *cipher, *mac;
} suites[SUITES] = {
    {NULL, NULL},
    {"chacha20-poly1305@openssh.com", NULL},
    {"aes256-gcm@openssh.com", NULL},
    {"aes128-ctr", "hmac-sha2-256"},
    {"aes256-ctr", "hmac-sha2-512-etm@openssh.com"},
    {"aes128-cbc", "hmac-sha1"},
    {"aes128-cbc", "hmac-sha2-256-etm@openssh.com"},
    {"3des-cbc", "hmac-md5-96"},
    {"3des-cbc", "hmac-sha2-256-etm@openssh.com"},
    {"aes192-ctr", "hmac-sha1-96"},
    {"aes192-cbc", "hmac-md5"},
};

static void
pad(void *state, void *to, size_t len)
{
    (void)state;
    memset(to, 0x55, len);
}

static void
make_keys(struct packet_keys *keys, size_t suite, bool sending)
{
    static const uint8_t secret[CIPHER_KEY_MAX] = {1, 2, 3, 4, 5, 6, 7, 8};
    const struct cipher_method *cipher;
    enum err err;

    if (suites[suite].cipher == NULL)
        return;
    cipher = cipher_find(span_text(suites[suite].cipher));
    err = cipher_new(cipher, secret, secret, sending, &keys->cipher);
    assert(err == OK);
    if (cipher->tag_len > 0)
        return;
    err = mac_new(mac_find(span_text(suites[suite].mac)), secret, &keys->mac);
    assert(err == OK);
}

/* Encrypt and authenticate a plaintext packet as it is; cut to whole blocks. */
static void
protect(struct packet_keys *keys, struct buf *to, struct span packet)
{
    const struct cipher_method *cipher;
    bool etm = keys->mac != NULL && mac_method_of(keys->mac)->etm;
    size_t clear, len = packet.len;
    uint8_t *at;
    enum err err;

    if (keys->cipher == NULL || len < 4) {
        buf_put_span(to, packet);
        return;
    }
    cipher = cipher_method_of(keys->cipher);
    clear = etm || cipher->tag_len > 0 ? 4 : 0;
    len = clear + (len - clear) / cipher->block_len * cipher->block_len;
    at = buf_reserve(to, len + MAC_MAX);
    assert(at != NULL);
    memset(at, 0, len + MAC_MAX);
    memcpy(at, packet.ptr, len);
    if (cipher->tag_len > 0) {
        err = cipher_seal(keys->cipher, 0, at, len);
        buf_commit(to, len + cipher->tag_len);
        assert(err == OK);
        return;
    }
    if (!etm)
        err = mac_make(keys->mac, 0, span_of(at, len), at + len);
    if (len > clear)
        err = cipher_crypt(keys->cipher, at + clear, at + clear, len - clear);
    if (etm)
        err = mac_make(keys->mac, 0, span_of(at, len), at + len);
    assert(err == OK);
    buf_commit(to, len + mac_method_of(keys->mac)->len);
}

/* Hand over what there is, a piece more each time, in memory of its own. */
static enum err
receive(struct packet_receiver *rx, struct span all, size_t piece,
        size_t *payload_len)
{
    size_t have = 0, size = 1;
    uint8_t *kept = NULL;
    enum err err = ERR_MORE;

    while (err == ERR_MORE && have < all.len && !rx->corrupted) {
        size_t more = all.len - have < piece ? all.len - have : piece;
        uint8_t *bytes = malloc(have + more);

        assert(bytes != NULL);
        if (have > 0)
            memcpy(bytes, kept, have);
        memcpy(bytes + have, all.ptr + have, more);
        free(kept);
        kept = bytes;
        have += more;
        err = packet_open(rx, bytes, have, &size, payload_len);
        assert(err != ERR_MORE || rx->corrupted || size > have);
    }
    assert(err != OK || (*payload_len >= 1 && size <= have &&
                         PACKET_HEADER + *payload_len + 4 <= size));
    for (int i = 0; rx->corrupted && err == ERR_MORE && i < 200; i++)
        (void)packet_discard(rx, 1000, &err);
    assert(!rx->corrupted || err == ERR_MAC);
    free(kept);
    return err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct packet_receiver rx = {.max = SSH_PACKET_MAX_PREAUTH};
    struct packet_sender tx = {.seq = 0};
    struct buf way;
    struct span text;
    size_t suite, piece, payload_len = 0;
    enum err err;

    if (len < 4 || len > TEXT_MAX || crypto_warm_up() != OK)
        return 0;
    suite = bytes[0] % SUITES;
    piece = (size_t)bytes[2] + 1;
    text = span_of(bytes + 3, len - 3);
    make_keys(&tx.keys, suite, true);
    make_keys(&rx.keys, suite, false);
    buf_init(&way, 2 * TEXT_MAX);
    if (bytes[1] % 3 == 0) {
        buf_put_span(&way, text);
    } else if (bytes[1] % 3 == 1) {
        protect(&tx.keys, &way, text);
    } else {
        size_t mark = packet_begin(&way);

        buf_put_span(&way, text);
        err = packet_seal(&tx, &way, mark, pad, NULL);
        assert(err == OK);
    }
    err = receive(&rx, buf_span(&way), piece, &payload_len);
    if (bytes[1] % 3 == 2 && text.len <= 32768)
        assert(err == OK && payload_len == text.len);
    packet_keys_clear(&tx.keys);
    packet_keys_clear(&rx.keys);
    buf_clear(&way);
    return 0;
}
