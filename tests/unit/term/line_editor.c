#include "term/line_editor.h"

#include <stdio.h>

#include "check.h"

struct fixture {
    struct history history;
    struct line_editor *editor;
    struct key_decoder keys;
    struct buf out;
    enum line_action action; /* of the last key */
};

static void
fixture_init(struct fixture *f, uint32_t width, enum line_kind kind,
             const char *prompt)
{
    history_init(&f->history, 20);
    f->editor = line_editor_new(&f->history);
    line_editor_set_width(f->editor, width);
    key_decoder_init(&f->keys);
    buf_init(&f->out, 1 << 20);
    line_editor_begin(f->editor, kind, span_text(prompt), &f->out);
}

static void
fixture_clear(struct fixture *f)
{
    line_editor_free(f->editor);
    history_clear(&f->history);
    buf_clear(&f->out);
}

static void
type_bytes(struct fixture *f, const char *bytes, size_t len)
{
    struct key key;

    for (size_t i = 0; i < len; i++)
        if (key_decode(&f->keys, (uint8_t)bytes[i], &key))
            f->action = line_editor_key(f->editor, &key, &f->out);
}

static void
type(struct fixture *f, const char *text)
{
    type_bytes(f, text, strlen(text));
}

/* Typed on a fresh command line: what remains, and what the keys echoed. */
static void
typed(const char *before, const char *keys, const char *line, const char *echo)
{
    struct fixture f;

    fixture_init(&f, 0, LINE_COMMAND, "R1#");
    type(&f, before);
    buf_reset(&f.out);
    type(&f, keys);
    assert_span(line_editor_text(f.editor), line);
    assert_out(&f.out, echo);
    fixture_clear(&f);
}

static void
test_a_character_is_echoed_by_itself(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 80, LINE_COMMAND, "R1#");
    assert_out(&f.out, "R1#");
    type(&f, "s");
    assert_out(&f.out, "s");
    type(&f, "how \xe2\x82\xac");
    assert_out(&f.out, "how \xe2\x82\xac");
    assert_int_equal(f.action, LINE_NOTHING);
    fixture_clear(&f);
}

static void
test_enter_is_cr_lf(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 80, LINE_COMMAND, "R1#");
    type(&f, "show\r");
    assert_out(&f.out, "R1#show\r\n");
    assert_int_equal(f.action, LINE_ENTERED);
    assert_span(line_editor_text(f.editor), "show");
    line_editor_begin(f.editor, LINE_COMMAND, span_text("R1#"), &f.out);
    assert_span(line_editor_text(f.editor), "");
    type(&f, "\n");
    assert_int_equal(f.action, LINE_ENTERED);
    fixture_clear(&f);
}

static void
test_keys_that_move(void **state)
{
    (void)state;
    typed("abc def", "\001", "abc def", "\b\b\b\b\b\b\b");
    typed("abc def", "\001\005", "abc def", "\b\b\b\b\b\b\babc def");
    typed("abc def", "\002", "abc def", "\b");
    typed("abc def", "\033[D\033OD", "abc def", "\b\b");
    typed("abc def", "\002\002\006", "abc def", "\b\be");
    typed("abc def", "\002\033[C", "abc def", "\bf");
    typed("abc def", "\033b", "abc def", "\b\b\b");
    typed("abc def", "\033B\033b", "abc def", "\b\b\b\b\b\b\b");
    typed("abc def", "\001\033f", "abc def", "\b\b\b\b\b\b\babc");
    typed("abc def", "\033[H", "abc def", "\b\b\b\b\b\b\b");
    typed("abc def", "\033[1~\033[4~", "abc def", "\b\b\b\b\b\b\babc def");
    /* At the ends nothing moves. */
    typed("abc", "\006\005\033f", "abc", "");
    typed("", "\002\001\033b", "", "");
}

static void
test_keys_that_delete(void **state)
{
    (void)state;
    typed("abc", "\177", "ab", "\b \b");
    typed("abc", "\b", "ab", "\b \b");
    typed("abc", "\002\002\b", "bc", "\b\b\bbc \b\b\b");
    typed("abc", "\001\004", "bc", "\b\b\bbc \b\b\b");
    typed("abc", "\001\033[3~", "bc", "\b\b\bbc \b\b\b");
    typed("abc", "\004", "abc", "");
    typed("", "\b\177\004\027\025\013", "", "");
    typed("abc def", "\002\002\013", "abc d", "\b\b  \b\b");
    typed("abc", "\025", "", "\b\b\b   \b\b\b");
    typed("abc", "\030", "", "\b\b\b   \b\b\b");
    typed("abc", "\002\025", "c", "\b\b\bc  \b\b\b");
    typed("abc def", "\027", "abc ", "\b\b\b   \b\b\b");
    typed("abc def ", "\027", "abc ", "\b\b\b\b    \b\b\b\b");
    typed("abc def", "\001\033d", " def",
          "\b\b\b\b\b\b\b def   \b\b\b\b\b\b\b");
    typed("\xe2\x82\xac", "\177", "", "\b \b");
}

static void
test_keys_that_change(void **state)
{
    (void)state;
    typed("abdc", "\024", "abcd", "\b\bcd");
    typed("abc", "\002\002\024", "bac", "\b\b\bbac\b");
    typed("abc def", "\001\033u", "ABC def", "\b\b\b\b\b\b\bABC def\b\b\b\b");
    typed("ABC", "\001\033l", "abc", "\b\b\babc");
    typed("abc", "\001\033c", "Abc", "\b\b\bAbc");
}

static void
test_deleted_text_comes_back(void **state)
{
    (void)state;
    typed("abc def", "\027\031", "abc def", "\b\b\b   \b\b\bdef");
    typed("abc def", "\001\013\031", "abc def",
          "\b\b\b\b\b\b\b       \b\b\b\b\b\b\babc def");
    /* Esc Y: the one deleted before it, in its place; in a circle. */
    typed("one two", "\027\027\031\033y", "two",
          "\b\b\b   \b\b\b\b\b\b\b    "
          "\b\b\b\bone \b\b\b\btwo "
          "\b");
    typed("one two", "\027\027\031\033y\033y", "one ",
          "\b\b\b   \b\b\b\b\b\b\b    \b\b\b\bone \b\b\b\btwo \b\b\b\bone ");
    /* Without anything deleted nothing happens. */
    typed("abc", "\031\033y", "abc", "");
}

static void
test_single_deletions_are_not_kept(void **state)
{
    (void)state;
    typed("abc", "\177\001\004\031", "b", "\b \b\b\bb \b\b");
}

static void
test_redraw_shows_prompt_and_line(void **state)
{
    (void)state;
    typed("abc", "\014", "abc", "\r\nR1#abc");
    typed("abc", "\002\022", "abc", "\b\r\nR1#abc\b");
}

static void
test_the_next_key_is_literal(void **state)
{
    struct fixture f;

    (void)state;
    typed("", "\026?", "?", "?");
    typed("", "\033q?", "?", "?");
    typed("", "\026\001a", "a", "a");
    fixture_init(&f, 0, LINE_COMMAND, "R1#");
    type(&f, "what\026?");
    assert_int_equal(f.action, LINE_NOTHING);
    type(&f, "?");
    assert_int_equal(f.action, LINE_HELP);
    type(&f, "\026\r");
    assert_int_equal(f.action, LINE_ENTERED);
    fixture_clear(&f);
}

static void
test_question_mark_asks_for_help_at_once(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 80, LINE_COMMAND, "R1#");
    type(&f, "show ");
    buf_reset(&f.out);
    type(&f, "?");
    assert_int_equal(f.action, LINE_HELP);
    assert_out(&f.out, "?\r\n");
    assert_span(line_editor_text(f.editor), "show ");
    assert_int_equal(line_editor_cursor(f.editor), 5);
    line_editor_to_end(f.editor);
    line_editor_show(f.editor, &f.out);
    assert_out(&f.out, "R1#show ");
    fixture_clear(&f);
}

static void
test_tab_asks_for_completion(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 80, LINE_COMMAND, "R1#");
    type(&f, "sh\t");
    assert_int_equal(f.action, LINE_COMPLETE);
    assert_out(&f.out, "R1#sh");
    line_editor_replace(f.editor, span_text("show "), 5);
    line_editor_show(f.editor, &f.out);
    assert_out(&f.out, "R1#show ");
    type(&f, "x");
    assert_out(&f.out, "x");
    fixture_clear(&f);
}

static void
test_leaving_and_aborting_are_echoed(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 80, LINE_COMMAND, "R1(config)#");
    buf_reset(&f.out);
    type(&f, "no ip\032");
    assert_int_equal(f.action, LINE_LEFT);
    assert_out(&f.out, "no ip^Z\r\n");
    line_editor_begin(f.editor, LINE_COMMAND, span_text("R1#"), &f.out);
    type(&f, "abc\003");
    assert_int_equal(f.action, LINE_ABORTED);
    assert_out(&f.out, "R1#abc^C\r\n");
    fixture_clear(&f);
}

static void
test_history_goes_back_and_forward(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 0, LINE_COMMAND, "R1#");
    history_add(&f.history, span_text("one"));
    history_add(&f.history, span_text("two"));
    type(&f, "mine");
    buf_reset(&f.out);
    type(&f, "\033[A");
    assert_out(&f.out, "\b\b\b\btwo \b");
    type(&f, "\020\020\020");
    assert_span(line_editor_text(f.editor), "one");
    type(&f, "\016");
    assert_span(line_editor_text(f.editor), "two");
    type(&f, "\033[B");
    assert_span(line_editor_text(f.editor), "mine");
    type(&f, "\033OB\016");
    assert_span(line_editor_text(f.editor), "mine");
    fixture_clear(&f);
}

static void
test_a_recalled_line_is_a_copy(void **state)
{
    struct fixture f;
    struct span line;

    (void)state;
    fixture_init(&f, 0, LINE_COMMAND, "R1#");
    history_add(&f.history, span_text("one"));
    type(&f, "\033[Ax\033[B\033[A");
    assert_span(line_editor_text(f.editor), "one");
    assert_true(history_get(&f.history, 1, &line));
    assert_span(line, "one");
    fixture_clear(&f);
}

static void
test_a_secret_is_never_shown(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 80, LINE_SECRET, "Password: ");
    assert_out(&f.out, "Password: ");
    type(&f, "ci?sc\033[A\001x\177o");
    assert_out(&f.out, "");
    assert_span(line_editor_text(f.editor), "ci?sco");
    type(&f, "\r");
    assert_int_equal(f.action, LINE_ENTERED);
    assert_out(&f.out, "\r\n");
    line_editor_wipe(f.editor);
    assert_span(line_editor_text(f.editor), "");
    fixture_clear(&f);
}

static void
test_a_secret_is_not_brought_back(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 80, LINE_SECRET, "Password: ");
    type(&f, "cisco\025lab lab\027\r");
    assert_span(line_editor_text(f.editor), "lab ");
    line_editor_begin(f.editor, LINE_COMMAND, span_text("R1#"), &f.out);
    type(&f, "\031\033[A");
    assert_span(line_editor_text(f.editor), "");
    fixture_clear(&f);
}

static void
test_a_question_takes_question_marks(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 80, LINE_QUESTION, "Destination filename [x]? ");
    history_add(&f.history, span_text("one"));
    type(&f, "a?b\t\033[A\177c");
    assert_span(line_editor_text(f.editor), "a?c");
    fixture_clear(&f);
}

static void
test_raw_lines_are_longer_and_take_tabs(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 0, LINE_RAW, "");
    type(&f, "a\tb?");
    assert_span(line_editor_text(f.editor), "a\tb?");
    assert_out(&f.out, "a b?");
    for (int i = 0; i < 1100; i++)
        type(&f, "x");
    assert_int_equal(line_editor_text(f.editor).len, LINE_RAW_MAX);
    fixture_clear(&f);
}

static void
test_a_command_has_254_bytes(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 0, LINE_COMMAND, "");
    for (int i = 0; i < 254; i++)
        type(&f, i % 2 == 0 ? "a" : "b");
    buf_reset(&f.out);
    type(&f, "too much");
    assert_out(&f.out, "");
    assert_int_equal(line_editor_text(f.editor).len, 254);
    assert_int_equal(line_editor_text(f.editor).ptr[253], 'b');
    type(&f, "\177\xc3\xa9");
    assert_int_equal(line_editor_text(f.editor).len, 253);
    fixture_clear(&f);
}

static void
test_a_line_within_the_width_is_one_run(void **state)
{
    char line[200] = "";

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(line); i++)
        line[i] = (char)('a' + i % 26);
    for (int unbound = 0; unbound < 2; unbound++) {
        struct fixture f;

        fixture_init(&f, unbound ? 0 : 511, LINE_COMMAND, "R1#");
        buf_reset(&f.out);
        type(&f, line);
        assert_out(&f.out, line);
        fixture_clear(&f);
    }
}

static void
test_a_long_line_scrolls_with_a_mark(void **state)
{
    struct fixture f;

    (void)state;
    /* 40 columns: 3 for the prompt, 1 free, 36 for the line. */
    fixture_init(&f, 40, LINE_COMMAND, "R1#");
    type(&f, "abcdefghijklmnopqrstuvwxyz0123456789");
    assert_out(&f.out, "R1#abcdefghijklmnopqrstuvwxyz0123456789");
    type(&f, "X");
    /* Back to the prompt's end, the mark, the rest, blanks over the old. */
    assert_out(&f.out, "\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b"
                       "\b\b\b\b\b\b\b\b\b$lmnopqrstuvwxyz0123456789X"
                       "         \b\b\b\b\b\b\b\b\b");
    type(&f, "Y");
    assert_out(&f.out, "Y");
    type(&f, "\014");
    assert_out(&f.out, "\r\nR1#$lmnopqrstuvwxyz0123456789XY");
    fixture_clear(&f);
}

static void
test_without_echo_only_prompts_are_shown(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 80, LINE_COMMAND, "R1#");
    line_editor_set_echo(f.editor, false);
    type(&f, "show\177w\001\r");
    assert_out(&f.out, "R1#\r\n");
    assert_span(line_editor_text(f.editor), "show");
    line_editor_begin(f.editor, LINE_RAW, SPAN_EMPTY, &f.out);
    type(&f, "text\r");
    assert_out(&f.out, "");
    fixture_clear(&f);
}

static void
test_a_prompt_may_have_lines(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 80, LINE_QUESTION, "\nUser\n\nUsername: ");
    assert_out(&f.out, "\r\nUser\r\n\r\nUsername: ");
    assert_true(line_editor_is_on_line(f.editor));
    fixture_clear(&f);
}

/* --- a screen, to look at ------------------------------------------------- */

#define SCREEN_COLUMNS 60

struct screen {
    char cells[SCREEN_COLUMNS + 1]; /* of the cursor's row */
    size_t column;
};

/* One column for each character: continuation bytes are left out. */
static void
screen_put(struct screen *s, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = bytes.ptr[i];

        if (byte == '\b') {
            assert_true(s->column > 0);
            s->column--;
        } else if (byte == '\r') {
            s->column = 0;
        } else if (byte == '\n') {
            memset(s->cells, ' ', SCREEN_COLUMNS);
        } else if (!utf8_continues(byte)) {
            /* It never writes into the last column. */
            assert_true(s->column < SCREEN_COLUMNS - 1);
            s->cells[s->column++] = byte < 0x80 ? (char)byte : '#';
        }
    }
}

/* What must be seen: prompt, then the line, or its part around the cursor. */
static void
check_screen(const struct screen *s, const struct fixture *f,
             const char *prompt)
{
    struct span text = line_editor_text(f->editor);
    size_t start = strlen(prompt);
    size_t before =
        utf8_count(span_of(text.ptr, line_editor_cursor(f->editor)));
    size_t count = utf8_count(text);

    assert_memory_equal(s->cells, prompt, start);
    if (count > SCREEN_COLUMNS - 1 - start) {
        /* Cut: the character left of the cursor is the right one, or a mark
           hides it. */
        assert_true(s->column >= start);
        return;
    }
    assert_int_equal(s->column, start + before);
    for (size_t at = 0, column = start; column < SCREEN_COLUMNS; column++) {
        char expected = ' ';

        if (at < text.len) {
            expected = text.ptr[at] < 0x80 ? (char)text.ptr[at] : '#';
            at = utf8_next(text, at);
        }
        assert_int_equal(s->cells[column], expected);
    }
}

static void
test_any_keys_leave_the_screen_right(void **state)
{
    static const char *const keys[] = {
        "a",      "b ",     "\xc3\xa9", "word ",    "0123456789", "\001",
        "\005",   "\002",   "\006",     "\033[D",   "\033[C",     "\033b",
        "\033f",  "\004",   "\177",     "\b",       "\013",       "\025",
        "\027",   "\033d",  "\031",     "\033y",    "\024",       "\020",
        "\016",   "\033c",  "\033u",    "\033l",    "\026",       "\033[3~",
        "\033[H", "\033[F", "\014",     "\033[99~", "\xff",       "\xe2\x82",
    };
    const char *prompt = "Router(config)#";
    unsigned random = 12345;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct screen s = {.column = 0};
        struct fixture f;

        memset(s.cells, ' ', SCREEN_COLUMNS);
        fixture_init(&f, SCREEN_COLUMNS, LINE_COMMAND, prompt);
        history_add(&f.history, span_text("a shorter line"));
        history_add(&f.history,
                    span_text("a line that is much longer than the screen "
                              "that it has to be shown on, much"));
        for (int i = 0; i < 60; i++) {
            random = random * 1103515245U + 12345U;
            type(&f, keys[(random >> 16) % (sizeof(keys) / sizeof(keys[0]))]);
            screen_put(&s, buf_span(&f.out));
            buf_reset(&f.out);
            check_screen(&s, &f, prompt);
        }
        fixture_clear(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_character_is_echoed_by_itself),
        cmocka_unit_test(test_enter_is_cr_lf),
        cmocka_unit_test(test_keys_that_move),
        cmocka_unit_test(test_keys_that_delete),
        cmocka_unit_test(test_keys_that_change),
        cmocka_unit_test(test_deleted_text_comes_back),
        cmocka_unit_test(test_single_deletions_are_not_kept),
        cmocka_unit_test(test_redraw_shows_prompt_and_line),
        cmocka_unit_test(test_the_next_key_is_literal),
        cmocka_unit_test(test_question_mark_asks_for_help_at_once),
        cmocka_unit_test(test_tab_asks_for_completion),
        cmocka_unit_test(test_leaving_and_aborting_are_echoed),
        cmocka_unit_test(test_history_goes_back_and_forward),
        cmocka_unit_test(test_a_recalled_line_is_a_copy),
        cmocka_unit_test(test_a_secret_is_never_shown),
        cmocka_unit_test(test_a_secret_is_not_brought_back),
        cmocka_unit_test(test_a_question_takes_question_marks),
        cmocka_unit_test(test_raw_lines_are_longer_and_take_tabs),
        cmocka_unit_test(test_a_command_has_254_bytes),
        cmocka_unit_test(test_a_line_within_the_width_is_one_run),
        cmocka_unit_test(test_a_long_line_scrolls_with_a_mark),
        cmocka_unit_test(test_without_echo_only_prompts_are_shown),
        cmocka_unit_test(test_a_prompt_may_have_lines),
        cmocka_unit_test(test_any_keys_leave_the_screen_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
