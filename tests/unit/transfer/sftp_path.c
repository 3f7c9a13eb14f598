#include "transfer/sftp_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* What REALPATH answers; NULL: refused. */
static const struct {
    const char *from, *shown;
} resolved[] = {
    {"", "/flash:"},
    {".", "/flash:"},
    {"./", "/flash:"},
    {"/", "/"},
    {"//", "/"},
    {"/.", "/"},
    {"flash:", "/flash:"},
    {"/flash:", "/flash:"},
    {"/flash:/", "/flash:"},
    {"FLASH:/A", "/flash:/A"},
    {"flash0:a", "/flash:/a"},
    {"/bootflash:/a", "/flash:/a"},
    {"a", "/flash:/a"},
    {"/a", "/flash:/a"},
    {"flash:a", "/flash:/a"},
    {"/flash:a", "/flash:/a"},
    {"/flash:/a/b/", "/flash:/a/b"},
    {"/flash:/flash:a", "/flash:/a"},
    {"/flash:/dir/flash:/a", "/flash:/a"},
    {"a//b/./c", "/flash:/a/b/c"},
    {"a b/\xc3\xbc", "/flash:/a b/\xc3\xbc"},
    {"..", "/"},
    {"../..", "/"},
    {"../../a", "/flash:/a"},
    {"a/..", "/flash:"},
    {"a/b/..", "/flash:/a"},
    {"/flash:/..", "/"},
    {"/flash:/a/../../..", "/"},
    {"/..", "/"},
    {"...", "/flash:/..."},
    {"nvram:startup-config", "/flash:/nvram:startup-config"},
    {"..\\a", "/flash:/..\\a"},
    {"%2e%2e/a", "/flash:/%2e%2e/a"},
};

static void
test_realpath(void **state)
{
    struct buf shown;

    (void)state;
    buf_init(&shown, 2000);
    for (size_t i = 0; i < sizeof(resolved) / sizeof(resolved[0]); i++) {
        struct sftp_path path;

        buf_reset(&shown);
        assert_int_equal(
            sftp_path_read(span_text(resolved[i].from), true, &path), OK);
        sftp_path_put(&shown, &path);
        assert_string_equal(buf_text(&shown), resolved[i].shown);
        /* What is shown is a path, and the same one. */
        assert_int_equal(sftp_path_read(buf_span(&shown), false, &path), OK);
    }
    buf_clear(&shown);
}

static void
test_no_path_goes_up(void **state)
{
    static const char *const refused[] = {
        "..",           "../a",   "/..",  "flash:..",
        "/flash:/../a", "a/../b", "a/..", "flash:/../../etc/passwd",
    };
    struct sftp_path path;

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_int_equal(sftp_path_read(span_text(refused[i]), false, &path),
                         ERR_FORMAT);
    assert_int_equal(sftp_path_read(span_of("a\0b", 3), true, &path),
                     ERR_FORMAT);
}

static void
test_a_long_path_is_refused(void **state)
{
    char text[SFTP_FILE_PATH_MAX + 1];
    struct sftp_path path;

    (void)state;
    memset(text, 'x', sizeof(text));
    assert_int_equal(
        sftp_path_read(span_of(text, SFTP_FILE_PATH_MAX - 2), false, &path),
        OK);
    assert_int_equal(strlen(path.text), SFTP_FILE_PATH_MAX - 2);
    assert_int_equal(sftp_path_read(span_of(text, sizeof(text)), false, &path),
                     ERR_LENGTH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_realpath),
        cmocka_unit_test(test_no_path_goes_up),
        cmocka_unit_test(test_a_long_path_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
