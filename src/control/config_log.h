/*
 * `archive`, `log config`: which configuration lines took effect, and whose
 * they were. Secrets in them are masked; the newest lines are kept.
 */
#ifndef CONTROL_CONFIG_LOG_H
#define CONTROL_CONFIG_LOG_H

#include "cli/cli.h"
#include "control/router.h"
#include "ssh/conn.h"

struct session;

/*
 * Whoever configures, for one stay in configuration mode or one text that is
 * carried out. All zero: nobody yet.
 */
#define CONFIG_AUTHOR_LINE_MAX 16
struct config_author {
    char user[SSH_USER_MAX + 1];
    char line[CONFIG_AUTHOR_LINE_MAX]; /* "console", "vty0", "scp" */
    uint32_t number;                   /* of the stay; 0: nothing was done */
    char *sections[CLI_DEPTH_MAX];     /* lines that led to where he is */
};

/* Who is on that line, which stands for the name of somebody without one. */
void config_author_of(struct config_author *a, const struct session *s);
void config_author_named(struct config_author *a, const char *user,
                         const char *line);
/* The stay is over: frees what it has, and leaves it all zero. */
void config_author_clear(struct config_author *a);

/* A line that is no LEAVE took effect. */
void config_log_add(struct router *r, struct config_author *a,
                    const struct cli_match *match);
/* What the configuration says of it has changed. */
void config_log_update(struct router *r);
void config_log_free(struct router *r);

/* One of them; borrowed until the next line comes. */
struct config_log_entry {
    struct list node;
    uint32_t number, session;
    char who[SSH_USER_MAX + 1 + CONFIG_AUTHOR_LINE_MAX]; /* "lab@vty0" */
    size_t user_length;                                  /* of that */
    char *sections[CLI_DEPTH_MAX]; /* NULL behind the last one */
    unsigned depth;                /* how many there are */
    char *text;
    char *more; /* further lines of its value, as typed; NULL: none */
};
/* The first of all, or the one behind another; NULL: there is none. */
const struct config_log_entry *
config_log_next(const struct router *r, const struct config_log_entry *entry);

#endif
