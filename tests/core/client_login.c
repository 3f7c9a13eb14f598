/*
 * Logins of a client: against servers of the same core, and against scripted
 * ones that ask for anything (hardening 4.17, 4.18, 8.3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"
#include "guest.h"

#define ANSWERS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct client_login_setup
as_lab(void)
{
    return (struct client_login_setup){.user = "lab"};
}

/* --- a server of the same core --------------------------------------- */

/* Events may point into the bytes: they are treated before these go. */
static void
hand_over(struct ssh_conn *from, struct ssh_conn *to,
          void (*turn)(void *receiver), void *receiver, bool *moved)
{
    struct span out = ssh_conn_output(from);
    uint8_t *copy;
    size_t taken;

    if (out.len == 0)
        return;
    copy = malloc(out.len);
    assert_non_null(copy);
    memcpy(copy, out.ptr, out.len);
    taken = ssh_conn_input(to, copy, out.len);
    turn(receiver);
    free(copy);
    ssh_conn_output_sent(from, taken);
    *moved = *moved || taken > 0;
}

static void
turn_owner(void *owner)
{
    owner_turn(owner);
}

/* The guest logs in at `owner`, until nothing moves. */
static void
visit(struct fixture *f, struct guest *guest, struct client_login_setup *wish)
{
    bool moved = true;

    guest_start(guest, &f->setup, wish);
    while (moved) {
        moved = false;
        hand_over(guest->conn, f->owner.conn, turn_owner, &f->owner, &moved);
        hand_over(f->owner.conn, guest->conn, guest_turn, guest, &moved);
    }
}

static void
test_a_key_is_tried_before_anything_is_asked(void **state)
{
    static const struct {
        enum key_type type;
        const char *log;
    } keys[] = {
        {KEY_ED25519, "sign 0 ssh-ed25519\ndone\n"},
        {KEY_ECDSA_256, "sign 0 ecdsa-sha2-nistp256\ndone\n"},
        {KEY_ECDSA_521, "sign 0 ecdsa-sha2-nistp521\ndone\n"},
        {KEY_RSA, "sign 0 rsa-sha2-512\ndone\n"},
    };
    struct client_login_setup wish = as_lab();
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct guest guest = {.keys = {&keys_of_all_types()[keys[i].type]}};

        fixture_server(&f);
        visit(&f, &guest, &wish);
        guest_expect(&guest, keys[i].log);
        guest_clear(&guest);
        fixture_clear(&f);
    }
}

static void
test_what_the_server_lists_is_what_rsa_signs(void **state)
{
    static const struct {
        const char *taken;
        bool sha1;
        const char *log;
    } cases[] = {
        {"rsa-sha2-256,rsa-sha2-512", false, "sign 0 rsa-sha2-512\ndone\n"},
        {"rsa-sha2-256", true, "sign 0 rsa-sha2-256\ndone\n"},
        {"ssh-ed25519,ssh-rsa", true, "sign 0 ssh-rsa\ndone\n"},
        {"ssh-ed25519,ssh-rsa", false,
         "ask Password: \nfailed: given up by the user\n"},
    };
    struct client_login_setup wish = as_lab();
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct guest guest = {.keys = {&keys_of_all_types()[KEY_RSA]}};

        fixture_server_taking(&f, cases[i].taken);
        wish.sha1_signatures = cases[i].sha1;
        visit(&f, &guest, &wish);
        guest_expect(&guest, cases[i].log);
        guest_clear(&guest);
        fixture_clear(&f);
    }
}

static void
test_a_key_that_cannot_sign_leaves_the_questions(void **state)
{
    struct guest guest = {
        .keys = {&keys_of_all_types()[KEY_ED25519]},
        .cannot_sign = true,
        .answers = ANSWERS("cisco"),
    };
    struct client_login_setup wish = as_lab();
    struct fixture f;

    (void)state;
    fixture_server(&f);
    visit(&f, &guest, &wish);
    guest_expect(&guest, "sign 0 ssh-ed25519\nask Password: \ndone\n");
    guest_clear(&guest);
    fixture_clear(&f);
}

static void
test_wrong_answers_are_counted(void **state)
{
    static const struct {
        unsigned prompts_max;
        const char *log;
    } cases[] = {
        {1, "ask Password: \nfailed: authentication failed\n"},
        {0, "ask Password: \nask Password: \nask Password: \n"
            "failed: authentication failed\n"},
        {4, "ask Password: \nask Password: \nask Password: \nask Password: \n"
            "done\n"},
    };
    struct client_login_setup wish = as_lab();
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct guest guest = {.answers = ANSWERS("a", "b", "c", "cisco")};

        fixture_server(&f);
        wish.prompts_max = cases[i].prompts_max;
        visit(&f, &guest, &wish);
        guest_expect(&guest, cases[i].log);
        guest_clear(&guest);
        fixture_clear(&f);
    }
}

static void
test_no_key_of_the_users_is_an_answer_for_the_next(void **state)
{
    struct guest guest = {.answers = ANSWERS("cisco")};
    struct client_login_setup wish = as_lab();
    struct test_key stranger;
    struct fixture f;

    (void)state;
    assert_int_equal(private_key_generate(KEY_ED25519, 0, &stranger.key), OK);
    buf_init(&stranger.blob, KEY_BLOB_MAX);
    private_key_put_public(stranger.key, &stranger.blob);
    guest.keys[0] = &stranger;
    guest.keys[1] = &keys_of_all_types()[KEY_ECDSA_384];
    fixture_server(&f);
    visit(&f, &guest, &wish);
    guest_expect(&guest, "sign 1 ecdsa-sha2-nistp384\ndone\n");
    guest_clear(&guest);
    fixture_clear(&f);
    private_key_free(stranger.key);
    buf_clear(&stranger.blob);
}

/* --- scripted servers ------------------------------------------------ */

/* A guest before a server of ours that has accepted the service: his "none"
   has come. */
static void
receive_guest(struct fixture *f, struct guest *guest,
              struct client_login_setup *wish)
{
    fixture_client(f);
    guest_start(guest, &f->setup, wish);
    raw_init(&f->raw, guest->conn, SSH_SERVER, guest_turn, guest);
    raw_handshake(&f->raw);
    raw_expect(&f->raw, SSH2_MSG_SERVICE_REQUEST);
    send_sample(&f->raw, SSH2_MSG_SERVICE_ACCEPT);
    raw_expect(&f->raw, SSH2_MSG_USERAUTH_REQUEST);
}

static void
see_off(struct fixture *f, struct guest *guest)
{
    fixture_clear(f);
    guest_clear(guest);
}

static void
send_failure(struct fixture *f, const char *methods, bool partial)
{
    struct buf *to = raw_begin(&f->raw, SSH2_MSG_USERAUTH_FAILURE);

    buf_put_text(to, methods);
    buf_put_bool(to, partial);
    raw_end(&f->raw);
}

/* The next request is for this method. */
static void
expect_request(struct fixture *f, const char *method)
{
    struct reader r;

    raw_expect(&f->raw, SSH2_MSG_USERAUTH_REQUEST);
    r = raw_fields(&f->raw);
    assert_true(span_is(read_string(&r), "lab"));
    assert_true(span_is(read_string(&r), "ssh-connection"));
    assert_true(span_is(read_string(&r), method));
}

static void
send_banner(struct fixture *f, struct span text)
{
    struct buf *to = raw_begin(&f->raw, SSH2_MSG_USERAUTH_BANNER);

    buf_put_string(to, text);
    buf_put_text(to, "");
    raw_end(&f->raw);
}

/* INFO_REQUEST with prompts that are echoed when they end in '?'. */
static void
send_question(struct fixture *f, const char *instruction,
              const char *const *prompts)
{
    struct buf *to = raw_begin(&f->raw, SSH2_MSG_USERAUTH_INFO_REQUEST);
    uint32_t count = 0;

    while (prompts[count] != NULL)
        count++;
    buf_put_text(to, "");
    buf_put_text(to, instruction);
    buf_put_text(to, "");
    buf_put_u32(to, count);
    for (uint32_t i = 0; i < count; i++) {
        buf_put_text(to, prompts[i]);
        buf_put_bool(to, prompts[i][strlen(prompts[i]) - 1] == '?');
    }
    raw_end(&f->raw);
}

static void
test_methods_are_tried_in_our_order(void **state)
{
    struct guest guest = {.keys = {&keys_of_all_types()[KEY_ED25519]},
                          .answers = ANSWERS("cisco", "lab2")};
    struct client_login_setup wish = as_lab();
    struct fixture f;

    (void)state;
    receive_guest(&f, &guest, &wish);
    send_failure(&f, "password,hostbased,keyboard-interactive,publickey",
                 false);
    expect_request(&f, "publickey");
    send_failure(&f, "password,keyboard-interactive,publickey", false);
    expect_request(&f, "keyboard-interactive");
    /* It has no question: it is no use, and cost no try. */
    send_failure(&f, "password,keyboard-interactive", false);
    expect_request(&f, "password");
    send_failure(&f, "password,keyboard-interactive", false);
    expect_request(&f, "password");
    raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    guest_expect(&guest, "ask Password: \nask Password: \ndone\n");
    see_off(&f, &guest);
}

static void
test_partial_success_goes_on_and_costs_no_try(void **state)
{
    struct guest guest = {
        .keys = {&keys_of_all_types()[KEY_ED25519],
                 &keys_of_all_types()[KEY_ECDSA_256]},
        .answers = ANSWERS("cisco", "123456"),
    };
    struct client_login_setup wish = as_lab();
    struct fixture f;
    struct buf *to;

    (void)state;
    wish.prompts_max = 1;
    receive_guest(&f, &guest, &wish);
    send_failure(&f, "publickey", false);
    expect_request(&f, "publickey");
    to = raw_begin(&f.raw, SSH2_MSG_USERAUTH_PK_OK);
    buf_put_text(to, "ssh-ed25519");
    buf_put_string(to, buf_span(&guest.keys[0]->blob));
    raw_end(&f.raw);
    expect_request(&f, "publickey");
    send_failure(&f, "publickey,password", true);
    expect_request(&f, "publickey"); /* the other key */
    send_failure(&f, "publickey,password", false);
    expect_request(&f, "password");
    send_failure(&f, "keyboard-interactive", true);
    expect_request(&f, "keyboard-interactive");
    send_question(&f, "", ANSWERS("Code?"));
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);
    raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    guest_expect(&guest, "sign 0 ssh-ed25519\nask Password: \n"
                         "ask aloud Code?\ndone\n");
    see_off(&f, &guest);
}

static void
test_questions_of_many_prompts_and_of_none(void **state)
{
    struct guest guest = {.answers = ANSWERS("one", "", "three")};
    struct client_login_setup wish = as_lab();
    struct fixture f;
    struct reader r;

    (void)state;
    receive_guest(&f, &guest, &wish);
    send_failure(&f, "keyboard-interactive", false);
    expect_request(&f, "keyboard-interactive");
    send_question(&f, "Please prove it\033[2J", (const char *const[]){NULL});
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);
    r = raw_fields(&f.raw);
    assert_int_equal(read_u32(&r), 0);
    assert_true(read_done(&r));
    send_question(&f, "", ANSWERS("A?", "Pick\r\n1 push\nB: ", "\007C\\?"));
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);
    r = raw_fields(&f.raw);
    assert_int_equal(read_u32(&r), 3);
    assert_true(span_is(read_string(&r), "one"));
    assert_true(span_is(read_string(&r), ""));
    assert_true(span_is(read_string(&r), "three"));
    raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    guest_expect(&guest, "show Please prove it\\x1b[2J\n"
                         "show Pick\n1 push\n"
                         "ask aloud A?\nask B: \nask aloud \\x07C\\?\ndone\n");
    see_off(&f, &guest);
}

static void
test_an_expired_password_is_no_login(void **state)
{
    struct guest guest = {.answers = ANSWERS("cisco")};
    struct client_login_setup wish = as_lab();
    struct fixture f;
    struct buf *to;

    (void)state;
    receive_guest(&f, &guest, &wish);
    send_failure(&f, "password", false);
    expect_request(&f, "password");
    to = raw_begin(&f.raw, SSH2_MSG_USERAUTH_PASSWD_CHANGEREQ);
    buf_put_text(to, "Your password has expired\nNew one: ");
    buf_put_text(to, "");
    raw_end(&f.raw);
    guest_expect(&guest, "ask Password: \n"
                         "show Your password has expired\nNew one: \n"
                         "% The remote host demands a new password\n"
                         "failed: a new password is demanded\n");
    raw_expect_end(&f.raw, SSH_REASON_BY_APPLICATION);
    see_off(&f, &guest);
}

static void
test_success_without_a_proof_is_told(void **state)
{
    struct client_login_setup wish = as_lab();
    struct guest guest = {.answers = NULL};
    struct fixture f;

    (void)state;
    receive_guest(&f, &guest, &wish);
    raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    guest_expect(&guest,
                 "show % The remote host did not ask for authentication\n"
                 "done\n");
    see_off(&f, &guest);

    guest = (struct guest){.answers = NULL};
    receive_guest(&f, &guest, &wish);
    send_failure(&f, "keyboard-interactive", false);
    expect_request(&f, "keyboard-interactive");
    send_question(&f, "", (const char *const[]){NULL});
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);
    raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    guest_expect(&guest,
                 "show % The remote host did not ask for authentication\n"
                 "done\n");
    see_off(&f, &guest);
}

static void
test_banners_are_shown_as_pictures_and_end_somewhere(void **state)
{
    struct client_login_setup wish = as_lab();
    struct guest guest = {.is_mute = true};
    struct fixture f;
    uint8_t text[3000];

    (void)state;
    receive_guest(&f, &guest, &wish);
    send_banner(&f, span_text(" /\\\r\n/__\\\tR\xc3\xb6uter\r"));
    send_banner(&f, span_text("\033]0;x\007\xe2\x80\xae\xff"));
    send_banner(&f, SPAN_EMPTY);
    guest_expect(&guest, "show  /\\\n/__\\\tR\xc3\xb6uter\n"
                         "show \\x1b]0;x\\x07\\xe2\\x80\\xae\\xff\n");
    memset(text, 0x1b, sizeof(text));
    for (int i = 0; i < 100; i++)
        send_banner(&f, span_of(text, sizeof(text)));
    assert_true(buf_len(&guest.log) < 4 * CLIENT_LOGIN_SHOWN_MAX + 1000);
    send_failure(&f, "password", false);
    assert_non_null(strstr(buf_text(&guest.log), "\nask Password: \n"));
    see_off(&f, &guest);
}

static void
test_a_banner_at_a_prompt_waits_for_the_answer(void **state)
{
    struct client_login_setup wish = as_lab();
    struct guest guest = {.is_mute = true};
    struct fixture f;

    (void)state;
    receive_guest(&f, &guest, &wish);
    send_banner(&f, span_text("before"));
    send_failure(&f, "password", false);
    send_banner(&f, span_text("between"));
    send_banner(&f, span_text("and again"));
    guest_expect(&guest, "show before\nask Password: \n");
    client_login_answer(guest.login, span_text("cisco"));
    raw_take(&f.raw);
    expect_request(&f, "password");
    guest_expect(&guest, "show before\nask Password: \n"
                         "show between\nand again\n");
    see_off(&f, &guest);
}

static void
test_questions_without_end_are_left(void **state)
{
    struct client_login_setup wish = as_lab();
    struct guest guest = {.answers = NULL};
    struct fixture f;
    int i = 0;

    (void)state;
    receive_guest(&f, &guest, &wish);
    send_failure(&f, "keyboard-interactive", false);
    expect_request(&f, "keyboard-interactive");
    while (!guest.failed) {
        assert_true(i++ < CLIENT_LOGIN_REQUESTS_MAX);
        send_question(&f, "", (const char *const[]){NULL});
        if (!guest.failed)
            raw_expect(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);
    }
    guest_expect(&guest, "failed: too many steps of a login\n");
    raw_expect_end(&f.raw, SSH_REASON_BY_APPLICATION);
    see_off(&f, &guest);
}

static void
test_partial_success_without_end_is_left(void **state)
{
    static const char *const answers[] = {"x", NULL};
    struct client_login_setup wish = as_lab();
    struct guest guest = {.answers = answers};
    struct fixture f;
    int i = 0;

    (void)state;
    receive_guest(&f, &guest, &wish);
    send_failure(&f, "password", false);
    while (!guest.failed) {
        assert_true(i++ < CLIENT_LOGIN_REQUESTS_MAX);
        guest.answers = answers;
        send_failure(&f, "password", true);
    }
    raw_take(&f.raw);
    assert_int_equal(guest.end.reason, SSH_REASON_BY_APPLICATION);
    see_off(&f, &guest);
}

static void
test_nothing_left_to_try(void **state)
{
    static const char *const lists[] = {"", "hostbased", "publickey", "passwor",
                                        "publickey,keyboard-interactiv"};
    struct client_login_setup wish = as_lab();
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct guest guest = {.answers = NULL};

        receive_guest(&f, &guest, &wish);
        send_failure(&f, lists[i], false);
        guest_expect(&guest, "failed: no authentication method is left\n");
        raw_expect_end(&f.raw, SSH_REASON_BY_APPLICATION);
        see_off(&f, &guest);
    }
}

static void
test_a_key_that_was_not_shown_is_not_signed_for(void **state)
{
    struct client_login_setup wish = as_lab();
    struct fixture f;
    struct buf *to;

    (void)state;
    for (int twice = 0; twice < 2; twice++) {
        struct guest guest = {.keys = {&keys_of_all_types()[KEY_ED25519]}};
        const struct test_key *key =
            &keys_of_all_types()[twice ? KEY_ED25519 : KEY_ECDSA_256];

        receive_guest(&f, &guest, &wish);
        send_failure(&f, "publickey", false);
        expect_request(&f, "publickey");
        for (int i = 0; i <= twice; i++) {
            to = raw_begin(&f.raw, SSH2_MSG_USERAUTH_PK_OK);
            buf_put_text(to, "ssh-ed25519");
            buf_put_string(to, buf_span(&key->blob));
            raw_end(&f.raw);
        }
        if (twice) /* message 60 answers no signed request */
            expect_request(&f, "publickey");
        raw_expect_end(&f.raw, twice ? SSH_REASON_PROTOCOL_ERROR
                                     : SSH_REASON_BY_APPLICATION);
        assert_true(guest.closed);
        assert_false(guest.is_in);
        see_off(&f, &guest);
    }
}

static void
test_giving_up_at_a_question(void **state)
{
    struct client_login_setup wish = as_lab();
    struct guest guest = {.is_mute = true};
    struct fixture f;

    (void)state;
    wish.password_prompt = "lab@R1's password: ";
    receive_guest(&f, &guest, &wish);
    send_failure(&f, "password", false);
    guest_expect(&guest, "ask lab@R1's password: \n");
    client_login_cancel(guest.login);
    client_login_answer(guest.login, span_text("too late"));
    client_login_cancel(guest.login);
    raw_take(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_BY_APPLICATION);
    guest_expect(&guest, "ask lab@R1's password: \n"
                         "failed: given up by the user\n");
    see_off(&f, &guest);
}

static void
test_answers_of_every_length(void **state)
{
    static const size_t lengths[] = {0, 1, CLIENT_LOGIN_ANSWER_MAX,
                                     CLIENT_LOGIN_ANSWER_MAX + 1, 100000};
    static uint8_t text[100000];
    struct client_login_setup wish = as_lab();
    struct fixture f;

    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct guest guest = {.is_mute = true};
        struct reader r;
        size_t sent = lengths[i];

        if (sent > CLIENT_LOGIN_ANSWER_MAX)
            sent = 0;
        receive_guest(&f, &guest, &wish);
        send_failure(&f, "keyboard-interactive", false);
        expect_request(&f, "keyboard-interactive");
        send_question(&f, "", ANSWERS("Password: "));
        client_login_answer(guest.login, span_of(text, lengths[i]));
        raw_take(&f.raw);
        raw_expect(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);
        r = raw_fields(&f.raw);
        assert_int_equal(read_u32(&r), 1);
        assert_int_equal(read_string(&r).len, sent);
        see_off(&f, &guest);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_key_is_tried_before_anything_is_asked),
        cmocka_unit_test(test_what_the_server_lists_is_what_rsa_signs),
        cmocka_unit_test(test_a_key_that_cannot_sign_leaves_the_questions),
        cmocka_unit_test(test_wrong_answers_are_counted),
        cmocka_unit_test(test_no_key_of_the_users_is_an_answer_for_the_next),
        cmocka_unit_test(test_methods_are_tried_in_our_order),
        cmocka_unit_test(test_partial_success_goes_on_and_costs_no_try),
        cmocka_unit_test(test_questions_of_many_prompts_and_of_none),
        cmocka_unit_test(test_an_expired_password_is_no_login),
        cmocka_unit_test(test_success_without_a_proof_is_told),
        cmocka_unit_test(test_banners_are_shown_as_pictures_and_end_somewhere),
        cmocka_unit_test(test_a_banner_at_a_prompt_waits_for_the_answer),
        cmocka_unit_test(test_questions_without_end_are_left),
        cmocka_unit_test(test_partial_success_without_end_is_left),
        cmocka_unit_test(test_nothing_left_to_try),
        cmocka_unit_test(test_a_key_that_was_not_shown_is_not_signed_for),
        cmocka_unit_test(test_giving_up_at_a_question),
        cmocka_unit_test(test_answers_of_every_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
