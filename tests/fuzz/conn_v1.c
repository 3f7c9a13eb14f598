/*
 * Conversations of version 1 with either end: a raw peer brings the connection
 * to a phase, then sends what the fuzzer says.
 *
 *     phase and end, flags, then messages, each a 16-bit length, type and data
 *
 * flags: 1 the owner's answers come late, 2 data is not consumed.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/crypto.h"
#include "raw1.h"
#include "ssh/v1/numbers.h"
#include "user.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define INPUT_MAX     100000
#define CLIENT_PHASES 4 /* before the keys, behind them, logged in, a shell */

/* --- against a server ---------------------------------------------------- */

static void
attack_server(unsigned phase, unsigned flags, struct reader *r)
{
    struct raw1 a;

    raw1_reach(&a, (enum raw1_phase)(phase % PHASES));
    a.owner.delays = flags & 1;
    a.owner.hoards = flags & 2;
    while (r->left > 0) {
        struct span message = read_bytes(r, read_u16(r));

        if (!read_ok(r) || message.len == 0)
            break;
        buf_put(raw1_begin(&a, message.ptr[0]), message.ptr + 1,
                message.len - 1);
        raw1_end(&a);
        while (a.owner.delays && owner_answer(&a.owner))
            raw1_take(&a);
    }
    assert(ssh_conn_output(a.owner.conn).len <= SSH_OUTPUT_MAX);
    ssh_conn_trim(a.owner.conn);
    ssh_conn_tick(a.owner.conn, 1000000);
    ssh_conn_input_end(a.owner.conn);
    raw1_take(&a);
    assert(a.owner.closed || a.owner.delays);
    raw1_stop(&a);
}

/* --- against a client ----------------------------------------------------- */

struct server {
    struct user user; /* of the client under test */
    struct chance chance;
    struct cipher1 *tx;
    struct buf in, packet; /* what it said; a message of ours */
};

static void
take(struct server *s)
{
    struct span out;

    user_turn(&s->user);
    out = ssh_conn_output(s->user.conn);
    buf_put_span(&s->in, out);
    ssh_conn_output_sent(s->user.conn, out.len);
}

static void
send_bytes(struct server *s, struct span bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);
    size_t at = 0, taken = 1;

    memcpy(copy, bytes.ptr, bytes.len);
    for (; at < bytes.len && taken > 0; at += taken) {
        taken = ssh_conn_input(s->user.conn, copy + at, bytes.len - at);
        take(s);
    }
    free(copy);
}

static void
send_message(struct server *s, struct span message)
{
    buf_reset(&s->packet);
    packet1_begin(&s->packet);
    buf_put_span(&s->packet, message);
    if (packet1_seal(s->tx, &s->packet, 0, chance_bytes, &s->chance) == OK)
        send_bytes(s, buf_span(&s->packet));
}

static void
put_key(struct buf *to, const struct test_key *key)
{
    struct span exponent, modulus;
    enum err err = rsa1_numbers(buf_span(&key->blob), &exponent, &modulus);

    assert(err == OK);
    buf_put_u32(to, numbers_bits(modulus));
    numbers_put(to, exponent);
    numbers_put(to, modulus);
}

/* Public keys out, the session key in; both encrypt from there on. */
static void
exchange_keys(struct server *s)
{
    const struct test_key *keys = keys_of_version_1();
    uint8_t cookie[RSA1_COOKIE] = {1}, id[RSA1_SESSION_ID], key[RSA1_KEY];
    struct packet1_receiver rx = {.cipher = NULL};
    struct span message = SPAN_EMPTY;
    struct reader r;
    struct buf to;
    size_t size = 0;

    buf_init(&to, 4096);
    buf_put_u8(&to, SSH1_SMSG_PUBLIC_KEY);
    buf_put(&to, cookie, sizeof(cookie));
    put_key(&to, &keys[1]);
    put_key(&to, &keys[0]);
    buf_put_u32(&to, 0);
    buf_put_u32(&to, numbers_cipher_mask("3des"));
    buf_put_u32(&to, 1U << SSH1_AUTH_PASSWORD);
    send_message(s, buf_span(&to));
    buf_clear(&to);
    if (rsa1_session_id(buf_span(&keys[0].blob), buf_span(&keys[1].blob),
                        cookie, id) != OK ||
        packet1_size(buf_span(&s->in), PACKET1_MAX, &size) != OK ||
        packet1_open(&rx, buf_bytes(&s->in), size, &message) != OK)
        abort();
    r = reader_over(message);
    read_bytes(&r, 1 + 1 + RSA1_COOKIE);
    if (!rsa1_unwrap(keys[0].key, keys[1].key, id, numbers_read(&r), key) ||
        cipher1_new(CIPHER1_3DES, key, true, &s->tx) != OK)
        abort();
    buf_reset(&s->in);
}

static void
attack_client(unsigned phase, struct reader *r)
{
    static const uint8_t success[] = {SSH1_SMSG_SUCCESS};
    static const char ident[] = "SSH-1.5-attack\n";
    struct server s = {.chance = {1}};
    struct ssh_setup setup = {
        .software = "vtyd_test",
        .versions = SSH_VERSION_1,
        .v1_ciphers = "3des,des",
        .random = chance_bytes,
        .random_state = &s.chance,
    };
    struct span out;

    user_init(&s.user);
    s.user.command = NULL;
    buf_init(&s.in, 16 * 1024 * 1024);
    buf_init(&s.packet, PACKET1_MAX + 64);
    user_start(&s.user, &setup);
    send_bytes(&s, span_of(ident, sizeof(ident) - 1));
    out = buf_span(&s.in);
    buf_consume(
        &s.in,
        (size_t)((const uint8_t *)memchr(out.ptr, '\n', out.len) - out.ptr) +
            1);
    if (phase % CLIENT_PHASES > 0)
        exchange_keys(&s);
    /* The keys; the name, which is enough; the terminal. */
    for (unsigned i = 1; i < phase % CLIENT_PHASES * 2; i++)
        send_message(&s, span_of(success, 1));
    while (r->left > 0) {
        struct span message = read_bytes(r, read_u16(r));

        if (!read_ok(r) || message.len == 0)
            break;
        send_message(&s, message);
    }
    assert(ssh_conn_output(s.user.conn).len <= SSH_OUTPUT_MAX);
    ssh_conn_trim(s.user.conn);
    ssh_conn_input_end(s.user.conn);
    take(&s);
    assert(s.user.closed);
    cipher1_free(s.tx);
    buf_clear(&s.in);
    buf_clear(&s.packet);
    user_clear(&s.user);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct reader r;

    if (len < 3 || len > INPUT_MAX || crypto_warm_up() != OK)
        return 0;
    r = reader_over(span_of(bytes + 2, len - 2));
    if (bytes[0] & 0x80)
        attack_client(bytes[0] & 0x7f, &r);
    else
        attack_server(bytes[0], bytes[1], &r);
    return 0;
}
