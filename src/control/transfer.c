#include "control/transfer_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/command.h"
#include "control/config_file.h"
#include "control/replace.h"

static void
written_clear(struct transfer_written *written)
{
    free(written->name);
    *written = (struct transfer_written){.fd = -1};
    written->fresh.fd = -1;
}

/* --- answers ------------------------------------------------------------ */

static const struct {
    int reason;
    enum file_status status;
    const char *text; /* NULL: strerror() */
} reasons[] = {
    {0, FILE_STATUS_OK, ""},
    {ENOENT, FILE_STATUS_NOT_FOUND, "File not found"},
    {EEXIST, FILE_STATUS_EXISTS, NULL},
    {EISDIR, FILE_STATUS_DIRECTORY, NULL},
    {ENOTDIR, FILE_STATUS_NO_DIRECTORY, NULL},
    {ENOTEMPTY, FILE_STATUS_NOT_EMPTY, NULL},
    {EACCES, FILE_STATUS_DENIED, NULL},
    {EINVAL, FILE_STATUS_BAD_NAME, "Invalid file name"},
    {ENODEV, FILE_STATUS_BAD_NAME, NULL},
    {ENAMETOOLONG, FILE_STATUS_BAD_NAME, NULL},
    {ENOSPC, FILE_STATUS_NO_SPACE, NULL},
    {EDQUOT, FILE_STATUS_NO_SPACE, NULL},
    {EFBIG, FILE_STATUS_TOO_LARGE, NULL},
    {E2BIG, FILE_STATUS_TOO_LARGE, "Too many files in directory"},
};

struct message
transfer_result(const struct transfer_request *request, int reason)
{
    struct message m = {.type = MSG_FILE_RESULT};
    const char *text = NULL;

    m.file_result.channel = request->transfer->channel;
    m.file_result.request = request->number;
    m.file_result.status = FILE_STATUS_FAILED;
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].reason == reason) {
            m.file_result.status = (uint8_t)reasons[i].status;
            text = reasons[i].text;
        }
    m.file_result.text = span_text(text != NULL ? text : strerror(reason));
    return m;
}

static void
transfer_request_free(struct transfer_request *request)
{
    list_remove(&request->node);
    request->transfer->request_count--;
    free(request);
}

/* The last of a request. A file that could not be made needs no handle. */
void
transfer_answer(struct transfer_request *request, const struct message *m,
                int fd)
{
    struct transfer *t = request->transfer;

    if (request->written != NULL) {
        request->written->ready = m->file_result.status == FILE_STATUS_OK;
        request->written->used = request->written->ready;
    }
    t->send(t->owner, m, fd);
    transfer_request_free(request);
}

void
transfer_answer_reason(struct transfer_request *request, int reason)
{
    struct message m = transfer_result(request, reason);

    transfer_answer(request, &m, -1);
}

void
transfer_put_entry(struct message *m, const struct flash_entry *entry)
{
    m->file_result.kind = (uint8_t)entry->kind;
    m->file_result.bytes = entry->bytes;
    m->file_result.mode = entry->mode;
    m->file_result.accessed_s = (uint64_t)entry->accessed_s;
    m->file_result.changed_s = (uint64_t)entry->changed_s;
}

/* A configuration, as it was given to a worker. */
#define CONFIG_MODE 0644

static void
put_config(struct message *m, uint64_t bytes)
{
    struct flash_entry entry = {
        .kind = FLASH_FILE, .bytes = bytes, .mode = CONFIG_MODE};

    transfer_put_entry(m, &entry);
}

/* --- names -------------------------------------------------------------- */

/* Bare names of the configurations are those, as in `copy`. */
enum err
transfer_parse_name(struct span typed, struct file_name *name, int *reason)
{
    char text[FLASH_PATH_MAX + FILE_DEVICE_MAX];

    *reason = EINVAL;
    if (typed.len > 0 && memchr(typed.ptr, '\0', typed.len) != NULL)
        return ERR_SYSTEM;
    *reason = ENAMETOOLONG;
    if (!text_copy_span(text, sizeof(text), typed))
        return ERR_SYSTEM;
    if (strcmp(text, FILE_RUNNING) == 0)
        text_copy(text, sizeof(text), "system:" FILE_RUNNING);
    else if (strcmp(text, FILE_STARTUP) == 0)
        text_copy(text, sizeof(text), "nvram:" FILE_STARTUP);
    else if (strcmp(text, ".") == 0)
        text[0] = '\0';
    return file_name_parse(text, "flash:/", name, reason);
}

/*
 * A request with a path. NULL, `*lie`: there are more than may be; else it was
 * answered already.
 */
struct transfer_request *
transfer_request_new(struct transfer *t, uint32_t number, struct span path,
                     bool *lie)
{
    struct transfer_request *request;
    int reason = EACCES;

    *lie = t->request_count >= FILE_REQUESTS_MAX;
    if (*lie)
        return NULL;
    request = alloc_zero(1, sizeof(*request));
    request->transfer = t;
    request->number = number;
    list_append(&t->requests, &request->node);
    t->request_count++;
    if (t->permitted(t->owner) &&
        transfer_parse_name(path, &request->name, &reason) == OK)
        return request;
    transfer_answer_reason(request, reason);
    return NULL;
}

/* --- reading ------------------------------------------------------------ */

static void
on_opened(void *owner, const struct file_result *result)
{
    struct transfer_request *request = owner;
    struct message m = transfer_result(request, result->system_error);

    if (result->err == OK)
        transfer_put_entry(&m, &result->entry);
    transfer_answer(request, &m, result->fd);
    if (result->fd >= 0)
        close(result->fd);
}

static void
open_running(struct transfer_request *request)
{
    struct message m = transfer_result(request, 0);
    uint64_t bytes;
    enum err err;
    int fd = -1;

    err = config_file_read(request->transfer->router, &fd, &bytes);
    if (err != OK) {
        transfer_answer_reason(request, err == ERR_LIMIT  ? EFBIG
                                        : err == ERR_BUSY ? EBUSY
                                                          : errno);
        return;
    }
    put_config(&m, bytes);
    transfer_answer(request, &m, fd);
    close(fd);
}

static void
open_to_read(struct transfer_request *request)
{
    const struct file_name *name = &request->name;

    if (name->system == FILE_FLASH ||
        (name->system == FILE_NVRAM && name->path[0] != '\0'))
        files_open_one(request->transfer->router, name, on_opened, request);
    else if (name->system == FILE_SYSTEM && name->path[0] != '\0')
        open_running(request);
    else
        transfer_answer_reason(request, EACCES);
}

/* --- writing ------------------------------------------------------------ */

static void
on_created(void *owner, const struct file_result *result)
{
    struct transfer_request *request = owner;
    struct message m = transfer_result(request, result->system_error);

    request->written->fresh = result->fresh;
    if (result->err == OK)
        transfer_put_entry(&m, &result->entry);
    transfer_answer(request, &m, result->fresh.fd);
}

/* What is written there goes nowhere. */
static enum err
open_null(int *fd)
{
    *fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return *fd < 0 ? ERR_SYSTEM : OK;
}

static void
create(struct transfer_request *request, const struct file_creation *how)
{
    struct transfer_written *written = request->written;
    const struct file_name *name = &request->name;
    struct message m;
    enum err err;

    if (name->system == FILE_FLASH) {
        files_create(request->transfer->router, name, how, on_created, request);
        return;
    }
    if (name->system == FILE_NULL)
        err = open_null(&written->fd);
    else if (name->path[0] != '\0')
        err = config_file_create(&written->fd);
    else
        err = (errno = EISDIR, ERR_SYSTEM);
    m = transfer_result(request, err == OK ? 0 : errno);
    transfer_answer(request, &m, written->fd);
}

static bool
on_open(struct transfer *t, const struct msg_file_open *m)
{
    struct transfer_written *written = NULL;
    struct transfer_request *request;
    bool lie;

    if (m->access == FILE_ACCESS_CREATE || m->access == FILE_ACCESS_EDIT) {
        if (m->handle >= FILE_HANDLES_MAX || t->written[m->handle].used)
            return false;
        written = &t->written[m->handle];
    } else if (m->access != FILE_ACCESS_READ) {
        return false;
    }
    request = transfer_request_new(t, m->request, m->path, &lie);
    if (request == NULL)
        return !lie;
    if (written == NULL) {
        open_to_read(request);
        return true;
    }
    written_clear(written);
    written->used = true;
    written->name = alloc_zero(1, sizeof(*written->name));
    *written->name = request->name;
    request->written = written;
    written->must_be_new = m->must_be_new;
    create(request, &(struct file_creation){
                        .bytes = m->bytes,
                        .copies = m->access == FILE_ACCESS_EDIT,
                        .must_exist = m->must_exist,
                        .must_be_new = m->must_be_new,
                    });
    return true;
}

static void
abandon(struct transfer *t, struct transfer_written *written)
{
    if (written->fresh.fd >= 0)
        files_abandon(t->router, &written->fresh);
    if (written->fd >= 0)
        close(written->fd);
    written_clear(written);
}

/* The file of a handle that may be used now; NULL: the worker lies. */
static struct transfer_written *
written_at(struct transfer *t, uint32_t handle)
{
    if (handle >= FILE_HANDLES_MAX || !t->written[handle].ready)
        return NULL;
    return &t->written[handle];
}

static bool
on_abandon(struct transfer *t, const struct msg_file_abandon *m)
{
    struct transfer_written *written = written_at(t, m->handle);

    if (written == NULL)
        return false;
    abandon(t, written);
    return true;
}

/* --- completion --------------------------------------------------------- */

void
transfer_on_done(void *owner, const struct file_result *result)
{
    transfer_answer_reason(owner, result->system_error);
}

static void
on_stored(void *owner, const char *problem)
{
    struct transfer_request *request = owner;
    struct message m = transfer_result(request, 0);

    if (problem != NULL) {
        m.file_result.status = FILE_STATUS_FAILED;
        m.file_result.text = span_text(problem);
    }
    transfer_answer(request, &m, -1);
}

static void
store(struct transfer_request *request, struct transfer_written *written,
      uint64_t bytes)
{
    struct transfer *t = request->transfer;
    enum err err;

    err = config_file_store(t->router, written->name->system, written->fd,
                            bytes, t->user, t->who, on_stored, request);
    abandon(t, written);
    if (err == ERR_FORMAT)
        on_stored(request, "Not a configuration");
    else if (err == ERR_BUSY)
        on_stored(request, REPLACE_BUSY);
    else if (err != OK)
        transfer_answer_reason(request, EFBIG);
}

struct flash_attributes
transfer_attributes(bool has_mode, uint32_t mode, bool has_times,
                    uint64_t accessed_s, uint64_t changed_s)
{
    return (struct flash_attributes){
        .has_mode = has_mode,
        .mode = mode,
        /* A time that no clock shows is left out. */
        .has_times =
            has_times && accessed_s <= INT64_MAX && changed_s <= INT64_MAX,
        .accessed_s = (int64_t)accessed_s,
        .changed_s = (int64_t)changed_s,
    };
}

static bool
on_commit(struct transfer *t, const struct msg_file_commit *m)
{
    struct transfer_written *written = written_at(t, m->handle);
    struct flash_attributes attributes = transfer_attributes(
        m->has_mode, m->mode, m->has_times, m->accessed_s, m->changed_s);
    struct transfer_request *request;
    bool lie;

    if (written == NULL)
        return false;
    request = transfer_request_new(t, m->request, SPAN_EMPTY, &lie);
    if (request == NULL) {
        abandon(t, written);
        return !lie;
    }
    if (written->fresh.fd >= 0) {
        written->fresh.must_be_new = written->must_be_new;
        files_commit(t->router, written->name, &written->fresh, m->bytes,
                     &attributes, transfer_on_done, request);
        abandon(t, written);
    } else if (written->name->system == FILE_NULL) {
        abandon(t, written);
        transfer_answer_reason(request, 0);
    } else {
        store(request, written, m->bytes);
    }
    return true;
}

/* --- looking ------------------------------------------------------------ */

static void
on_looked(void *owner, const struct file_result *result)
{
    struct transfer_request *request = owner;
    struct message m = transfer_result(request, result->system_error);

    if (result->err == OK)
        transfer_put_entry(&m, &result->entry);
    transfer_answer(request, &m, -1);
}

static bool
on_stat(struct transfer *t, const struct msg_file_stat *m)
{
    bool lie;
    struct transfer_request *request =
        transfer_request_new(t, m->request, m->path, &lie);
    struct message result;

    if (request == NULL)
        return !lie;
    if (request->name.system == FILE_FLASH ||
        request->name.system == FILE_NVRAM) {
        files_stat(t->router, &request->name, on_looked, request);
        return true;
    }
    if (request->name.system == FILE_NULL) {
        transfer_answer_reason(request, ENOENT);
        return true;
    }
    result = transfer_result(request, 0);
    put_config(&result, 0);
    if (request->name.path[0] == '\0')
        result.file_result.kind = FLASH_DIRECTORY;
    transfer_answer(request, &result, -1);
    return true;
}

static void
put_listed(struct buf *page, const struct flash_entry *entry)
{
    buf_put_text(page, entry->name);
    buf_put_u8(page, (uint8_t)entry->kind);
    buf_put_u64(page, entry->bytes);
    buf_put_u32(page, entry->mode);
    buf_put_u64(page, (uint64_t)entry->accessed_s);
    buf_put_u64(page, (uint64_t)entry->changed_s);
}

static void
on_listed(void *owner, const struct file_result *result)
{
    struct transfer_request *request = owner;
    struct message m = transfer_result(request, result->system_error);
    struct buf page;

    m.file_result.more = result->more;
    buf_init(&page, FILE_PAGE_MAX);
    for (size_t i = 0; i < result->list.count; i++) {
        size_t before = buf_len(&page);

        put_listed(&page, &result->list.entries[i]);
        if (!buf_ok(&page)) {
            /* Only whole entries. */
            buf_truncate(&page, before);
            m.file_result.more = true;
            break;
        }
    }
    m.file_result.page = buf_span(&page);
    transfer_answer(request, &m, -1);
    buf_clear(&page);
}

static bool
on_list(struct transfer *t, const struct msg_file_list *m)
{
    bool lie;
    struct transfer_request *request =
        transfer_request_new(t, m->request, m->path, &lie);
    char after[FLASH_NAME_MAX + 1];

    if (request == NULL)
        return !lie;
    if (request->name.system != FILE_FLASH)
        transfer_answer_reason(request, EACCES);
    else if (!text_copy_span(after, sizeof(after), m->after))
        transfer_answer_reason(request, EINVAL);
    else
        files_list_page(t->router, &request->name, after, on_listed, request);
    return true;
}

bool
transfer_on_message(struct transfer *t, const struct message *m)
{
    switch (m->type) {
    case MSG_FILE_OPEN:
        return on_open(t, &m->file_open);
    case MSG_FILE_COMMIT:
        return on_commit(t, &m->file_commit);
    case MSG_FILE_ABANDON:
        return on_abandon(t, &m->file_abandon);
    case MSG_FILE_STAT:
        return on_stat(t, &m->file_stat);
    case MSG_FILE_LIST:
        return on_list(t, &m->file_list);
    default:
        return transfer_on_change(t, m);
    }
}

/* --- life --------------------------------------------------------------- */

struct transfer *
transfer_new(const struct transfer_setup *setup)
{
    struct transfer *t = alloc_zero(1, sizeof(*t));

    t->router = setup->router;
    t->channel = setup->channel;
    text_copy(t->user, sizeof(t->user), setup->user);
    text_copy(t->who, sizeof(t->who), setup->who);
    t->send = setup->send;
    t->permitted = setup->permitted;
    t->owner = setup->owner;
    list_init(&t->requests);
    for (size_t i = 0; i < FILE_HANDLES_MAX; i++)
        written_clear(&t->written[i]);
    return t;
}

void
transfer_free(struct transfer *t)
{
    if (t == NULL)
        return;
    while (!list_empty(&t->requests)) {
        struct transfer_request *request =
            LIST_ITEM(t->requests.next, struct transfer_request, node);

        files_forget(t->router, request);
        config_file_forget(t->router, request);
        transfer_request_free(request);
    }
    for (size_t i = 0; i < FILE_HANDLES_MAX; i++)
        abandon(t, &t->written[i]);
    free(t);
}

uint32_t
transfer_channel(const struct transfer *t)
{
    return t->channel;
}

void
transfer_give_up(struct transfer *t)
{
    t->given_up = true;
}

bool
transfer_is_given_up(const struct transfer *t)
{
    return t->given_up;
}
