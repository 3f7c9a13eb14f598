#include "cli/hide.h"

#include "base/text.h"

#define LEAST 2 /* characters of an abbreviation that is taken for one */

static bool
introduces_secret(const struct cli_pattern *pattern, unsigned token)
{
    token_set next = pattern->tokens[token].next;

    for (; next != 0; next &= next - 1)
        if (pattern->tokens[__builtin_ctzll(next)].secret)
            return true;
    return false;
}

/* Encodings (`secret 5 ...`) are too short to tell anything. */
static bool
may_be(const char *keyword, const char *word)
{
    return strlen(keyword) > LEAST && text_starts_nocase(keyword, word);
}

static bool
row_has(const struct cli_pattern *pattern, const char *word)
{
    for (unsigned t = 0; t < pattern->count; t++)
        if (pattern->tokens[t].kind == TOKEN_KEYWORD &&
            may_be(pattern->tokens[t].text, word) &&
            introduces_secret(pattern, t))
            return true;
    return false;
}

static bool
language_has(const struct cli_language *language, const char *word)
{
    for (size_t m = 0; m < language->count; m++)
        for (size_t p = 0; p < language->modes[m].count; p++)
            if (row_has(&language->modes[m].patterns[p], word))
                return true;
    return false;
}

size_t
hide_from(const struct cli_language *language, const struct words *words)
{
    char word[CLI_WORD_MAX + 1];

    for (unsigned i = 0; i + 1 < words->count; i++) {
        struct span typed = words_at(words, i);

        if (typed.len >= LEAST && text_copy_span(word, sizeof(word), typed) &&
            language_has(language, word))
            return words->places[i + 1].at;
    }
    return words->length;
}
