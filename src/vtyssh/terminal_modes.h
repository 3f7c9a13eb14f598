/*
 * Terminal modes: from termios(3) to the list of RFC 4254 section 8.
 */
#ifndef VTYSSH_TERMINAL_MODES_H
#define VTYSSH_TERMINAL_MODES_H

#include <termios.h>

#include "base/buf.h"

/* Append opcodes and arguments, and the end of the list. */
void terminal_modes_put(const struct termios *modes, struct buf *to);

#endif
