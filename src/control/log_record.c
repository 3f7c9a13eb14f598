#include "control/log_record.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define ESCAPED_MAX 96 /* bytes of one piece: \xNN for each of a character */

/* A character of UTF-8 at most, or one byte that begins none. */
static size_t
piece_length(const char *from)
{
    size_t length = 1;

    if ((uint8_t)from[0] < 0xc0)
        return 1;
    while (length < 4 && ((uint8_t)from[length] & 0xc0) == 0x80)
        length++;
    return length;
}

bool
log_record_clean(char *to, size_t room, const char *from, bool lines)
{
    size_t used = 0;

    while (*from != '\0') {
        char piece[ESCAPED_MAX];
        size_t length = piece_length(from), shown;

        /* Whoever wrote a backslash has escaped what came from strangers. */
        if (*from == '\\' || (lines && *from == '\n'))
            snprintf(piece, sizeof(piece), "%c", *from);
        else
            text_escape(piece, sizeof(piece), span_of(from, length));
        shown = strlen(piece);
        if (used + shown + 1 > room)
            break;
        memcpy(to + used, piece, shown);
        used += shown;
        from += length;
    }
    to[used] = '\0';
    return *from == '\0';
}

void
log_record_line(const struct log_record *record, char to[LOG_LINE_MAX])
{
    if (record->mnemonic[0] == '\0')
        snprintf(to, LOG_LINE_MAX, "%s%s", record->stamp, record->text);
    else
        snprintf(to, LOG_LINE_MAX, "%s%%%s-%d-%s: %s", record->stamp,
                 record->facility, (int)record->severity, record->mnemonic,
                 record->text);
}
