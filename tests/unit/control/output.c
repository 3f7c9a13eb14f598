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
print_filtered(struct command *cmd)
{
    static char pattern[] = "x";
    struct running *run = running_of(cmd);

    run->match.filter = CLI_FILTER_INCLUDE;
    run->match.filter_pattern = pattern;
    output_filter(run);
    print_lines(cmd);
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

static void
test_a_filter_stands_around_the_output_of_its_command(void **state)
{
    (void)state;
    stage_open();
    assert_types("show privilege | include a|b ",
                 "<filter 1 a|b >Current privilege level is 1\n<filter 0 >"
                 "<Router>>");
    assert_types("show privilege | section exclude x",
                 "<filter 5 x>Current privilege level is 1\n<filter 0 >"
                 "<Router>>");
    assert_types("show privilege", "Current privilege level is 1\n<Router>>");
    assert_types("show privilege | x",
                 "                        ^\n"
                 "% Invalid input detected at '^' marker.\n\n<Router>>");
    assert_types("enable | include x",
                 "              ^\n"
                 "% Invalid input detected at '^' marker.\n\n<Router>>");
}

static void
test_an_exec_request_filters_line_by_line(void **state)
{
    (void)state;
    assert_string_equal(
        stage_exec("show privilege | count x\nshow privilege\n"),
        "<reply 1><terminal 0x80 600s><filter 6 x>"
        "Current privilege level is 1\n<filter 0 >"
        "Current privilege level is 1\n<exit 0>");
}

static void
test_no_filter_hides_that_output_was_cut(void **state)
{
    static const char told[] =
        "<filter 0 >% The rest of the output is lost\n<Router>>";
    struct shell *sh = opened();
    const char *heard;

    (void)state;
    lines = 9000000;
    command_dialogue(sh, print_filtered);
    heard = stage_heard();
    assert_memory_equal(heard, "<filter 1 x><file ", 18);
    assert_string_equal(heard + strlen(heard) - strlen(told), told);
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
        STAGE_TEST(test_a_filter_stands_around_the_output_of_its_command),
        STAGE_TEST(test_an_exec_request_filters_line_by_line),
        STAGE_TEST(test_no_filter_hides_that_output_was_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
