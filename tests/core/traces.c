/*
 * What the core tells whoever debugs it: facts that add up, and nothing of
 * what packets contain but a text that was meant for people.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/trace.h"
#include "ssh/v2/rules.h"
#include "ssh/v2/ssh2.h"

#define MARKER "Marker-pa55word-Zq"

struct listener {
    unsigned facts, texts;
    bool saw_marker;
    uint64_t came, packets;     /* bytes */
    uint32_t length;            /* of the packet that comes */
    uint32_t next_in, next_out; /* sequence numbers with a MAC */
};

static bool
holds(struct span text, const char *wanted)
{
    size_t len = strlen(wanted);

    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.ptr + i, wanted, len) == 0)
            return true;
    return false;
}

static void
listen(void *owner, const struct ssh_trace *fact)
{
    struct listener *l = owner;
    const uint32_t *n = fact->numbers;

    l->facts++;
    l->texts += fact->text.len > 0;
    l->saw_marker = l->saw_marker || holds(fact->text, MARKER);
    switch (fact->type) {
    case SSH_TRACE_BYTES:
        l->came += n[0];
        break;
    case SSH_TRACE_LENGTH:
        l->length = n[0];
        break;
    case SSH_TRACE_PARTIAL:
        assert_int_equal(n[0] + n[1], l->length);
        break;
    case SSH_TRACE_MAC_OK:
        assert_int_equal(n[0], l->next_in++);
        break;
    case SSH_TRACE_PADDING:
        l->packets += l->length;
        break;
    case SSH_TRACE_MAC_MADE:
        assert_int_equal(n[0], l->next_out++);
        break;
    default:
        break;
    }
}

static void
test_a_secret_of_any_message_is_not_told(void **state)
{
    (void)state;
    for (unsigned number = 1; number < 256; number++) {
        struct listener l = {0};
        struct fixture f;

        fixture_server_shell(&f);
        ssh_conn_set_trace(f.owner.conn, listen, &l);
        l.next_in = ssh2_of(f.owner.conn)->rx.seq;
        l.next_out = ssh2_of(f.owner.conn)->tx.seq;
        buf_put_u32(raw_begin(&f.raw, (uint8_t)number), 0);
        buf_put_text(&f.raw.scratch, MARKER);
        buf_put_text(&f.raw.scratch, MARKER);
        buf_put_text(&f.raw.scratch, MARKER);
        raw_end(&f.raw);
        assert_true(l.facts > 0);
        if (l.saw_marker)
            fail_msg("message %u", number);
        fixture_clear(&f);
    }
}

static void
test_a_login_tells_the_user_and_no_password(void **state)
{
    /* KEXINIT, the value and NEWKEYS have no MAC. */
    struct listener l = {.next_in = 3, .next_out = 3};
    struct fixture f;

    (void)state;
    fixture_server(&f);
    ssh_conn_set_trace(f.owner.conn, listen, &l);
    fixture_service(&f);
    send_password(&f.raw, "lab", MARKER);
    expect_auth_failure(&f.raw);
    assert_false(l.saw_marker);
    assert_true(l.facts > 30);
    /* The peer's identification. */
    assert_int_equal(l.texts, 1);
    fixture_clear(&f);
}

static void
test_only_tables_let_a_text_out(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server_shell(&f);
    for (unsigned number = 0; number < 256; number++) {
        struct listener l = {0};

        ssh_conn_set_trace(f.owner.conn, listen, &l);
        rules_tell_text(ssh2_of(f.owner.conn), (uint8_t)number,
                        SSH_TRACE_PEER_DEBUG, span_text(MARKER));
        assert_true(l.saw_marker == (number == SSH2_MSG_DEBUG));
    }
    fixture_clear(&f);
}

static void
test_nobody_is_told_when_nobody_listens(void **state)
{
    struct listener l = {0};
    struct fixture f;

    (void)state;
    fixture_server(&f);
    ssh_conn_set_trace(f.owner.conn, listen, &l);
    ssh_conn_set_trace(f.owner.conn, NULL, &l);
    fixture_login(&f);
    assert_int_equal(l.facts, 0);
    fixture_clear(&f);
}

/* However the bytes come, as many are told as came. */
static void
test_bytes_are_told_once(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk <= 64; chunk = chunk * 2 + 1) {
        struct listener l = {0};
        struct fixture f;
        uint64_t bytes;

        fixture_server_shell(&f);
        ssh_conn_set_trace(f.owner.conn, listen, &l);
        l.next_in = ssh2_of(f.owner.conn)->rx.seq;
        l.next_out = ssh2_of(f.owner.conn)->tx.seq;
        bytes = ssh2_of(f.owner.conn)->rx.bytes;
        f.raw.chunk = chunk;
        for (int i = 0; i < 5; i++)
            send_global(&f.raw, "nothing", false);
        bytes = ssh2_of(f.owner.conn)->rx.bytes - bytes;
        assert_int_equal(l.came, bytes);
        assert_true(l.packets < l.came && l.packets > 0);
        fixture_clear(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_secret_of_any_message_is_not_told),
        cmocka_unit_test(test_a_login_tells_the_user_and_no_password),
        cmocka_unit_test(test_only_tables_let_a_text_out),
        cmocka_unit_test(test_nobody_is_told_when_nobody_listens),
        cmocka_unit_test(test_bytes_are_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
