/*
 * The end that sends files.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "transfer/scp_parts.h"

/* --- records ------------------------------------------------------------ */

/*
 * The last component of what is being sent. Of "flash:x" that is x, but who
 * asked for one file by this name compares it with what he gets: OpenSSH takes
 * no other, and PuTTY warns.
 */
static const char *
name_of(const char *path, bool as_asked)
{
    const char *name = path;

    for (const char *at = path; *at != '\0'; at++)
        if ((*at == '/' || (*at == ':' && !as_asked)) && at[1] != '\0' &&
            at[1] != '/')
            name = at + 1;
    return name;
}

/* C or D. */
static void
put_header(struct scp *s)
{
    const char *name = name_of(s->file, !s->recursive);
    /* "dir/" and "flash:" are called dir and flash. */
    int len = (int)strcspn(name, s->recursive ? "/:" : "/");

    buf_printf(&s->out, "%c%04o %" PRIu64 " %.*s\n",
               s->is_directory ? 'D' : 'C', s->attributes.mode, s->left, len,
               name);
    s->state = s->is_directory ? SOURCE_DIRECTORY : SOURCE_HEADER;
}

static void
put_times(struct scp *s)
{
    buf_printf(&s->out, "T%" PRIu64 " 0 %" PRIu64 " 0\n",
               s->attributes.changed_s, s->attributes.accessed_s);
    s->state = SOURCE_TIMES;
}

/* All bytes of the file are on their way. */
static void
end_file(struct scp *s)
{
    scp_tell_data(s, true);
    buf_put_u8(&s->out, 0);
    s->is_open = false;
    s->state = SOURCE_TRAILER;
    scp_do(s, SCP_CLOSE, s->file);
}

static void
leave_file(struct scp *s)
{
    if (s->is_open)
        scp_do(s, SCP_CLOSE, s->file);
    s->is_open = false;
    s->state = SOURCE_NEXT;
}

/* --- directories -------------------------------------------------------- */

static void
forget_page(struct scp *s)
{
    buf_reset(&s->page);
    s->more = true;
}

/* The sink has made it. */
static void
enter_directory(struct scp *s)
{
    s->levels[s->depth++].path_len = strlen(s->path);
    text_copy(s->path, sizeof(s->path), s->file);
    s->after[0] = '\0';
    forget_page(s);
    s->state = SOURCE_NEXT;
}

/* Back to the one above, behind this one's own name. */
static void
leave_directory(struct scp *s)
{
    size_t above = s->levels[--s->depth].path_len;

    text_copy(s->after, sizeof(s->after), name_of(s->path, false));
    s->path[above] = '\0';
    forget_page(s);
    buf_printf(&s->out, "E\n");
    s->state = SOURCE_LEFT;
}

static void
open_next(struct scp *s, const char *name)
{
    text_copy(s->after, sizeof(s->after), name);
    buf_consume(&s->page, strlen(name) + 1);
    if (!scp_join(s->file, s->path, span_text(s->after))) {
        scp_error(s, "opening", s->path, "File name too long");
        return;
    }
    s->state = SOURCE_OPENING;
    scp_do(s, SCP_OPEN, s->file);
}

static void
find_next(struct scp *s)
{
    if (s->depth == 0) {
        scp_over(s, true);
    } else if (buf_len(&s->page) > 0) {
        open_next(s, (const char *)buf_span(&s->page).ptr);
    } else if (s->more) {
        s->state = SOURCE_LISTING;
        scp_do(s, SCP_LIST, s->path);
        s->next.after = s->after;
    } else {
        leave_directory(s);
    }
}

void
scp_source_step(struct scp *s)
{
    /* A sink that does not read gets no more lines. */
    if (s->state == SOURCE_NEXT && buf_len(&s->out) == 0) {
        find_next(s);
    } else if (s->state == SOURCE_DATA && buf_len(&s->out) == 0) {
        scp_do(s, SCP_READ, s->file);
        s->next.bytes = s->left;
    }
}

void
scp_listed(struct scp *s, struct span names, bool more)
{
    assert(s->answer_due && s->state == SOURCE_LISTING);
    s->answer_due = false;
    buf_reset(&s->page);
    /* A name without an end would be read beyond it. */
    if (names.len > 0 && names.ptr[names.len - 1] == '\0')
        buf_put_span(&s->page, names);
    s->more = more && buf_len(&s->page) > 0;
    s->state = SOURCE_NEXT;
}

/* --- the sink's answers ------------------------------------------------- */

static void
on_ready(struct scp *s)
{
    switch (s->state) {
    case SOURCE_START:
        text_copy(s->file, sizeof(s->file), s->path);
        s->state = SOURCE_OPENING;
        scp_do(s, SCP_OPEN, s->file);
        break;
    case SOURCE_TIMES:
        put_header(s);
        break;
    case SOURCE_HEADER:
        s->state = SOURCE_DATA;
        if (s->left == 0)
            end_file(s);
        break;
    case SOURCE_DIRECTORY:
        enter_directory(s);
        break;
    default: /* TRAILER, LEFT */
        s->state = SOURCE_NEXT;
        break;
    }
}

/* What it says is for people; what it was about is left out. */
static size_t
on_text(struct scp *s, struct span bytes)
{
    bool complete;
    size_t used = scp_take_line(s, bytes, &complete);

    if (!complete)
        return used;
    scp_told(s);
    if (s->last || s->state == SOURCE_START)
        scp_over(s, false);
    else
        leave_file(s);
    return used;
}

size_t
scp_source_input(struct scp *s, struct span bytes)
{
    if (s->in_text)
        return on_text(s, bytes);
    switch (s->state) {
    case SOURCE_START:
    case SOURCE_TIMES:
    case SOURCE_HEADER:
    case SOURCE_TRAILER:
    case SOURCE_DIRECTORY:
    case SOURCE_LEFT:
        break;
    default: /* its answer to what is still to be sent */
        return 0;
    }
    if (bytes.ptr[0] == 0) {
        scp_tell(s, false, span_text("<OK>"));
        on_ready(s);
    } else if (bytes.ptr[0] <= 2) {
        s->in_text = true;
        s->last = bytes.ptr[0] == 2;
    } else {
        scp_fatal(s, "expected status");
    }
    return 1;
}

/* --- the owner's answers ------------------------------------------------ */

void
scp_opened(struct scp *s, enum scp_kind kind, uint64_t bytes,
           const struct scp_attributes *attributes)
{
    assert(s->answer_due && s->state == SOURCE_OPENING);
    s->answer_due = false;
    s->attributes = *attributes;
    s->is_directory = kind == SCP_DIRECTORY;
    s->is_open = kind == SCP_FILE;
    s->left = s->bytes = s->is_open ? bytes : 0;
    if (s->is_directory && !s->recursive) {
        scp_source_failed(s, "Is a directory");
        return;
    }
    if (s->is_directory && s->depth == SCP_DEPTH_MAX) {
        scp_source_failed(s, "File name too long");
        return;
    }
    if (s->times && attributes->has_times)
        put_times(s);
    else
        put_header(s);
}

void
scp_sent(struct scp *s, size_t len)
{
    assert(s->answer_due && s->state == SOURCE_DATA && len <= s->left);
    s->answer_due = false;
    s->left -= len;
    if (s->left == 0)
        end_file(s);
}

void
scp_source_failed(struct scp *s, const char *why)
{
    /* More was promised: only the end of all tells the sink. */
    if (s->state == SOURCE_DATA) {
        scp_over(s, false);
        return;
    }
    if (s->state == SOURCE_LISTING) {
        s->more = false;
        scp_error(s, "opening", s->path, why);
    } else {
        scp_error(s, "opening", s->file, why);
    }
    s->state = SOURCE_NEXT;
}
