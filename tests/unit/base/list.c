#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct item {
    int number;
    struct list node;
};

static void
test_items_keep_the_order_of_appending(void **state)
{
    struct list head;
    struct item items[3] = {{1}, {2}, {3}};
    int expected = 1;

    (void)state;
    list_init(&head);
    assert_true(list_empty(&head));
    for (size_t i = 0; i < 3; i++)
        list_append(&head, &items[i].node);
    assert_false(list_empty(&head));
    LIST_EACH(node, &head)
    {
        assert_int_equal(LIST_ITEM(node, struct item, node)->number,
                         expected++);
    }
    assert_int_equal(expected, 4);
}

static void
test_an_item_may_leave_while_the_list_is_walked(void **state)
{
    struct list head;
    struct item items[4] = {{1}, {2}, {3}, {4}};
    unsigned left = 0;

    (void)state;
    list_init(&head);
    for (size_t i = 0; i < 4; i++)
        list_append(&head, &items[i].node);
    LIST_EACH(node, &head)
    {
        if (LIST_ITEM(node, struct item, node)->number % 2 == 0)
            list_remove(node);
    }
    LIST_EACH(node, &head)
    {
        left += (unsigned)LIST_ITEM(node, struct item, node)->number;
    }
    assert_int_equal(left, 1 + 3);
}

static void
test_removing_twice_does_no_harm(void **state)
{
    struct list head;
    struct item item = {1};

    (void)state;
    list_init(&head);
    list_append(&head, &item.node);
    list_remove(&item.node);
    list_remove(&item.node);
    assert_true(list_empty(&head));
    assert_true(list_empty(&item.node));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_keep_the_order_of_appending),
        cmocka_unit_test(test_an_item_may_leave_while_the_list_is_walked),
        cmocka_unit_test(test_removing_twice_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
