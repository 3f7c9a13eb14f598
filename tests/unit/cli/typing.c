#include "typing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"

void
typing_begin(struct typing *t)
{
    memset(t, 0, sizeof(*t));
    t->language = sample_language();
    assert_non_null(t->language);
    config_init(&t->config);
    cli_context_init(&t->context, &sample_config, 15);
    buf_init(&t->answer, 1 << 20);
}

void
typing_end(struct typing *t)
{
    buf_clear(&t->answer);
    config_clear(&t->config);
    cli_language_free(t->language);
}

const char *
typing_line(struct typing *t, const char *line)
{
    struct cli_match match;
    char refusal[CLI_REFUSAL_MAX];
    const char *text = NULL;
    enum cli_result result = cli_parse(t->language, &t->context, line, &match);

    buf_reset(&t->answer);
    if (result == CLI_OK)
        text = cli_apply(t->language, &t->config, &match, &t->seen, refusal);
    if (text != NULL)
        buf_printf(&t->answer, "%s", text);
    else if (result == CLI_OK)
        t->context = match.after;
    else
        cli_error_text(result, &match, line, 0, &t->answer);
    cli_match_clear(&match);
    return buf_text(&t->answer);
}

void
typing_lines(struct typing *t, const char *lines)
{
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");
        char *line = text_dup_span(span_of(lines, length));

        assert_string_equal(typing_line(t, line), "");
        free(line);
        lines += length + (lines[length] == '\n');
    }
}

const char *
typing_help(struct typing *t, const char *line)
{
    buf_reset(&t->answer);
    cli_help(t->language, &t->context, line, &t->answer);
    return buf_text(&t->answer);
}

const char *
typing_tab(struct typing *t, const char *line)
{
    buf_reset(&t->answer);
    cli_complete(t->language, &t->context, line, &t->answer);
    return buf_text(&t->answer);
}

const char *
typing_written(struct typing *t, bool all)
{
    buf_reset(&t->answer);
    cli_write_config(t->language, &t->config, all, &t->answer);
    return buf_text(&t->answer);
}

const char *
typing_full(struct typing *t, const char *line)
{
    struct cli_match match;

    buf_reset(&t->answer);
    if (cli_parse(t->language, &t->context, line, &match) == CLI_OK)
        buf_put_span(&t->answer, buf_span(&match.text));
    cli_match_clear(&match);
    return buf_text(&t->answer);
}
