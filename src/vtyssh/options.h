/*
 * The arguments of vtyssh.
 */
#ifndef VTYSSH_OPTIONS_H
#define VTYSSH_OPTIONS_H

#include "base/err.h"
#include "base/span.h"

#define OPTIONS_KEY_FILES_MAX 8
#define OPTIONS_COMMAND_MAX   32000 /* bytes of a remote command */
#define OPTIONS_HOST_MAX      255   /* bytes, NUL not counted */
#define OPTIONS_USER_MAX      64

enum options_action { ACTION_CONNECT, ACTION_HELP, ACTION_VERSION };
/* Does the remote side get a terminal? By default where it has no command. */
enum options_terminal { TERMINAL_DEFAULT, TERMINAL_ALWAYS, TERMINAL_NEVER };

struct options {
    enum options_action action;
    enum options_terminal terminal;
    unsigned versions;        /* SSH_VERSION_...: those that may be spoken */
    bool version_named;       /* by -v */
    const char *cipher, *mac; /* names on the wire, constant; NULL: any */
    const char *v1_cipher;    /* of version 1, likewise */
    const char *user;         /* NULL: who runs the program */
    char host[OPTIONS_HOST_MAX + 1];
    char named_user[OPTIONS_USER_MAX + 1]; /* of USER@HOST: user may be it */
    unsigned port;
    unsigned prompts; /* wrong passwords until it gives up, 1..5 */
    size_t key_file_count;
    const char *key_files[OPTIONS_KEY_FILES_MAX];
    /* The remote command, words joined by blanks; NULL for a shell. Owned. */
    char *command;
};

/*
 * Fill `o`, which borrows from `argv`; free with options_clear(). ERR_FORMAT:
 * bad usage, said on standard error.
 */
MUST_CHECK enum err options_parse(int argc, char **argv, struct options *o);
void options_clear(struct options *o);
/* What --help and --version print. */
void options_print_help(void);
void options_print_version(void);

#endif
