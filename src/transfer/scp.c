#include "transfer/scp.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "transfer/scp_parts.h"

#define OUT_HIGH (4 * 1024) /* bytes of answers that nobody takes */
#define OUT_MAX  (16 * 1024)

/* --- life --------------------------------------------------------------- */

static struct scp *
engine_new(void)
{
    struct scp *s = alloc_zero(1, sizeof(*s));

    buf_init(&s->out, OUT_MAX);
    buf_init(&s->line, SCP_LINE_MAX);
    buf_init(&s->page, SCP_PAGE_MAX);
    return s;
}

struct scp *
scp_new(const struct scp_setup *setup)
{
    struct scp *s = engine_new();

    s->role = setup->role;
    s->recursive = setup->recursive;
    s->times = setup->times;
    s->directory = setup->directory;
    text_copy_span(s->path, sizeof(s->path), setup->path);
    if (s->role == SCP_SINK)
        scp_sink_begin(s);
    else
        s->state = SOURCE_START;
    return s;
}

struct scp *
scp_new_refusal(const char *text)
{
    struct scp *s = engine_new();

    buf_printf(&s->out, "\001%s\n", text);
    scp_over(s, false);
    return s;
}

void
scp_free(struct scp *s)
{
    if (s == NULL)
        return;
    buf_clear(&s->out);
    buf_clear(&s->line);
    buf_clear(&s->page);
    free(s);
}

/* --- traces ------------------------------------------------------------- */

void
scp_set_trace(struct scp *s, scp_trace_fn trace, void *owner)
{
    s->trace = trace;
    s->trace_owner = owner;
}

void
scp_tell(const struct scp *s, bool sent, struct span text)
{
    if (s->trace != NULL)
        s->trace(s->trace_owner, sent, text);
}

void
scp_tell_data(const struct scp *s, bool sent)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRIu64 " bytes", s->bytes);
    if (s->bytes > 0)
        scp_tell(s, sent, span_text(text));
}

/* What is being sent, in whole lines and bytes 0. */
static void
tell_output(struct scp *s)
{
    struct span rest = buf_span(&s->out);

    rest = span_of(rest.ptr + s->told, rest.len - s->told);
    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.ptr);

        if (rest.ptr[0] == 0) {
            scp_tell(s, true, span_text("<OK>"));
            rest = span_of(rest.ptr + 1, rest.len - 1);
            continue;
        }
        /* The first byte of an error line is none of its text. */
        if (rest.ptr[0] == 1)
            scp_tell(s, true, span_of(rest.ptr + 1, len - 1));
        else
            scp_tell(s, true, span_of(rest.ptr, len));
        len += end != NULL;
        rest = span_of(rest.ptr + len, rest.len - len);
    }
    s->told = buf_len(&s->out);
}

/* --- what both ends do -------------------------------------------------- */

void
scp_do(struct scp *s, enum scp_action_type type, const char *path)
{
    assert(!s->has_next);
    s->has_next = true;
    s->next = (struct scp_action){.type = type, .path = path};
}

void
scp_error(struct scp *s, const char *what, const char *path, const char *why)
{
    char shown[SCP_TEXT_MAX];

    text_escape(shown, sizeof(shown), span_text(path));
    buf_printf(&s->out, "\001%%Error %s %s (%s)\n", what, shown, why);
    s->failed = true;
}

void
scp_over(struct scp *s, bool ok)
{
    s->state = SCP_OVER;
    s->failed = s->failed || !ok;
}

void
scp_fatal(struct scp *s, const char *why)
{
    buf_printf(&s->out, "\001scp: protocol error: %s\n", why);
    scp_over(s, false);
}

size_t
scp_take_line(struct scp *s, struct span bytes, bool *complete)
{
    const uint8_t *end = memchr(bytes.ptr, '\n', bytes.len);
    size_t len = end == NULL ? bytes.len : (size_t)(end - bytes.ptr);

    buf_put(&s->line, bytes.ptr, len);
    *complete = end != NULL;
    if (buf_ok(&s->line)) {
        if (end != NULL)
            scp_tell(s, false, buf_span(&s->line));
        return end == NULL ? len : len + 1;
    }
    *complete = false;
    scp_fatal(s, "line too long");
    return bytes.len;
}

void
scp_told(struct scp *s)
{
    s->in_text = false;
    s->failed = true;
    text_copy_span(s->message, sizeof(s->message), buf_span(&s->line));
    buf_reset(&s->line);
}

bool
scp_join(char to[SCP_PATH_MAX], const char *directory, struct span name)
{
    size_t len = strlen(directory);
    bool slash = len > 0 && directory[len - 1] != '/';

    if (len + slash + name.len >= SCP_PATH_MAX)
        return false;
    memmove(to, directory, len);
    if (slash)
        to[len++] = '/';
    memcpy(to + len, name.ptr, name.len);
    to[len + name.len] = '\0';
    return true;
}

/* --- bytes -------------------------------------------------------------- */

size_t
scp_input(struct scp *s, struct span bytes)
{
    size_t used = 0;

    /* The other end may send what it likes once all is over. */
    if (s->state == SCP_OVER)
        return bytes.len;
    while (used < bytes.len && !s->has_next && !s->answer_due &&
           buf_len(&s->out) < OUT_HIGH && s->state != SCP_OVER) {
        struct span rest = span_of(bytes.ptr + used, bytes.len - used);
        size_t taken = s->role == SCP_SINK ? scp_sink_input(s, rest)
                                           : scp_source_input(s, rest);

        if (taken == 0)
            break;
        used += taken;
    }
    return used;
}

void
scp_input_end(struct scp *s)
{
    if (!s->input_over)
        scp_tell(s, false, span_text("<EOF>"));
    s->input_over = true;
}

struct span
scp_output(const struct scp *s)
{
    return buf_span(&s->out);
}

void
scp_output_sent(struct scp *s, size_t len)
{
    tell_output(s);
    buf_consume(&s->out, len);
    s->told -= len;
}

/* --- actions ------------------------------------------------------------ */

static bool
wants_answer(enum scp_action_type type)
{
    switch (type) {
    case SCP_WRITE:
    case SCP_ABANDON:
    case SCP_CLOSE:
    case SCP_END:
        return false;
    default:
        return true;
    }
}

/* Find something to do that needs no input. */
static void
step(struct scp *s)
{
    if (s->state != SCP_OVER && s->role == SCP_SOURCE)
        scp_source_step(s);
    if (s->has_next || s->answer_due || s->state == SCP_OVER)
        return;
    if (s->input_over && s->role == SCP_SINK)
        scp_sink_end(s);
    else if (s->input_over)
        scp_over(s, false);
}

/* The very last: what is open is closed first. */
static void
finish(struct scp *s)
{
    if (s->is_open) {
        s->is_open = false;
        scp_do(s, s->role == SCP_SINK ? SCP_ABANDON : SCP_CLOSE, s->file);
        return;
    }
    if (s->ended)
        return;
    s->ended = true;
    scp_do(s, SCP_END, NULL);
    s->next.ok = !s->failed;
    s->next.data = span_text(s->message);
}

bool
scp_next(struct scp *s, struct scp_action *action)
{
    if (s->answer_due)
        return false;
    if (!s->has_next)
        step(s);
    if (!s->has_next && !s->answer_due && s->state == SCP_OVER)
        finish(s);
    if (!s->has_next)
        return false;
    *action = s->next;
    s->has_next = false;
    s->answer_due = wants_answer(action->type);
    return true;
}

/* --- answers ------------------------------------------------------------ */

void
scp_done(struct scp *s)
{
    assert(s->answer_due && s->role == SCP_SINK);
    s->answer_due = false;
    scp_sink_done(s);
}

void
scp_found(struct scp *s, enum scp_kind kind)
{
    assert(s->answer_due && s->role == SCP_SINK);
    s->answer_due = false;
    scp_sink_found(s, kind);
}

void
scp_failed(struct scp *s, const char *why)
{
    s->answer_due = false;
    if (s->role == SCP_SINK)
        scp_sink_failed(s, why);
    else
        scp_source_failed(s, why);
}
