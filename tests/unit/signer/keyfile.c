/* Laws of the key file's text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "signer/keyfile.h"

#define PEM                         \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MC4CAQAwBQYDK2VwBCIEIA==\n"    \
    "-----END PRIVATE KEY-----\n"
#define HEAD                                                               \
    "Name: R1.example.com\nMade: 1784030400\nUsage: general\nExportable: " \
    "no\n\n"

static const char whole[] = HEAD PEM;

static void
test_what_was_written_is_read(void **state)
{
    static const enum key_usage usages[] = {KEY_GENERAL, KEY_SIGNATURE,
                                            KEY_ENCRYPTION};
    struct keyfile file = {.name = span_text("my key, 2nd"),
                           .made_at = 1784030400,
                           .pem = span_text(PEM)};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct keyfile back;
        struct buf text;

        buf_init(&text, KEYFILE_MAX);
        file.usage = usages[i];
        file.exportable = i == 1;
        assert_int_equal(keyfile_write(&file, &text), OK);
        assert_int_equal(keyfile_parse(buf_span(&text), &back), OK);
        assert_true(span_equal(back.name, file.name));
        assert_int_equal(back.made_at, file.made_at);
        assert_int_equal(back.usage, file.usage);
        assert_int_equal(back.exportable, file.exportable);
        assert_true(span_equal(back.pem, file.pem));
        buf_clear(&text);
    }
}

static void
test_the_documented_form_is_the_form(void **state)
{
    struct keyfile file;

    (void)state;
    assert_int_equal(keyfile_parse(span_text(whole), &file), OK);
    assert_true(span_is(file.name, "R1.example.com"));
    assert_true(span_is(file.pem, PEM));
}

static void
test_every_truncation_is_refused(void **state)
{
    struct keyfile file;

    (void)state;
    for (size_t len = 0; len < strlen(whole); len++)
        assert_int_equal(keyfile_parse(span_of(whole, len), &file), ERR_FORMAT);
}

static void
test_anything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        HEAD PEM "x",
        HEAD PEM PEM,
        HEAD "\n" PEM,
        "\n" HEAD PEM,
        PEM,
        "Made: 1\nName: a\nUsage: general\nExportable: no\n\n" PEM,
        "Name: \nMade: 1\nUsage: general\nExportable: no\n\n" PEM,
        "Name: a \nMade: 1\nUsage: general\nExportable: no\n\n" PEM,
        "Name: a\tb\nMade: 1\nUsage: general\nExportable: no\n\n" PEM,
        "Name: a\nMade: -1\nUsage: general\nExportable: no\n\n" PEM,
        "Name: a\nMade: \nUsage: general\nExportable: no\n\n" PEM,
        "Name: a\nMade: 99999999999999999999\nUsage: general\n"
        "Exportable: no\n\n" PEM,
        "Name: a\nMade: 1\nUsage: all\nExportable: no\n\n" PEM,
        "Name: a\nMade: 1\nUsage: general\nExportable: maybe\n\n" PEM,
        "Name: a\r\nMade: 1\r\nUsage: general\r\nExportable: no\r\n\r\n" PEM,
        "Name: a\nMade: 1\nUsage: general\nExportable: no\nMore: x\n\n" PEM,
        HEAD "-----BEGIN RSA PRIVATE KEY-----\nMC4=\n"
             "-----END RSA PRIVATE KEY-----\n",
    };
    struct keyfile file;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (keyfile_parse(span_text(bad[i]), &file) != ERR_FORMAT)
            fail_msg("number %zu was taken", i);
}

static void
test_a_name_cannot_forge_a_line(void **state)
{
    static const char *const bad[] = {
        "", " a", "a ", "a\nUsage: general", "a\x7f", "\xc3\xa4"};
    struct keyfile file = {.usage = KEY_GENERAL, .pem = span_text(PEM)};
    char long_name[KEYFILE_NAME_MAX + 2];
    struct buf text;

    (void)state;
    buf_init(&text, KEYFILE_MAX);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        file.name = span_text(bad[i]);
        assert_int_equal(keyfile_write(&file, &text), ERR_FORMAT);
    }
    memset(long_name, 'x', sizeof(long_name));
    file.name = span_of(long_name, KEYFILE_NAME_MAX + 1);
    assert_int_equal(keyfile_write(&file, &text), ERR_FORMAT);
    file.name = span_of(long_name, KEYFILE_NAME_MAX);
    assert_int_equal(keyfile_write(&file, &text), OK);
    buf_clear(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_written_is_read),
        cmocka_unit_test(test_the_documented_form_is_the_form),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_anything_else_is_refused),
        cmocka_unit_test(test_a_name_cannot_forge_a_line),
    };

    return cmocka_run_group_tests_name("signer/keyfile", tests, NULL, NULL);
}
