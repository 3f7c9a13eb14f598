/*
 * `more`: a file on the screen, page by page. Text as it stands, but for bytes
 * that would reach into the terminal; everything else as hexadecimal digits.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "commands/file_names.h"
#include "commands/rows.h"
#include "control/running_config.h"

#define SECRETS_PRIVILEGE 15 /* of system: and nvram: */

#define HEX_BYTES 16  /* of a line */
#define HEX_MAX   96  /* bytes of that line */
#define UTF8_MAX  4   /* bytes of a character */
#define RUN_MAX   256 /* bytes that are escaped at once */

struct showing {
    struct file_name name;
    enum { UNDECIDED, TEXT, BINARY } form;
    uint64_t offset; /* BINARY: of the next line */
    bool line_open;  /* TEXT: the last line has no end yet */
    /* What is not shown yet: a cut character, a part of a line of digits. */
    uint8_t rest[HEX_BYTES];
    size_t rest_len;
};

static void
showing_free(void *state)
{
    wipe(state, sizeof(struct showing));
    free(state);
}

/* --- hexadecimal -------------------------------------------------------- */

/* "00000010:  7F454C46 02010100 ...    .ELF............" */
static void
put_hex_line(struct command *cmd, struct showing *show)
{
    char line[HEX_MAX], printed[HEX_BYTES + 1];
    size_t at = 0;

    for (size_t i = 0; i < HEX_BYTES; i++) {
        const char *blank = i % 4 == 0 ? " " : "";
        bool there = i < show->rest_len;

        at += (size_t)snprintf(line + at, sizeof(line) - at,
                               there ? "%s%02X" : "%s  ", blank,
                               show->rest[there ? i : 0]);
        printed[i] =
            there && isprint(show->rest[i]) ? (char)show->rest[i] : '.';
    }
    printed[show->rest_len] = '\0';
    out_line(cmd, "%08" PRIX64 ": %s    %s", show->offset, line, printed);
    show->offset += show->rest_len;
    show->rest_len = 0;
}

static void
put_binary(struct command *cmd, struct showing *show, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        show->rest[show->rest_len++] = bytes.ptr[i];
        if (show->rest_len == HEX_BYTES)
            put_hex_line(cmd, show);
    }
}

/* --- text --------------------------------------------------------------- */

static bool
is_plain(uint8_t byte)
{
    return (byte >= ' ' && byte < 0x7f) || byte == '\t' || byte == '\n';
}

/* Plain bytes at the front. */
static size_t
run_of(struct span bytes)
{
    size_t len = 0;

    while (len < bytes.len && is_plain(bytes.ptr[len]))
        len++;
    return len;
}

/* "^C" as configurations show it; the CR of a line's end says nothing. */
static void
put_control(struct command *cmd, uint8_t byte)
{
    if (byte == 0x7f)
        out(cmd, "^?");
    else if (byte != '\r')
        out(cmd, "^%c", byte + '@');
}

/* Bytes of the UTF-8 character that begins with this one. */
static size_t
character_len(uint8_t first)
{
    if (first < 0xc2)
        return 1;
    return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

/* Bytes beyond ASCII: what is UTF-8 and harmless as it is. */
static void
put_beyond(struct command *cmd, struct span bytes)
{
    char shown[4 * RUN_MAX + 1];

    while (bytes.len > 0) {
        size_t part = bytes.len < RUN_MAX ? bytes.len : RUN_MAX;

        /* Not in the middle of a character. */
        for (size_t i = 0; part < bytes.len && i < UTF8_MAX - 1 &&
                           (bytes.ptr[part] & 0xc0) == 0x80;
             i++)
            part--;
        text_escape(shown, sizeof(shown), span_of(bytes.ptr, part));
        out(cmd, "%s", shown);
        bytes = span_of(bytes.ptr + part, bytes.len - part);
    }
}

/* Bytes at the end that may be the beginning of a character. */
static size_t
cut_at_end(struct span bytes)
{
    for (size_t back = 1; back < UTF8_MAX && back <= bytes.len; back++)
        if (character_len(bytes.ptr[bytes.len - back]) > back)
            return back;
    return 0;
}

/*
 * What is not plain, up to the next byte that is; a character that is cut by
 * the end of the piece waits for the next one. Returns what was taken.
 */
static size_t
put_special(struct command *cmd, struct showing *show, struct span bytes)
{
    size_t len = 0, cut;

    if (bytes.ptr[0] < 0x80) {
        put_control(cmd, bytes.ptr[0]);
        return 1;
    }
    while (len < bytes.len && bytes.ptr[len] >= 0x80)
        len++;
    cut = len == bytes.len ? cut_at_end(bytes) : 0;
    put_beyond(cmd, span_of(bytes.ptr, len - cut));
    memcpy(show->rest, bytes.ptr + len - cut, cut);
    show->rest_len = cut;
    return len;
}

/* Complete the character that the piece before cut; what was taken. */
static size_t
put_rest(struct command *cmd, struct showing *show, struct span bytes)
{
    size_t taken = 0, whole = character_len(show->rest[0]);

    while (taken < bytes.len && show->rest_len < whole &&
           (bytes.ptr[taken] & 0xc0) == 0x80)
        show->rest[show->rest_len++] = bytes.ptr[taken++];
    if (show->rest_len < whole && taken == bytes.len)
        return taken;
    put_beyond(cmd, span_of(show->rest, show->rest_len));
    show->rest_len = 0;
    return taken;
}

static void
put_text(struct command *cmd, struct showing *show, struct span bytes)
{
    size_t len = show->rest_len > 0 ? put_rest(cmd, show, bytes) : 0;

    while (bytes = span_of(bytes.ptr + len, bytes.len - len), bytes.len > 0) {
        len = run_of(bytes);
        out_span(cmd, span_of(bytes.ptr, len));
        show->line_open = len == 0 || bytes.ptr[len - 1] != '\n';
        if (len == 0)
            len = put_special(cmd, show, bytes);
    }
}

/* --- the command -------------------------------------------------------- */

/* Text has lines and characters, and may have control bytes here and there. */
static bool
is_text(struct span bytes)
{
    size_t special = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] == '\0')
            return false;
        special += bytes.ptr[i] < 0x80 && !is_plain(bytes.ptr[i]) &&
                   bytes.ptr[i] != '\r';
    }
    return special <= bytes.len / 16;
}

static bool
on_piece(void *owner, struct span bytes)
{
    struct command *cmd = owner;
    struct showing *show = cmd->state;

    if (show->form == UNDECIDED)
        show->form = is_text(bytes) ? TEXT : BINARY;
    if (show->form == TEXT)
        put_text(cmd, show, bytes);
    else
        put_binary(cmd, show, bytes);
    cmd_flush(cmd);
    return !cmd_paused(cmd);
}

static void
on_end(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct showing *show = cmd->state;

    if (show->form == TEXT && show->rest_len > 0)
        put_beyond(cmd, span_of(show->rest, show->rest_len));
    else if (show->rest_len > 0)
        put_hex_line(cmd, show);
    if (show->line_open)
        out(cmd, "\n");
    if (result->err != OK)
        file_failed(cmd, "opening", show->name.shown, result->system_error);
    cmd_done(cmd);
}

static void
on_resume(struct command *cmd)
{
    files_resume(cmd->router, cmd);
}

static void
show_running(struct command *cmd, const struct file_name *name)
{
    struct buf text;

    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    running_config_put(cmd->router, &text);
    if (buf_ok(&text))
        out_span(cmd, buf_span(&text));
    else
        file_failed(cmd, "opening", name->shown, EFBIG);
    buf_clear(&text);
}

static void
more(struct command *cmd)
{
    struct showing *show = alloc_zero(1, sizeof(*show));

    cmd->state = show;
    cmd->free_state = showing_free;
    if (cli_given(cmd->match, "/ascii"))
        show->form = TEXT;
    else if (cli_given(cmd->match, "/binary"))
        show->form = BINARY;
    if (!file_name_typed(cmd, cli_text(cmd->match, "file"), "opening",
                         &show->name))
        return;
    /* Both hold secrets, which are nothing for lower levels. */
    if (shell_privilege(cmd->shell) < SECRETS_PRIVILEGE &&
        (show->name.system == FILE_SYSTEM || show->name.system == FILE_NVRAM)) {
        file_failed(cmd, "opening", show->name.shown, EACCES);
        return;
    }
    if (show->name.system == FILE_SYSTEM && show->name.path[0] != '\0') {
        show_running(cmd, &show->name);
        return;
    }
    cmd->cancel = file_cancel;
    cmd->on_resume = on_resume;
    files_stream(cmd->router, &show->name, on_piece, on_end, cmd);
    cmd_wait(cmd);
}

const struct cli_row more_rows[] = {
    SHOW("more [/ascii|/binary] WORD:file", 15, more,
         "Display the contents of a file", "Display as text",
         "Display as hexadecimal digits", "File name"),
    ROWS_END,
};
