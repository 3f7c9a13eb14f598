/*
 * Laws of banner texts: any delimiter, whole lines, nothing that could break
 * the configuration that is written or the screen they are shown on.
 */
#include "stage.h"

#define NO_SUCH \
    "% There is no such banner, and no letter or digit can delimit one\n"

static const char *
motd(void)
{
    return stage.router.config.banners.motd;
}

static void
test_any_character_delimits(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("banner motd #one line#", "<Router(config)#>");
    assert_string_equal(motd(), "one line\n");
    assert_types("banner motd x with # x ignored", "<Router(config)#>");
    assert_string_equal(motd(), " with # \n");
    assert_types("banner motd ^Ctwo characters^C", "<Router(config)#>");
    assert_string_equal(motd(), "two characters\n");
}

/* Of a kind that is not there: not a text between two i's. */
static void
test_other_banners_are_unknown(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("banner slip-ppp #x#", NO_SUCH "<Router(config)#>");
    assert_types("banner slip-ppp", NO_SUCH "<Router(config)#>");
    assert_types("banner 2nd", NO_SUCH "<Router(config)#>");
    assert_null(motd());
    assert_types("banner motd", "% Incomplete command.\n\n<Router(config)#>");
    assert_types("banner", "% Incomplete command.\n\n<Router(config)#>");
}

static void
test_without_a_kind_it_is_the_motd(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("banner #x#", "<Router(config)#>");
    assert_string_equal(motd(), "x\n");
    assert_types("banner ^C",
                 "Enter TEXT message.  End with the character '^C'.\n"
                 "<ask text>");
    stage_answer("exec #");
    assert_answers("^C", "<Router(config)#>");
    assert_string_equal(motd(), "exec #\n");
    assert_string_equal(stage_running_config(),
                        "banner motd ^C\nexec #\n^C\n"
                        "!\nline con 0\nline vty 0 4\n!\n");
    assert_types("no banner", "<Router(config)#>");
    assert_null(motd());
}

static void
test_lines_come_until_the_delimiter(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("banner login ^C",
                 "Enter TEXT message.  End with the character '^C'.\n"
                 "<ask text>");
    stage_answer("");
    stage_answer("  indented   ");
    assert_answers("last^C more", "<Router(config)#>");
    assert_string_equal(stage.router.config.banners.login,
                        "\n  indented   \nlast\n");
}

static void
test_banners_are_written_and_read_again(void **state)
{
    static const char text[] = "banner exec ^C\nhello # $(hostname)\n^C\n"
                               "banner login ^C\n\n\ttwo\nlines\n^C\n"
                               "banner motd ^C\n no banner motd\nend\n^C\n"
                               "!\nline con 0\nline vty 0 4\n!\n";

    (void)state;
    stage_configure(text);
    assert_string_equal(stage_running_config(), text);
}

/* Files of other routers have the byte itself where ^C is shown. */
static void
test_the_byte_etx_delimits_in_a_file(void **state)
{
    (void)state;
    stage_configure("banner motd \003\nfirst\nsecond\n\003\n"
                    "banner exec \003one line\003\n");
    assert_string_equal(motd(), "first\nsecond\n");
    assert_string_equal(stage.router.config.banners.exec, "one line\n");
}

static void
test_no_and_an_empty_text_remove_it(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("banner motd #x#");
    assert_types("no banner motd", "<Router(config)#>");
    assert_null(motd());
    stage_type("banner motd #x#");
    assert_types("banner motd ##", "<Router(config)#>");
    assert_null(motd());
}

static void
test_control_characters_and_the_written_delimiter_are_refused(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("banner motd #");
    assert_answers("a\033[2Jb#", "% A banner cannot contain control "
                                 "characters\n<Router(config)#>");
    assert_types("banner motd #a^Cb#",
                 "% A banner cannot contain ^C\n<Router(config)#>");
    assert_null(motd());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_any_character_delimits),
        STAGE_TEST(test_other_banners_are_unknown),
        STAGE_TEST(test_without_a_kind_it_is_the_motd),
        STAGE_TEST(test_lines_come_until_the_delimiter),
        STAGE_TEST(test_banners_are_written_and_read_again),
        STAGE_TEST(test_the_byte_etx_delimits_in_a_file),
        STAGE_TEST(test_no_and_an_empty_text_remove_it),
        STAGE_TEST(
            test_control_characters_and_the_written_delimiter_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
