#include "base/text.h"
#include "cli/hide.h"
#include "cli/match.h"
#include "cli/value.h"

#define MASKED "*****"

token_set
match_given(const struct cli_match *match)
{
    token_set given = 0;

    for (unsigned i = 0; i < match->pattern->count; i++)
        if (match->values[i].given)
            given |= TOKEN_BIT(i);
    return given;
}

unsigned
match_alternative(const struct cli_match *match, unsigned group,
                  unsigned *alternative)
{
    const struct node *nodes = match->pattern->nodes;
    token_set given = match_given(match);
    unsigned number = 1;

    for (unsigned i = nodes[group].child; i != 0; i = nodes[i].next, number++)
        if (nodes[i].tokens & given) {
            if (alternative != NULL)
                *alternative = i;
            return number;
        }
    return 0;
}

/*
 * Which token each word was. Sets of possible tokens go forward; from the
 * end, the first in the syntax that leads to the token behind it is taken.
 */
static void
trace(struct search *s, const struct cli_pattern *pattern, unsigned *path)
{
    token_set possible[WORDS_MAX];
    token_set expected = pattern->first, gone = 0, behind;
    unsigned end = s->next;

    for (s->next = s->from; s->next < end; s->next++) {
        token_set next = 0, now = 0;

        for (token_set left = expected; left != 0; left &= left - 1) {
            unsigned t = (unsigned)__builtin_ctzll(left);

            if (!search_follows(s, pattern, t, words_at(s->words, s->next)))
                continue;
            now |= TOKEN_BIT(t);
            next |= pattern->tokens[t].next;
            gone |= pattern->tokens[t].gone;
        }
        possible[s->next - s->from] = now;
        expected = next & ~gone;
    }
    behind = s->negated ? pattern->no_last : pattern->last;
    for (unsigned i = end - s->from; i-- > 0;) {
        token_set fitting = 0;

        for (token_set left = possible[i]; left != 0; left &= left - 1) {
            unsigned t = (unsigned)__builtin_ctzll(left);

            if (i + 1 == end - s->from
                    ? (behind & TOKEN_BIT(t)) != 0
                    : (pattern->tokens[t].next & behind) != 0)
                fitting |= TOKEN_BIT(t);
        }
        fitting = fitting == 0 ? possible[i] : fitting;
        path[i] = (unsigned)__builtin_ctzll(fitting);
        behind = TOKEN_BIT(path[i]);
    }
}

/* With what must be hidden in it as stars. */
static void
put_masked(struct buf *masked, struct span word, bool secret)
{
    size_t at, len;

    if (secret) {
        buf_put_span(masked, span_text(MASKED));
    } else if (hide_password(word, &at, &len)) {
        buf_put(masked, word.ptr, at);
        buf_put_span(masked, span_text(MASKED));
        buf_put(masked, word.ptr + at + len, word.len - at - len);
    } else {
        buf_put_span(masked, word);
    }
}

static void
put_word(struct cli_match *match, struct span word, bool secret)
{
    if (buf_len(&match->text) > 0) {
        buf_put_u8(&match->text, ' ');
        buf_put_u8(&match->masked, ' ');
    }
    buf_put_span(&match->text, word);
    put_masked(&match->masked, word, secret);
}

/* Where in the line the word's secret begins; SIZE_MAX: it has none. */
static size_t
secret_at(const struct words *words, unsigned index, bool secret)
{
    size_t begin = words->places[index].at, at, len;

    if (secret)
        return begin;
    return hide_password(words_at(words, index), &at, &len) ? begin + at
                                                            : SIZE_MAX;
}

/* A word of that token, in full, and its value. */
static void
take_word(struct cli_match *match, const struct search *s, unsigned index,
          unsigned token)
{
    const struct cli_token *t = &match->pattern->tokens[token];
    struct cli_value *value = &match->values[token];
    struct span word = t->kind == TOKEN_LINE ? words_rest(s->words, index)
                                             : words_at(s->words, index);
    const char *full = s->steps[index].full;
    char address[CONFIG_PREFIX_TEXT];
    char number[VALUE_NUMBER_TEXT];

    value->given = true;
    if (t->kind == TOKEN_NUMBER && value_number(t, word, &value->number)) {
        if (value_number_text(t, value->number, number))
            word = span_text(number);
    } else if (t->kind == TOKEN_TIME && value_time(t, word, &value->number)) {
        /* As typed: it is its own full form. */
    } else if ((t->kind == TOKEN_IPV4 &&
                config_address_parse_ipv4(word, &value->address) == OK) ||
               (t->kind == TOKEN_IPV6 &&
                config_address_parse_ipv6(word, &value->address) == OK)) {
        config_address_text(&value->address, address);
        word = span_text(address);
    } else if (t->kind == TOKEN_PREFIX &&
               config_prefix_parse(word, &value->address, &value->number) ==
                   OK) {
        config_prefix_text(&value->address, value->number, address);
        word = span_text(address);
    } else if (full != NULL) {
        word = span_text(full);
    }
    if (t->repeats)
        value_add_name(&value->text, full);
    else if (value->text == NULL)
        value->text = text_dup_span(word);
    put_word(match, word, t->secret);
    if (match->open_length == SIZE_MAX)
        match->open_length = secret_at(s->words, index, t->secret);
}

void
match_take(struct cli_match *match, struct search *s,
           const struct candidate *candidate)
{
    unsigned path[WORDS_MAX];

    match->pattern = candidate->pattern;
    match->row = candidate->pattern->row;
    trace(s, candidate->pattern, path);
    for (unsigned i = s->from; i < s->next; i++)
        take_word(match, s, i, path[i - s->from]);
}
