#include "laws.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "canonical.h"
#include "cli/language.h"
#include "sentence.h"

#define TRIES         40 /* of each row */
#define WITH_DEFAULTS 8  /* of them one is: a long text, much the same always \
                          */
#define TEXT_MAX ((size_t)1 << 24)

/* The owner of a load belongs to the rows, so its reports come here. */
struct load_report {
    unsigned lines;
    char last[128];
};

static struct load_report reported;

static void
note_report(void *owner, unsigned line, const char *text)
{
    (void)owner;
    reported.lines++;
    snprintf(reported.last, sizeof(reported.last), "line %u: %s", line, text);
}

static unsigned
load(const struct laws *laws, struct config *config, struct span text)
{
    reported.lines = 0;
    cli_load(laws->language, config, text, note_report, laws->owner);
    return reported.lines;
}

static void
assert_survives(const struct laws *laws, const struct config *config,
                const char *made_by)
{
    struct buf first, second;
    struct config again;

    buf_init(&first, TEXT_MAX);
    buf_init(&second, TEXT_MAX);
    cli_write_config(laws->language, config, false, &first);
    config_init(&again);
    if (load(laws, &again, buf_span(&first)) > 0)
        fail_msg("%s\nwas written as\n%s\nwhich is refused: %s", made_by,
                 buf_text(&first), reported.last);
    cli_write_config(laws->language, &again, false, &second);
    assert_string_equal(buf_text(&first), buf_text(&second));
    if (!config_equal(config, &again))
        fail_msg("%s\nwas written as\n%s\nwhich is something else", made_by,
                 buf_text(&first));
    config_clear(&again);
    buf_clear(&first);
    buf_clear(&second);
}

static void
assert_survives_with_defaults(const struct laws *laws,
                              const struct config *config, const char *made_by)
{
    struct config again;
    struct buf text;

    buf_init(&text, TEXT_MAX);
    config_init(&again);
    cli_write_config(laws->language, config, true, &text);
    if (load(laws, &again, buf_span(&text)) > 0 ||
        !config_equal(config, &again))
        fail_msg("%s\nwith defaults is written as\n%s\nwhich is something "
                 "else: %s",
                 made_by, buf_text(&text), reported.last);
    config_clear(&again);
    buf_clear(&text);
}

/* Lines from global configuration to a random line of the row. */
static bool
make_text(const struct laws *laws, const struct mode_table *table,
          const struct cli_pattern *pattern, struct dice *dice,
          struct buf *text)
{
    struct sentence s;
    unsigned depth;
    char blanks[CLI_DEPTH_MAX + 2] = "";

    buf_reset(text);
    if (!sentence_put_way(laws->language, table->mode, dice, text, &depth))
        return false;
    memset(blanks, ' ', depth);
    sentence_make(&s, pattern, dice);
    sentence_put(&s, blanks, text);
    buf_put_u8(text, '\n');
    return true;
}

static void
try_row(const struct laws *laws, const struct mode_table *table,
        const struct cli_pattern *pattern, struct dice *dice,
        struct config *all)
{
    struct buf text;
    unsigned accepted = 0;

    buf_init(&text, TEXT_MAX);
    for (unsigned i = 0; i < TRIES; i++) {
        struct config one;

        if (!make_text(laws, table, pattern, dice, &text))
            break;
        config_init(&one);
        accepted += load(laws, &one, buf_span(&text)) == 0;
        assert_survives(laws, &one, buf_text(&text));
        if (i % WITH_DEFAULTS == 0)
            assert_survives_with_defaults(laws, &one, buf_text(&text));
        load(laws, all, buf_span(&text));
        config_clear(&one);
    }
    /* A text of several lines has an end that no random line is. */
    if (accepted == 0 && pattern->row->wants_more == NULL)
        fail_msg("%s: \"%s\": no random line was accepted: %s",
                 table->mode->name, pattern->row->syntax, reported.last);
    buf_clear(&text);
}

static void
law_settings_survive_writing_and_reading(const struct laws *laws)
{
    struct dice dice = {20240607};
    struct config all;

    config_init(&all);
    for (size_t m = 1; m < laws->language->count; m++) {
        const struct mode_table *table = &laws->language->modes[m];

        for (size_t p = 0; p < table->count; p++)
            if (pattern_is_setting(&table->patterns[p]))
                try_row(laws, table, &table->patterns[p], &dice, &all);
        assert_survives(laws, &all, "all rows together");
        assert_survives_with_defaults(laws, &all, "all rows together");
    }
    config_clear(&all);
}

static void
try_spoiled(const struct laws *laws, const struct mode_table *table,
            const struct cli_pattern *pattern, struct dice *dice)
{
    struct config before, after;
    struct sentence s;
    struct buf text;
    unsigned depth;

    buf_init(&text, TEXT_MAX);
    config_init(&after);
    if (sentence_put_way(laws->language, table->mode, dice, &text, &depth) &&
        load(laws, &after, buf_span(&text)) == 0) {
        config_copy(&before, &after);
        sentence_make(&s, pattern, dice);
        sentence_spoil(&s, dice);
        sentence_put(&s, dice_throw(dice, 4) == 0 ? "no " : "", &text);
        buf_put_u8(&text, '\n');
        if (load(laws, &after, buf_span(&text)) > 0 &&
            !config_equal(&before, &after))
            fail_msg("%sis refused and changes something", buf_text(&text));
        config_clear(&before);
    }
    config_clear(&after);
    buf_clear(&text);
}

static void
law_a_refused_line_changes_nothing(const struct laws *laws)
{
    struct dice dice = {4711};

    for (size_t m = 1; m < laws->language->count; m++) {
        const struct mode_table *table = &laws->language->modes[m];

        for (size_t p = 0; p < table->count; p++)
            for (unsigned i = 0;
                 i < TRIES && pattern_is_setting(&table->patterns[p]); i++)
                try_spoiled(laws, table, &table->patterns[p], &dice);
    }
}

/* A key stands behind the word at `at`: which entry is meant comes later. */
static bool
has_key_behind(const struct cli_pattern *pattern, const struct sentence *s,
               unsigned at)
{
    for (unsigned i = at + 1; i < s->count; i++)
        for (unsigned k = 0; k < pattern->row->keys; k++)
            if (pattern->tokens[s->tokens[i]].bind == &pattern->row->binds[k])
                return true;
    return false;
}

/* `no` or `default`, and the words that name the setting. */
static void
put_no(const struct cli_pattern *pattern, const struct sentence *s,
       const char *word, bool whole, struct buf *out)
{
    buf_printf(out, "%s", word);
    for (unsigned i = 0; i < s->count; i++) {
        buf_printf(out, " %s", s->words[i]);
        if (!whole && (pattern->no_last & TOKEN_BIT(s->tokens[i])) &&
            !has_key_behind(pattern, s, i))
            break;
    }
    buf_put_u8(out, '\n');
}

static void
try_no(const struct laws *laws, const struct cli_pattern *pattern,
       const char *word, bool whole, struct dice *dice)
{
    struct config fresh, config;
    struct sentence s;
    struct buf text;

    buf_init(&text, TEXT_MAX);
    sentence_make(&s, pattern, dice);
    sentence_put(&s, "", &text);
    buf_printf(&text, "\n!\n");
    config_init(&config);
    config_init(&fresh);
    if (load(laws, &config, buf_span(&text)) == 0) {
        buf_reset(&text);
        put_no(pattern, &s, word, whole, &text);
        if (load(laws, &config, buf_span(&text)) == 0 &&
            !config_equal(&config, &fresh))
            fail_msg("%s leaves something behind", buf_text(&text));
    }
    config_clear(&config);
    config_clear(&fresh);
    buf_clear(&text);
}

/*
 * Not so: `no` that is a value of its own, takes names out of a list, or
 * leaves the lines below those it removes, as of vtys.
 */
static bool
no_is_undo(const struct cli_pattern *pattern)
{
    return pattern_is_setting(pattern) && pattern->row->kind != CLI_SET_BY &&
           pattern->row->choices == NULL &&
           (pattern->row->entries != CLI_ENTRY_RANGES ||
            !pattern->row->ranges->dense) &&
           (pattern->flag == NULL || pattern->flag->number == 0);
}

static void
law_no_undoes_a_setting(const struct laws *laws)
{
    const struct mode_table *table = &laws->language->modes[1];
    struct dice dice = {77};

    for (size_t p = 0; p < table->count; p++)
        for (unsigned i = 0; i < TRIES && no_is_undo(&table->patterns[p]); i++)
            try_no(laws, &table->patterns[p], i % 4 < 2 ? "no" : "default",
                   i % 2 == 0, &dice);
}

/* Whether some word would be taken by both tokens with the same fit. */
static bool
tokens_collide(const struct cli_pattern *a, unsigned ta,
               const struct cli_pattern *b, unsigned tb)
{
    const struct cli_token *x = &a->tokens[ta], *y = &b->tokens[tb];

    if (x->kind != y->kind)
        return false;
    if (x->kind == TOKEN_KEYWORD)
        return text_equal_nocase(x->text, y->text);
    if (x->kind == TOKEN_CHOICE)
        return a->row->choices == b->row->choices;
    if (x->kind != TOKEN_NUMBER)
        return true;
    for (unsigned i = 0; i < x->range_count; i++)
        for (unsigned k = 0; k < y->range_count; k++)
            if (x->ranges[i].low <= y->ranges[k].high &&
                y->ranges[k].low <= x->ranges[i].high)
                return true;
    return false;
}

/*
 * Walk both rows with the same words; pairs of tokens already seen are
 * remembered in `seen`.
 */
static bool
same_line(const struct cli_pattern *a, token_set na,
          const struct cli_pattern *b, token_set nb, token_set *seen)
{
    for (unsigned ta = 0; ta < a->count; ta++)
        for (unsigned tb = 0; tb < b->count; tb++) {
            if (!(na & TOKEN_BIT(ta)) || !(nb & TOKEN_BIT(tb)) ||
                (seen[ta] & TOKEN_BIT(tb)) || !tokens_collide(a, ta, b, tb))
                continue;
            seen[ta] |= TOKEN_BIT(tb);
            if ((a->last & TOKEN_BIT(ta)) && (b->last & TOKEN_BIT(tb)))
                return true;
            if (same_line(a, a->tokens[ta].next, b, b->tokens[tb].next, seen))
                return true;
        }
    return false;
}

static void
law_rows_are_unambiguous(const struct laws *laws)
{
    for (size_t m = 0; m < laws->language->count; m++) {
        const struct mode_table *table = &laws->language->modes[m];

        for (size_t i = 0; i < table->count; i++)
            for (size_t k = 0; k < i; k++) {
                const struct cli_pattern *a = &table->patterns[i];
                const struct cli_pattern *b = &table->patterns[k];
                token_set seen[CLI_TOKENS_MAX] = {0};

                if (a->row->kind == CLI_GROUP || b->row->kind == CLI_GROUP)
                    continue;
                if (same_line(a, a->first, b, b->first, seen))
                    fail_msg("%s: \"%s\" and \"%s\" match the same line",
                             table->mode->name, a->row->syntax, b->row->syntax);
            }
    }
}

static void
begin_in(const struct mode_table *table, struct cli_context *context)
{
    cli_context_init(context, table->mode, 15);
}

/* A line of the row with one keyword cut to `length` characters. */
static void
put_cut(const struct sentence *s, unsigned word, size_t length, struct buf *out)
{
    buf_reset(out);
    for (unsigned i = 0; i < s->count; i++)
        buf_printf(out, "%s%.*s", i == 0 ? "" : " ",
                   i == word ? (int)length : 255, s->words[i]);
}

/* The cut word is a word of its own: `ip domain` of `ip domain-name`. */
static bool
is_whole_word(const struct laws *laws, const struct cli_context *context,
              const struct sentence *s, unsigned word, size_t length)
{
    struct sentence begin = *s;
    struct buf line, completed;
    bool whole;

    buf_init(&line, TEXT_MAX);
    buf_init(&completed, TEXT_MAX);
    begin.count = word + 1;
    put_cut(&begin, word, length, &line);
    whole = cli_complete(laws->language, context, buf_text(&line), &completed);
    buf_put_u8(&line, ' ');
    whole = whole && span_equal(buf_span(&line), buf_span(&completed));
    buf_clear(&line);
    buf_clear(&completed);
    return whole;
}

static void
assert_same_meaning(const struct laws *laws, const struct cli_context *context,
                    const char *line, const char *full)
{
    struct cli_match match;
    enum cli_result result = cli_parse(laws->language, context, line, &match);

    /* A hidden row's exact word wins, as any: `con` for `console`. */
    if (result == CLI_OK && !pattern_hidden(match.pattern)) {
        if (!span_is(buf_span(&match.text), full))
            fail_msg("\"%s\" means \"%s\", not \"%s\"", line,
                     buf_text(&match.text), full);
    } else if (result != CLI_OK && result != CLI_AMBIGUOUS) {
        fail_msg("\"%s\" for \"%s\" is refused", line, full);
    }
    cli_match_clear(&match);
}

/* What the parser makes of the whole line, keywords in full. */
static bool
full_text(const struct laws *laws, const struct cli_context *context,
          const char *line, struct buf *out)
{
    struct cli_match match;
    enum cli_result result = cli_parse(laws->language, context, line, &match);

    buf_reset(out);
    if (result == CLI_OK)
        buf_put_span(out, buf_span(&match.text));
    cli_match_clear(&match);
    return result == CLI_OK;
}

/* A built-in alias is no abbreviation: `p` is `ping`. */
static bool
is_alias(const struct mode_table *table, const char *word, size_t length)
{
    const struct cli_alias *a = table->mode->aliases;

    for (; a != NULL && a->name != NULL; a++)
        if (strlen(a->name) == length && strncmp(a->name, word, length) == 0)
            return true;
    return false;
}

static void
try_abbreviations(const struct laws *laws, const struct mode_table *table,
                  const struct cli_pattern *pattern, struct dice *dice)
{
    struct cli_context context;
    struct sentence s;
    struct buf line, full;

    buf_init(&line, TEXT_MAX);
    buf_init(&full, TEXT_MAX);
    begin_in(table, &context);
    sentence_make(&s, pattern, dice);
    sentence_put(&s, "", &line);
    if (!full_text(laws, &context, buf_text(&line), &full))
        fail_msg("\"%s\" of \"%s\" is refused", buf_text(&line),
                 pattern->row->syntax);
    for (unsigned i = 0; i < s.count; i++) {
        if (pattern->tokens[s.tokens[i]].kind != TOKEN_KEYWORD)
            continue;
        for (size_t n = 1; n < strlen(s.words[i]); n++) {
            put_cut(&s, i, n, &line);
            /* A hidden word gives way to those that are shown. */
            if (!pattern_hidden(pattern) &&
                !(i == 0 && is_alias(table, s.words[i], n)) &&
                !is_whole_word(laws, &context, &s, i, n))
                assert_same_meaning(laws, &context, buf_text(&line),
                                    buf_text(&full));
        }
    }
    buf_clear(&line);
    buf_clear(&full);
}

typedef void (*row_fn)(const struct laws *laws, const struct mode_table *table,
                       const struct cli_pattern *pattern, struct dice *dice);

static void
for_each_row(const struct laws *laws, unsigned times, row_fn each)
{
    struct dice dice = {4711};

    for (size_t m = 0; m < laws->language->count; m++) {
        const struct mode_table *table = &laws->language->modes[m];

        for (size_t p = 0; p < table->count; p++)
            for (unsigned i = 0; i < times; i++)
                if (table->patterns[p].row->kind != CLI_GROUP &&
                    table->patterns[p].row->kind != CLI_PREFIX)
                    each(laws, table, &table->patterns[p], &dice);
    }
}

static void
law_abbreviations_mean_the_same(const struct laws *laws)
{
    for_each_row(laws, 8, try_abbreviations);
}

/* The label of a word in help: its keyword, or the kind of value. */
static void
put_label(const struct cli_token *token, const char *word, struct buf *out)
{
    buf_reset(out);
    buf_printf(out, "\n  %s", token->kind == TOKEN_CHOICE ? word : token->text);
    if (token->kind == TOKEN_NUMBER)
        buf_truncate(out, strlen("\n  <"));
}

static void
try_help(const struct laws *laws, const struct mode_table *table,
         const struct cli_pattern *pattern, struct dice *dice)
{
    struct cli_context context;
    struct sentence s;
    struct buf line, help, label;

    if (pattern_hidden(pattern))
        return;
    buf_init(&line, TEXT_MAX);
    buf_init(&help, TEXT_MAX);
    buf_init(&label, TEXT_MAX);
    begin_in(table, &context);
    sentence_make(&s, pattern, dice);
    for (unsigned i = 0; i < s.count; i++) {
        const struct cli_token *token = &pattern->tokens[s.tokens[i]];

        buf_reset(&help);
        buf_put_u8(&help, '\n');
        cli_help(laws->language, &context, buf_text(&line), &help);
        put_label(token, s.words[i], &label);
        if (strstr(buf_text(&help), buf_text(&label)) == NULL)
            fail_msg("\"%s?\" does not offer %s", buf_text(&line),
                     buf_text(&label));
        buf_printf(&line, "%s ", s.words[i]);
        if (token->kind != TOKEN_KEYWORD)
            continue;
        /* Without its blank, Tab gives the same line back. */
        buf_truncate(&line, buf_len(&line) - 1);
        buf_reset(&help);
        if (!cli_complete(laws->language, &context, buf_text(&line), &help))
            fail_msg("Tab behind \"%s\" does nothing", buf_text(&line));
        buf_put_u8(&line, ' ');
        assert_string_equal(buf_text(&help), buf_text(&line));
    }
    buf_clear(&line);
    buf_clear(&help);
    buf_clear(&label);
}

static void
law_help_offers_every_word(const struct laws *laws)
{
    for_each_row(laws, 8, try_help);
}

static void
law_a_command_has_one_text(const struct laws *laws)
{
    for_each_row(laws, 4, canonical_try);
}

/* --- as tests ----------------------------------------------------------- */

static void
test_settings_survive_writing_and_reading(void **state)
{
    law_settings_survive_writing_and_reading(*state);
}

static void
test_no_undoes_a_setting(void **state)
{
    law_no_undoes_a_setting(*state);
}

static void
test_a_refused_line_changes_nothing(void **state)
{
    law_a_refused_line_changes_nothing(*state);
}

static void
test_rows_are_unambiguous(void **state)
{
    law_rows_are_unambiguous(*state);
}

static void
test_abbreviations_mean_the_same(void **state)
{
    law_abbreviations_mean_the_same(*state);
}

static void
test_a_command_has_one_text(void **state)
{
    law_a_command_has_one_text(*state);
}

static void
test_help_offers_every_word(void **state)
{
    law_help_offers_every_word(*state);
}

int
laws_run(CMFixtureFunction begin, CMFixtureFunction end)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_survive_writing_and_reading),
        cmocka_unit_test(test_no_undoes_a_setting),
        cmocka_unit_test(test_a_refused_line_changes_nothing),
        cmocka_unit_test(test_rows_are_unambiguous),
        cmocka_unit_test(test_abbreviations_mean_the_same),
        cmocka_unit_test(test_a_command_has_one_text),
        cmocka_unit_test(test_help_offers_every_word),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
