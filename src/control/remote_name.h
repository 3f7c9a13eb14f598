/*
 * The names of files on other hosts:
 * `scp://[user[:password]@]host[:port]/[/]path`, the same with `sftp:`, and
 * every beginning of it; `scp:path` names a file of a host that is not named
 * yet. Behind one slash the path begins where the far user's files are, behind
 * two at the root. `%40` is a byte by its hexadecimal digits: in user, password
 * and path, where it brings blanks and question marks into a line.
 */
#ifndef CONTROL_REMOTE_NAME_H
#define CONTROL_REMOTE_NAME_H

#include "base/err.h"
#include "base/span.h"
#include "ssh/conn.h"

#define REMOTE_HOST_MAX  254  /* bytes, NUL included */
#define REMOTE_PATH_MAX  1024 /* likewise */
#define REMOTE_SHOWN_MAX 1280

enum remote_scheme { REMOTE_SCP, REMOTE_SFTP };

/* Holds a password: end with remote_name_clear(). */
struct remote_name {
    enum remote_scheme scheme;
    char user[SSH_USER_MAX + 1]; /* "": not named */
    char password[SSH_PASSWORD_MAX + 1];
    bool has_password;
    char host[REMOTE_HOST_MAX]; /* a name or an address; "": not named */
    unsigned port;              /* 0: not named */
    char path[REMOTE_PATH_MAX]; /* of the far file; "": not named */
    /* Safe for screens and logs: "scp://<stars>@host/path", the stars in place
       of user and password, whether there are any or not. */
    char shown[REMOTE_SHOWN_MAX];
};

/* It begins with `scp:` or `sftp:`, in any case of letters. */
bool remote_name_is(const char *typed);
/*
 * Of a text for which remote_name_is() holds. ERR_SYSTEM: `reason` is EINVAL
 * or ENAMETOOLONG; `name` is good for `shown` only.
 */
MUST_CHECK enum err remote_name_parse(const char *typed,
                                      struct remote_name *name, int *reason);
void remote_name_clear(struct remote_name *name); /* wiped */

/* Answers in place of what was not named; no byte of them is decoded. */
MUST_CHECK enum err remote_name_set_host(struct remote_name *name,
                                         const char *host, int *reason);
MUST_CHECK enum err remote_name_set_user(struct remote_name *name,
                                         const char *user, int *reason);
MUST_CHECK enum err remote_name_set_path(struct remote_name *name,
                                         const char *path, int *reason);

/* What is behind the last slash of the path. Borrowed from `name`. */
const char *remote_name_last(const struct remote_name *name);

#endif
