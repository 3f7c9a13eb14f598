#include "control/key_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
expect(const char *label, enum key_type type, enum key_usage usage,
       const char *file)
{
    char got[KEY_FILE_MAX];

    assert_int_equal(key_file_name(label, type, usage, got), OK);
    assert_string_equal(got, file);
}

static void
test_a_file_is_named_after_label_and_type(void **state)
{
    (void)state;
    expect("R1.example.com", KEY_RSA, KEY_GENERAL, "R1.example.com.rsa");
    expect("a-b_C9", KEY_ECDSA_256, KEY_GENERAL, "a-b_C9.ec-256");
    expect("k", KEY_ECDSA_384, KEY_GENERAL, "k.ec-384");
    expect("k", KEY_ECDSA_521, KEY_GENERAL, "k.ec-521");
    expect("k", KEY_ED25519, KEY_GENERAL, "k.ed25519");
    expect("k", KEY_RSA, KEY_SIGNATURE, "k.rsa-signature");
    expect("k", KEY_RSA, KEY_ENCRYPTION, "k.rsa-encryption");
}

static void
test_a_label_cannot_leave_the_directory_or_hide(void **state)
{
    (void)state;
    expect("../../etc/passwd", KEY_RSA, KEY_GENERAL,
           "=2E.=2F..=2Fetc=2Fpasswd.rsa");
    expect(".", KEY_RSA, KEY_GENERAL, "=2E.rsa");
    expect("a b\xff", KEY_RSA, KEY_GENERAL, "a=20b=FF.rsa");
}

static void
test_different_labels_never_share_a_file(void **state)
{
    char a[KEY_FILE_MAX], b[KEY_FILE_MAX];

    (void)state;
    /* The escape character itself is escaped. */
    assert_int_equal(key_file_name("=2F", KEY_RSA, KEY_GENERAL, a), OK);
    assert_int_equal(key_file_name("/", KEY_RSA, KEY_GENERAL, b), OK);
    assert_string_not_equal(a, b);
    /* Neither is a file that is being made: "x" with ".new" behind it. */
    expect("x.rsa.new", KEY_RSA, KEY_GENERAL, "x.rsa.new.rsa");
}

static void
test_a_name_no_file_can_have_is_refused(void **state)
{
    char label[KEY_FILE_NAME_MAX + 10];
    char file[KEY_FILE_MAX];

    (void)state;
    assert_int_equal(key_file_name("", KEY_RSA, KEY_GENERAL, file), ERR_LENGTH);
    memset(label, '/', sizeof(label));
    label[127] = '\0';
    assert_int_equal(key_file_name(label, KEY_RSA, KEY_GENERAL, file),
                     ERR_LENGTH);
    memset(label, 'x', sizeof(label));
    label[127] = '\0';
    assert_int_equal(key_file_name(label, KEY_RSA, KEY_ENCRYPTION, file), OK);
    assert_int_equal(strlen(file), 127 + strlen(".rsa-encryption"));
    label[127] = 'x';
    label[sizeof(label) - 1] = '\0';
    assert_int_equal(key_file_name(label, KEY_RSA, KEY_GENERAL, file),
                     ERR_LENGTH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_is_named_after_label_and_type),
        cmocka_unit_test(test_a_label_cannot_leave_the_directory_or_hide),
        cmocka_unit_test(test_different_labels_never_share_a_file),
        cmocka_unit_test(test_a_name_no_file_can_have_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
