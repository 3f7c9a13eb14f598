/*
 * What a worker asks to be changed: names, attributes, directories; and how
 * much room there is for more.
 */
#include <errno.h>

#include "control/transfer_parts.h"

/* What is in the way is told as well. */
static void
on_in_the_way(void *owner, const struct file_result *result)
{
    struct transfer_request *request = owner;
    struct message m = transfer_result(request, EEXIST);

    if (result->err == OK)
        transfer_put_entry(&m, &result->entry);
    transfer_answer(request, &m, -1);
}

static void
on_made(void *owner, const struct file_result *result)
{
    struct transfer_request *request = owner;

    if (result->err != OK && result->system_error == EEXIST)
        files_stat(request->transfer->router, &request->name, on_in_the_way,
                   request);
    else
        transfer_answer_reason(request, result->system_error);
}

static bool
on_make_directory(struct transfer *t, const struct msg_file_make_directory *m)
{
    bool lie;
    struct transfer_request *request =
        transfer_request_new(t, m->request, m->path, &lie);

    if (request == NULL)
        return !lie;
    files_make_directory(t->router, &request->name, on_made, request);
    return true;
}

static bool
on_set(struct transfer *t, const struct msg_file_set *m)
{
    struct flash_attributes attributes = transfer_attributes(
        m->has_mode, m->mode, m->has_times, m->accessed_s, m->changed_s);
    bool lie;
    struct transfer_request *request =
        transfer_request_new(t, m->request, m->path, &lie);

    if (request == NULL)
        return !lie;
    files_set(t->router, &request->name, &attributes, transfer_on_done,
              request);
    return true;
}

typedef void (*path_work_fn)(struct router *r, const struct file_name *name,
                             file_done_fn done, void *owner);

/* Of flash: alone, whatever else a name may mean. */
static bool
on_path(struct transfer *t, uint32_t number, struct span path,
        path_work_fn work)
{
    bool lie;
    struct transfer_request *request =
        transfer_request_new(t, number, path, &lie);

    if (request == NULL)
        return !lie;
    if (request->name.system == FILE_FLASH)
        work(t->router, &request->name, transfer_on_done, request);
    else
        transfer_answer_reason(request, EACCES);
    return true;
}

static bool
on_rename(struct transfer *t, const struct msg_file_rename *m)
{
    bool lie;
    struct transfer_request *request =
        transfer_request_new(t, m->request, m->path, &lie);
    struct file_name to;
    int reason = EACCES;

    if (request == NULL)
        return !lie;
    if (transfer_parse_name(m->to, &to, &reason) != OK ||
        request->name.system != FILE_FLASH || to.system != FILE_FLASH)
        transfer_answer_reason(request, reason);
    else if (m->replace)
        files_replace(t->router, &request->name, &to, transfer_on_done,
                      request);
    else
        files_rename(t->router, &request->name, &to, transfer_on_done, request);
    return true;
}

static void
on_counted(void *owner, const struct file_result *result)
{
    struct transfer_request *request = owner;
    struct message m = transfer_result(request, result->system_error);
    struct buf page;

    buf_init(&page, FILE_PAGE_MAX);
    buf_put_u64(&page, result->usage.block);
    buf_put_u64(&page, result->usage.blocks);
    buf_put_u64(&page, result->usage.blocks_left);
    buf_put_u64(&page, result->usage.files);
    buf_put_u64(&page, result->usage.files_left);
    m.file_result.page = buf_span(&page);
    transfer_answer(request, &m, -1);
    buf_clear(&page);
}

static bool
on_space(struct transfer *t, const struct msg_file_space *m)
{
    bool lie;
    struct transfer_request *request =
        transfer_request_new(t, m->request, SPAN_EMPTY, &lie);

    if (request == NULL)
        return !lie;
    files_usage(t->router, &request->name, on_counted, request);
    return true;
}

bool
transfer_on_change(struct transfer *t, const struct message *m)
{
    switch (m->type) {
    case MSG_FILE_MAKE_DIRECTORY:
        return on_make_directory(t, &m->file_make_directory);
    case MSG_FILE_SET:
        return on_set(t, &m->file_set);
    case MSG_FILE_REMOVE:
        return on_path(t, m->file_remove.request, m->file_remove.path,
                       files_remove);
    case MSG_FILE_REMOVE_DIRECTORY:
        return on_path(t, m->file_remove_directory.request,
                       m->file_remove_directory.path, files_remove_directory);
    case MSG_FILE_RENAME:
        return on_rename(t, &m->file_rename);
    case MSG_FILE_SPACE:
        return on_space(t, &m->file_space);
    default:
        return false;
    }
}
