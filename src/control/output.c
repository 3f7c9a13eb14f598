#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "control/shell_parts.h"

#define OUTPUT_MAX      (32 * 1024) /* bytes of one OUTPUT; more is a file */
#define OUTPUT_FILE_MAX (64u * 1024 * 1024)
#define QUEUE_PAUSE     (64 * 1024)

/* --- the file of a large output ----------------------------------------- */

static bool
write_whole(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.ptr, bytes.len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes.ptr += done;
        bytes.len -= (size_t)done;
    }
    return true;
}

/* The rest is lost: the user is told once, at the end of what he gets. */
static void
cut(struct running *run, const char *why)
{
    if (!run->cut)
        log_line(LOG_WARNING, "The output of a command was cut: %s", why);
    run->cut = true;
    run->command.failed = true;
}

/* Move what is collected to the file. */
static void
spill(struct running *run)
{
    struct buf *output = &run->command.output;

    if (run->file < 0)
        run->file = memfd_create("output", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (run->file < 0 || !write_whole(run->file, buf_span(output)))
        cut(run, strerror(errno));
    run->file_bytes += buf_len(output);
    buf_reset(output);
}

/* Pass the file on, read-only: what the worker reads nobody changes. */
static void
show_file(struct running *run)
{
    struct shell *sh = run->command.shell;
    struct message m = {.type = MSG_OUTPUT_FILE};
    bool whole;

    spill(run);
    whole = lseek(run->file, 0, SEEK_SET) == 0 &&
            fcntl(run->file, F_ADD_SEALS,
                  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0;
    if (!whole)
        cut(run, strerror(errno));
    m.output_file.channel = sh->channel;
    if (!sh->left && !sh->ending) {
        sh->queued = session_send_fd(sh->session, &m, run->file);
        sh->files++;
    }
    close(run->file);
    run->file = -1;
    run->file_bytes = 0;
}

static void
send_filter(struct running *run, enum output_filter kind, const char *pattern)
{
    struct shell *sh = run->command.shell;
    struct message m = {.type = MSG_FILTER};

    m.filter.channel = sh->channel;
    m.filter.kind = (uint8_t)kind;
    m.filter.pattern = span_text(pattern);
    shell_send(sh, &m);
    run->filtered = kind != OUTPUT_ALL;
}

static enum output_filter
kind_of(enum cli_filter filter)
{
    switch (filter) {
    case CLI_FILTER_NONE:
        break;
    case CLI_FILTER_INCLUDE:
        return OUTPUT_INCLUDE;
    case CLI_FILTER_EXCLUDE:
        return OUTPUT_EXCLUDE;
    case CLI_FILTER_BEGIN:
        return OUTPUT_BEGIN;
    case CLI_FILTER_SECTION:
        return OUTPUT_SECTION;
    case CLI_FILTER_NOT_SECTION:
        return OUTPUT_NOT_SECTION;
    case CLI_FILTER_COUNT:
        return OUTPUT_COUNT;
    case CLI_FILTER_REDIRECT:
    case CLI_FILTER_APPEND:
    case CLI_FILTER_TEE:
    case CLI_FILTER_JSON:
        break;
    }
    return OUTPUT_ALL;
}

void
output_filter(struct running *run)
{
    enum output_filter kind = kind_of(run->match.filter);

    if (kind != OUTPUT_ALL)
        send_filter(run, kind, run->match.filter_pattern);
}

void
output_end_filter(struct running *run)
{
    if (run->filtered)
        send_filter(run, OUTPUT_ALL, "");
}

void
output_show(struct running *run)
{
    struct buf *output = &run->command.output;

    if (redirect_keeps(run))
        return;
    if (run->file >= 0)
        show_file(run);
    if (run->cut) {
        run->cut = false;
        /* No pattern is to hide this. */
        if (run->filtered && buf_len(output) > 0)
            shell_print(run->command.shell, buf_span(output));
        if (run->filtered)
            buf_reset(output);
        output_end_filter(run);
        buf_printf(output, "%% The rest of the output is lost\n");
    }
    if (buf_len(output) > 0)
        shell_print(run->command.shell, buf_span(output));
    buf_reset(output);
}

void
output_forget(struct running *run)
{
    if (run->file >= 0)
        close(run->file);
    run->file = -1;
    run->file_bytes = 0;
    buf_reset(&run->command.output);
}

void
output_write(struct running *run, const struct file_name *name,
             enum file_how how, file_done_fn done)
{
    struct command *cmd = &run->command;

    if (run->file < 0) {
        files_write(cmd->router, name, how, buf_span(&cmd->output), done, cmd);
        return;
    }
    spill(run);
    files_write_fd(cmd->router, name, how, run->file, done, cmd);
}

void
output_clear(struct running *run)
{
    if (run->file >= 0)
        close(run->file);
    buf_clear(&run->command.output);
}

/* --- what commands call ------------------------------------------------- */

void
out_span(struct command *cmd, struct span text)
{
    struct running *run = running_of(cmd);

    while (text.len > 0 && !run->cut) {
        size_t part = OUTPUT_MAX - buf_len(&cmd->output);

        if (run->file_bytes + OUTPUT_MAX > OUTPUT_FILE_MAX) {
            cut(run, "it is larger than 64 MiB");
            return;
        }
        if (part > text.len)
            part = text.len;
        buf_put(&cmd->output, text.ptr, part);
        text.ptr += part;
        text.len -= part;
        if (text.len > 0)
            spill(run);
    }
}

static void put_format(struct command *cmd, const char *format, va_list args)
    PRINTF(2, 0);

static void
put_format(struct command *cmd, const char *format, va_list args)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    if (len > 0) {
        text = alloc_zero((size_t)len + 1, 1);
        vsnprintf(text, (size_t)len + 1, format, again);
        out_span(cmd, span_of(text, (size_t)len));
        /* Stored forms of passwords are printed as well. */
        wipe(text, (size_t)len);
        free(text);
    }
    va_end(again);
}

void
out(struct command *cmd, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_format(cmd, format, args);
    va_end(args);
}

void
out_line(struct command *cmd, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_format(cmd, format, args);
    va_end(args);
    out_span(cmd, span_text("\n"));
}

void
out_error(struct command *cmd, const char *format, ...)
{
    va_list args;

    out_span(cmd, span_text("% "));
    va_start(args, format);
    put_format(cmd, format, args);
    va_end(args);
    out_span(cmd, span_text("\n"));
    cmd->failed = true;
}

void
cmd_flush(struct command *cmd)
{
    output_show(running_of(cmd));
}

bool
cmd_paused(const struct command *cmd)
{
    return cmd->shell->queued > QUEUE_PAUSE;
}
