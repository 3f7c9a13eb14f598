/*
 * What transfer.c (opening, completing, looking) and transfer_change.c
 * (changing what is there) share.
 */
#ifndef CONTROL_TRANSFER_PARTS_H
#define CONTROL_TRANSFER_PARTS_H

#include "control/command.h"
#include "control/files.h"
#include "control/transfer.h"

/* A file that the worker writes. */
struct transfer_written {
    bool used, ready, must_be_new;
    struct file_name *name; /* owned; large, and most are not in use */
    struct flash_new fresh; /* flash: */
    int fd;                 /* a configuration's, or null:; else -1 */
};

struct transfer {
    struct router *router;
    uint32_t channel;
    bool given_up;
    char user[SSH_USER_MAX + 1], who[SHELL_WHO_MAX];
    void (*send)(void *owner, const struct message *m, int fd);
    bool (*permitted)(void *owner);
    void *owner;
    struct list requests; /* that have no answer yet */
    unsigned request_count;
    struct transfer_written written[FILE_HANDLES_MAX];
};

/* The owner of work in files.c, storage.c and config_file.c. */
struct transfer_request {
    struct list node;
    struct transfer *transfer;
    uint32_t number;
    struct file_name name;
    struct transfer_written *written; /* FILE_OPEN to create */
};

/* --- transfer.c --------------------------------------------------------- */

/*
 * A request with a path. NULL, `*lie`: there are more than may be; else it was
 * answered already.
 */
struct transfer_request *transfer_request_new(struct transfer *t,
                                              uint32_t number, struct span path,
                                              bool *lie);
/* What a user's name for a file means. */
enum err transfer_parse_name(struct span typed, struct file_name *name,
                             int *reason);
/* FILE_RESULT by an errno, 0 for OK. */
struct message transfer_result(const struct transfer_request *request,
                               int reason);
void transfer_put_entry(struct message *m, const struct flash_entry *entry);
/* The last of a request, which is gone then. */
void transfer_answer(struct transfer_request *request, const struct message *m,
                     int fd);
void transfer_answer_reason(struct transfer_request *request, int reason);
/* The same as what file work calls. */
void transfer_on_done(void *owner, const struct file_result *result);
struct flash_attributes transfer_attributes(bool has_mode, uint32_t mode,
                                            bool has_times, uint64_t accessed_s,
                                            uint64_t changed_s);

/* --- transfer_change.c -------------------------------------------------- */

bool transfer_on_change(struct transfer *t, const struct message *m);

#endif
