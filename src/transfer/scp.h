/*
 * The protocol of scp(1), either end of it: the sink gets files, the source
 * sends them. It does no I/O: bytes go in, actions and bytes come out. The
 * owner carries the actions out and answers those that say so.
 *
 *     for (;;) {
 *         while (scp_next(s, &action)) carry it out;
 *         send scp_output(); give scp_input() more, if no answer is due.
 *     }
 *
 * File data is never copied: SCP_WRITE points into the input, SCP_READ asks
 * the owner to send it himself, behind all of scp_output().
 *
 * There is no specification; the source is what OpenSSH's scp -O sends and
 * takes: lines "C<mode> <bytes> <name>", "D<mode> 0 <name>", "E", "T<changed>
 * 0 <accessed> 0", each answered by a byte 0, or by 1 (an error) or 2 (the
 * last one) and a line of text.
 */
#ifndef TRANSFER_SCP_H
#define TRANSFER_SCP_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define SCP_LINE_MAX  2048        /* bytes of a line that the other end sends */
#define SCP_PATH_MAX  1024        /* bytes of a path, NUL included */
#define SCP_DEPTH_MAX 16          /* directories in directories */
#define SCP_PAGE_MAX  (32 * 1024) /* bytes of names that scp_listed() takes */

enum scp_role { SCP_SINK, SCP_SOURCE };

struct scp_setup {
    enum scp_role role;
    bool recursive; /* directories as well */
    bool times;     /* source: send times; sink: modes are taken as they come */
    bool directory; /* sink: `path` must be a directory */
    struct span path; /* what is sent, or where to; copied, cut at the max */
};

enum scp_kind { SCP_NOTHING, SCP_FILE, SCP_DIRECTORY };

struct scp_attributes {
    bool has_mode;
    unsigned mode; /* rwx for user, group and others */
    bool has_times;
    uint64_t accessed_s, changed_s; /* since 1970 */
};

enum scp_action_type {
    /* Sink. */
    SCP_STAT,    /* what is at `path`? scp_found(), scp_failed() */
    SCP_CREATE,  /* file `path`, `bytes` long: scp_done(), scp_failed() */
    SCP_WRITE,   /* `data`, at once; scp_failed() only if it cannot be */
    SCP_COMMIT,  /* it is complete, with `attributes`: scp_done(), _failed() */
    SCP_ABANDON, /* it is not; no answer */
    SCP_MAKE_DIRECTORY, /* `path`: scp_done(), scp_failed(), or scp_found() if
                           it is one already */
    SCP_SET, /* directory `path` gets `attributes`: scp_done(), _failed() */
    /* Source. */
    SCP_OPEN,  /* `path`: scp_opened(), scp_failed() */
    SCP_READ,  /* send `bytes` of the open file, as many as there is room for,
                  behind scp_output(): scp_sent(); scp_failed(): the end */
    SCP_CLOSE, /* that file; no answer */
    SCP_LIST,  /* names in directory `path` behind `after`: scp_listed() */
    /* Both. */
    SCP_END, /* all is said, behind scp_output(): `ok` or not; the last. `data`
                is the last error line of the other end, as it came */
};

struct scp_action {
    enum scp_action_type type;
    const char *path; /* borrowed until the answer */
    const char *name; /* CREATE: as the other end named it */
    const char *after;
    struct scp_attributes attributes; /* CREATE: the mode that was said */
    uint64_t bytes;
    struct span data; /* WRITE: borrowed from the input */
    bool ok;
};

struct scp;

/*
 * What both ends say, for whoever debugs it: a line as it was sent or came (a
 * stranger's bytes), "<OK>", "<EOF>", "1381 bytes" of a file's data.
 */
typedef void (*scp_trace_fn)(void *owner, bool sent, struct span text);

struct scp *scp_new(const struct scp_setup *setup);
void scp_free(struct scp *s); /* NULL is fine */
/* The same, but all that happens is this refusal, as an error line. */
struct scp *scp_new_refusal(const char *text);

/* Tell it all that is said from now on. */
void scp_set_trace(struct scp *s, scp_trace_fn trace, void *owner);

/*
 * Take what can be used now and return how many bytes that was. Less than all:
 * actions are to be fetched, one waits for its answer, or output is to be
 * sent; give the rest again later.
 */
size_t scp_input(struct scp *s, struct span bytes);
/* The other end will send no more. */
void scp_input_end(struct scp *s);

/* To be sent; borrowed until the next call. */
struct span scp_output(const struct scp *s);
void scp_output_sent(struct scp *s, size_t len);

/* The next thing to do; false when there is none now. */
bool scp_next(struct scp *s, struct scp_action *action);

/* Answers, one to each action that wants one. */
void scp_done(struct scp *s);
void scp_found(struct scp *s, enum scp_kind kind);
void scp_opened(struct scp *s, enum scp_kind kind, uint64_t bytes,
                const struct scp_attributes *attributes);
void scp_sent(struct scp *s, size_t len);
/* Names, each ended by NUL, at most SCP_PAGE_MAX bytes of them; copied.
   `more`: there are others behind them. */
void scp_listed(struct scp *s, struct span names, bool more);
/*
 * It could not be done; `text` is for the other end's user. The engine goes on
 * with the next file where the protocol can.
 */
void scp_failed(struct scp *s, const char *text);

#endif
