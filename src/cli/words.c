#include "cli/words.h"

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool
is_control(char c)
{
    return ((unsigned char)c < ' ' && c != '\t') || c == '\x7f';
}

bool
words_split(struct words *words, const char *line, size_t *bad)
{
    size_t i = 0;

    words->line = line;
    words->count = 0;
    words->length = strnlen(line, CLI_LINE_MAX + 1);
    for (i = 0; i < words->length; i++)
        if (is_control(line[i]) || i >= CLI_LINE_MAX) {
            *bad = i;
            return false;
        }
    for (i = 0; i < words->length;) {
        struct word_place *place = &words->places[words->count];

        if (is_blank(line[i])) {
            i++;
            continue;
        }
        place->at = (uint16_t)i;
        while (i < words->length && !is_blank(line[i]))
            i++;
        place->length = (uint16_t)(i - place->at);
        words->count++;
    }
    return true;
}

struct span
words_at(const struct words *words, unsigned index)
{
    const struct word_place *place = &words->places[index];

    return span_of(words->line + place->at, place->length);
}

struct span
words_rest(const struct words *words, unsigned index)
{
    size_t at = words->places[index].at;

    return span_of(words->line + at, words->length - at);
}

size_t
words_column(const char *line, size_t at)
{
    size_t columns = 0;

    for (size_t i = 0; i < at; i++)
        columns += ((unsigned char)line[i] & 0xc0) != 0x80;
    return columns;
}
