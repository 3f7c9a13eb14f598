/*
 * Laws of what commands print: small at once, large as a file, huge cut.
 */
#include "stage.h"

#include <stdio.h>

#include "control/shell_parts.h"

/* Dialogues of the tests' own, as a command would print. */
static size_t lines;

static void
print_lines(struct command *cmd)
{
    for (size_t i = 0; i < lines; i++)
        out_line(cmd, "%07zu", i);
}

static void
print_parts(struct command *cmd)
{
    print_lines(cmd);
    cmd_flush(cmd);
    out_line(cmd, "end");
}

static void
print_huge_value(struct command *cmd)
{
    static char value[3000];

    memset(value, 'v', sizeof(value) - 1);
    out_line(cmd, "<%s>", value);
}

static struct shell *
opened(void)
{
    stage_open();
    return shell_find(&stage.sessions[0], 0);
}

static void
test_up_to_32_kib_go_as_one_output(void **state)
{
    struct shell *sh = opened();

    (void)state;
    lines = 4096;
    command_dialogue(sh, print_lines);
    assert_int_equal(stage.messages, 2);
    assert_int_equal(buf_len(&stage.heard), 4096 * 8 + strlen("<Router>>"));
}

static void
test_more_goes_as_a_file_before_the_prompt(void **state)
{
    struct shell *sh = opened();

    (void)state;
    lines = 100000;
    command_dialogue(sh, print_lines);
    assert_heard("<file 800000><Router>>");
    for (size_t i = 0; i < lines; i += 9999) {
        char expected[32];
        const char *at = (const char *)buf_span(&stage.file).ptr + i * 8;

        snprintf(expected, sizeof(expected), "%07zu\n", i);
        assert_memory_equal(at, expected, 8);
    }
}

static void
test_output_behind_a_file_keeps_its_order(void **state)
{
    struct shell *sh = opened();

    (void)state;
    lines = 5000;
    command_dialogue(sh, print_parts);
    assert_heard("<file 40000>end\n<Router>>");
}

static void
test_beyond_64_mib_the_rest_is_lost_and_said_so(void **state)
{
    struct shell *sh = opened();

    (void)state;
    lines = 10 * 1024 * 1024;
    command_dialogue(sh, print_lines);
    assert_true(buf_len(&stage.file) <= 64 * 1024 * 1024);
    assert_true(buf_len(&stage.file) > 63 * 1024 * 1024);
    assert_non_null(
        strstr(stage_heard(), ">% The rest of the output is lost\n<Router>>"));
}

static void
test_a_long_value_is_formatted_whole(void **state)
{
    struct shell *sh = opened();

    (void)state;
    command_dialogue(sh, print_huge_value);
    assert_int_equal(buf_len(&stage.heard), 3002 + strlen("<Router>>"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_up_to_32_kib_go_as_one_output),
        STAGE_TEST(test_more_goes_as_a_file_before_the_prompt),
        STAGE_TEST(test_output_behind_a_file_keeps_its_order),
        STAGE_TEST(test_beyond_64_mib_the_rest_is_lost_and_said_so),
        STAGE_TEST(test_a_long_value_is_formatted_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
