/*
 * What the files of the scp engine share: scp.c (both ends), scp_sink.c,
 * scp_source.c.
 */
#ifndef TRANSFER_SCP_PARTS_H
#define TRANSFER_SCP_PARTS_H

#include "transfer/scp.h"

#define SCP_TEXT_MAX (2 * SCP_PATH_MAX) /* bytes of an error line */

enum scp_state {
    SINK_TARGET,      /* what is there? */
    SINK_LINE,        /* a record is to come */
    SINK_OPENING,     /* C: the file is being created */
    SINK_DATA,        /* its bytes */
    SINK_STATUS,      /* what the source says of them */
    SINK_STATUS_TEXT, /* no good: why */
    SINK_COMMITTING,
    SINK_MAKING,  /* D */
    SINK_SETTING, /* E */

    SOURCE_START,     /* the sink is to be ready */
    SOURCE_OPENING,   /* a file or directory */
    SOURCE_TIMES,     /* T was sent */
    SOURCE_HEADER,    /* C was sent */
    SOURCE_DATA,      /* its bytes */
    SOURCE_TRAILER,   /* all of them were sent */
    SOURCE_DIRECTORY, /* D was sent */
    SOURCE_NEXT,      /* whatever comes next in this directory */
    SOURCE_LISTING,   /* its names */
    SOURCE_LEFT,      /* E was sent */

    SCP_OVER, /* SCP_END is due, or was fetched */
};

/* A directory that is under way, and what it gets at its end. */
struct scp_level {
    size_t path_len; /* of the one above it */
    struct scp_attributes attributes;
};

struct scp {
    enum scp_role role;
    bool recursive, times, directory;
    enum scp_state state;
    bool input_over;
    bool answer_due; /* the action that was fetched last wants one */
    bool failed;     /* something did not work, here or there */
    bool ended;      /* SCP_END was fetched */
    bool has_next;
    struct scp_action next;

    scp_trace_fn trace; /* NULL: nobody debugs it */
    void *trace_owner;
    size_t told;    /* bytes of `out` that it was told of */
    uint64_t bytes; /* the file's that is under way */

    struct buf out;
    struct buf line;          /* that is coming in */
    bool in_text, last;       /* it is an error line; after which all is over */
    char path[SCP_PATH_MAX];  /* the target or the directory in it */
    char file[SCP_PATH_MAX];  /* sink: the one under way */
    char name[SCP_PATH_MAX];  /* sink: as its record has it */
    char after[SCP_PATH_MAX]; /* source: the name that was taken last */
    unsigned depth;
    struct scp_level levels[SCP_DEPTH_MAX];

    bool is_directory; /* sink: `path` is one; source: what is being sent */
    bool is_open;      /* a file is */
    uint64_t left;     /* bytes of its data */
    struct scp_attributes attributes;
    char failure[SCP_TEXT_MAX]; /* sink: why its data goes nowhere; or "" */
    char message[SCP_LINE_MAX]; /* the other end's last error line; or "" */
    struct buf page;            /* source: names, each ended by NUL */
    bool more;                  /* behind them */
};

/* --- scp.c ------------------------------------------------------------- */

/* The next action is this one. */
void scp_do(struct scp *s, enum scp_action_type type, const char *path);
/* An error line: what, path and why: "%Error opening flash:x (why)". */
void scp_error(struct scp *s, const char *what, const char *path,
               const char *why);
/* The other end does not keep to the protocol: it is told, and that is all. */
void scp_fatal(struct scp *s, const char *why);
/* Nothing more happens but SCP_END. */
void scp_over(struct scp *s, bool ok);
/* Append to `line`, up to an LF, which is taken as well; returns how many. */
size_t scp_take_line(struct scp *s, struct span bytes, bool *complete);
/* Tell whoever debugs it; and that this is all of the file's data. */
void scp_tell(const struct scp *s, bool sent, struct span text);
void scp_tell_data(const struct scp *s, bool sent);
/* `line` is an error line of the other end's. */
void scp_told(struct scp *s);
/* `to` becomes directory/name; false: it is too long. */
bool scp_join(char to[SCP_PATH_MAX], const char *directory, struct span name);

/* --- scp_sink.c -------------------------------------------------------- */

void scp_sink_begin(struct scp *s);
size_t scp_sink_input(struct scp *s, struct span bytes);
/* Nothing more will come. */
void scp_sink_end(struct scp *s);
void scp_sink_done(struct scp *s);
void scp_sink_found(struct scp *s, enum scp_kind kind);
void scp_sink_failed(struct scp *s, const char *why);

/* --- scp_source.c ------------------------------------------------------ */

size_t scp_source_input(struct scp *s, struct span bytes);
/* Is there something to do without input? */
void scp_source_step(struct scp *s);
void scp_source_failed(struct scp *s, const char *why);

#endif
