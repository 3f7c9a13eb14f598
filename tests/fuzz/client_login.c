/*
 * Logins at servers that say anything: a raw server that knows its keys brings
 * a guest (ssh/client_login.h) to a state, then sends what the fuzzer says.
 *
 *     flags, piece length, then messages, each a 16-bit length and a payload
 *
 * flags: 1 the guest has keys, 2 they may sign with SHA-1, 4 begin before
 * SERVICE_ACCEPT, 8 begin where a group is awaited, 16 where a value in a group
 * is (group exchange); 32 the guest leaves at his third answer.
 */
#include <assert.h>
#include <stdint.h>

#include "fixture.h"
#include "guest.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define INPUT_MAX 100000

static void
reach(struct raw *raw, unsigned flags)
{
    if (flags & 24) {
        raw->kex = "diffie-hellman-group-exchange-sha256";
        raw_idents(raw);
        raw_expect_kexinit(raw);
        raw_send_kexinit(raw);
        if (flags & 8)
            raw_expect_gex_request(raw);
        else
            raw_expect_init(raw);
        return;
    }
    raw_handshake(raw);
    if (flags & 4)
        return;
    send_sample(raw, SSH2_MSG_SERVICE_ACCEPT);
    raw_take(raw);
}

static void
send_messages(struct raw *raw, struct span input)
{
    struct reader r = reader_over(input);

    while (r.left > 0) {
        struct span payload = read_bytes(&r, read_u16(&r));

        if (!read_ok(&r) || payload.len == 0)
            return;
        raw_send(raw, payload);
    }
}

/* Nothing that was shown or asked can move a cursor but by lines and tabs. */
static void
check_texts(struct guest *guest)
{
    for (const char *p = buf_text(&guest->log); *p != '\0'; p++)
        assert((uint8_t)*p >= ' ' ? *p != 0x7f : *p == '\n' || *p == '\t');
}

static void
check(struct fixture *f, struct guest *guest)
{
    struct client_login_step step;

    assert(ssh_conn_output(guest->conn).len <= SSH_OUTPUT_MAX);
    assert(!(guest->is_in && guest->failed));
    check_texts(guest);
    ssh_conn_input_end(guest->conn);
    raw_take(&f->raw);
    assert(guest->closed);
    /* Whatever comes now is too late, and harmless. */
    client_login_answer(guest->login, span_text("late"));
    client_login_signed(guest->login, span_text("late"));
    client_login_cancel(guest->login);
    while (client_login_next(guest->login, &step))
        assert(step.type != CLIENT_LOGIN_DONE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const answers[] = {"a", "",  "c", "cisco", "e", "f", "g",
                                          "h", "i", "j", "k",     "l", NULL};
    struct client_login_setup wish = {.user = "lab", .prompts_max = 5};
    struct guest guest = {.answers = answers};
    struct fixture f;

    if (len < 2 || len > INPUT_MAX)
        return 0;
    if (bytes[0] & 1) {
        guest.keys[0] = &keys_of_all_types()[KEY_RSA];
        guest.keys[1] = &keys_of_all_types()[KEY_ED25519];
    }
    wish.sha1_signatures = bytes[0] & 2;
    if (bytes[0] & 32)
        guest.answers = answers + 10;
    fixture_client(&f);
    guest_start(&guest, &f.setup, &wish);
    raw_init(&f.raw, guest.conn, SSH_SERVER, guest_turn, &guest);
    reach(&f.raw, bytes[0]);
    f.raw.chunk = bytes[1];
    send_messages(&f.raw, span_of(bytes + 2, len - 2));
    check(&f, &guest);
    fixture_clear(&f);
    guest_clear(&guest);
    return 0;
}
