/*
 * Signals, read from a descriptor: no code of ours runs in a handler.
 */
#ifndef VTYSSH_SIGNALS_H
#define VTYSSH_SIGNALS_H

#include "base/err.h"
#include "base/span.h"

enum signal_wish {
    SIGNAL_NONE,
    SIGNAL_END,     /* the program is to end */
    SIGNAL_SUSPEND, /* ^Z of a terminal that is not raw */
    SIGNAL_RESIZE,
    SIGNAL_CONTINUE, /* the terminal may have been used by others */
};

/* Block them and open the descriptor. ERR_SYSTEM. */
MUST_CHECK enum err signals_open(int *fd);
/* The next one that came; SIGNAL_NONE when there is none. */
enum signal_wish signals_next(int fd);
/* Stop this process until somebody continues it. */
void signals_stop_self(void);

#endif
