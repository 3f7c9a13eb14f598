/*
 * Whole conversations with a server: a raw peer that knows its keys brings it
 * to a state, then sends what the fuzzer says.
 *
 *     state, flags, piece length, then
 *     state 0: bytes, as they come from the socket
 *     others: messages, each a 16-bit length and a payload
 *
 * flags: 1 strict key exchange, 2 the owner's answers come late, 4 data is
 * not consumed, 8 AES-GCM instead of AES-CTR with a MAC.
 */
#include <assert.h>
#include <stdint.h>

#include "fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define INPUT_MAX 100000
#define STATES    8

static void
reach(struct fixture *f, unsigned state)
{
    struct raw *raw = &f->raw;

    if (state == 1 || state == 2) {
        raw_idents(raw);
        raw_expect_kexinit(raw);
        if (state == 2)
            raw_send_kexinit(raw);
    } else if (state == 3) {
        fixture_keys(f);
    } else if (state == 4) {
        fixture_service(f);
    } else if (state > 4) {
        fixture_login(f);
        if (state > 5)
            fixture_open(f, 0);
        if (state > 6)
            fixture_shell(f, 1);
    }
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
        while (f->owner.delays && owner_answer(&f->owner))
            raw_take(&f->raw);
    }
}

/* What must hold whatever came. */
static void
check(struct fixture *f)
{
    struct ssh_conn *c = f->owner.conn;

    assert(ssh_conn_output(c).len <= SSH_OUTPUT_MAX);
    ssh_conn_tick(c, 1000000);
    raw_take(&f->raw);
    ssh_conn_trim(c);
    assert(!f->owner.closed || !ssh_conn_wants_input(c));
    ssh_conn_input_end(c);
    raw_take(&f->raw);
    assert(f->owner.closed);
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
    fixture_server(&f);
    if (bytes[1] & 1)
        f.raw.strict = RAW_STRICT_V00;
    if (bytes[1] & 8)
        f.raw.cipher = "aes128-gcm@openssh.com";
    f.raw.ext_info = false;
    reach(&f, state);
    f.owner.delays = bytes[1] & 2;
    f.owner.hoards = bytes[1] & 4;
    f.raw.chunk = bytes[2];
    if (state == 0)
        raw_bytes(&f.raw, input);
    else
        send_messages(&f, input);
    check(&f);
    fixture_clear(&f);
    return 0;
}
