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

/* --- words of a row that led to one ------------------------------------- */

/* Tokens that the word may be: keywords that begin so, else values. */
static token_set
agreeing(const struct cli_pattern *pattern, token_set among, struct span typed)
{
    token_set keywords = 0, values = 0;
    char word[CLI_WORD_MAX + 1];

    if (!text_copy_span(word, sizeof(word), typed))
        return 0;
    for (; among != 0; among &= among - 1) {
        unsigned t = (unsigned)__builtin_ctzll(among);

        if (token_has_value(&pattern->tokens[t]))
            values |= TOKEN_BIT(t);
        else if (text_starts_nocase(pattern->tokens[t].text, word))
            keywords |= TOKEN_BIT(t);
    }
    return keywords != 0 ? keywords : values;
}

/*
 * The first word that is a secret by all words before it, from `first` on: a
 * community stands behind an address, not behind a keyword. words->count:
 * there is none.
 */
static unsigned
led_to(const struct cli_pattern *pattern, const struct words *words,
       unsigned first)
{
    token_set expected = pattern->first;

    for (unsigned i = first; i < words->count; i++) {
        token_set left = agreeing(pattern, expected, words_at(words, i));

        expected = 0;
        for (; left != 0; left &= left - 1) {
            const struct cli_token *token =
                &pattern->tokens[__builtin_ctzll(left)];

            if (token->secret)
                return i;
            expected |= token->next;
        }
    }
    return words->count;
}

/* Behind `no`, `default` and `do`, too. */
static size_t
find_led(const struct cli_language *language, const struct words *words)
{
    unsigned first = words->count, word;

    for (size_t m = 0; m < language->count; m++)
        for (size_t p = 0; p < language->modes[m].count; p++)
            for (unsigned from = 0; from < 2; from++) {
                word = led_to(&language->modes[m].patterns[p], words, from);
                first = word < first ? word : first;
            }
    return first < words->count ? words->places[first].at : words->length;
}

/* --- passwords of URLs -------------------------------------------------- */

/* Where it stands in text[from ..], or text.len. */
static size_t
find(struct span text, size_t from, char wanted)
{
    while (from < text.len && text.ptr[from] != (uint8_t)wanted)
        from++;
    return from;
}

/* The byte behind `://`, or the word's length. */
static size_t
find_authority(struct span word)
{
    for (size_t at = 0; at + 3 <= word.len; at++)
        if (memcmp(word.ptr + at, "://", 3) == 0)
            return at + 3;
    return word.len;
}

/* Digits up to the end or a slash. */
static bool
is_port(struct span text)
{
    size_t at = 0;

    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
        at++;
    return at > 0 && (at == text.len || text.ptr[at] == '/');
}

bool
hide_password(struct span word, size_t *at, size_t *len)
{
    size_t begin = find_authority(word), end = word.len, colon;
    bool named;

    /* A password may hold an `@`, and a slash that has no place in it. */
    while (end > begin && word.ptr[end - 1] != '@')
        end--;
    named = end > begin;
    end = named ? end - 1 : word.len;
    if (!named && begin < end && word.ptr[begin] == '[')
        begin = find(word, begin, ']');
    colon = find(word, begin, ':');
    if (colon >= end || find(word, begin, '/') < colon)
        return false;
    *at = colon + 1;
    *len = end - *at;
    return named || !is_port(span_of(word.ptr + *at, *len));
}

/* Of the first word with one; the line's length: there is none. */
static size_t
find_password(const struct words *words)
{
    size_t at, len;

    for (unsigned i = 0; i < words->count; i++)
        if (hide_password(words_at(words, i), &at, &len))
            return words->places[i].at + at;
    return words->length;
}

/* --- the line ----------------------------------------------------------- */

size_t
hide_from(const struct cli_language *language, const struct words *words)
{
    size_t password = find_password(words);
    size_t led = find_led(language, words);

    password = led < password ? led : password;
    for (unsigned i = 0; i + 1 < words->count; i++)
        for (size_t m = 0; m < language->count; m++)
            for (size_t p = 0; p < language->modes[m].count; p++)
                if (row_tells(language, &language->modes[m].patterns[p], words,
                              i))
                    return words->places[i + 1].at < password
                               ? words->places[i + 1].at
                               : password;
    return password;
}
