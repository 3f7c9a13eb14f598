#include "config/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct inner {
    uint32_t number;
    char *text;
};

/* A structure with a field of each kind. */
struct all {
    uint32_t number;
    bool flag;
    uint8_t choice;
    char *text;
    struct config_secret secret;
    struct config_address address;
    struct config_list list;
    struct inner inner;
};

static const struct config_type inner_type = {
    sizeof(struct inner),
    (const struct config_field[]){
        {CONFIG_NUMBER, offsetof(struct inner, number), 7, NULL, NULL},
        {CONFIG_TEXT, offsetof(struct inner, text), 0, NULL, NULL},
        {.kind = CONFIG_END},
    },
};

static const struct config_type all_type = {
    sizeof(struct all),
    (const struct config_field[]){
        {CONFIG_NUMBER, offsetof(struct all, number), 5, NULL, NULL},
        {CONFIG_FLAG, offsetof(struct all, flag), 1, NULL, NULL},
        {CONFIG_CHOICE, offsetof(struct all, choice), 2, NULL, NULL},
        {CONFIG_TEXT, offsetof(struct all, text), 0, "usual", NULL},
        {CONFIG_SECRET, offsetof(struct all, secret), 0, NULL, NULL},
        {CONFIG_ADDRESS, offsetof(struct all, address), 0, NULL, NULL},
        {CONFIG_LIST, offsetof(struct all, list), 0, NULL, &inner_type},
        {CONFIG_STRUCT, offsetof(struct all, inner), 0, NULL, &inner_type},
        {.kind = CONFIG_END},
    },
};

static void
test_fields_begin_at_their_defaults(void **state)
{
    struct all all;

    (void)state;
    config_type_init(&all_type, &all);
    assert_int_equal(all.number, 5);
    assert_true(all.flag);
    assert_int_equal(all.choice, 2);
    assert_string_equal(all.text, "usual");
    assert_null(all.secret.text);
    assert_int_equal(all.address.family, CONFIG_FAMILY_NONE);
    assert_int_equal(all.list.count, 0);
    assert_int_equal(all.inner.number, 7);
    config_type_clear(&all_type, &all);
}

/* Change one field; it must be the only thing that makes a difference. */
static void
change(struct all *all, unsigned which)
{
    switch (which) {
    case 0:
        all->number++;
        break;
    case 1:
        all->flag = !all->flag;
        break;
    case 2:
        all->choice++;
        break;
    case 3:
        config_text_set(&all->text, NULL);
        break;
    case 4:
        config_secret_set(&all->secret, "secret");
        break;
    case 5:
        all->address.family = CONFIG_FAMILY_IPV4;
        break;
    case 6:
        config_list_append(&all->list, &inner_type);
        break;
    default:
        config_text_set(&all->inner.text, "x");
        break;
    }
}

static void
test_every_field_is_copied_and_compared(void **state)
{
    (void)state;
    for (unsigned which = 0; which < 8; which++) {
        struct all one, two;

        config_type_init(&all_type, &one);
        change(&one, which);
        config_type_copy(&all_type, &two, &one);
        assert_true(config_type_equal(&all_type, &one, &two));
        config_type_clear(&all_type, &two);
        config_type_init(&all_type, &two);
        assert_false(config_type_equal(&all_type, &one, &two));
        config_type_clear(&all_type, &two);
        config_type_clear(&all_type, &one);
    }
}

static void
test_a_field_is_found_by_its_offset(void **state)
{
    (void)state;
    assert_int_equal(
        config_type_field(&all_type, offsetof(struct all, choice))->kind,
        CONFIG_CHOICE);
    assert_int_equal(
        config_type_field(&all_type, offsetof(struct all, inner.text))->kind,
        CONFIG_TEXT);
    assert_null(config_type_field(&all_type, offsetof(struct all, number) + 1));
    assert_null(config_type_field(&all_type, sizeof(struct all)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_begin_at_their_defaults),
        cmocka_unit_test(test_every_field_is_copied_and_compared),
        cmocka_unit_test(test_a_field_is_found_by_its_offset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
