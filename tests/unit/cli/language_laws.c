#include "cli/language.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
run_nothing(struct command *cmd)
{
    (void)cmd;
}

static const struct cli_row no_rows[] = {ROWS_END};

/* What a language says about these rows in global configuration. */
static void
assert_problem(const struct cli_row *rows, const char *expected)
{
    struct cli_mode exec = {
        .name = "exec",
        .prompt = "",
        .tables = (const struct cli_row *const[]){no_rows, NULL},
    };
    struct cli_mode config = {
        .name = "config",
        .prompt = "(config)",
        .parent = &exec,
        .tables = (const struct cli_row *const[]){rows, NULL},
    };
    const struct cli_mode *const modes[] = {&exec, &config, NULL};
    struct cli_language *language;
    struct buf problem;

    buf_init(&problem, 4096);
    language = cli_language_new(modes, &problem);
    assert_string_equal(buf_text(&problem), expected);
    assert_true((language == NULL) == (expected[0] != '\0'));
    cli_language_free(language);
    buf_clear(&problem);
}

static void
test_each_token_has_one_help_text(void **state)
{
    const struct cli_row few[] = {EXEC("a b WORD", 1, run_nothing, "A", "B"),
                                  ROWS_END};
    const struct cli_row many[] = {EXEC("a", 1, run_nothing, "A", "B"),
                                   ROWS_END};
    const struct cli_row right[] = {
        EXEC("a {b|c}", 1, run_nothing, "A", "B", "C"), ROWS_END};

    (void)state;
    assert_problem(few, "config: \"a b WORD\": a token has no help text\n");
    assert_problem(many, "config: \"a\": more help texts than tokens\n");
    assert_problem(right, "");
}

static void
test_a_group_explains_its_words_for_all(void **state)
{
    const struct cli_row rows[] = {EXEC("a b c", 1, run_nothing, "C"),
                                   GROUP("a b", "B"), GROUP("a", "A"),
                                   EXEC("a d", 1, run_nothing, "D"), ROWS_END};

    (void)state;
    assert_problem(rows, "");
}

static void
test_a_shared_word_is_explained_once(void **state)
{
    const struct cli_row rows[] = {EXEC("a b", 1, run_nothing, "A", "B"),
                                   EXEC("a c", 1, run_nothing, "A", "C"),
                                   ROWS_END};
    const struct cli_row groups[] = {GROUP("a", "A"), GROUP("a", "B"),
                                     ROWS_END};

    (void)state;
    assert_problem(rows, "config: \"a c\": shares a word that no GROUP "
                         "explains with another row\n");
    assert_problem(groups, "config: \"a\": shares a word that no GROUP "
                           "explains with another row\n");
}

static void
test_a_default_is_the_one_of_the_structure(void **state)
{
    const struct cli_row number[] = {
        SET_NUMBER("a <1-120>", ssh.timeout, 119, "A", "N"), ROWS_END};
    const struct cli_row text[] = {
        SET_TEXT("a WORD", hostname, "Switch", "A", "W"), ROWS_END};

    (void)state;
    assert_problem(number, "config: \"a <1-120>\": a default is not the one in "
                           "config.h\n");
    assert_problem(text, "config: \"a WORD\": a default is not the one in "
                         "config.h\n");
}

static void
test_values_and_fields_agree(void **state)
{
    const struct cli_row more[] = {
        SET_NUMBER("a <1-2> <1-2>", ssh.timeout, 120, "A", "N", "N"), ROWS_END};
    const struct cli_row fewer[] = {SET_NUMBER("a", ssh.timeout, 120, "A"),
                                    ROWS_END};
    const struct cli_row kind[] = {
        SET_NUMBER("a WORD", ssh.timeout, 120, "A", "W"), ROWS_END};
    const struct cli_row order[] = {
        SET_NUMBER("a [b|c]...", ssh.timeout, 120, "A", "B", "C"), ROWS_END};

    (void)state;
    assert_problem(more, "config: \"a <1-2> <1-2>\": more values than "
                         "fields\n");
    assert_problem(fewer, "config: \"a\": more fields than values\n");
    assert_problem(kind, "config: \"a WORD\": a value in a field of another "
                         "kind\n");
    assert_problem(order, "config: \"a [b|c]...\": a choice in a field of "
                          "another kind\n");
}

static void
test_a_choice_needs_its_words(void **state)
{
    const struct cli_row rows[] = {
        SET_TEXT("a CHOICE...", ssh.kex, NULL, "A", "C"), ROWS_END};

    (void)state;
    assert_problem(rows, "config: \"a CHOICE...\": CHOICE without .choices\n");
}

static void
test_a_section_leads_to_a_mode_of_the_language(void **state)
{
    static const struct cli_mode elsewhere = {.name = "elsewhere"};
    const struct cli_row rows[] = {SECTION("a", &elsewhere, "A"), ROWS_END};

    (void)state;
    assert_problem(rows, "config: \"a\": its mode is not of the language\n");
}

#undef CLI_BASE
#define CLI_BASE struct config_line
static void
test_a_row_binds_to_the_structure_of_its_mode(void **state)
{
    const struct cli_row rows[] = {
        SET_NUMBER("a <0-9>", access_in.number, 0, "A", "N"), ROWS_END};

    (void)state;
    assert_problem(rows, "config: \"a <0-9>\": CLI_BASE is not the structure "
                         "of its mode\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_token_has_one_help_text),
        cmocka_unit_test(test_a_group_explains_its_words_for_all),
        cmocka_unit_test(test_a_shared_word_is_explained_once),
        cmocka_unit_test(test_a_default_is_the_one_of_the_structure),
        cmocka_unit_test(test_values_and_fields_agree),
        cmocka_unit_test(test_a_choice_needs_its_words),
        cmocka_unit_test(test_a_section_leads_to_a_mode_of_the_language),
        cmocka_unit_test(test_a_row_binds_to_the_structure_of_its_mode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
