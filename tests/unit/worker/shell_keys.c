#include "rig.h"

static void
test_a_line_goes_to_control(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    assert_seen(&r, "R1#");
    type(&r, "show version");
    assert_seen(&r, "show version");
    assert_silence(&r);
    type(&r, "\r");
    assert_seen(&r, "\r\n");
    assert_line(&r, "show version", LINE_ENTER);
    rig_clear(&r);
}

static void
test_control_is_told_what_is_scrolled_out(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 24, 40);
    give_prompt(&r, "R1#");
    type(&r, "12345678901234567890123456789012345678901234567890\r");
    while (receive(&r) != MSG_LINE)
        continue;
    assert_int_equal(r.got.line.scrolled, 20);
    give_prompt(&r, "R1#");
    type(&r, "short\r");
    assert_int_equal(receive(&r), MSG_LINE);
    assert_int_equal(r.got.line.scrolled, 0);
    rig_clear(&r);
}

static void
test_cr_lf_and_both_are_one_enter(void **state)
{
    static const char *const ends[] = {"\r", "\n", "\r\n"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct rig r;

        rig_init(&r);
        give_prompt(&r, "R1#");
        type(&r, "a");
        /* Each byte in its own packet. */
        for (const char *byte = ends[i]; *byte != '\0'; byte++)
            type_bytes(&r, byte, 1);
        give_prompt(&r, "R1#");
        type(&r, "b\r");
        assert_line(&r, "a", LINE_ENTER);
        assert_line(&r, "b", LINE_ENTER);
        assert_silence(&r);
        assert_seen(&r, "R1#a\r\nR1#b\r\n");
        rig_clear(&r);
    }
}

static void
test_nul_means_nothing(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    type_bytes(&r, "\0s\0h\r\0", 6);
    assert_line(&r, "sh", LINE_ENTER);
    assert_seen(&r, "R1#sh\r\n");
    rig_clear(&r);
}

static void
test_lines_typed_ahead_are_worked_off_in_order(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    type(&r, "one\ntwo\nthree");
    assert_line(&r, "one", LINE_ENTER);
    assert_silence(&r);
    /* Not echoed before its prompt is there. */
    assert_seen(&r, "R1#one\r\n");
    give_output(&r, "1\n");
    give_prompt(&r, "R1#");
    assert_line(&r, "two", LINE_ENTER);
    assert_seen(&r, "1\r\nR1#two\r\n");
    give_prompt(&r, "R1(config)#");
    assert_seen(&r, "R1(config)#three");
    assert_silence(&r);
    rig_clear(&r);
}

static void
test_used_bytes_are_counted(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    type(&r, "one\r\ntwo\r\n");
    assert_int_equal(shell_typed_used(r.shell), 0);
    assert_int_equal(shell_typed_waiting(r.shell), 10);
    give_prompt(&r, "R1#");
    assert_int_equal(shell_typed_used(r.shell), 4);
    give_prompt(&r, "R1#");
    /* The LF behind each line is no key. */
    assert_int_equal(shell_typed_used(r.shell), 5);
    assert_int_equal(shell_typed_used(r.shell), 0);
    rig_clear(&r);
}

static void
test_ctrl_z_and_ctrl_c_end_the_line(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1(config)#");
    type(&r, "no ip\032");
    assert_line(&r, "no ip", LINE_CTRL_Z);
    assert_seen(&r, "R1(config)#no ip^Z\r\n");
    give_prompt(&r, "R1#");
    type(&r, "abc\003");
    assert_line(&r, "", LINE_CTRL_C);
    assert_seen(&r, "R1#abc^C\r\n");
    rig_clear(&r);
}

static void
test_help_shows_text_then_the_line_again(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    type(&r, "show \002\002?ip");
    assert_message(&r, MSG_LINE_HELP);
    assert_int_equal(r.got.line_help.text.len, 3);
    assert_seen(&r, "R1#show \b\b?\r\n");
    give_help(&r, "  ip  IP\n\n");
    /* What was typed meanwhile comes at the end of the line. */
    assert_seen(&r, "  ip  IP\r\n\r\nR1#show ip");
    type(&r, "\r");
    assert_line(&r, "show ip", LINE_ENTER);
    rig_clear(&r);
}

static void
test_help_is_paged(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 3, 80);
    give_prompt(&r, "R1#");
    type(&r, "s?");
    assert_message(&r, MSG_LINE_HELP);
    give_help(&r, "1\n2\n3\n");
    assert_seen(&r, "R1#s?\r\n1\r\n2\r\n" MORE);
    type(&r, "q");
    assert_seen(&r, ERASED "R1#s");
    assert_silence(&r);
    rig_clear(&r);
}

static void
test_completion_replaces_the_line(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    type(&r, "sh\tx");
    assert_message(&r, MSG_LINE_COMPLETE);
    assert_int_equal(r.got.line_complete.cursor, 2);
    assert_seen(&r, "R1#sh");
    give_completed(&r, "show ", 5);
    assert_seen(&r, "\r\nR1#show x");
    rig_clear(&r);
}

static void
test_history_has_lines_but_no_answers(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1>");
    type(&r, "enable\r");
    give_ask(&r, "Password: ", ASK_SECRET, 0);
    type(&r, "cisco\r");
    give_ask(&r, "File? ", ASK_LINE, 0);
    type(&r, "name\r");
    give_prompt_after(&r, "R1#", "enable");
    assert_seen(&r, "R1>enable\r\nPassword: \r\nFile? name\r\nR1#");
    type(&r, "\033[A");
    assert_seen(&r, "enable");
    type(&r, "\033[A");
    assert_seen(&r, "");
    rig_clear(&r);
}

static void
test_interrupt_goes_past_what_was_typed_ahead(void **state)
{
    static const char keys[] = {0x03, 0x1e};

    (void)state;
    for (size_t i = 0; i < sizeof(keys); i++) {
        struct rig r;

        rig_init(&r);
        give_prompt(&r, "R1#");
        type(&r, "ping\rnext");
        assert_line(&r, "ping", LINE_ENTER);
        type_bytes(&r, &keys[i], 1);
        assert_message(&r, MSG_INTERRUPT);
        /* Once is enough. */
        type_bytes(&r, &keys[i], 1);
        type_bytes(&r, &keys[i], 1);
        assert_silence(&r);
        give_output(&r, "aborted\n");
        give_prompt(&r, "R1#");
        assert_seen(&r, "R1#ping\r\naborted\r\nR1#next");
        rig_clear(&r);
    }
}

static void
test_a_question_that_crosses_an_interrupt_is_answered_by_it(void **state)
{
    static const enum ask_kind kinds[] = {ASK_LINE, ASK_SECRET, ASK_KEY,
                                          ASK_TEXT};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct rig r;

        rig_init(&r);
        give_prompt(&r, "R1>");
        /* Pasted: the last Enter is for the next prompt, not the question. */
        type(&r, "enable\r\003\r");
        assert_line(&r, "enable", LINE_ENTER);
        assert_message(&r, MSG_INTERRUPT);
        give_ask(&r, "Password: ", kinds[i], 30);
        assert_answer(&r, NULL);
        assert_silence(&r);
        give_prompt(&r, "R1>");
        assert_seen(&r, "R1>enable\r\nPassword: \r\nR1>\r\n");
        assert_line(&r, "", LINE_ENTER);
        /* The next question is the user's again. */
        give_ask(&r, "Password: ", kinds[i], 30);
        assert_silence(&r);
        rig_clear(&r);
    }
}

/* It waits behind output that the peer has not taken yet. */
static void
test_a_question_that_is_not_shown_yet_is_answered_by_an_interrupt(void **state)
{
    const size_t len = 1 << 20;
    char *text = malloc(len);
    struct rig r;

    (void)state;
    memset(text, 'x', len);
    rig_init(&r);
    give_terminal(&r, 0, 80);
    give_prompt(&r, "R1#");
    type(&r, "import\r");
    assert_line(&r, "import", LINE_ENTER);
    give_file(&r, text, len);
    give_ask(&r, "", ASK_TEXT, 0);
    type(&r, "\003");
    take_output(&r);
    assert_message(&r, MSG_SHOWN);
    assert_answer(&r, NULL);
    assert_silence(&r);
    give_prompt(&r, "R1#");
    rig_clear(&r);
    free(text);
}

static void
test_x_behind_the_escape_key_is_no_letter(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    type(&r, "\036x\036Xab");
    assert_seen(&r, "R1#ab");
    type(&r, "\r\036");
    type(&r, "x");
    assert_line(&r, "ab", LINE_ENTER);
    assert_message(&r, MSG_INTERRUPT);
    give_prompt(&r, "R1#");
    assert_seen(&r, "\r\nR1#");
    rig_clear(&r);
}

static void
test_another_key_may_be_the_escape_key(void **state)
{
    struct message m = {.type = MSG_TERMINAL};
    struct rig r;

    (void)state;
    rig_init(&r);
    m.terminal.channel = RIG_CHANNEL;
    m.terminal.escape = 'q';
    give(&r, &m, -1);
    give_prompt(&r, "R1#");
    type(&r, "\036qx\r");
    assert_line(&r, "qx", LINE_ENTER);
    type(&r, "\036");
    assert_silence(&r);
    type(&r, "q");
    assert_message(&r, MSG_INTERRUPT);
    rig_clear(&r);
}

static void
test_a_signal_is_an_interrupt(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    shell_interrupt(r.shell);
    assert_message(&r, MSG_INTERRUPT);
    give_prompt(&r, "R1#");
    shell_interrupt(r.shell);
    assert_silence(&r);
    rig_clear(&r);
}

static void
test_questions_are_answered(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_output(&r, "Some text\n\n");
    give_ask(&r, "How many bits [2048]: ", ASK_LINE, 0);
    type(&r, "10x\177 24?\t\r");
    assert_answer(&r, "10 24?");
    assert_seen(&r, "Some text\r\n\r\nHow many bits [2048]: 10x\b \b 24?\r\n");
    give_ask(&r, "", ASK_LINE, 0);
    type(&r, "\r");
    assert_answer(&r, "");
    rig_clear(&r);
}

static void
test_a_secret_typed_ahead_is_not_echoed(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1>");
    type(&r, "enable\rcisco\rshow\r");
    give_ask(&r, "Password: ", ASK_SECRET, 0);
    assert_line(&r, "enable", LINE_ENTER);
    assert_answer(&r, "cisco");
    give_prompt(&r, "R1#");
    assert_line(&r, "show", LINE_ENTER);
    assert_seen(&r, "R1>enable\r\nPassword: \r\nR1#show\r\n");
    rig_clear(&r);
}

static void
test_one_key_confirms(void **state)
{
    static const struct {
        const char *typed, *answer, *seen;
    } cases[] = {
        {"\r", "", "\r\n"},     {"y", "y", "y\r\n"},
        {"n", "n", "n\r\n"},    {"\033[A", "\033", "\r\n"},
        {"\003", NULL, "\r\n"}, {"\036", NULL, "\r\n"},
        {"\t", "\033", "\r\n"}, {"\xc3\xa9", "\xc3\xa9", "\xc3\xa9\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rig r;

        rig_init(&r);
        give_ask(&r, "Reload? [confirm]", ASK_KEY, 0);
        assert_seen(&r, "Reload? [confirm]");
        type(&r, cases[i].typed);
        assert_answer(&r, cases[i].answer);
        assert_seen(&r, cases[i].seen);
        rig_clear(&r);
    }
}

static void
test_the_lf_of_a_line_confirms_nothing(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    type(&r, "reload\r");
    assert_line(&r, "reload", LINE_ENTER);
    give_ask(&r, "[confirm]", ASK_KEY, 0);
    type(&r, "\n");
    assert_silence(&r);
    type(&r, "\n");
    assert_answer(&r, "");
    rig_clear(&r);
}

static void
test_raw_lines_are_asked_for_one_by_one(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1(config)#");
    type(&r, "banner motd #\rone\ttab?\r\r#\rhostname R2\r");
    assert_line(&r, "banner motd #", LINE_ENTER);
    give_output(&r, "Enter TEXT message.  End with the character '#'.\n");
    give_ask(&r, "", ASK_TEXT, 0);
    assert_answer(&r, "one\ttab?");
    give_ask(&r, "", ASK_TEXT, 0);
    assert_answer(&r, "");
    give_ask(&r, "", ASK_TEXT, 0);
    assert_answer(&r, "#");
    assert_silence(&r);
    give_prompt(&r, "R1(config)#");
    assert_line(&r, "hostname R2", LINE_ENTER);
    assert_seen(&r, "R1(config)#banner motd #\r\n"
                    "Enter TEXT message.  End with the character '#'.\r\n"
                    "one tab?\r\n\r\n#\r\nR1(config)#hostname R2\r\n");
    rig_clear(&r);
}

static void
test_a_text_can_end_with_its_last_line(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    type(&r, "send *\rone\rtwo\032");
    assert_line(&r, "send *", LINE_ENTER);
    give_ask(&r, "", ASK_LINES, 0);
    assert_answer(&r, "one");
    give_ask(&r, "", ASK_LINES, 0);
    assert_answer(&r, "\032two");
    assert_silence(&r);
    give_ask(&r, "", ASK_LINES, 0);
    type(&r, "x\003");
    assert_answer(&r, NULL);
    /* Any other question is given up by that key. */
    give_ask(&r, "", ASK_TEXT, 0);
    type(&r, "three\032");
    assert_answer(&r, NULL);
    assert_silence(&r);
    rig_clear(&r);
}

static void
test_questions_can_be_given_up(void **state)
{
    static const char *const keys[] = {"\003", "\032", "\036"};
    static const char *const seen[] = {"N: ab^C\r\n", "N: ab^Z\r\n",
                                       "N: ab^C\r\n"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct rig r;

        rig_init(&r);
        give_ask(&r, "N: ", ASK_LINE, 0);
        type(&r, "ab");
        type(&r, keys[i]);
        assert_answer(&r, NULL);
        assert_false(r.got.answer.timed_out);
        assert_seen(&r, seen[i]);
        rig_clear(&r);
    }
}

static void
test_a_question_has_its_time(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_ask(&r, "Password: ", ASK_SECRET, 30);
    assert_int_equal(shell_deadline(r.shell), r.now_ms + 30000);
    r.now_ms += 29999;
    type(&r, "abc");
    shell_work(r.shell, r.now_ms);
    assert_silence(&r);
    /* Typing does not prolong it. */
    r.now_ms += 1;
    shell_work(r.shell, r.now_ms);
    assert_answer(&r, NULL);
    assert_true(r.got.answer.timed_out);
    assert_int_equal(shell_deadline(r.shell), UINT64_MAX);
    assert_seen(&r, "Password: \r\n");
    rig_clear(&r);
}

static void
test_keys_wait_while_control_does_not_read(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    while (!uplink_is_busy(&r.up))
        uplink_send_channel(&r.up, MSG_ACTIVITY, RIG_CHANNEL);
    type(&r, "show\r");
    assert_seen(&r, "R1#");
    assert_int_equal(shell_typed_waiting(r.shell), 5);
    /* It reads again. */
    while (pipe_wants_write(r.up.pipe)) {
        while (receive(&r) != MSG_NONE)
            continue;
        uplink_flush(&r.up);
    }
    shell_work(r.shell, r.now_ms);
    assert_line(&r, "show", LINE_ENTER);
    assert_seen(&r, "show\r\n");
    assert_false(r.up.failed);
    rig_clear(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_goes_to_control),
        cmocka_unit_test(test_control_is_told_what_is_scrolled_out),
        cmocka_unit_test(test_cr_lf_and_both_are_one_enter),
        cmocka_unit_test(test_nul_means_nothing),
        cmocka_unit_test(test_lines_typed_ahead_are_worked_off_in_order),
        cmocka_unit_test(test_used_bytes_are_counted),
        cmocka_unit_test(test_ctrl_z_and_ctrl_c_end_the_line),
        cmocka_unit_test(test_help_shows_text_then_the_line_again),
        cmocka_unit_test(test_help_is_paged),
        cmocka_unit_test(test_completion_replaces_the_line),
        cmocka_unit_test(test_history_has_lines_but_no_answers),
        cmocka_unit_test(test_interrupt_goes_past_what_was_typed_ahead),
        cmocka_unit_test(
            test_a_question_that_crosses_an_interrupt_is_answered_by_it),
        cmocka_unit_test(test_x_behind_the_escape_key_is_no_letter),
        cmocka_unit_test(
            test_a_question_that_is_not_shown_yet_is_answered_by_an_interrupt),
        cmocka_unit_test(test_another_key_may_be_the_escape_key),
        cmocka_unit_test(test_a_signal_is_an_interrupt),
        cmocka_unit_test(test_questions_are_answered),
        cmocka_unit_test(test_a_secret_typed_ahead_is_not_echoed),
        cmocka_unit_test(test_one_key_confirms),
        cmocka_unit_test(test_the_lf_of_a_line_confirms_nothing),
        cmocka_unit_test(test_raw_lines_are_asked_for_one_by_one),
        cmocka_unit_test(test_a_text_can_end_with_its_last_line),
        cmocka_unit_test(test_questions_can_be_given_up),
        cmocka_unit_test(test_a_question_has_its_time),
        cmocka_unit_test(test_keys_wait_while_control_does_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
