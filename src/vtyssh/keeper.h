/*
 * A process that keeps the terminal's modes. When vtyssh dies without having
 * put them back, by a fault or by SIGKILL, its keeper does.
 */
#ifndef VTYSSH_KEEPER_H
#define VTYSSH_KEEPER_H

#include <termios.h>

#include "base/err.h"
#include "base/span.h"

/*
 * Fork it; before any secret is in memory. `terminal` has the modes `saved`
 * now. `*fd` is where it listens: keeper_dismiss() it, or let it see the end.
 * ERR_SYSTEM.
 */
MUST_CHECK enum err keeper_start(int terminal, const struct termios *saved,
                                 int *fd);
/* The modes are as they were: it may end. */
void keeper_dismiss(int fd);

#endif
