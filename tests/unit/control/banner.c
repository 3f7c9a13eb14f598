/*
 * Laws of banners: tokens are replaced once, and nothing else is.
 */
#include "stage.h"

#include "control/banner.h"

static void
expect(const char *banner, const char *shown)
{
    struct buf text;

    buf_init(&text, BANNER_SHOWN_MAX);
    banner_put(&text, &stage.sessions[0], banner);
    assert_string_equal(buf_text(&text), shown);
    buf_clear(&text);
}

static void
test_tokens_are_replaced(void **state)
{
    (void)state;
    stage_configure("hostname R1\nip domain name example.org\n");
    expect("$(hostname).$(domain) line $(line) $(line-desc)!",
           "R1.example.org line 1 !");
}

static void
test_what_is_no_token_stays(void **state)
{
    (void)state;
    expect("%n%s$(hostname)$($(x)) $ $(host", "%n%sRouter$($(x)) $ $(host");
    expect("", "");
}

static void
test_a_token_is_not_looked_at_again(void **state)
{
    (void)state;
    /* A name cannot hold these; were it to, they would stay. */
    config_text_set(&stage.router.config.hostname, "$(line)");
    expect("$(hostname)", "$(line)");
}

static void
test_an_unset_domain_is_empty(void **state)
{
    (void)state;
    expect("<$(domain)>", "<>");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_tokens_are_replaced),
        STAGE_TEST(test_what_is_no_token_stays),
        STAGE_TEST(test_a_token_is_not_looked_at_again),
        STAGE_TEST(test_an_unset_domain_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
