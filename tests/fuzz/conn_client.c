/*
 * Whole conversations with a client: a raw server that knows its keys brings
 * it to a state, then sends what the fuzzer says.
 *
 *     state, flags, piece length, then
 *     state 0: bytes, as they come from the socket
 *     others: messages, each a 16-bit length and a payload
 *
 * flags: 1 strict key exchange, 2 keyboard-interactive instead of a password,
 * 4 data is not consumed, 8 AES-GCM instead of AES-CTR with a MAC.
 */
#include <assert.h>
#include <stdint.h>

#include "fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define INPUT_MAX 100000
#define STATES    7

static void
confirm_session(struct raw *raw)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_CHANNEL_OPEN_CONFIRMATION);

    buf_put_u32(to, 0);
    buf_put_u32(to, 9);
    buf_put_u32(to, 100000);
    buf_put_u32(to, 32768);
    raw_end(raw);
}

static void
reach(struct fixture *f, unsigned state)
{
    struct raw *raw = &f->raw;

    if (state == 1 || state == 2) {
        raw_idents(raw);
        raw_expect_kexinit(raw);
        if (state == 2) {
            raw_send_kexinit(raw);
            raw_expect_init(raw);
        }
        return;
    }
    raw_handshake(raw);
    if (state > 3)
        send_sample(raw, SSH2_MSG_SERVICE_ACCEPT);
    if (state > 4)
        raw_send_number(raw, SSH2_MSG_USERAUTH_SUCCESS);
    if (state > 5)
        confirm_session(raw);
}

static void
send_messages(struct fixture *f, struct span input)
{
    struct reader r = reader_over(input);

    while (r.left > 0) {
        struct span payload = read_bytes(&r, read_u16(&r));

        if (!read_ok(&r) || payload.len == 0)
            return;
        raw_send(&f->raw, payload);
    }
}

static void
check(struct fixture *f)
{
    struct ssh_conn *c = f->user.conn;

    assert(ssh_conn_output(c).len <= SSH_OUTPUT_MAX);
    ssh_conn_tick(c, 1000000);
    raw_take(&f->raw);
    ssh_conn_trim(c);
    assert(!f->user.closed || !ssh_conn_wants_input(c));
    ssh_conn_input_end(c);
    raw_take(&f->raw);
    assert(f->user.closed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fixture f;
    struct span input;
    unsigned state;

    if (len < 3 || len > INPUT_MAX)
        return 0;
    state = bytes[0] % STATES;
    input = span_of(bytes + 3, len - 3);
    fixture_client(&f);
    if (bytes[1] & 1)
        f.raw.strict = RAW_STRICT_V00;
    if (bytes[1] & 2)
        f.user.method = USER_INTERACTIVE;
    if (bytes[1] & 8)
        f.raw.cipher = "aes128-gcm@openssh.com";
    f.user.hoards = bytes[1] & 4;
    if (state > 0)
        reach(&f, state);
    f.raw.chunk = bytes[2];
    if (state == 0)
        raw_bytes(&f.raw, input);
    else
        send_messages(&f, input);
    check(&f);
    fixture_clear(&f);
    return 0;
}
