/* Laws of `ip ssh logging events`: the texts, word for word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/text.h"
#include "control/journal.h"
#include "control/log_about.h"
#include "control/ssh_events.h"

static struct world {
    struct router router;
    struct session session;
    char line[512]; /* the last that was logged */
    unsigned lines;
} world;

void
journal_limited(struct router *r, const char *source, const char *facility,
                enum log_level severity, const char *mnemonic,
                const char *format, ...)
{
    va_list args;
    int len = snprintf(world.line, sizeof(world.line), "%%%s-%d-%s: ", facility,
                       (int)severity, mnemonic);

    (void)r;
    assert_string_equal(source, "10.95.0.42");
    va_start(args, format);
    vsnprintf(world.line + len, sizeof(world.line) - (size_t)len, format, args);
    va_end(args);
    world.lines++;
}

void
log_about(const struct session *s)
{
    assert_ptr_equal(s, &world.session);
}

static int
setup(void **state)
{
    struct session *s = &world.session;

    (void)state;
    world = (struct world){.lines = 0};
    world.router.config.ssh.log_events = true;
    s->router = &world.router;
    s->kind = SESSION_SSH;
    s->version = 2;
    text_copy(s->peer_text, sizeof(s->peer_text), "10.95.0.42");
    text_copy(s->user, sizeof(s->user), "lg");
    text_copy(s->cipher_in, sizeof(s->cipher_in), "aes128-ctr");
    text_copy(s->mac_in, sizeof(s->mac_in), "hmac-sha1-96");
    return 0;
}

#define CRYPTO "using crypto cipher 'aes128-ctr', hmac 'hmac-sha1-96'"

static void
test_version_2(void **state)
{
    struct session *s = &world.session;

    (void)state;
    ssh_events_keys(s);
    assert_string_equal(world.line,
                        "%SSH-5-SSH2_SESSION: SSH2 Session request from "
                        "10.95.0.42 (tty = 0) " CRYPTO " Succeeded");
    ssh_events_login(s, true);
    assert_string_equal(world.line,
                        "%SSH-5-SSH2_USERAUTH: User 'lg' authentication for "
                        "SSH2 Session from 10.95.0.42 (tty = 0) " CRYPTO
                        " Succeeded");
    ssh_events_login(s, false);
    assert_string_equal(
        world.line, "%SSH-5-SSH2_USERAUTH: User '' authentication for "
                    "SSH2 Session from 10.95.0.42 (tty = 0) " CRYPTO " Failed");
    ssh_events_end(s);
    assert_string_equal(world.line,
                        "%SSH-5-SSH2_CLOSE: SSH2 Session from 10.95.0.42 (tty "
                        "= 0) for user 'lg' " CRYPTO " closed");
}

static void
test_version_1_has_no_mac(void **state)
{
    struct session *s = &world.session;

    (void)state;
    s->version = 1;
    text_copy(s->cipher_in, sizeof(s->cipher_in), "3des");
    s->mac_in[0] = '\0';
    ssh_events_keys(s);
    assert_string_equal(world.line, "%SSH-5-SSH_SESSION: SSH Session request "
                                    "from 10.95.0.42 (tty = 0) using crypto "
                                    "cipher '3des' Succeeded");
    ssh_events_login(s, true);
    assert_string_equal(world.line, "%SSH-5-SSH_USERAUTH: User 'lg' "
                                    "authentication for SSH Session from "
                                    "10.95.0.42 (tty = 0) using crypto cipher "
                                    "'3des' Succeeded");
    ssh_events_end(s);
    assert_string_equal(world.line, "%SSH-5-SSH_CLOSE: SSH Session from "
                                    "10.95.0.42 (tty = 0) for user 'lg' using "
                                    "crypto cipher '3des' closed");
}

static void
test_an_end_without_keys_is_a_session_that_failed(void **state)
{
    struct session *s = &world.session;

    (void)state;
    s->cipher_in[0] = s->mac_in[0] = '\0';
    ssh_events_end(s);
    assert_string_equal(world.line,
                        "%SSH-5-SSH2_SESSION: SSH2 Session request from "
                        "10.95.0.42 (tty = 0) using crypto cipher '', hmac '' "
                        "Failed");
}

static void
test_what_breaks_a_session_is_told_also_without_events(void **state)
{
    struct session *s = &world.session;

    (void)state;
    world.router.config.ssh.log_events = false;
    ssh_events_keys(s);
    ssh_events_login(s, true);
    ssh_events_end(s);
    assert_int_equal(world.lines, 0);
    ssh_events_unexpected(s);
    assert_string_equal(world.line,
                        "%SSH-4-SSH2_UNEXPECTED_MSG: Unexpected message type "
                        "has arrived. Terminating the connection from "
                        "10.95.0.42");
    ssh_events_small_group(s);
    assert_string_equal(world.line,
                        "%SSH-3-DH_RANGE_FAIL: Client DH key range mismatch "
                        "with minimum configured DH key on server");
    ssh_events_no_match(s, "No matching cipher found: client a server b");
    assert_string_equal(world.line, "%SSH-3-NO_MATCH: No matching cipher "
                                    "found: client a server b");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(test_version_2),
        TEST(test_version_1_has_no_mac),
        TEST(test_an_end_without_keys_is_a_session_that_failed),
        TEST(test_what_breaks_a_session_is_told_also_without_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
