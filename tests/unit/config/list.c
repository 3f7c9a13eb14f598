#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "config/config.h"

static void
add(struct config_list *list, size_t at, uint32_t number)
{
    struct config_acl *entry = config_list_insert(list, &config_acl_type, at);

    entry->number = number;
}

static void
assert_order(const struct config_list *list, const char *digits)
{
    assert_int_equal(list->count, strlen(digits));
    for (size_t i = 0; i < list->count; i++) {
        const struct config_acl *entry = list->items[i];

        assert_int_equal(entry->number, digits[i] - '0');
    }
}

static void
test_entries_go_where_they_are_put(void **state)
{
    struct config_list list = {NULL, 0};

    (void)state;
    add(&list, 0, 2);
    add(&list, 0, 1);
    add(&list, 2, 4);
    add(&list, 2, 3);
    assert_order(&list, "1234");
    config_list_clear(&list, &config_acl_type);
    assert_int_equal(list.count, 0);
    assert_null(list.items);
}

static void
test_an_entry_stays_where_it_is_in_memory(void **state)
{
    struct config_list list = {NULL, 0};
    void *first;

    (void)state;
    add(&list, 0, 9);
    first = list.items[0];
    for (unsigned i = 0; i < 100; i++)
        add(&list, 0, i);
    assert_ptr_equal(list.items[100], first);
    config_list_clear(&list, &config_acl_type);
}

static void
test_removing_closes_the_gap(void **state)
{
    struct config_list list = {NULL, 0};

    (void)state;
    for (unsigned i = 1; i <= 4; i++)
        add(&list, i - 1, i);
    config_list_remove(&list, &config_acl_type, 1);
    assert_order(&list, "134");
    config_list_remove(&list, &config_acl_type, 2);
    assert_order(&list, "13");
    config_list_remove(&list, &config_acl_type, 0);
    assert_order(&list, "3");
    config_list_clear(&list, &config_acl_type);
}

/* Few hashes: entries meet in their slots. */
static uint64_t
hash_number(uintptr_t how, const void *item)
{
    const struct config_acl *entry = item;

    return entry->number % how;
}

static bool
has_number(const void *wanted, const void *item)
{
    const struct config_acl *entry = item;

    return entry->number == *(const uint32_t *)wanted;
}

static size_t
find(struct config_list *list, uint32_t number)
{
    return config_list_find(list, hash_number, 13, number % 13, has_number,
                            &number);
}

static void
test_the_index_follows_the_list(void **state)
{
    struct config_list list = {NULL, 0};
    bool there[500] = {false};
    uint32_t dice = 1;

    (void)state;
    assert_int_equal(find(&list, 1), 0);
    for (unsigned i = 0; i < 20000; i++) {
        uint32_t number;
        size_t at;

        dice = dice * 1103515245u + 12345u;
        number = dice / 65536 % 500;
        at = find(&list, number);
        assert_true((at < list.count) == there[number]);
        if (there[number]) {
            assert_true(has_number(&number, list.items[at]));
            config_list_remove(&list, &config_acl_type, at);
        } else {
            /* Now and then not at the end. */
            add(&list, dice % 50 == 0 ? list.count / 2 : list.count, number);
        }
        there[number] = !there[number];
    }
    config_list_clear(&list, &config_acl_type);
    assert_int_equal(find(&list, 1), 0);
    config_list_clear(&list, &config_acl_type);
}

static void
test_a_copy_has_an_index_of_its_own(void **state)
{
    struct config one, two;

    (void)state;
    config_init(&one);
    for (uint32_t i = 0; i < 100; i++)
        add(&one.numbered_acls.list, i, i);
    assert_int_equal(find(&one.numbered_acls.list, 77), 77);
    config_copy(&two, &one);
    config_list_remove(&one.numbered_acls.list, &config_acl_type, 0);
    assert_int_equal(find(&two.numbered_acls.list, 77), 77);
    assert_int_equal(find(&one.numbered_acls.list, 77), 76);
    config_clear(&one);
    config_clear(&two);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries_go_where_they_are_put),
        cmocka_unit_test(test_an_entry_stays_where_it_is_in_memory),
        cmocka_unit_test(test_removing_closes_the_gap),
        cmocka_unit_test(test_the_index_follows_the_list),
        cmocka_unit_test(test_a_copy_has_an_index_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
