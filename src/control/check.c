#include "control/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/cli.h"
#include "control/durable.h"
#include "control/router.h"

#define CHECK_FILE_MAX (4 * 1024 * 1024) /* bytes; as startup-config */
#define CHECK_TEXT_MAX (16 * 1024 * 1024)

/*
 * The rows' functions are given a router, as when a router starts: one that
 * has a configuration and nothing else.
 */
struct check {
    struct router router; /* first: the rows' owner */
    const char *path;
    unsigned errors;
};

static void
on_error(void *owner, unsigned line, const char *text)
{
    struct check *check = owner;

    check->errors++;
    fprintf(stderr, "%s:%u: %s\n", check->path, line, text);
}

static enum err
read_file(const char *path, struct buf *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err err = ERR_SYSTEM;

    if (fd >= 0)
        err = durable_read_text(fd, CHECK_FILE_MAX, text);
    if (err == ERR_SYSTEM)
        fprintf(stderr, "vtyd: %s: %s\n", path, strerror(errno));
    else if (err == ERR_LENGTH)
        fprintf(stderr, "vtyd: %s: longer than a configuration may be\n", path);
    else if (err != OK)
        fprintf(stderr, "vtyd: %s: no text of a configuration\n", path);
    if (fd >= 0)
        close(fd);
    return err;
}

static int
print_config(struct check *check)
{
    struct buf text;
    struct span bytes;
    bool failed;

    buf_init_secret(&text, CHECK_TEXT_MAX);
    cli_write_config(check->router.language, &check->router.config, false,
                     &text);
    bytes = buf_span(&text);
    failed = !buf_ok(&text) ||
             fwrite(bytes.ptr, 1, bytes.len, stdout) != bytes.len ||
             fputs("end\n", stdout) == EOF || fflush(stdout) != 0;
    if (failed)
        fprintf(stderr, "vtyd: the configuration cannot be printed\n");
    buf_clear(&text);
    return failed ? 1 : 0;
}

int
check_file(const struct cli_language *language, const char *path)
{
    struct check *check = alloc_zero(1, sizeof(*check));
    struct buf text;
    int status = 1;

    check->path = path;
    check->router.language = language;
    config_init(&check->router.config);
    buf_init_secret(&text, CHECK_FILE_MAX);
    if (read_file(path, &text) == OK) {
        cli_load(language, &check->router.config, buf_span(&text), on_error,
                 check);
        status = check->errors > 0 ? 1 : print_config(check);
    }
    buf_clear(&text);
    config_clear(&check->router.config);
    free(check);
    return status;
}
