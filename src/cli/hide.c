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
may_be(const char *keyword, struct span typed)
{
    char word[CLI_WORD_MAX + 1];

    return strlen(keyword) > LEAST && typed.len >= LEAST &&
           text_copy_span(word, sizeof(word), typed) &&
           text_starts_nocase(keyword, word);
}

/* The word before is one that stands before this token in its row. */
static bool
follows(const struct cli_pattern *pattern, unsigned token,
        const struct words *words, unsigned word)
{
    for (unsigned t = 0; t < pattern->count && word > 0; t++)
        if ((pattern->tokens[t].next & TOKEN_BIT(token)) &&
            (token_has_value(&pattern->tokens[t]) ||
             may_be(pattern->tokens[t].text, words_at(words, word - 1))))
            return true;
    return false;
}

/* `secret` stands before secrets wherever it stands; `terminal` does not. */
static bool
tells_by_itself(const struct cli_language *language, const char *keyword)
{
    for (size_t m = 0; m < language->count; m++)
        for (size_t p = 0; p < language->modes[m].count; p++) {
            const struct cli_pattern *pattern = &language->modes[m].patterns[p];

            for (unsigned t = 0; t < pattern->count; t++)
                if (pattern->tokens[t].kind == TOKEN_KEYWORD &&
                    text_equal_nocase(pattern->tokens[t].text, keyword) &&
                    !introduces_secret(pattern, t))
                    return false;
        }
    return true;
}

static bool
row_tells(const struct cli_language *language,
          const struct cli_pattern *pattern, const struct words *words,
          unsigned word)
{
    for (unsigned t = 0; t < pattern->count; t++) {
        const struct cli_token *token = &pattern->tokens[t];

        if (token->kind == TOKEN_KEYWORD && introduces_secret(pattern, t) &&
            may_be(token->text, words_at(words, word)) &&
            (follows(pattern, t, words, word) ||
             tells_by_itself(language, token->text)))
            return true;
    }
    return false;
}

size_t
hide_from(const struct cli_language *language, const struct words *words)
{
    for (unsigned i = 0; i + 1 < words->count; i++)
        for (size_t m = 0; m < language->count; m++)
            for (size_t p = 0; p < language->modes[m].count; p++)
                if (row_tells(language, &language->modes[m].patterns[p], words,
                              i))
                    return words->places[i + 1].at;
    return words->length;
}
