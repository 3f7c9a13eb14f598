/*
 * The user's session on the far side: a shell, or one command.
 */
#ifndef VTYSSH_SESSION_H
#define VTYSSH_SESSION_H

#include "vtyssh/link.h"
#include "vtyssh/options.h"
#include "vtyssh/streams.h"
#include "vtyssh/terminal.h"

#define STATUS_FAILED 255 /* of the program, when no remote status is known */

struct session_parts {
    struct link *link;
    struct terminal *terminal;
    const struct options *options;
    struct stream *in, *out, *error;
};

/* Does this session get a terminal on the far side? */
bool session_wants_terminal(const struct options *o, const struct terminal *t);

/*
 * Open a channel, run it to its end, and return the program's exit status: the
 * remote command's, or STATUS_FAILED. The terminal is as it was.
 */
int session_run(const struct session_parts *parts);

#endif
