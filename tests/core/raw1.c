#include "raw1.h"

#include <assert.h>
#include <stdlib.h>

#include "crypto/crypto.h"
#include "ssh/v1/numbers.h"

static void
must(enum err err)
{
    assert(err == OK);
}

void
raw1_take(struct raw1 *a)
{
    struct span out;

    owner_turn(&a->owner);
    out = ssh_conn_output(a->owner.conn);
    buf_put_span(&a->in, out);
    ssh_conn_output_sent(a->owner.conn, out.len);
}

void
raw1_bytes(struct raw1 *a, struct span bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);
    size_t at = 0;

    memcpy(copy, bytes.ptr, bytes.len);
    while (at < bytes.len) {
        size_t taken = ssh_conn_input(a->owner.conn, copy + at, bytes.len - at);

        raw1_take(a);
        if (taken == 0)
            break;
        at += taken;
    }
    free(copy);
}

struct buf *
raw1_begin(struct raw1 *a, uint8_t message)
{
    buf_reset(&a->packet);
    packet1_begin(&a->packet);
    buf_put_u8(&a->packet, message);
    return &a->packet;
}

void
raw1_end(struct raw1 *a)
{
    must(packet1_seal(a->tx, &a->packet, 0, chance_bytes, &a->chance));
    raw1_bytes(a, buf_span(&a->packet));
}

/* The next message's number; -1: there is none. */
int
raw1_next(struct raw1 *a)
{
    size_t size;

    if (packet1_size(buf_span(&a->in), PACKET1_MAX, &size) != OK)
        return -1;
    must(packet1_open(&a->rx, buf_bytes(&a->in), size, &a->message));
    buf_consume(&a->in, size);
    return a->message.ptr[0];
}

static void
expect(struct raw1 *a, int number)
{
    int got = raw1_next(a);

    assert(got == number);
}

void
raw1_start(struct raw1 *a)
{
    static const char ident[] = "SSH-1.5-attack\n";
    uint8_t *line_end;

    must(crypto_warm_up());
    *a = (struct raw1){.chance = {1}};
    owner_init(&a->owner);
    buf_init(&a->in, 16 * 1024 * 1024);
    buf_init(&a->packet, PACKET1_MAX + 64);
    a->setup = (struct ssh_setup){
        .software = "vtyd_test",
        .versions = SSH_VERSION_1 | SSH_VERSION_2,
        .v1_ciphers = "3des,des",
        .random = chance_bytes,
        .random_state = &a->chance,
    };
    owner_start(&a->owner, &a->setup);
    raw1_bytes(a, span_of(ident, sizeof(ident) - 1));
    line_end = memchr(buf_bytes(&a->in), '\n', buf_len(&a->in));
    buf_consume(&a->in, (size_t)(line_end + 1 - buf_bytes(&a->in)));
    expect(a, SSH1_SMSG_PUBLIC_KEY);
    memcpy(a->cookie, a->message.ptr + 1, RSA1_COOKIE);
}

void
raw1_stop(struct raw1 *a)
{
    cipher1_free(a->tx);
    cipher1_free(a->rx.cipher);
    detector_free(a->rx.detector);
    buf_clear(&a->in);
    buf_clear(&a->packet);
    owner_clear(&a->owner);
}

void
raw1_send_key(struct raw1 *a, unsigned cipher, const uint8_t *cookie,
              struct span wrapped)
{
    struct buf *to = raw1_begin(a, SSH1_CMSG_SESSION_KEY);

    buf_put_u8(to, (uint8_t)cipher);
    buf_put(to, cookie, RSA1_COOKIE);
    numbers_put(to, wrapped);
    buf_put_u32(to, 0);
    raw1_end(a);
}

void
raw1_wrap(struct raw1 *a, struct buf *wrapped)
{
    const struct test_key *keys = keys_of_version_1();
    uint8_t id[RSA1_SESSION_ID];

    chance_bytes(&a->chance, a->key, sizeof(a->key));
    must(rsa1_session_id(buf_span(&keys[0].blob), buf_span(&keys[1].blob),
                         a->cookie, id));
    must(rsa1_wrap(buf_span(&keys[0].blob), buf_span(&keys[1].blob), id, a->key,
                   chance_bytes, &a->chance, wrapped));
}

void
raw1_use_key(struct raw1 *a)
{
    static const uint64_t seed[2] = {1, 2};

    must(cipher1_new(CIPHER1_3DES, a->key, true, &a->tx));
    must(cipher1_new(CIPHER1_3DES, a->key, false, &a->rx.cipher));
    a->rx.detector = detector_new(PACKET1_MAX + 8, seed);
}

void
raw1_reach(struct raw1 *a, enum raw1_phase phase)
{
    struct buf wrapped;

    raw1_start(a);
    if (phase >= PHASE_USER) {
        buf_init(&wrapped, 1024);
        raw1_wrap(a, &wrapped);
        raw1_send_key(a, CIPHER1_3DES, a->cookie, buf_span(&wrapped));
        buf_clear(&wrapped);
        raw1_use_key(a);
        expect(a, SSH1_SMSG_SUCCESS);
    }
    if (phase >= PHASE_AUTH) {
        buf_put_text(raw1_begin(a, SSH1_CMSG_USER), "lab");
        raw1_end(a);
        expect(a, SSH1_SMSG_FAILURE);
    }
    if (phase >= PHASE_PREPARE) {
        buf_put_text(raw1_begin(a, SSH1_CMSG_AUTH_PASSWORD), "cisco");
        raw1_end(a);
        expect(a, SSH1_SMSG_SUCCESS);
    }
    if (phase >= PHASE_SESSION) {
        (void)raw1_begin(a, SSH1_CMSG_EXEC_SHELL);
        raw1_end(a);
        expect(a, -1);
    }
}
