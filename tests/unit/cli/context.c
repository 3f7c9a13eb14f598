#include "cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sample.h"

static void
assert_prompt(const struct cli_mode *mode, unsigned privilege,
              const char *hostname, const char *expected)
{
    struct cli_context context;
    char prompt[CLI_PROMPT_MAX];

    cli_context_init(&context, mode, privilege);
    cli_prompt(&context, hostname, prompt, sizeof(prompt));
    assert_string_equal(prompt, expected);
}

static void
test_the_prompt_tells_mode_and_privilege(void **state)
{
    (void)state;
    assert_prompt(&sample_exec, 1, "Router", "Router>");
    assert_prompt(&sample_exec, 2, "Router", "Router#");
    assert_prompt(&sample_exec, 15, "R1", "R1#");
    assert_prompt(&sample_config, 15, "R1", "R1(config)#");
    assert_prompt(&sample_line, 15, "R1", "R1(config-line)#");
    assert_prompt(&sample_chain, 15, "R1", "R1(conf-ssh-pubkey)#");
}

static void
test_configuration_cuts_a_long_name_to_twenty(void **state)
{
    (void)state;
    assert_prompt(&sample_config, 15, "a23456789012345678901234",
                  "a2345678901234567890(config)#");
    assert_prompt(&sample_exec, 15, "a23456789012345678901234",
                  "a23456789012345678901234#");
}

static void
test_all_but_exec_is_configuration(void **state)
{
    struct cli_context context;

    (void)state;
    cli_context_init(&context, &sample_exec, 15);
    assert_false(cli_context_configures(&context));
    cli_context_enter(&context, &sample_line);
    assert_true(cli_context_configures(&context));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_prompt_tells_mode_and_privilege),
        cmocka_unit_test(test_configuration_cuts_a_long_name_to_twenty),
        cmocka_unit_test(test_all_but_exec_is_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
