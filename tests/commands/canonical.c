#include "canonical.h"

#include <ctype.h>
#include <stdio.h>

#define TEXT_MAX ((size_t)1 << 24)
#define ALIAS    "qz_w"

/* How the words of a sentence are typed. */
struct spelling {
    const struct sentence *sentence;
    const struct cli_pattern *pattern;
    size_t lengths[SENTENCE_WORDS_MAX]; /* characters typed of each word */
};

struct trial {
    const struct laws *laws;
    struct cli_context context;
    struct buf canonical; /* what it must be */
    struct buf line;      /* as typed */
};

static enum token_kind
kind_of(const struct spelling *s, unsigned word)
{
    return s->pattern->tokens[s->sentence->tokens[word]].kind;
}

static bool
has_spellings(const struct spelling *s, unsigned word)
{
    return kind_of(s, word) == TOKEN_KEYWORD ||
           kind_of(s, word) == TOKEN_CHOICE;
}

/* Words `from` on, each as long as the spelling says. */
static void
put_words(const struct spelling *s, unsigned from, struct buf *out)
{
    for (unsigned i = from; i < s->sentence->count; i++)
        buf_printf(out, "%s%.*s", i == from ? "" : " ", (int)s->lengths[i],
                   s->sentence->words[i]);
}

/* The same with letters of any case and with any blanks in front. */
static void
put_careless(const struct spelling *s, struct dice *dice, struct buf *out)
{
    static const char *const blanks[] = {" ", "  ", "\t", " \t "};

    for (unsigned i = 0; i < s->sentence->count; i++) {
        buf_printf(out, "%s", blanks[dice_throw(dice, 4)]);
        for (size_t n = 0; n < s->lengths[i]; n++) {
            unsigned char c = (unsigned char)s->sentence->words[i][n];

            if (has_spellings(s, i) && dice_throw(dice, 2))
                c = (unsigned char)toupper(c);
            buf_put_u8(out, c);
        }
    }
}

/* The canonical text of the line; false: it is refused. */
static bool
parse(const struct trial *t, const char *line, struct buf *out)
{
    struct cli_match match;
    bool good =
        cli_parse(t->laws->language, &t->context, line, &match) == CLI_OK;

    buf_reset(out);
    if (good)
        buf_put_span(out, buf_span(&match.masked));
    cli_match_clear(&match);
    return good;
}

static bool
is_same(const struct trial *t, const char *line)
{
    struct buf got;
    bool same;

    buf_init(&got, TEXT_MAX);
    same = parse(t, line, &got) &&
           span_equal(buf_span(&got), buf_span(&t->canonical));
    buf_clear(&got);
    return same;
}

static void
assert_same(struct trial *t, const char *how)
{
    struct buf got;

    if (is_same(t, buf_text(&t->line)))
        return;
    buf_init(&got, TEXT_MAX);
    (void)parse(t, buf_text(&t->line), &got);
    fail_msg("%s in %s: \"%s\" is \"%s\" instead of \"%s\"", how,
             t->context.mode->name, buf_text(&t->line), buf_text(&got),
             buf_text(&t->canonical));
}

/* The fewest characters by which each word is still itself. */
static void
shorten(struct trial *t, struct spelling *s)
{
    for (unsigned i = 0; i < s->sentence->count; i++) {
        size_t whole = strlen(s->sentence->words[i]);

        s->lengths[i] = whole;
        if (!has_spellings(s, i))
            continue;
        for (size_t n = 1; n < whole; n++) {
            s->lengths[i] = n;
            buf_reset(&t->line);
            put_words(s, 0, &t->line);
            if (is_same(t, buf_text(&t->line)))
                break;
            s->lengths[i] = whole;
        }
    }
}

static void
try_careless(struct trial *t, const struct spelling *s, const char *prefix,
             struct dice *dice)
{
    buf_reset(&t->line);
    buf_printf(&t->line, "%s", prefix);
    put_careless(s, dice, &t->line);
    assert_same(t, "carelessly typed");
}

static void
try_aliases(struct trial *t, const struct spelling *s, const char *prefix)
{
    struct config config;
    struct config_alias *alias;
    struct buf command;

    config_init(&config);
    alias = config_list_append(&config.aliases.list, &config_alias_type);
    config_text_set(&alias->name, ALIAS);
    buf_init(&command, TEXT_MAX);
    t->context.config = &config;
    for (unsigned k = 1; k <= s->sentence->count; k++) {
        struct sentence begin = *s->sentence;
        struct spelling first = *s;

        begin.count = k;
        first.sentence = &begin;
        /* Shorter, it may be an alias, and those do not lead to each other. */
        first.lengths[0] = strlen(s->sentence->words[0]);
        buf_reset(&command);
        put_words(&first, 0, &command);
        config_text_set(&alias->command, buf_text(&command));
        buf_reset(&t->line);
        buf_printf(&t->line, "%s" ALIAS " ", prefix);
        if (k < s->sentence->count)
            put_words(s, k, &t->line);
        /* Blanks behind the rest of a line belong to it. */
        else if (kind_of(s, k - 1) == TOKEN_LINE)
            buf_truncate(&t->line, buf_len(&t->line) - 1);
        assert_same(t, "by an alias");
    }
    t->context.config = NULL;
    buf_clear(&command);
    config_clear(&config);
}

/* EXEC commands are the same in every other mode. */
static void
try_do(struct trial *t, const struct spelling *s, struct dice *dice)
{
    const struct cli_language *language = t->laws->language;

    for (size_t m = 1; m < language->count; m++) {
        cli_context_enter(&t->context, language->modes[m].mode);
        try_careless(t, s, m % 2 == 0 ? "do" : " Do", dice);
        try_aliases(t, s, "do ");
    }
}

/* By itself: a short secret may well be a part of another word. */
static bool
has_word(const char *text, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = strstr(text, word); at != NULL;
         at = strstr(at + 1, word))
        if ((at == text || at[-1] == ' ') &&
            (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static void
assert_keeps_secrets(const struct trial *t, const struct sentence *s,
                     const struct cli_pattern *pattern)
{
    for (unsigned i = 0; i < s->count; i++)
        if (pattern->tokens[s->tokens[i]].secret &&
            has_word(buf_text((struct buf *)(uintptr_t)&t->canonical),
                     s->words[i]))
            fail_msg("\"%s\" tells a secret", s->words[i]);
}

/* `no debug all` is a row of its own: its words are tried as that row's. */
static bool
is_another_row(const struct trial *t, const struct spelling *s)
{
    struct cli_match match;
    bool another = cli_parse(t->laws->language, &t->context,
                             buf_text((struct buf *)(uintptr_t)&t->line),
                             &match) == CLI_OK &&
                   match.row != s->pattern->row;

    cli_match_clear(&match);
    return another;
}

static void
try_prefix(struct trial *t, const struct spelling *full, const char *prefix,
           struct dice *dice)
{
    struct spelling shortest = *full;

    buf_reset(&t->line);
    buf_printf(&t->line, "%s", prefix);
    put_words(full, 0, &t->line);
    if (!parse(t, buf_text(&t->line), &t->canonical) ||
        (prefix[0] != '\0' && is_another_row(t, full)))
        return;
    assert_keeps_secrets(t, full->sentence, full->pattern);
    if (prefix[0] == '\0')
        shorten(t, &shortest);
    try_careless(t, full, prefix, dice);
    try_careless(t, &shortest, prefix, dice);
    if (t->context.mode != t->laws->language->modes[0].mode)
        return;
    try_aliases(t, full, prefix);
    try_aliases(t, &shortest, prefix);
    try_do(t, &shortest, dice);
}

void
canonical_try(const struct laws *laws, const struct mode_table *table,
              const struct cli_pattern *pattern, struct dice *dice)
{
    static const char *const prefixes[] = {"", "no ", "default "};
    struct trial t = {.laws = laws};
    struct sentence sentence;
    struct spelling full = {.sentence = &sentence, .pattern = pattern};

    buf_init(&t.canonical, TEXT_MAX);
    buf_init(&t.line, TEXT_MAX);
    sentence_make(&sentence, pattern, dice);
    for (unsigned i = 0; i < sentence.count; i++)
        full.lengths[i] = strlen(sentence.words[i]);
    for (size_t i = 0; i < 3; i++) {
        cli_context_init(&t.context, table->mode, 15);
        try_prefix(&t, &full, prefixes[i], dice);
    }
    buf_clear(&t.canonical);
    buf_clear(&t.line);
}
