/*
 * `verify /md5`: the digest of a file, worked out while others work.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/file_names.h"
#include "commands/rows.h"

#define MD5_BYTES 16

struct verifying {
    char typed[FILE_SHOWN_MAX]; /* as typed, safe for screens */
    struct file_name name;
    char submitted[2 * MD5_BYTES + 1]; /* "": none */
    bool dotted;
};

static void
on_digest(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct verifying *v = cmd->state;
    char digest[2 * MD5_BYTES + 1];

    if (result->err != OK) {
        if (v->dotted)
            out(cmd, "\n");
        file_failed(cmd, "opening", v->name.shown, result->system_error);
        cmd_done(cmd);
        return;
    }
    text_hex(digest, sizeof(digest), span_of(result->digest, MD5_BYTES));
    out_line(cmd, ".MD5 of %s Done!", v->typed);
    if (v->submitted[0] == '\0') {
        out_line(cmd, "verify /md5 (%s) = %s", v->typed, digest);
    } else if (text_equal_nocase(v->submitted, digest)) {
        out_line(cmd, "Verified (%s) = %s", v->typed, digest);
    } else {
        out_line(cmd,
                 "%%Error verifying %s\nComputed signature  = %s\n"
                 "Submitted signature = %s",
                 v->typed, digest, v->submitted);
        cmd->failed = true;
    }
    cmd_done(cmd);
}

/* One dot for each turn: something is still going on. */
static bool
on_turn(void *owner, struct span bytes)
{
    struct command *cmd = owner;
    struct verifying *v = cmd->state;

    (void)bytes;
    v->dotted = true;
    out(cmd, ".");
    cmd_flush(cmd);
    return true;
}

static void
on_name(struct command *cmd, const char *text)
{
    struct verifying *v = cmd->state;

    if (text == NULL || (text[0] != '\0' &&
                         !file_name_answered(cmd, text, "opening", &v->name)))
        return;
    if (text[0] != '\0')
        text_copy(v->typed, sizeof(v->typed), v->name.shown);
    cmd->cancel = file_cancel;
    files_digest(cmd->router, &v->name, HASH_MD5, on_turn, on_digest, cmd);
    cmd_wait(cmd);
}

static bool
is_digest(const char *text)
{
    return strlen(text) == 2 * MD5_BYTES &&
           strspn(text, "0123456789abcdefABCDEF") == 2 * MD5_BYTES;
}

static void
verify_md5(struct command *cmd)
{
    struct verifying *v = alloc_zero(1, sizeof(*v));
    const char *file = cli_text(cmd->match, "file");
    const char *submitted = cli_text(cmd->match, "digest");

    cmd->state = v;
    cmd->free_state = free;
    if (!file_name_typed(cmd, file != NULL ? file : "flash:", "opening",
                         &v->name))
        return;
    if (submitted != NULL && !is_digest(submitted)) {
        out_error(cmd, "The signature is not %u hexadecimal digits",
                  2 * MD5_BYTES);
        return;
    }
    if (submitted != NULL)
        text_copy(v->submitted, sizeof(v->submitted), submitted);
    if (v->name.path[0] == '\0') {
        file_ask(cmd, "Verify", "", on_name);
        return;
    }
    text_escape(v->typed, sizeof(v->typed), span_text(file));
    on_name(cmd, "");
}

const struct cli_row verify_rows[] = {
    GROUP("verify", "Verify a file"),
    EXEC("verify /md5 [WORD:file [WORD:digest]]", 15, verify_md5,
         "Compute an md5 signature for a file", "File name",
         "Signature to compare with"),
    ROWS_END,
};
