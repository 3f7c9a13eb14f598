#include "commands/line_escape.h"

#include <stdio.h>

#include "base/text.h"

bool
line_escape_typed(const struct cli_match *match, unsigned *escape)
{
    const char *typed = cli_text(match, "character");
    uint64_t number;

    *escape = CONFIG_ESCAPE;
    if (cli_given(match, "default"))
        return true;
    *escape = 0;
    if (cli_given(match, "none"))
        return true;
    if (text_number(span_text(typed), CONFIG_ESCAPE_MAX, &number) == OK)
        *escape = (unsigned)number;
    else if (strlen(typed) == 1)
        *escape = (unsigned char)typed[0];
    else if (strlen(typed) == 2 && typed[0] == '^')
        *escape = typed[1] & 0x1fU;
    else
        return false;
    return *escape <= CONFIG_ESCAPE_MAX;
}

void
line_escape_text(unsigned escape, char text[LINE_ESCAPE_TEXT])
{
    if (escape == 0)
        snprintf(text, LINE_ESCAPE_TEXT, "none");
    else if (escape < ' ')
        snprintf(text, LINE_ESCAPE_TEXT, "^%cx", (int)escape + '@');
    else
        snprintf(text, LINE_ESCAPE_TEXT, "%cx", (int)escape);
}
