/*
 * A user who types any bytes: the first chooses mode and privilege, each line
 * behind it is helped, completed, parsed and, if it is a setting, carried
 * out; aliases and levels that were typed count from then on. A completed line
 * is one that can go on; a parsed line in full words means itself, and has the
 * same canonical text; what was configured survives being written.
 */
#include <stdlib.h>

#include "base/text.h"
#include "vocabulary.h"

#define INPUT_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct typist {
    struct config config;
    struct cli_context context;
    struct span rest;
};

/* The next line, or NULL at the end; the caller frees it. */
static char *
next_line(struct typist *t)
{
    const uint8_t *end;
    size_t length;
    char *line;

    if (t->rest.len == 0)
        return NULL;
    end = memchr(t->rest.ptr, '\n', t->rest.len);
    length = end == NULL ? t->rest.len : (size_t)(end - t->rest.ptr);
    line = text_dup_span(span_of(t->rest.ptr, length));
    length += end != NULL;
    t->rest = span_of(t->rest.ptr + length, t->rest.len - length);
    return line;
}

static void
ask_for_help(const struct typist *t, const char *line)
{
    struct buf help, completed;

    buf_init(&help, VOCABULARY_TEXT_MAX);
    buf_init(&completed, VOCABULARY_TEXT_MAX);
    cli_help(vocabulary(), &t->context, line, &help);
    assert(buf_len(&help) > 0);
    /* An alias may hide the very word that was completed. */
    if (cli_complete(vocabulary(), &t->context, line, &completed) &&
        t->config.aliases.list.count == 0) {
        struct cli_match match;
        enum cli_result result =
            cli_parse(vocabulary(), &t->context, buf_text(&completed), &match);

        assert(result == CLI_OK || result == CLI_INCOMPLETE);
        cli_match_clear(&match);
    }
    buf_clear(&help);
    buf_clear(&completed);
}

/* First words in full are first words, and stay as they are. */
static void
find_first_words(const char *line)
{
    struct buf words, again;

    buf_init(&words, VOCABULARY_TEXT_MAX);
    buf_init(&again, VOCABULARY_TEXT_MAX);
    if (cli_exec_words(vocabulary(), line, &words)) {
        bool good = cli_exec_words(vocabulary(), buf_text(&words), &again);

        assert(good);
        assert(span_equal(buf_span(&words), buf_span(&again)));
    }
    buf_clear(&words);
    buf_clear(&again);
}

/* The line in full words, typed again, is the same line. */
static void
type_in_full(struct cli_match *match)
{
    struct cli_match again;
    struct cli_context context;

    /* Its words were found; neither aliases nor levels have a say now. */
    cli_context_init(&context, match->mode, 15);
    /* Full words may be longer than any line. */
    if (buf_len(&match->text) > CLI_LINE_MAX)
        return;
    assert(cli_parse(vocabulary(), &context, buf_text(&match->text), &again) ==
           CLI_OK);
    assert(again.row == match->row);
    assert(span_equal(buf_span(&again.text), buf_span(&match->text)));
    assert(span_equal(buf_span(&again.masked), buf_span(&match->masked)));
    cli_match_clear(&again);
}

static bool
take_lines(struct typist *t, struct cli_match *match)
{
    while (cli_wants_line(match)) {
        char *line = next_line(t);
        bool good = line != NULL && cli_add_line(match, line) == OK;

        free(line);
        if (!good)
            return false;
    }
    return true;
}

static void
carry_out(struct typist *t, struct cli_match *match)
{
    char refusal[CLI_REFUSAL_MAX];

    type_in_full(match);
    if (match->row->kind == CLI_EXEC || match->row->kind == CLI_SHOW ||
        !take_lines(t, match))
        return;
    if (cli_apply(vocabulary(), &t->config, match, vocabulary_router(),
                  refusal) == NULL)
        t->context = match->after;
}

static void
type(struct typist *t, const char *line)
{
    struct cli_match match;
    enum cli_result result;
    struct buf answer;

    ask_for_help(t, line);
    find_first_words(line);
    buf_init(&answer, VOCABULARY_TEXT_MAX);
    result = cli_parse(vocabulary(), &t->context, line, &match);
    cli_error_text(result, &match, line, 10, &answer);
    assert((buf_len(&answer) > 0) == (result >= CLI_INVALID));
    assert(result != CLI_INVALID || match.column <= strlen(line));
    assert(match.open_length <= strlen(line));
    if (result == CLI_OK)
        carry_out(t, &match);
    cli_match_clear(&match);
    buf_clear(&answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct typist t;
    char *line;

    if (size == 0 || size > INPUT_MAX)
        return 0;
    config_init(&t.config);
    cli_context_init(&t.context, command_modes[data[0] % 2], data[0] / 2 % 16);
    t.context.config = &t.config;
    t.rest = span_of(data + 1, size - 1);
    while ((line = next_line(&t)) != NULL) {
        type(&t, line);
        free(line);
    }
    vocabulary_survives(&t.config);
    config_clear(&t.config);
    return 0;
}
