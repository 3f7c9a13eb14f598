/*
 * What the tables must obey before a single line is parsed: every token has
 * one help text, a word shared by rows is explained once, and a row's default
 * is the one in config.h.
 */
#include "base/text.h"
#include "cli/language.h"

/* The tokens two rows share from the start, keywords only. */
static unsigned
common_keywords(const struct cli_pattern *a, const struct cli_pattern *b)
{
    unsigned n = 0;

    while (n < a->keywords && n < b->keywords &&
           text_equal_nocase(a->tokens[n].text, b->tokens[n].text))
        n++;
    return n;
}

/* Hand the row's own texts to the tokens that no GROUP explains. */
static bool
take_texts(struct mode_table *table, struct cli_pattern *pattern,
           struct buf *problem)
{
    const char *const *help = pattern->row->help;

    for (unsigned i = pattern->covered; i < pattern->count; i++) {
        if (*help == NULL)
            return language_problem(problem, table, pattern->row,
                                    "a token has no help text");
        pattern->tokens[i].help = *help++;
    }
    if (*help != NULL)
        return language_problem(problem, table, pattern->row,
                                "more help texts than tokens");
    return true;
}

/* The longest GROUP that begins this row, and its texts. */
static void
take_group(struct mode_table *table, struct cli_pattern *pattern)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct cli_pattern *group = &table->patterns[i];

        if (group->row->kind != CLI_GROUP || group->count >= pattern->count ||
            group->count <= pattern->covered ||
            common_keywords(group, pattern) < group->count)
            continue;
        pattern->covered = group->count;
        for (unsigned t = 0; t < group->count; t++)
            pattern->tokens[t].help = group->tokens[t].help;
    }
}

/* Groups by length: the words of a longer one may be a shorter one's. */
static bool
explain_groups(struct mode_table *table, struct buf *problem)
{
    for (unsigned length = 1; length <= CLI_TOKENS_MAX; length++)
        for (size_t i = 0; i < table->count; i++) {
            struct cli_pattern *pattern = &table->patterns[i];

            if (pattern->row->kind != CLI_GROUP || pattern->count != length)
                continue;
            if (pattern->keywords != pattern->count)
                return language_problem(problem, table, pattern->row,
                                        "a GROUP has keywords only");
            take_group(table, pattern);
            if (!take_texts(table, pattern, problem))
                return false;
        }
    return true;
}

/* Two rows that both explain the same word would drift apart. */
static bool
explained_once(struct mode_table *table, struct buf *problem)
{
    for (size_t i = 0; i < table->count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct cli_pattern *a = &table->patterns[i];
            const struct cli_pattern *b = &table->patterns[k];
            unsigned common = common_keywords(a, b);

            if (pattern_hidden(a) || pattern_hidden(b))
                continue;
            if (a->row->kind == CLI_GROUP && b->row->kind == CLI_GROUP
                    ? common == a->count && common == b->count
                    : common > a->covered && common > b->covered &&
                          a->row->kind != CLI_GROUP &&
                          b->row->kind != CLI_GROUP)
                return language_problem(problem, table, a->row,
                                        "shares a word that no GROUP "
                                        "explains with another row");
        }
    return true;
}

bool
language_explain(struct mode_table *table, struct buf *problem)
{
    if (!explain_groups(table, problem))
        return false;
    for (size_t i = 0; i < table->count; i++) {
        struct cli_pattern *pattern = &table->patterns[i];

        if (pattern->row->kind == CLI_GROUP)
            continue;
        take_group(table, pattern);
        if (!take_texts(table, pattern, problem))
            return false;
    }
    return explained_once(table, problem);
}

/* The structure that rows of a section's mode bind to; NULL: as outside. */
static const struct config_type *
inner_type(const struct cli_row *row)
{
    return row->entries == CLI_ENTRY_RANGES ? row->ranges->settings : row->type;
}

/* What the section rows of `outer` say about the modes they lead to. */
static bool
find_inner_bases(struct cli_language *language, const struct mode_table *outer,
                 struct buf *problem)
{
    for (size_t i = 0; i < outer->count; i++) {
        const struct cli_row *row = outer->patterns[i].row;
        const struct config_type *type;
        struct mode_table *inner = NULL;

        if (row->kind != CLI_SECTION)
            continue;
        for (size_t m = 0; m < language->count; m++)
            if (language->modes[m].mode == row->mode)
                inner = &language->modes[m];
        if (inner == NULL)
            return language_problem(problem, outer, row,
                                    "its mode is not of the language");
        type = row->type == NULL ? outer->base : inner_type(row);
        if (inner->base != NULL && inner->base != type)
            return language_problem(problem, outer, row,
                                    "its mode belongs to another structure");
        inner->base = type;
    }
    return true;
}

bool
language_find_bases(struct cli_language *language, struct buf *problem)
{
    language->modes[1].base = &config_type;
    /* As many rounds as sections can lie in each other. */
    for (unsigned depth = 0; depth < CLI_DEPTH_MAX; depth++)
        for (size_t i = 1; i < language->count; i++)
            if (language->modes[i].base != NULL &&
                !find_inner_bases(language, &language->modes[i], problem))
                return false;
    return true;
}

static bool
default_agrees(const struct cli_bind *bind, const struct config_type *type)
{
    const struct config_field *field = config_type_field(type, bind->offset);

    if (field == NULL || field->kind != bind->kind ||
        field->number != bind->number)
        return false;
    return field->text == NULL || bind->text == NULL
               ? field->text == bind->text
               : strcmp(field->text, bind->text) == 0;
}

/* `no` in front of such a section resets its rows one by one. */
static bool
mode_is_plain(const struct cli_language *language, const struct cli_mode *mode)
{
    for (size_t i = 0; i < language->count; i++)
        for (size_t p = 0; p < language->modes[i].count; p++) {
            const struct cli_row *row = language->modes[i].patterns[p].row;

            if (row->kind == CLI_SECTION && row->mode == mode &&
                row->type == NULL)
                return true;
        }
    return false;
}

/* The structure itself, or the one that it begins with. */
static bool
is_base(const struct config_type *type, size_t size)
{
    const struct config_field *head = type->fields;

    return size == type->size ||
           (head->kind == CONFIG_STRUCT && head->offset == 0 &&
            size == head->type->size);
}

static const char *
row_problem(const struct cli_language *language, const struct mode_table *table,
            const struct cli_row *row)
{
    const struct config_type *type =
        row->type != NULL ? row->type : table->base;

    if (row->base != 0 && table->base == NULL)
        return "a setting in a mode without a structure";
    if (row->base != 0 && !is_base(table->base, row->base))
        return "CLI_BASE is not the structure of its mode";
    if (row->keys > CLI_KEYS_MAX)
        return "too many keys";
    if (row->kind == CLI_SECTION && row->mode->parent != table->mode)
        return "its mode has another parent";
    if (mode_is_plain(language, table->mode) && row->kind == CLI_SET_BY)
        return "a SET_BY row in a section that `no` must empty";
    if (row->binds == NULL)
        return NULL;
    for (const struct cli_bind *b = row->binds; b->kind != CONFIG_END; b++)
        if (!default_agrees(b, type))
            return "a default is not the one in config.h";
    return NULL;
}

bool
language_check_rows(const struct cli_language *language,
                    const struct mode_table *table, struct buf *problem)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct cli_pattern *pattern = &table->patterns[i];
        const char *text = row_problem(language, table, pattern->row);

        for (unsigned t = 0; t < pattern->count && text == NULL; t++)
            if (pattern->tokens[t].kind == TOKEN_CHOICE &&
                pattern->row->choices == NULL)
                text = "CHOICE without .choices";
        if (text != NULL)
            return language_problem(problem, table, pattern->row, text);
    }
    return true;
}
