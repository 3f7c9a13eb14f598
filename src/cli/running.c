/*
 * The configuration as the lines that make it, in the order of the tables.
 */
#include <stdarg.h>
#include <stdio.h>

#include "cli/value.h"
#include "cli/write.h"

static void write_mode(struct cli_writer *writer,
                       const struct mode_table *table, const void *base);

static void
begin_line(struct cli_writer *writer)
{
    for (unsigned i = 0; i < writer->indent; i++)
        buf_put_u8(writer->out, ' ');
}

void
cli_write_line(struct cli_writer *writer, const char *format, ...)
{
    va_list values, again;
    uint8_t *to;
    int length;

    begin_line(writer);
    va_start(values, format);
    va_copy(again, values);
    length = vsnprintf(NULL, 0, format, values);
    to = length < 0 ? NULL : buf_reserve(writer->out, (size_t)length + 1);
    if (to != NULL) {
        vsnprintf((char *)to, (size_t)length + 1, format, again);
        to[length] = '\n';
        buf_commit(writer->out, (size_t)length + 1);
    }
    va_end(again);
    va_end(values);
}

/* `prefix`, the row's line with these values, LF; or nothing. */
static bool
write_fields(struct cli_writer *writer, const struct cli_pattern *pattern,
             const void *fields)
{
    size_t mark = buf_len(writer->out);

    begin_line(writer);
    if (!write_pattern(pattern, fields, writer->masked, writer->out)) {
        buf_truncate(writer->out, mark);
        return false;
    }
    buf_put_u8(writer->out, '\n');
    return true;
}

/* "no" and the words before the first value. */
static void
write_no(struct cli_writer *writer, const struct cli_pattern *pattern)
{
    begin_line(writer);
    buf_printf(writer->out, "no");
    for (unsigned i = 0; i < pattern->keywords; i++)
        buf_printf(writer->out, " %s", pattern->tokens[i].text);
    buf_put_u8(writer->out, '\n');
}

static bool
row_is_default(const struct cli_row *row, const void *base)
{
    for (const struct cli_bind *b = row->binds; b->kind != CONFIG_END; b++)
        if (!value_is_default(b, base))
            return false;
    return true;
}

/* A list of names that nobody changed: the default list, by name. */
static bool
write_default_names(struct cli_writer *writer,
                    const struct cli_pattern *pattern)
{
    const struct cli_word *word;

    if (!pattern->tokens[pattern->count - 1].repeats)
        return false;
    begin_line(writer);
    for (unsigned i = 0; i < pattern->keywords; i++)
        buf_printf(writer->out, "%s%s", i == 0 ? "" : " ",
                   pattern->tokens[i].text);
    for (word = pattern->row->choices(); word->word != NULL; word++)
        if (!word->opt_in)
            buf_printf(writer->out, " %s", word->word);
    buf_put_u8(writer->out, '\n');
    return true;
}

static void
write_set(struct cli_writer *writer, const struct cli_pattern *pattern,
          const void *base)
{
    const struct cli_row *row = pattern->row;
    bool plain = row_is_default(row, base);

    if (plain && !row->always && !writer->all)
        return;
    if (pattern->flag != NULL && value_load_number(pattern->flag, base) == 0)
        write_no(writer, pattern);
    else if (!write_fields(writer, pattern, base) && plain &&
             !write_default_names(writer, pattern))
        write_no(writer, pattern);
}

static void
write_entry_end(struct cli_writer *writer, const struct cli_row *row)
{
    if (row->closing != NULL)
        cli_write_line(writer, "%s", row->closing);
    if (row->separated)
        buf_printf(writer->out, "!\n");
}

/* A section's line and what its mode's rows write. */
static void
write_section(struct cli_writer *writer, const struct cli_pattern *pattern,
              const void *fields, const void *base, bool even_empty)
{
    const struct cli_row *row = pattern->row;
    unsigned indent = row->indent == 0 ? 1 : row->indent;
    size_t mark = buf_len(writer->out);
    size_t inside;

    if (!write_fields(writer, pattern, fields))
        return;
    inside = buf_len(writer->out);
    writer->indent += indent;
    write_mode(writer, language_mode(writer->language, row->mode), base);
    writer->indent -= indent;
    if (buf_len(writer->out) == inside && !even_empty)
        buf_truncate(writer->out, mark);
    else
        write_entry_end(writer, row);
}

static void
write_sections(struct cli_writer *writer, const struct cli_pattern *pattern,
               const void *base)
{
    const struct cli_row *row = pattern->row;
    const void *at = (const char *)base + row->offset;
    const struct config_list *list = at;

    if (row->type == NULL) {
        write_section(writer, pattern, base, base, row->always);
        return;
    }
    if (row->entries == CLI_ENTRY_ONE) {
        write_section(writer, pattern, base, at, row->always || writer->all);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const void *fields = list->items[i];
        uint32_t alone[2] = {0};

        /* A range of one line is its first: `line vty 5`. */
        if (row->entries == CLI_ENTRY_RANGES &&
            config_range_first(fields) == config_range_last(fields)) {
            alone[0] = config_range_first(fields);
            fields = alone;
        }
        write_section(writer, pattern, fields,
                      (const char *)list->items[i] + row->inner, true);
    }
}

static void
write_list(struct cli_writer *writer, const struct cli_pattern *pattern,
           const void *base, const struct cli_key *keys)
{
    const struct cli_row *row = pattern->row;
    const void *at = (const char *)base + row->offset;
    const struct config_list *list = at;

    for (size_t i = 0; i < list->count; i++)
        if ((keys == NULL || place_has_keys(row, list->items[i], keys)) &&
            write_fields(writer, pattern, list->items[i]))
            write_entry_end(writer, row);
}

void
write_entries(struct cli_writer *writer, const struct cli_pattern *pattern,
              const void *base, const struct cli_key keys[CLI_KEYS_MAX])
{
    write_list(writer, pattern, base, keys);
}

void
write_row(struct cli_writer *writer, const struct cli_pattern *pattern,
          const void *base)
{
    if (pattern->row->unwritten || pattern->row->alias)
        return;
    switch (pattern->row->kind) {
    case CLI_SET:
        write_set(writer, pattern, base);
        break;
    case CLI_SET_BY:
        pattern->row->write(writer, base, writer->all);
        break;
    case CLI_LIST:
        write_list(writer, pattern, base, NULL);
        break;
    case CLI_SECTION:
        write_sections(writer, pattern, base);
        break;
    default:
        break;
    }
}

/* The last entry of a table may have ended in one. */
static bool
ends_in_separator(const struct buf *out)
{
    struct span text = buf_span(out);

    return text.len >= 3 && memcmp(text.ptr + text.len - 3, "\n!\n", 3) == 0;
}

static void
write_mode(struct cli_writer *writer, const struct mode_table *table,
           const void *base)
{
    bool outermost = writer->indent == 0;
    size_t mark = buf_len(writer->out);

    for (size_t i = 0; i < table->count; i++) {
        bool last_of_table =
            i + 1 == table->count ||
            table->patterns[i + 1].table != table->patterns[i].table;

        write_row(writer, &table->patterns[i], base);
        if (!outermost || !last_of_table)
            continue;
        if (buf_len(writer->out) > mark && !ends_in_separator(writer->out))
            buf_printf(writer->out, "!\n");
        mark = buf_len(writer->out);
    }
}

void
cli_write_config(const struct cli_language *language,
                 const struct config *config, bool all, struct buf *out)
{
    struct cli_writer writer = {language, out, 0, all, false};

    write_mode(&writer, &language->modes[1], config);
}

void
cli_write_masked(const struct cli_language *language,
                 const struct config *config, bool all, struct buf *out)
{
    struct cli_writer writer = {language, out, 0, all, true};

    write_mode(&writer, &language->modes[1], config);
}
