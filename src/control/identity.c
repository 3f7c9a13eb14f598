#include "control/identity.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/clock.h"
#include "control/journal.h"

#define PROGRAM  "/proc/self/exe"
#define DELETED  " (deleted)" /* Linux puts it behind a replaced program */
#define HEAD_MAX 1024

/* A program's own time of last change is when it was linked. */
static void
read_image(struct identity *identity)
{
    char path[PATH_MAX];
    struct stat st;
    ssize_t len = readlink(PROGRAM, path, sizeof(path));
    size_t tail = strlen(DELETED);

    if (len > 0 && (size_t)len < sizeof(path)) {
        if ((size_t)len > tail && memcmp(path + len - tail, DELETED, tail) == 0)
            len -= (ssize_t)tail;
        text_escape(identity->image, sizeof(identity->image),
                    span_of(path, (size_t)len));
    }
    if (stat(PROGRAM, &st) == 0)
        identity->compiled_at = (uint64_t)st.st_mtime;
}

struct identity *
identity_new(void)
{
    struct identity *identity = alloc_zero(1, sizeof(*identity));

    machine_read("", &identity->machine);
    read_image(identity);
    return identity;
}

void
identity_free(struct identity *identity)
{
    free(identity);
}

void
identity_put_head(const struct router *r, struct buf *to)
{
    char image[MACHINE_TEXT_MAX], compiled[CLOCK_TEXT_MAX];
    size_t i = 0;

    text_copy(image, sizeof(image), r->identity->machine.architecture);
    for (; image[i] != '\0'; i++)
        image[i] = (char)toupper((unsigned char)image[i]);
    buf_printf(to, "%svtyd Software (VTYD%s%s-M), Version %s, ",
               r->config.show_version_ios ? "Cisco IOS Software, " : "",
               i == 0 ? "" : "-", image, VTYD_VERSION);
    buf_printf(to, "RELEASE SOFTWARE (fc1)\n");
    buf_printf(to, "Copyright (c) 2026 the vtyd authors\n");
    if (r->identity->compiled_at == 0)
        return;
    clock_text(&r->config, r->identity->compiled_at, CLOCK_BUILD, compiled);
    buf_printf(to, "Compiled %s\n", compiled);
}

void
identity_model(const struct router *r, char to[MACHINE_TEXT_MAX])
{
    const struct machine *machine = &r->identity->machine;
    const char *from = machine->product;
    size_t len = 0;

    if (from[0] == '\0')
        from = machine->architecture;
    for (; *from != '\0'; from++)
        if (isalnum((unsigned char)*from) || strchr("._+", *from) != NULL)
            to[len++] = *from;
        else if (len > 0 && to[len - 1] != '-')
            to[len++] = '-';
    while (len > 0 && to[len - 1] == '-')
        len--;
    to[len] = '\0';
    if (len == 0)
        text_copy(to, MACHINE_TEXT_MAX, "unknown");
}

void
identity_log_restart(struct router *r)
{
    struct buf head;

    buf_init(&head, HEAD_MAX);
    identity_put_head(r, &head);
    /* The log ends the last line itself. */
    if (buf_len(&head) > 0)
        buf_truncate(&head, buf_len(&head) - 1);
    journal_message(r, "SYS", LOG_NOTICE, "RESTART", "System restarted --\n%s",
                    buf_text(&head));
    buf_clear(&head);
}
