/*
 * What the files of role line share: line.c (the order of work, what control
 * says), line_device.c (the device), line_users.c (streams of users),
 * line_log.c (the file).
 */
#ifndef WORKER_LINE_PARTS_H
#define WORKER_LINE_PARTS_H

#include "base/list.h"
#include "os/tty.h"
#include "worker/line.h"
#include "worker/ring.h"
#include "worker/telnet.h"

#define LINE_USERS_MAX 64 /* at once; control's limit is lower */
#define LINE_NAME_MAX  65
#define LINE_PIECE     (16 * 1024) /* bytes of the device, of one read */
#define LINE_TYPED     (4 * 1024)  /* bytes of a user, of one read */
#define LINE_NEVER     UINT64_MAX

/* What is on its way to the device; with telnet's answers and escapes. */
#define LINE_OUT_MAX (2 * TELNET_ESCAPED_MAX(LINE_TYPED) + 2 * LINE_PIECE)

struct line_user {
    struct list node;
    uint32_t id;
    int fd;
    char name[LINE_NAME_MAX];
    bool quiet;         /* he types nothing more */
    bool hung_up;       /* nobody is at the other end; read what is left */
    bool gone;          /* to be freed */
    bool leaving;       /* he gets what there is up to `until`, and goes */
    uint64_t at, until; /* places of the ring */
    uint64_t moved_ms;  /* when he last took something */
    uint64_t leave_by_ms;
    struct buf note; /* for his screen, before the rest */
    uint64_t missed; /* bytes, and he was not told yet */
};

/* A break goes out when all before it has. */
enum line_break_state { BREAK_NONE, BREAK_WAITS, BREAK_ON };

struct line_port {
    int fd; /* -1: absent */
    enum line_device kind;
    bool held;
    struct telnet *telnet;
    uint64_t settled_by_ms; /* what is typed waits for its options so long */
    struct buf out;         /* may hold a password */
    bool talks;             /* it is read again at read_at_ms, not before */
    uint64_t read_at_ms;
    unsigned batch_ms; /* from one reading to the next */
    unsigned hurry;    /* it is fast: so many reads do not wait */
    bool typed;        /* an answer may be expected */
    enum line_break_state breaking;
    uint32_t break_ms;
    uint64_t break_by_ms; /* it begins anyway, or ends */
    uint64_t ready_at_ms; /* DTR rises again; LINE_NEVER: it is up */
};

struct line_log {
    int fd;              /* -1: none */
    uint64_t room;       /* bytes until it is full */
    uint64_t checked;    /* bytes until the disk is looked at again */
    uint64_t next_by_ms; /* the next file is waited for so long */
    uint64_t at;         /* place of the ring */
    bool wanted;  /* there is, or will be, a file: what comes is kept for it */
    bool in_line; /* the last byte written was not the end of one */
};

struct line {
    struct uplink *up; /* borrowed */
    uint64_t now_ms;
    struct tty_settings settings;
    bool timestamps;
    struct ring ring;
    struct line_port port;
    struct list users;
    unsigned user_count;
    struct line_user *writer; /* NULL: what users type is dropped */
    struct line_log log;
    uint64_t bytes_in, bytes_out, lost, breaks;
};

/* --- line_device.c ------------------------------------------------------ */

void port_init(struct line_port *p);
/* Join the line to it; -1: to none. What was there before is let go. */
void port_open(struct line *l, int fd, enum line_device kind, bool held);
/* The settings are others now. */
void port_set(struct line *l);
/* What poll(2) should look for; 0: nothing. */
short port_events(const struct line *l);
/* When port_work() has something to do that poll(2) does not tell. */
uint64_t port_deadline(const struct line *l);
void port_work(struct line *l, short revents);
/* How many typed bytes may be put; and put them. */
size_t port_room(const struct line *l);
void port_put(struct line *l, struct span typed);
void port_break(struct line *l, uint32_t ms);
/* Nobody is on the line any more. */
void port_hang_up(struct line *l);

/* --- line_users.c ------------------------------------------------------- */

/* `fd` becomes the callee's. */
void user_add(struct line *l, uint32_t id, int fd, bool writer,
              struct span name);
void user_drop(struct line *l, uint32_t id);
void user_set_writer(struct line *l, uint32_t id);
/* Each gets what there is now, and goes. */
void users_leave(struct line *l);
/* The writer does not take what the device sends: it waits, if it can. */
bool users_hold(const struct line *l);
/* Take what the writer has typed so far. */
void users_type(struct line *l);
short user_events(const struct line *l, const struct line_user *u);
void user_work(struct line *l, struct line_user *u, short revents);
/* Give all of them what there is; those that are gone are freed. */
void users_pump(struct line *l);
uint64_t users_deadline(const struct line *l);

/* --- line_log.c --------------------------------------------------------- */

/* `fd` becomes the callee's; -1: there is no log. */
void log_open(struct line *l, int fd, uint64_t room);
void log_pump(struct line *l);
/* The next file is about to be there: the device waits, if it can. */
bool log_holds(const struct line *l);

#endif
