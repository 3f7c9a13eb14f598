/* Laws of signatures under way; signer and worker are played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/helpers.h"
#include "control/server_key.h"
#include "control/sessions.h"
#include "control/signing.h"

static struct world {
    struct list all;
    struct session session;
    bool gone; /* the signer */
    bool suspected;
    unsigned asked, replies;
    uint32_t connection, key;
    size_t hash_len;
} world;

bool
signer_send(struct router *r, const struct message *m, int fd)
{
    (void)r;
    assert_int_equal(fd, -1);
    world.asked++;
    if (m->type == MSG_SESSION_KEY_OPEN) {
        world.connection = m->session_key_open.connection;
        world.key = m->session_key_open.key;
        assert_int_equal(m->session_key_open.server_key, 9);
        return !world.gone;
    }
    assert_int_equal(m->type, MSG_HASH_SIGN);
    world.connection = m->hash_sign.connection;
    world.key = m->hash_sign.key;
    return !world.gone;
}

size_t
session_send(struct session *s, const struct message *m)
{
    (void)s;
    world.replies++;
    if (m->type == MSG_SESSION_KEY_REPLY) {
        world.hash_len = m->session_key_reply.session_id.len;
        return 0;
    }
    assert_int_equal(m->type, MSG_SIGN_REPLY);
    world.hash_len = m->sign_reply.hash.len;
    return 0;
}

void
server_key_suspect(struct router *r)
{
    (void)r;
    world.suspected = true;
}

struct session *
session_find(struct router *r, uint32_t connection)
{
    (void)r;
    return connection == world.session.connection ? &world.session : NULL;
}

struct list *
sessions_all(struct router *r)
{
    (void)r;
    return &world.all;
}

static int
setup(void **state)
{
    (void)state;
    world = (struct world){0};
    list_init(&world.all);
    list_append(&world.all, &world.session.node);
    world.session.connection = 77;
    world.session.host_keys[0] = 500;
    world.session.host_keys[1] = 501;
    world.session.host_key_count = 2;
    return 0;
}

static struct msg_hash_signed
answer(const char *hash)
{
    return (struct msg_hash_signed){
        .connection = 77, .hash = span_text(hash), .signature = span_text("s")};
}

static void
test_the_signer_is_asked_under_our_own_numbers(void **state)
{
    struct msg_sign m = {.host_key = 1};

    (void)state;
    assert_true(signing_ask(&world.session, &m));
    assert_int_equal(world.connection, 77);
    assert_int_equal(world.key, 501);
}

static void
test_a_key_that_was_not_offered_is_a_lie(void **state)
{
    struct msg_sign m = {.host_key = 2};

    (void)state;
    assert_false(signing_ask(&world.session, &m));
    m.host_key = UINT32_MAX;
    assert_false(signing_ask(&world.session, &m));
    assert_int_equal(world.asked, 0);
}

static void
test_one_signature_at_a_time(void **state)
{
    struct msg_sign m = {.host_key = 0};
    struct msg_hash_signed a = answer("hash");

    (void)state;
    assert_true(signing_ask(&world.session, &m));
    assert_false(signing_ask(&world.session, &m));
    signing_on_message(NULL, &a);
    /* The exchange has its signature: the next belongs to the next one. */
    assert_false(signing_ask(&world.session, &m));
    world.session.exchange_signed = false;
    assert_true(signing_ask(&world.session, &m));
}

static void
test_the_first_hash_is_the_session_id_for_ever(void **state)
{
    struct msg_sign m = {.host_key = 0};
    struct msg_hash_signed first = answer("first"), second = answer("other");

    (void)state;
    /* Nobody asked: it changes nothing. */
    signing_on_message(NULL, &second);
    assert_int_equal(world.session.session_id.len, 0);
    assert_true(signing_ask(&world.session, &m));
    signing_on_message(NULL, &first);
    world.session.exchange_signed = false; /* KEYS came */
    assert_true(signing_ask(&world.session, &m));
    signing_on_message(NULL, &second);
    assert_int_equal(world.replies, 2);
    assert_int_equal(world.session.session_id.len, 5);
    assert_memory_equal(world.session.session_id.bytes, "first", 5);
}

static void
test_a_refused_signature_is_no_session_id(void **state)
{
    struct msg_sign m = {.host_key = 0};
    struct msg_hash_signed refused = answer("");

    (void)state;
    refused.signature = SPAN_EMPTY;
    assert_true(signing_ask(&world.session, &m));
    signing_on_message(NULL, &refused);
    assert_int_equal(world.replies, 1);
    assert_int_equal(world.hash_len, 0);
    assert_int_equal(world.session.session_id.len, 0);
    assert_false(world.session.exchange_signed);
}

static void
test_without_a_signer_the_exchange_fails(void **state)
{
    struct msg_sign m = {.host_key = 0};

    (void)state;
    assert_true(signing_ask(&world.session, &m));
    signing_lost(NULL);
    assert_int_equal(world.replies, 1);
    assert_int_equal(world.hash_len, 0);
    world.gone = true;
    assert_true(signing_ask(&world.session, &m));
    assert_int_equal(world.replies, 2);
    assert_false(world.session.signing);
    signing_lost(NULL);
    assert_int_equal(world.replies, 2);
}

/* --- version 1 ----------------------------------------------------------- */

static struct msg_session_key_opened
opened(bool right)
{
    return (struct msg_session_key_opened){
        .connection = 77,
        .right = right,
        .session_id = span_text("0123456789abcdef"),
        .key = span_text("k"),
    };
}

static void
test_a_session_key_is_opened_once(void **state)
{
    struct msg_session_key m = {.cookie = span_text("12345678")};
    struct msg_session_key_opened answer_1 = opened(true);
    struct msg_sign sign = {.host_key = 1};

    (void)state;
    /* Version 1 was not offered. */
    assert_false(signing_open(&world.session, &m));
    world.session.server_key = 9;
    world.session.v1_host_key = 500;
    assert_true(signing_open(&world.session, &m));
    assert_int_equal(world.key, 500);
    assert_false(signing_open(&world.session, &m));
    signing_on_opened(NULL, &answer_1);
    assert_int_equal(world.replies, 1);
    assert_int_equal(world.session.session_id.len, 16);
    assert_true(world.session.exchange_signed);
    assert_int_equal(world.session.version, 1);
    assert_false(world.suspected);
    /* Neither a second one nor a signature of version 2. */
    assert_false(signing_open(&world.session, &m));
    world.session.exchange_signed = false;
    assert_false(signing_ask(&world.session, &sign));
}

static void
test_a_wrong_session_key_is_answered_alike(void **state)
{
    struct msg_session_key m = {.cookie = span_text("12345678")};
    struct msg_session_key_opened answer_1 = opened(false);

    (void)state;
    world.session.server_key = 9;
    assert_true(signing_open(&world.session, &m));
    signing_on_opened(NULL, &answer_1);
    assert_int_equal(world.replies, 1);
    assert_int_equal(world.hash_len, 16);
    assert_true(world.session.exchange_signed);
    assert_true(world.suspected);
}

static void
test_a_session_key_without_a_signer_fails(void **state)
{
    struct msg_session_key m = {.cookie = span_text("12345678")};

    (void)state;
    world.session.server_key = 9;
    world.gone = true;
    assert_true(signing_open(&world.session, &m));
    assert_int_equal(world.replies, 1);
    assert_int_equal(world.hash_len, 0);
    assert_false(world.session.exchange_signed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_signer_is_asked_under_our_own_numbers,
                               setup),
        cmocka_unit_test_setup(test_a_key_that_was_not_offered_is_a_lie, setup),
        cmocka_unit_test_setup(test_one_signature_at_a_time, setup),
        cmocka_unit_test_setup(test_the_first_hash_is_the_session_id_for_ever,
                               setup),
        cmocka_unit_test_setup(test_a_refused_signature_is_no_session_id,
                               setup),
        cmocka_unit_test_setup(test_without_a_signer_the_exchange_fails, setup),
        cmocka_unit_test_setup(test_a_session_key_is_opened_once, setup),
        cmocka_unit_test_setup(test_a_wrong_session_key_is_answered_alike,
                               setup),
        cmocka_unit_test_setup(test_a_session_key_without_a_signer_fails,
                               setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
