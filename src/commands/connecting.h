/*
 * What the commands that reach for another machine share: the way there, the
 * dialogue of the login, and what becomes of both when the user has enough.
 */
#ifndef COMMANDS_CONNECTING_H
#define COMMANDS_CONNECTING_H

#include "control/command.h"
#include "control/outgoing.h"

/* The first member of such a command's state. */
struct connecting {
    struct outgoing *outgoing;   /* NULL: none, or at its end */
    char host[CLI_WORD_MAX + 1]; /* as typed */
    bool translating;        /* a line "Translating ..." is not at its end */
    bool asking;             /* a question is on the user's screen */
    bool spoken;             /* something of the login was shown */
    bool over;               /* `end` says how */
    struct outgoing_end end; /* without what `said` points to */
    char signal[32];         /* of it, escaped */
    char why[256];           /* likewise */
    /* Answers the first question that is not echoed; the caller's. NULL: the
       user does. */
    const char *password;
    /* Logged in, and what it is for has begun. */
    void (*ready)(struct command *cmd);
    /* Of a file that moves: as outgoing.h says. */
    void (*file)(struct command *cmd, const struct msg_client_file *m);
    void (*moved)(struct command *cmd, uint64_t bytes);
    void (*stalled)(struct command *cmd);
    /* It has ended (`over`); the command goes on, or is done, here. */
    void (*ended)(struct command *cmd);
};

/*
 * Begin with a state whose `ready` and `ended` are set. ^C and ^^ are looked
 * after up to `ready`: the command ends with it. `access-class ... out` of the
 * line, or of the user, decides whether he may go there. When there can be no
 * connection at all, the user is told, and the command is done.
 */
void connecting_begin(struct command *cmd, const struct outgoing_plan *plan);
/* `transport output` of the user's line; false: he was told that it has none.
 */
bool connecting_is_permitted(struct command *cmd);
/* For .free_state: whatever there is of it ends. */
void connecting_end(struct connecting *connecting);

/*
 * How no connection came to be, as IOS says it, without the "% "; NULL: there
 * was one.
 */
const char *connecting_failure(const struct outgoing_end *end);

/* A name of RFC 1123, or an address. */
bool connecting_host_is_valid(const char *host);
/* 1 to 64 printable bytes without blanks, the first of them no "-". */
bool connecting_user_is_valid(const char *user);

#endif
