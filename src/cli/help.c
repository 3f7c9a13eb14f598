/*
 * `?`: what may come next, with its help, as wide as a screen.
 */
#include "base/text.h"
#include "cli/alias.h"
#include "cli/match.h"
#include "cli/offer.h"

#define SCREEN_COLUMNS 80
#define GAP            2 /* blanks before and behind a label */

static size_t
widest(const struct offers *offers)
{
    size_t width = offers->complete ? strlen("<cr>") : 0;

    for (size_t i = 0; i < offers->count; i++) {
        size_t length = strlen(offers->items[i].label);

        width = length > width ? length : width;
    }
    return width;
}

/* A description, wrapped between words, aligned at column `indent`. */
static void
put_wrapped(struct buf *out, const char *help, size_t indent)
{
    size_t column = indent;

    /* IOS has a text or two that begin with a blank. */
    for (; *help == ' '; help++)
        buf_put_u8(out, ' ');
    while (*help != '\0') {
        size_t length = strcspn(help, " ");

        if (column > indent && column + 1 + length >= SCREEN_COLUMNS) {
            buf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            buf_put_u8(out, ' ');
            column++;
        }
        buf_put(out, help, length);
        column += length;
        help += length;
        help += strspn(help, " ");
    }
    buf_put_u8(out, '\n');
}

/* One line for each choice. */
static void
put_lines(struct buf *out, const struct offers *offers)
{
    size_t width = widest(offers);

    for (size_t i = 0; i < offers->count; i++) {
        buf_printf(out, "  %-*s  ", (int)width, offers->items[i].label);
        put_wrapped(out, offers->items[i].help, GAP + width + GAP);
    }
    if (offers->complete)
        buf_printf(out, "  <cr>\n");
    buf_put_u8(out, '\n');
}

/* Bare labels in columns. */
static void
put_columns(struct buf *out, const struct offers *offers)
{
    size_t width = widest(offers) + GAP;
    size_t per_line = SCREEN_COLUMNS / width;

    per_line = per_line == 0 ? 1 : per_line;
    for (size_t i = 0; i < offers->count; i++) {
        bool last = i + 1 == offers->count || (i + 1) % per_line == 0;

        buf_printf(out, "%-*s", last ? 0 : (int)width, offers->items[i].label);
        if (last)
            buf_put_u8(out, '\n');
    }
    buf_put_u8(out, '\n');
}

/* What may come next; `begun`: it is told how the last word was begun. */
static enum cli_result
find(struct offers *offers, const struct cli_language *language,
     const struct cli_context *context, const struct words *words, bool *begun)
{
    struct words behind;
    const struct cli_row *shown =
        match_behind_bar(language, context, words, &behind);

    if (shown == NULL)
        return offers_find(offers, language, context, words, *begun);
    *begun = *begun && behind.count > 0;
    return offers_find_filter(offers, language, shown, context, &behind,
                              *begun);
}

static bool
ends_in_word(const char *line)
{
    size_t length = strlen(line);

    return length > 0 && line[length - 1] != ' ' && line[length - 1] != '\t';
}

void
cli_help(const struct cli_language *language, const struct cli_context *context,
         const char *line, struct buf *out)
{
    struct offers offers = {NULL, 0, false, false};
    bool partial = ends_in_word(line);
    struct expansion e;
    struct words words;
    enum cli_result result;
    size_t bad;

    if (!words_split(&words, alias_expand(language, context, line, true, &e),
                     &bad)) {
        buf_printf(out, "%% Unrecognized command\n");
        return;
    }
    result = find(&offers, language, context, &words, &partial);
    if (result == CLI_AMBIGUOUS)
        cli_error_text(result, NULL, line, 0, out);
    else if (offers.count == 0 && !offers.complete)
        buf_printf(out, "%% Unrecognized command\n");
    else if (partial)
        put_columns(out, &offers);
    else {
        if (words.count == 0 && context->mode->heading != NULL)
            buf_printf(out, "%s\n", context->mode->heading);
        put_lines(out, &offers);
    }
    offers_clear(&offers);
}
