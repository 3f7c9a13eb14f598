#include "control/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/apply_text.h"
#include "control/command.h"
#include "control/journal.h"
#include "control/replace.h"
#include "control/running_config.h"
#include "control/storage.h"
#include "os/file.h"

#define PROBLEM_MAX 512 /* bytes of what is told of refused lines */
#define LINE_MAX_   128 /* of these the first one, escaped */

struct config_files {
    struct list storing; /* of struct storing */
};

/* A configuration that is being taken over. */
struct storing {
    struct list node;
    struct router *router;
    struct apply_text *lines; /* running: NULL for startup-config */
    struct config_stamp stamp;
    char who[SHELL_WHO_MAX];
    unsigned refused; /* lines, and the first of them */
    char line[LINE_MAX_], reason[PROBLEM_MAX - LINE_MAX_ - 64];
    config_stored_fn done; /* NULL: nobody waits */
    void *owner;
};

/* --- memory ------------------------------------------------------------- */

static enum err
memory_new(int *fd)
{
    *fd = memfd_create("configuration", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return *fd < 0 ? ERR_SYSTEM : OK;
}

enum err
config_file_read(const struct router *r, int *fd, uint64_t *bytes)
{
    enum err err = ERR_LIMIT;
    struct buf text;
    int memory = -1;

    if (replace_is_under_way(r))
        return ERR_BUSY;
    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    running_config_put(r, &text);
    if (buf_ok(&text))
        err = memory_new(&memory);
    if (err == OK)
        err = file_write_all(memory, buf_span(&text));
    if (err == OK && lseek(memory, 0, SEEK_SET) != 0)
        err = ERR_SYSTEM;
    if (err == OK) {
        *fd = memory;
        *bytes = buf_len(&text);
    } else if (memory >= 0) {
        close(memory);
    }
    buf_clear(&text);
    return err;
}

enum err
config_file_create(int *fd)
{
    int memory;

    if (memory_new(&memory) != OK)
        return ERR_SYSTEM;
    /* Whoever writes into it cannot make it larger. */
    if (ftruncate(memory, STORAGE_CONFIG_MAX) != 0 ||
        fcntl(memory, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) != 0) {
        close(memory);
        return ERR_SYSTEM;
    }
    *fd = memory;
    return OK;
}

/* --- the end ------------------------------------------------------------ */

static void
storing_end(struct storing *s, const char *problem)
{
    if (s->done != NULL)
        s->done(s->owner, problem);
    list_remove(&s->node);
    apply_text_free(s->lines);
    free(s);
}

/* --- to the running configuration --------------------------------------- */

static void
on_problem(void *owner, const struct cli_problem *problem)
{
    struct storing *s = owner;

    if (s->refused++ > 0)
        return;
    text_escape(s->line, sizeof(s->line), span_text(problem->line));
    text_escape(s->reason, sizeof(s->reason), span_text(problem->text));
}

static void
on_applied(void *owner)
{
    struct storing *s = owner;
    char text[PROBLEM_MAX];

    journal_message(s->router, "SYS", LOG_NOTICE, "CONFIG_I",
                    "Configured from scp by %s", s->who);
    snprintf(text, sizeof(text), "%u line%s refused, first \"%s\": %s",
             s->refused, s->refused == 1 ? " was" : "s were", s->line,
             s->reason);
    storing_end(s, s->refused > 0 ? text : NULL);
}

static void
apply(struct storing *s, struct buf *text)
{
    static const struct apply_calls calls = {on_problem, NULL, on_applied};
    struct router *r = s->router;
    struct config_author by = {.number = 0};

    r->config_changed = true;
    r->changed = s->stamp;
    s->lines = apply_text_begin(r, r, text, &calls, s);
    config_author_named(&by, s->stamp.user, "scp");
    apply_text_by(s->lines, &by);
}

/* --- to startup-config -------------------------------------------------- */

static void
on_saved(void *owner, enum err err, int system_error)
{
    struct storing *s = owner;

    if (err == OK)
        s->router->saved = s->stamp;
    else if (err == ERR_BUSY)
        system_error = EBUSY;
    storing_end(s, err == OK ? NULL : strerror(system_error));
}

/* --- both --------------------------------------------------------------- */

static enum err
read_text(int fd, uint64_t bytes, struct buf *text)
{
    uint64_t at = 0;

    while (at < bytes) {
        size_t room = (size_t)(bytes - at);
        uint8_t *place = buf_reserve(text, room);
        ssize_t got = place == NULL ? -1 : pread(fd, place, room, (off_t)at);

        if (got <= 0)
            return ERR_SYSTEM;
        buf_commit(text, (size_t)got);
        at += (uint64_t)got;
    }
    return OK;
}

/* What could not be read back would bring the previous one back. */
static bool
is_text(const struct buf *text)
{
    struct span bytes = buf_span(text);

    return bytes.len > 0 && memchr(bytes.ptr, '\0', bytes.len) == NULL;
}

static struct storing *
storing_new(struct router *r, const char *user, const char *who,
            config_stored_fn done, void *owner)
{
    struct storing *s = alloc_zero(1, sizeof(*s));

    if (r->config_files == NULL) {
        r->config_files = alloc_zero(1, sizeof(*r->config_files));
        list_init(&r->config_files->storing);
    }
    s->router = r;
    s->done = done;
    s->owner = owner;
    s->stamp.at = (uint64_t)time(NULL);
    text_copy(s->stamp.user, sizeof(s->stamp.user), user);
    text_copy(s->who, sizeof(s->who), who);
    list_append(&r->config_files->storing, &s->node);
    return s;
}

enum err
config_file_store(struct router *r, enum file_system which, int fd,
                  uint64_t bytes, const char *user, const char *who,
                  config_stored_fn done, void *owner)
{
    struct storing *s;
    struct buf text;
    enum err err;

    if (which != FILE_NVRAM && replace_is_under_way(r))
        return ERR_BUSY;
    buf_init_secret(&text, STORAGE_CONFIG_MAX);
    err = read_text(fd, bytes, &text);
    if (err == OK && which == FILE_NVRAM && !is_text(&text))
        err = ERR_FORMAT;
    if (err == OK) {
        s = storing_new(r, user, who, done, owner);
        if (which == FILE_NVRAM)
            storage_save_config(r, buf_span(&text), on_saved, s);
        else
            apply(s, &text);
    }
    buf_clear(&text);
    return err;
}

void
config_file_forget(struct router *r, void *owner)
{
    if (r->config_files == NULL)
        return;
    LIST_EACH(node, &r->config_files->storing)
    {
        struct storing *s = LIST_ITEM(node, struct storing, node);

        if (s->owner == owner)
            s->done = NULL;
    }
}

void
config_files_clear(struct router *r)
{
    struct config_files *files = r->config_files;

    if (files == NULL)
        return;
    r->config_files = NULL;
    while (!list_empty(&files->storing)) {
        struct storing *s =
            LIST_ITEM(files->storing.next, struct storing, node);

        storage_forget(r, s);
        s->done = NULL;
        storing_end(s, NULL);
    }
    free(files);
}
