/*
 * What a line that is no command is answered.
 */
#include "cli/cli.h"

void
cli_error_text(enum cli_result result, const struct cli_match *match,
               const char *line, size_t indent, struct buf *out)
{
    switch (result) {
    case CLI_OK:
    case CLI_EMPTY:
        break;
    case CLI_INVALID:
        buf_printf(out, "%*s^\n%% Invalid input detected at '^' marker.\n\n",
                   (int)(indent + match->column), "");
        break;
    case CLI_AMBIGUOUS:
        buf_printf(out, "%% Ambiguous command:  \"%s\"\n", line);
        break;
    case CLI_INCOMPLETE:
        buf_printf(out, "%% Incomplete command.\n\n");
        break;
    }
}
