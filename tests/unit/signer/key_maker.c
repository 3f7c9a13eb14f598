/* Laws of making pairs; each is made in a child, as the signer does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "crypto/keyfile.h"
#include "os/file.h"
#include "os/sandbox.h"
#include "signer/key_maker.h"
#include "signer/keyfile.h"

static struct msg_key_make
wish_for(enum key_type type, uint32_t bits)
{
    return (struct msg_key_make){.name = span_text("router"),
                                 .type = (uint8_t)type,
                                 .bits = bits,
                                 .made_at = 1784030400,
                                 .usage = KEY_GENERAL};
}

static int
status_of_child(const struct msg_key_make *wish, int fd)
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        if (sandbox_prepare() != OK || sandbox_signer() != OK)
            _exit(99);
        _exit(key_maker_run(wish, fd));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int
new_file(void)
{
    char path[] = "/tmp/vtyd-test.XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    return fd;
}

static void
assert_made(enum key_type type, uint32_t bits, unsigned bits_made)
{
    struct msg_key_make wish = wish_for(type, bits);
    uint8_t text[KEYFILE_MAX];
    struct private_key *key;
    struct keyfile file;
    int fd = new_file();
    size_t len;

    assert_int_equal(key_maker_check(&wish), OK);
    assert_int_equal(status_of_child(&wish, fd), KEY_MAKER_DONE);
    assert_int_equal(file_read_all(fd, text, sizeof(text), &len), OK);
    assert_int_equal(keyfile_parse(span_of(text, len), &file), OK);
    assert_true(span_is(file.name, "router"));
    assert_int_equal(file.made_at, 1784030400);
    assert_int_equal(private_key_decode(file.pem, &key), OK);
    assert_int_equal(private_key_type(key), type);
    assert_int_equal(private_key_bits(key), bits_made);
    private_key_free(key);
    close(fd);
}

static void
test_each_type_is_made_in_the_sandbox(void **state)
{
    (void)state;
    assert_int_equal(crypto_warm_up(), OK);
    assert_made(KEY_ED25519, 0, 256);
    assert_made(KEY_ECDSA_256, 0, 256);
    assert_made(KEY_ECDSA_384, 0, 384);
    assert_made(KEY_ECDSA_521, 0, 521);
    assert_made(KEY_RSA, 512, 512);
    assert_made(KEY_RSA, 1024, 1024);
}

static void
test_a_file_that_cannot_be_written_has_its_own_status(void **state)
{
    struct msg_key_make wish = wish_for(KEY_ED25519, 0);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_true(full >= 0);
    assert_int_equal(status_of_child(&wish, full), KEY_MAKER_NO_FILE);
    close(full);
}

static void
test_what_is_no_key_is_not_made(void **state)
{
    struct msg_key_make wish = wish_for(KEY_RSA, 359);

    (void)state;
    assert_int_equal(key_maker_check(&wish), ERR_FORMAT);
    wish.bits = 4097;
    assert_int_equal(key_maker_check(&wish), ERR_FORMAT);
    wish = wish_for(KEY_ED25519, 0);
    wish.type = KEY_ED25519 + 1;
    assert_int_equal(key_maker_check(&wish), ERR_FORMAT);
    wish = wish_for(KEY_ED25519, 0);
    wish.usage = 0;
    assert_int_equal(key_maker_check(&wish), ERR_FORMAT);
    wish.usage = KEY_ENCRYPTION + 1;
    assert_int_equal(key_maker_check(&wish), ERR_FORMAT);
    wish = wish_for(KEY_ED25519, 0);
    wish.name = span_text("a\nb");
    assert_int_equal(key_maker_check(&wish), ERR_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_type_is_made_in_the_sandbox),
        cmocka_unit_test(test_a_file_that_cannot_be_written_has_its_own_status),
        cmocka_unit_test(test_what_is_no_key_is_not_made),
    };

    return cmocka_run_group_tests_name("signer/key_maker", tests, NULL, NULL);
}
