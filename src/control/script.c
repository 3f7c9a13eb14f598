/*
 * The commands of an SSH exec request: lines, one after the other.
 */
#include "base/secret.h"
#include "base/text.h"
#include "control/shell_parts.h"

#define SCRIPT_MAX  65536 /* bytes; a message is no longer */
#define QUEUE_PAUSE (64 * 1024)

void
script_begin(struct shell *sh, struct span commands)
{
    buf_init_secret(&sh->script, SCRIPT_MAX);
    buf_put_span(&sh->script, commands);
    script_run(sh);
}

/* Take the next line off the front; false at the end. */
static bool
next_line(struct shell *sh, struct span *line)
{
    struct span rest = buf_span(&sh->script);
    const uint8_t *end;

    if (rest.len == 0)
        return false;
    end = memchr(rest.ptr, '\n', rest.len);
    *line =
        span_of(rest.ptr, end != NULL ? (size_t)(end - rest.ptr) : rest.len);
    return true;
}

/* At most CLI_TYPED_MAX bytes, none of them a control byte but a tab. */
static bool
is_sound(struct span line)
{
    if (line.len > CLI_TYPED_MAX)
        return false;
    for (size_t i = 0; i < line.len; i++)
        if ((line.ptr[i] < ' ' && line.ptr[i] != '\t') || line.ptr[i] == 0x7f)
            return false;
    return true;
}

static void
refuse(struct command *cmd)
{
    out_error(cmd, "Invalid input");
}

static void
run_line(struct shell *sh, struct span line)
{
    char text[CLI_TYPED_MAX + 1];
    /* With the line's end, if it has one. */
    size_t taken = line.len < buf_len(&sh->script) ? line.len + 1 : line.len;
    bool sound;

    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    sound = is_sound(line) && text_copy_span(text, sizeof(text), line);
    buf_consume(&sh->script, taken);
    if (sound)
        command_line(sh, text, false, 0, 0);
    else
        command_dialogue(sh, refuse);
    wipe(text, sizeof(text));
}

void
script_run(struct shell *sh)
{
    struct span line;

    if (sh->in_script)
        return;
    sh->in_script = true;
    while (sh->running == NULL && !sh->leaving && sh->queued <= QUEUE_PAUSE &&
           sh->files == 0) {
        if (!next_line(sh, &line)) {
            sh->leaving = true;
            break;
        }
        run_line(sh, line);
    }
    sh->in_script = false;
    if (sh->leaving && sh->running == NULL)
        shell_next(sh);
}
