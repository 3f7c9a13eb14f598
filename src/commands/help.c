/*
 * `help`: how to find out the rest.
 */
#include "commands/rows.h"
#include "control/command.h"

static void
help(struct command *cmd)
{
    out(cmd, "Type a question mark anywhere in a command to see what may "
             "stand there.\n"
             "Where nothing fits, delete characters until '?' shows "
             "something again.\n"
             "It works in two ways:\n"
             "1. Behind a blank it lists every word or value that may come "
             "next,\n"
             "   with its meaning (e.g. 'show ?').\n"
             "2. Directly behind characters it lists the words that begin "
             "with them\n"
             "   (e.g. 'show pr?').\n\n");
}

const struct cli_row help_rows[] = {
    EXEC("help", 0, help, "Description of the interactive help system"),
    ROWS_END,
};
