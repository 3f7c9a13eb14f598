/*
 * From the connection to the user's login: the host's key, banners,
 * questions, signatures.
 */
#ifndef VTYSSH_LOGIN_H
#define VTYSSH_LOGIN_H

#include "vtyssh/hosts.h"
#include "vtyssh/keys.h"
#include "vtyssh/link.h"
#include "vtyssh/options.h"

struct login_parts {
    struct link *link;
    struct hosts *hosts;
    struct keys *keys;
    struct terminal *terminal;
    const struct options *options;
    const char *user;
};

/* OK: channels may be opened. Else what went wrong was said. */
MUST_CHECK enum err login_run(const struct login_parts *parts);

#endif
