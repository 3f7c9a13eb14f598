#include "control/file_name.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void
test_the_forms_of_a_name(void **state)
{
    static const struct {
        const char *typed, *directory;
        enum file_system system;
        const char *path, *shown;
    } forms[] = {
        {"flash:a", "flash:/", FILE_FLASH, "a", "flash:/a"},
        {"flash:/a", "flash:/", FILE_FLASH, "a", "flash:/a"},
        {"/flash:/a", "flash:/", FILE_FLASH, "a", "flash:/a"},
        {"FLASH0:d/a", "flash:/", FILE_FLASH, "d/a", "flash0:/d/a"},
        {"bootflash:", "flash:/", FILE_FLASH, "", "bootflash:/"},
        {"flash:/", "flash:/", FILE_FLASH, "", "flash:/"},
        {"flash:d/", "flash:/", FILE_FLASH, "d", "flash:/d"},
        {"a", "flash:/", FILE_FLASH, "a", "flash:/a"},
        {"a", "flash:/d", FILE_FLASH, "d/a", "flash:/d/a"},
        {"/a", "flash:/d", FILE_FLASH, "a", "flash:/a"},
        {"", "flash:/d", FILE_FLASH, "d", "flash:/d"},
        {"startup-config", "nvram:/", FILE_NVRAM, "startup-config",
         "nvram:/startup-config"},
        {"nvram:startup-config", "flash:/", FILE_NVRAM, "startup-config",
         "nvram:/startup-config"},
        {"nvram:", "flash:/d", FILE_NVRAM, "", "nvram:/"},
        {"system:/running-config", "flash:/", FILE_SYSTEM, "running-config",
         "system:/running-config"},
        {"null:", "flash:/", FILE_NULL, "", "null:/"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct file_name name;
        int reason = 0;

        assert_int_equal(
            file_name_parse(forms[i].typed, forms[i].directory, &name, &reason),
            OK);
        assert_int_equal(name.system, forms[i].system);
        assert_string_equal(name.path, forms[i].path);
        assert_string_equal(name.shown, forms[i].shown);
    }
}

static void
test_what_is_no_name(void **state)
{
    static const struct {
        const char *typed;
        int reason;
        const char *shown;
    } bad[] = {
        {"flash:../startup-config", EINVAL, "flash:/../startup-config"},
        {"flash:/../keys/x", EINVAL, "flash:/../keys/x"},
        {"../keys/x", EINVAL, "flash:/d/../keys/x"},
        {"/flash:/../x", EINVAL, "flash:/../x"},
        {"flash://x", EINVAL, "flash://x"},
        {"flash:.new/00000000", EINVAL, "flash:/.new/00000000"},
        {"flash:a b ", EINVAL, "flash:/a b "},
        {"flash:a\x1b[2J", EINVAL, "flash:/a\\x1b[2J"},
        {"nvram:private-config", ENOENT, "nvram:/private-config"},
        {"nvram:/startup-config.old", ENOENT, "nvram:/startup-config.old"},
        {"nvram:keys/x", ENOENT, "nvram:/keys/x"},
        {"system:x", ENOENT, "system:/x"},
        {"scp://a@b/c", ENODEV, "scp://a@b/c"},
        {"disk0:x", ENODEV, "disk0:x"},
        {"flash:x/flash:y", EINVAL, "flash:/x/flash:y"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct file_name name;
        int reason = 0;

        assert_int_equal(
            file_name_parse(bad[i].typed, "flash:/d", &name, &reason),
            ERR_SYSTEM);
        assert_int_equal(reason, bad[i].reason);
        assert_string_equal(name.shown, bad[i].shown);
    }
}

static void
test_a_name_that_is_too_long(void **state)
{
    struct file_name name;
    char typed[2 * FLASH_PATH_MAX];
    int reason = 0;

    (void)state;
    memset(typed, 'a', sizeof(typed));
    typed[sizeof(typed) - 1] = '\0';
    assert_int_equal(file_name_parse(typed, "flash:/d", &name, &reason),
                     ERR_SYSTEM);
    assert_int_equal(reason, ENAMETOOLONG);
    memcpy(typed, "flash:", 6);
    assert_int_equal(file_name_parse(typed, "flash:/", &name, &reason),
                     ERR_SYSTEM);
    assert_int_equal(reason, ENAMETOOLONG);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_forms_of_a_name),
        cmocka_unit_test(test_what_is_no_name),
        cmocka_unit_test(test_a_name_that_is_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
