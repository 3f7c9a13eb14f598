/*
 * The ceilings of section 6.1 of the list of attacks and faults, each
 * reached, and what a connection costs in memory.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/sanitized.h"
#include "fixture.h"
#include "ssh/protocol.h"
#include "ssh/v2/ssh2.h"

/* A sanitizer's allocator does not tell what is in use. */
#ifndef SANITIZED
#define PREAUTH_MEMORY_MAX (256 * 1024)
#define IDLE_MEMORY_MAX    (8 * 1024)

static size_t
memory_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* What lies in the test's own buffers does not count. */
static size_t
memory_of(struct fixture *f, size_t before)
{
    const struct buf *own[] = {
        &f->raw.in,       &f->raw.scratch,   &f->raw.packet,
        &f->raw.own_init, &f->raw.peer_init, &f->raw.after,
        &f->owner.log,    &f->owner.hash,    &f->owner.signature,
    };
    size_t now = memory_in_use() - before;

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        now -= own[i]->room;
    return now;
}

/* The most costly stranger we can think of: the largest KEXINIT, then the
   largest request, and an answer to everything that he does not read. */
static void
test_an_unauthenticated_connection_has_a_ceiling(void **state)
{
    static char names[8000];
    size_t before, peak = 0, now;
    struct fixture f;

    (void)state;
    memset(names, 'n', sizeof(names) - 1);
    memcpy(names, "curve25519-sha256,", 18);
    keys_of_all_types();
    before = memory_in_use();
    fixture_server(&f);
    f.raw.kex = names;
    raw_idents(&f.raw);
    raw_expect_kexinit(&f.raw);
    raw_send_kexinit(&f.raw);
    now = memory_of(&f, before);
    peak = now > peak ? now : peak;
    raw_run_method(&f.raw);
    raw_expect_newkeys(&f.raw);
    raw_send_newkeys(&f.raw);
    send_service_request(&f.raw, "ssh-userauth");
    raw_expect(&f.raw, SSH2_MSG_SERVICE_ACCEPT);
    f.owner.delays = true;
    buf_put_text(raw_begin(&f.raw, SSH2_MSG_USERAUTH_REQUEST), names);
    buf_put_text(&f.raw.scratch, "ssh-connection");
    buf_put_text(&f.raw.scratch, "none");
    raw_end(&f.raw);
    now = memory_of(&f, before);
    peak = now > peak ? now : peak;
    owner_answer(&f.owner);
    for (int i = 0; ssh_conn_wants_input(f.owner.conn) && i < 1900; i++) {
        size_t mark;

        buf_reset(&f.raw.packet);
        mark = packet_begin(&f.raw.packet);
        buf_put_u8(&f.raw.packet, 70);
        assert_int_equal(packet_seal(&f.raw.tx, &f.raw.packet, mark,
                                     chance_bytes, &f.raw.chance),
                         OK);
        ssh_conn_input(f.owner.conn, buf_bytes(&f.raw.packet),
                       buf_len(&f.raw.packet));
    }
    now = memory_of(&f, before);
    peak = now > peak ? now : peak;
    print_message("# an unauthenticated connection: %zu bytes at most\n", peak);
    assert_true(peak < PREAUTH_MEMORY_MAX);
    assert_true(ssh_conn_output(f.owner.conn).len <=
                OUTPUT_FULL_PREAUTH + OUTPUT_RESERVE);
    fixture_clear(&f);
}

static void
test_an_idle_session_is_small(void **state)
{
    size_t before, now;
    struct fixture f;

    (void)state;
    keys_of_all_types();
    before = memory_in_use();
    fixture_server(&f);
    f.raw.cipher = "aes256-gcm@openssh.com";
    fixture_login(&f);
    fixture_shell(&f, 1);
    send_data(&f.raw, 0, span_text("show clock\r"));
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_DATA);
    ssh_conn_trim(f.owner.conn);
    /* The raw peer's keys are libcrypto's, as large as the server's. */
    now = memory_of(&f, before) / 2;
    print_message("# an idle session: about %zu bytes with its keys\n", now);
    assert_true(now < IDLE_MEMORY_MAX);
    fixture_clear(&f);
}
#endif

static void
test_trim_gives_back_what_a_burst_took(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    send_request(&f.raw, 0, "exec", false, "flood 500000");
    raw_take(&f.raw);
    assert_true(f.owner.conn->out.room > 100000);
    ssh_conn_trim(f.owner.conn);
    assert_int_equal(f.owner.conn->out.room, 0);
    assert_int_equal(f.owner.conn->in.room, 0);
    assert_null(f.owner.conn->events);
    fixture_clear(&f);
}

static void
test_trim_keeps_what_is_in_use(void **state)
{
    struct fixture f;
    size_t mark;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    buf_reset(&f.raw.packet);
    mark = packet_begin(&f.raw.packet);
    buf_put_u8(&f.raw.packet, SSH2_MSG_GLOBAL_REQUEST);
    buf_put_text(&f.raw.packet, "keepalive@openssh.com");
    buf_put_bool(&f.raw.packet, true);
    assert_int_equal(packet_seal(&f.raw.tx, &f.raw.packet, mark, chance_bytes,
                                 &f.raw.chance),
                     OK);
    for (size_t i = 0; i < buf_len(&f.raw.packet); i++) {
        uint8_t byte = buf_bytes(&f.raw.packet)[i];

        assert_int_equal(ssh_conn_input(f.owner.conn, &byte, 1), 1);
        ssh_conn_trim(f.owner.conn);
    }
    ssh_conn_trim(f.owner.conn);
    raw_take(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_REQUEST_FAILURE);
    fixture_clear(&f);
}

static void
test_a_megabyte_before_login_is_all(void **state)
{
    static uint8_t ignore[30000];
    uint64_t sent = 0;
    struct fixture f;

    (void)state;
    ignore[0] = SSH2_MSG_IGNORE;
    fixture_server(&f);
    fixture_service(&f);
    while (!f.owner.closed && sent < 2 * SSH_PREAUTH_BYTES_MAX) {
        raw_send(&f.raw, span_of(ignore, sizeof(ignore)));
        sent += buf_len(&f.raw.packet);
    }
    assert_in_range(sent, SSH_PREAUTH_BYTES_MAX - 40000,
                    SSH_PREAUTH_BYTES_MAX + 40000);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_packets_may_be_larger_after_login(void **state)
{
    static uint8_t ignore[66000];
    struct fixture f;

    (void)state;
    ignore[0] = SSH2_MSG_IGNORE;
    for (int open = 0; open < 2; open++) {
        fixture_server(&f);
        if (open)
            fixture_login(&f);
        else
            fixture_service(&f);
        raw_send(&f.raw, span_of(ignore, sizeof(ignore)));
        if (open)
            raw_expect_quiet(&f.raw);
        else
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

/* A banner or a question beyond all measure cannot fill the output. */
static void
test_a_huge_banner_is_cut(void **state)
{
    static uint8_t banner[100000];
    struct fixture f;
    struct reader r;

    (void)state;
    memset(banner, '*', sizeof(banner));
    fixture_server(&f);
    fixture_service(&f);
    ssh_conn_banner(f.owner.conn, span_of(banner, sizeof(banner)));
    raw_take(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_BANNER);
    r = raw_fields(&f.raw);
    assert_int_equal(read_string(&r).len, BANNER_MAX);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#ifndef SANITIZED
        cmocka_unit_test(test_an_unauthenticated_connection_has_a_ceiling),
        cmocka_unit_test(test_an_idle_session_is_small),
#endif
        cmocka_unit_test(test_trim_gives_back_what_a_burst_took),
        cmocka_unit_test(test_trim_keeps_what_is_in_use),
        cmocka_unit_test(test_a_megabyte_before_login_is_all),
        cmocka_unit_test(test_packets_may_be_larger_after_login),
        cmocka_unit_test(test_a_huge_banner_is_cut),
    };

    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
