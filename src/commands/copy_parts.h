/*
 * What the files of `copy` share: copy.c (names, questions, what lies here),
 * copy_text.c (what becomes a configuration), copy_remote.c (the questions
 * about another host), copy_transfer.c (a file from there, or to there).
 */
#ifndef COMMANDS_COPY_PARTS_H
#define COMMANDS_COPY_PARTS_H

#include "commands/connecting.h"
#include "commands/file_names.h"
#include "commands/merge.h"
#include "control/remote_name.h"

enum copy_way {
    COPY_HERE, /* both are here */
    COPY_GET,  /* the source is on another host */
    COPY_PUT,  /* the target is */
};

struct copying {
    struct connecting connecting; /* first; copy_transfer.c's */
    struct router *router;
    enum copy_way way;
    /* That of another host is null:, but shown as what it is. */
    struct file_name from, to;
    struct remote_name remote;
    uint64_t begun_ns;
    uint64_t bytes;
    struct config_stamp saved; /* before, when the target is startup-config */
    struct merge *merge;

    int file;               /* ours, read or written by the client; -1 */
    struct flash_new fresh; /* ours as well, where it becomes one of flash: */
    unsigned versions;      /* SSH_VERSION_...: those that may be spoken */
    bool moving;            /* the far file is open */
    uint64_t mark_bytes;    /* what a `!` stands for */
    uint64_t marked;        /* bytes that have theirs */
    unsigned marks;
    unsigned column; /* where the line of marks ends */
};

/* --- copy.c ------------------------------------------------------------- */

/* The source is known: ask for the target. */
void copy_ask_target(struct command *cmd);
/* Both names are known: what is there, and may it be? Then it is done. */
void copy_look(struct command *cmd);

/* --- copy_text.c -------------------------------------------------------- */

/* "20 bytes copied in 5.688 secs (3 bytes/sec)", as it really was. */
void copy_tell_rate(struct command *cmd);
/* Full disks and the like come while it is written. */
void copy_failed(struct command *cmd, const struct file_result *result);
/* Merged into the running configuration; `text` is taken over. */
void copy_into_running(struct command *cmd, struct buf *text);
/* Stored as the configuration of the next start. */
void copy_into_startup(struct command *cmd, struct span text);

/* --- copy_remote.c ------------------------------------------------------ */

/* Ask for host, user and name, as far as the line left them out. */
void copy_ask_remote(struct command *cmd);

/* --- copy_transfer.c ---------------------------------------------------- */

void copy_transfer_begin(struct command *cmd);
/* Whatever there is of it ends; what has come is removed. */
void copy_transfer_end(struct copying *copy);

#endif
