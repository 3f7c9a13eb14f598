#include "cli/filter.h"

#include "base/text.h"

#define ROW_FILTER(syntax_, ...)                                     \
    {                                                                \
        .kind = CLI_FILTER, .syntax = syntax_, CLI_HELP(__VA_ARGS__) \
    }

/* Whoever writes files. */
#define FILE_PRIVILEGE 15
#define ROW_FILE(syntax_, ...)                                              \
    {                                                                       \
        .kind = CLI_FILTER, .privilege = FILE_PRIVILEGE, .syntax = syntax_, \
        CLI_HELP(__VA_ARGS__)                                               \
    }

static const struct cli_row filter_rows[] = {
    ROW_FILE("append WORD",
             "Append redirected output to URL (URLs supporting append "
             "operation only)",
             "File to append to, flash:name"),
    ROW_FILTER("begin LINE", "Begin with the line that matches",
               "Regular Expression"),
    ROW_FILTER("count LINE", "Count number of lines which match regexp",
               "Regular Expression"),
    ROW_FILTER("exclude LINE", "Exclude lines that match",
               "Regular Expression"),
    ROW_FILTER("include LINE", "Include lines that match",
               "Regular Expression"),
    ROW_FILE("redirect WORD", "Redirect output to URL",
             "File to write to, flash:name"),
    GROUP("section", "Filter a section of output"),
    ROW_FILTER("section LINE", "Regular Expression"),
    ROW_FILTER("section exclude LINE", "Exclude entire section(s) of output",
               "Regular Expression"),
    ROW_FILTER("section include LINE", "Include entire section(s) of output",
               "Regular Expression"),
    ROW_FILE("tee WORD", "Copy output to URL", "File to write to, flash:name"),
    ROWS_END,
};

static const struct cli_row json_rows[] = {
    ROW_FILTER("json", "Show the same as JSON"),
    ROWS_END,
};

/* Of each row of filter_rows. */
static const enum cli_filter filters[] = {
    CLI_FILTER_APPEND,  CLI_FILTER_BEGIN,   CLI_FILTER_COUNT,
    CLI_FILTER_EXCLUDE, CLI_FILTER_INCLUDE, CLI_FILTER_REDIRECT,
    CLI_FILTER_NONE,    CLI_FILTER_SECTION, CLI_FILTER_NOT_SECTION,
    CLI_FILTER_SECTION, CLI_FILTER_TEE,
};

static const struct cli_row *const filter_tables[] = {filter_rows, NULL};

const struct cli_mode filter_mode = {
    .name = "filter",
    .tables = filter_tables,
};

static const struct cli_row *const filter_json_tables[] = {filter_rows,
                                                           json_rows, NULL};

const struct cli_mode filter_json_mode = {
    .name = "filter",
    .tables = filter_json_tables,
};

const struct mode_table *
filter_table(const struct cli_language *language, const struct cli_row *shown)
{
    return shown->json ? &language->json_filters : &language->filters;
}

bool
filter_cut(const struct words *words, struct words *before,
           struct words *behind)
{
    unsigned bar = 1;

    while (bar < words->count && *words_at(words, bar).ptr != '|')
        bar++;
    if (bar >= words->count)
        return false;
    *before = *words;
    before->count = bar;
    before->length =
        (size_t)words->places[bar - 1].at + words->places[bar - 1].length;
    *behind = *words;
    behind->count = words->count - bar;
    memcpy(behind->places, words->places + bar,
           behind->count * sizeof(behind->places[0]));
    /* The blank behind the bar may be left out. */
    if (--behind->places[0].length > 0) {
        behind->places[0].at++;
        return true;
    }
    behind->count--;
    memmove(behind->places, behind->places + 1,
            behind->count * sizeof(behind->places[0]));
    return true;
}

/* The line's full text goes on with the filter's. */
static void
put_name(const struct search *s, unsigned end, struct buf *to)
{
    buf_printf(to, " |");
    for (unsigned i = s->from; i < end; i++)
        buf_printf(to, " %s", s->steps[i].full);
    buf_text(to);
}

static void
put_text(const struct search *s, struct span pattern, struct buf *to)
{
    put_name(s, s->next - 1, to);
    buf_put_u8(to, ' ');
    buf_put_span(to, pattern);
    buf_text(to);
}

enum cli_result
filter_take(const struct cli_language *language,
            const struct cli_context *context, const struct words *behind,
            struct cli_match *match, size_t *fault)
{
    struct search s;
    const struct candidate *row = NULL;
    enum cli_result result;

    search_begin(&s, filter_table(language, match->row), context, false, behind,
                 0);
    result = search_steps(&s, behind->count, fault);
    if (result == CLI_OK) {
        row = behind->count == 0 ? NULL : search_complete(&s);
        result = row == NULL ? CLI_INCOMPLETE : CLI_OK;
    }
    if (row != NULL && row->pattern->row == json_rows) {
        match->filter = CLI_FILTER_JSON;
        put_name(&s, s.next, &match->text);
        put_name(&s, s.next, &match->masked);
    } else if (row != NULL) {
        struct span pattern = s.whole ? words_rest(behind, s.next - 1)
                                      : words_at(behind, s.next - 1);

        match->filter = filters[row->pattern->row - filter_rows];
        match->filter_pattern = text_dup_span(pattern);
        put_text(&s, pattern, &match->text);
        put_text(&s, pattern, &match->masked);
    }
    search_end(&s);
    return result;
}
