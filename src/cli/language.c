#include "cli/language.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "cli/filter.h"

const struct cli_row language_no = {
    .kind = CLI_PREFIX,
    .syntax = "no LINE",
    CLI_HELP("Negate a command or set its defaults", "The command"),
};
const struct cli_row language_default = {
    .kind = CLI_PREFIX,
    .syntax = "default LINE",
    CLI_HELP("Set a command to its defaults", "The command"),
};
const struct cli_row language_do = {
    .kind = CLI_PREFIX,
    .syntax = "do LINE",
    CLI_HELP("To run exec commands in config mode", "Exec Command"),
};

const struct mode_table *
language_mode(const struct cli_language *language, const struct cli_mode *mode)
{
    for (size_t i = 0; i < language->count; i++)
        if (language->modes[i].mode == mode)
            return &language->modes[i];
    assert(!"a mode that is not of the language");
    return NULL;
}

bool
language_problem(struct buf *problem, const struct mode_table *table,
                 const struct cli_row *row, const char *text)
{
    if (problem != NULL)
        buf_printf(problem, "%s: \"%s\": %s\n", table->mode->name, row->syntax,
                   text);
    return false;
}

static bool
compile_row(struct mode_table *table, const struct cli_row *row,
            unsigned number, struct buf *problem)
{
    struct cli_pattern *pattern = &table->patterns[table->count++];
    const char *text = pattern_compile(pattern, row);

    pattern->table = number;
    return text == NULL || language_problem(problem, table, row, text);
}

static size_t
rows_of(const struct cli_mode *mode)
{
    size_t n = 0;

    for (size_t i = 0; mode->tables[i] != NULL; i++)
        for (const struct cli_row *row = mode->tables[i]; row->kind != CLI_END;
             row++)
            n++;
    return n;
}

static bool
compile_mode(struct mode_table *table, const struct cli_mode *mode,
             struct buf *problem)
{
    const struct cli_row *const prefixes[] = {&language_no, &language_default,
                                              &language_do};
    size_t prefix_count = sizeof(prefixes) / sizeof(prefixes[0]);
    unsigned number = 0;

    table->mode = mode;
    table->patterns =
        alloc_zero(rows_of(mode) + prefix_count, sizeof(*table->patterns));
    for (; mode->tables[number] != NULL; number++)
        for (const struct cli_row *row = mode->tables[number];
             row->kind != CLI_END; row++)
            if (!compile_row(table, row, number, problem))
                return false;
    for (size_t i = 0; i < prefix_count && mode->parent != NULL; i++)
        if (!compile_row(table, prefixes[i], number, problem))
            return false;
    return language_explain(table, problem);
}

struct cli_language *
cli_language_new(const struct cli_mode *const *modes, struct buf *problem)
{
    struct cli_language *language = alloc_zero(1, sizeof(*language));
    bool good = true;
    size_t count = 0;

    while (modes[count] != NULL)
        count++;
    assert(count >= 2);
    language->modes = alloc_zero(count, sizeof(*language->modes));
    good = compile_mode(&language->filters, &filter_mode, problem) &&
           compile_mode(&language->json_filters, &filter_json_mode, problem);
    for (size_t i = 0; i < count && good; i++) {
        language->count++;
        good = compile_mode(&language->modes[i], modes[i], problem);
    }
    good = good && language_find_bases(language, problem);
    for (size_t i = 0; i < count && good; i++)
        good = language_check_rows(language, &language->modes[i], problem);
    if (!good) {
        cli_language_free(language);
        return NULL;
    }
    return language;
}

static void
table_clear(struct mode_table *table)
{
    for (size_t p = 0; p < table->count; p++)
        pattern_clear(&table->patterns[p]);
    free(table->patterns);
}

void
cli_language_free(struct cli_language *language)
{
    if (language == NULL)
        return;
    for (size_t i = 0; i < language->count; i++)
        table_clear(&language->modes[i]);
    table_clear(&language->filters);
    table_clear(&language->json_filters);
    free(language->modes);
    free(language);
}
