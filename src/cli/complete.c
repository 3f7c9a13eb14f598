/*
 * Tab: the only keyword that the last word can become.
 */
#include "base/text.h"
#include "cli/alias.h"
#include "cli/match.h"
#include "cli/offer.h"

/* An exact word wins over longer ones; else there must be only one. */
static const char *
only_label(const struct offers *offers, struct span word)
{
    for (size_t i = 0; i < offers->count; i++) {
        const char *label = offers->items[i].label;

        if (strlen(label) == word.len)
            return label;
    }
    return offers->count == 1 ? offers->items[0].label : NULL;
}

bool
cli_complete(const struct cli_language *language,
             const struct cli_context *context, const char *line,
             struct buf *out)
{
    struct offers offers = {.keywords_only = true};
    struct expansion e;
    enum cli_result result;
    struct words words, behind;
    const struct cli_row *shown;
    const char *label = NULL;
    const struct word_place *last;
    size_t bad;

    if (!words_split(&words, alias_expand(language, context, line, true, &e),
                     &bad) ||
        words.count == 0)
        return false;
    shown = match_behind_bar(language, context, &words, &behind);
    if (shown != NULL) {
        if (behind.count == 0)
            return false;
        words = behind;
        result =
            offers_find_filter(&offers, language, shown, context, &words, true);
    } else {
        result = offers_find(&offers, language, context, &words, true);
    }
    last = &words.places[words.count - 1];
    if (result == CLI_OK && (size_t)last->at + last->length == words.length)
        label = only_label(&offers, words_at(&words, words.count - 1));
    if (label != NULL) {
        buf_put(out, line, alias_typed_at(&e, last->at));
        buf_printf(out, "%s ", label);
    }
    offers_clear(&offers);
    return label != NULL;
}
