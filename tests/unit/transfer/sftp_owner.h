/*
 * The owner of an SFTP server under test: it asks by packets and does the
 * deeds, with one file of memory, and keeps a diary of them.
 */
#ifndef TESTS_TRANSFER_SFTP_OWNER_H
#define TESTS_TRANSFER_SFTP_OWNER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transfer/sftp_server.h"

#define FILE_MAX 200000
#define ROOM     32768 /* of one packet of the channel */
#define PUT      (SFTP_OPEN_WRITE | SFTP_OPEN_CREATE | SFTP_OPEN_TRUNCATE)

struct owner {
    struct sftp_server *s;
    struct buf in;            /* requests not yet given to the server */
    struct buf out;           /* all that it answered */
    struct buf diary;         /* the deeds */
    enum sftp_status refusal; /* of the next deed but reading */
    uint8_t file[FILE_MAX];
    size_t size;
    size_t room; /* for READ; 0: none */
    unsigned names;
};

/* `greeted`: the versions are agreed upon. */
struct owner *owner_new(bool greeted);
void owner_free(struct owner *o);
/* Do what the server wants done, and note it. */
void perform(struct owner *o, const struct sftp_action *a);
/* Bytes for the server; the requests that were put, in pieces or at once. */
void give(struct owner *o, struct span bytes);
void ask_in(struct owner *o, size_t piece);
void ask(struct owner *o);
/* What was done since the last look. */
void expect_diary(struct owner *o, const char *text);

/* --- answers: each is the next one ---------------------------------------- */

/* Its type; `*r` stands behind its id. It stays until it is dropped. */
enum sftp_type answer(struct owner *o, uint32_t id, struct reader *r,
                      struct span *body);
void drop_answer(struct owner *o, struct span body);
void expect_status(struct owner *o, uint32_t id, enum sftp_status status);
void expect_handle(struct owner *o, uint32_t id, uint8_t handle[8]);
void expect_size(struct owner *o, uint32_t id, uint64_t size);
void expect_data(struct owner *o, uint32_t id, size_t at, size_t len);
void expect_nothing(struct owner *o);

/* --- requests: put, and not given yet ------------------------------------- */

void put_init(struct owner *o);
void put_path(struct owner *o, enum sftp_type type, uint32_t id,
              const char *path);
void put_open(struct owner *o, uint32_t id, const char *path, uint32_t flags);
void put_handle(struct owner *o, enum sftp_type type, uint32_t id,
                const uint8_t handle[8]);
void put_write(struct owner *o, uint32_t id, const uint8_t handle[8],
               uint64_t at, const char *text);
void put_read(struct owner *o, uint32_t id, const uint8_t handle[8],
              uint64_t at, uint32_t len);
void put_extended(struct owner *o, uint32_t id, const char *name,
                  struct span argument);
/* Asked and answered. */
void open_file(struct owner *o, const char *path, uint32_t flags,
               uint8_t handle[8]);

#endif
