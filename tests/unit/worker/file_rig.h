/*
 * Files between control and a channel of a peer's, both played by the test:
 * what control gets are messages, what the peer gets are bytes.
 */
#ifndef TESTS_WORKER_FILE_RIG_H
#define TESTS_WORKER_FILE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ssh/conn.h"
#include "worker/files.h"

#define RIG_CHANNEL 3
#define RIG_TEXT    8192 /* bytes of a file that is looked at */

struct file_rig {
    struct uplink up;
    struct pipe *control;
    struct message got; /* last message to control; spans borrowed */
};

void file_rig_init(struct file_rig *r);
void file_rig_clear(struct file_rig *r);

/* --- control -------------------------------------------------------------- */

/* The next message; MSG_NONE when there is none. */
enum message_type asked(struct file_rig *r);
/* It is this one; what it says is in `got`. */
void assert_asked(struct file_rig *r, enum message_type type);
void assert_not_asked(struct file_rig *r);
/* An answer to request 0. */
struct message result(enum file_status status, const char *text);

/* A file of memory, and what is in one. */
int file_of(const char *text);
const char *text_of(int fd);

/* --- the channel: struct ssh_conn is nobody's ----------------------------- */

/* Bytes that the peer takes from now on; all to begin with. */
void peer_takes(size_t bytes);
/* What he got since the last look, as text without its NULs; how much. */
const char *peer_got(size_t *len);
/* The same as it came; good until he gets more. */
struct span peer_bytes(void);
/* Bytes that were told as used up, since the last look. */
size_t peer_consumed(void);

#endif
