/*
 * The end that gets files.
 */
#include <stdio.h>

#include "base/text.h"
#include "transfer/scp_parts.h"

#define MODE_ALL    0777u
#define MODE_MASK   022u /* not given to others, unless modes are kept */
#define SECONDS_MAX UINT64_C(253402300799) /* the end of the year 9999 */

/* --- numbers of a record ------------------------------------------------ */

struct record {
    struct span rest;
    bool bad;
};

/* Up to `end`, which is taken as well; the last field has none. */
static struct span
take_field(struct record *r, char end)
{
    const uint8_t *at = memchr(r->rest.ptr, end, r->rest.len);
    struct span field = SPAN_EMPTY;

    if (at == NULL) {
        r->bad = true;
        return field;
    }
    field = span_of(r->rest.ptr, (size_t)(at - r->rest.ptr));
    r->rest = span_of(at + 1, r->rest.len - field.len - 1);
    return field;
}

static uint64_t
take_number(struct record *r, char end, uint64_t max)
{
    uint64_t value = 0;

    if (text_number(take_field(r, end), max, &value) != OK)
        r->bad = true;
    return value;
}

/* One to five octal digits. */
static unsigned
take_mode(struct record *r)
{
    struct span field = take_field(r, ' ');
    unsigned mode = 0;

    if (field.len == 0 || field.len > 5)
        r->bad = true;
    for (size_t i = 0; i < field.len && !r->bad; i++) {
        if (field.ptr[i] < '0' || field.ptr[i] > '7')
            r->bad = true;
        mode = mode * 8 + (unsigned)(field.ptr[i] - '0');
    }
    return mode & MODE_ALL;
}

/* --- names -------------------------------------------------------------- */

/*
 * Some clients name the file as they name the target, "flash:x": what is
 * behind the device counts. False: nothing that a file could be called.
 */
static bool
take_name(struct scp *s, struct span name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == ':') {
            name = span_of(name.ptr + i, name.len - i);
            break;
        }
    if (memchr(name.ptr, '/', name.len) != NULL ||
        memchr(name.ptr, '\0', name.len) != NULL || span_is(name, ".") ||
        span_is(name, ".."))
        return false;
    return text_copy_span(s->name, sizeof(s->name), name);
}

/* Where what is called so goes; false: told already. */
static bool
set_place(struct scp *s)
{
    if (!s->is_directory) {
        text_copy(s->file, sizeof(s->file), s->path);
        return true;
    }
    if (s->name[0] != '\0' && scp_join(s->file, s->path, span_text(s->name)))
        return true;
    scp_error(s, "opening", s->path,
              s->name[0] == '\0' ? "Invalid argument" : "File name too long");
    return false;
}

/* --- records ------------------------------------------------------------ */

static void
on_times(struct scp *s, struct record *r)
{
    s->attributes.changed_s = take_number(r, ' ', SECONDS_MAX);
    (void)take_number(r, ' ', 999999);
    s->attributes.accessed_s = take_number(r, ' ', SECONDS_MAX);
    /* The last field of all. */
    if (r->bad || text_number(r->rest, 999999, &(uint64_t){0}) != OK) {
        scp_fatal(s, "times not delimited");
        return;
    }
    s->attributes.has_times = true;
    buf_put_u8(&s->out, 0);
}

/* Mode, bytes and name: of C and of D. */
static bool
take_record(struct scp *s, struct record *r, uint64_t *bytes)
{
    unsigned mode = take_mode(r);

    if (r->bad) {
        scp_fatal(s, "bad mode");
        return false;
    }
    *bytes = take_number(r, ' ', INT64_MAX);
    if (r->bad) {
        scp_fatal(s, "size out of range");
        return false;
    }
    if (r->rest.len == 0 || !take_name(s, r->rest)) {
        scp_fatal(s, "unexpected filename");
        return false;
    }
    s->attributes.has_mode = true;
    s->attributes.mode = s->times ? mode : mode & ~MODE_MASK;
    return true;
}

static void
on_file(struct scp *s, struct record *r)
{
    uint64_t bytes;

    if (!take_record(s, r, &bytes))
        return;
    if (!set_place(s)) {
        s->attributes.has_times = false;
        return;
    }
    s->left = s->bytes = bytes;
    s->failure[0] = '\0';
    s->state = SINK_OPENING;
    scp_do(s, SCP_CREATE, s->file);
    s->next.name = s->name;
    s->next.attributes = s->attributes;
    s->next.bytes = bytes;
}

static void
on_directory(struct scp *s, struct record *r)
{
    uint64_t bytes;

    if (!take_record(s, r, &bytes))
        return;
    if (!s->recursive) {
        scp_fatal(s, "received directory without -r");
        return;
    }
    if (s->depth == SCP_DEPTH_MAX) {
        scp_error(s, "creating", s->path, "File name too long");
        s->attributes.has_times = false;
        return;
    }
    if (!set_place(s)) {
        s->attributes.has_times = false;
        return;
    }
    s->state = SINK_MAKING;
    scp_do(s, SCP_MAKE_DIRECTORY, s->file);
    s->next.name = s->name;
    s->next.attributes = s->attributes;
}

static void
on_directory_end(struct scp *s, const struct record *r)
{
    const struct scp_level *level;

    if (s->depth == 0 || r->rest.len > 0) {
        scp_fatal(s, "unexpected end of directory");
        return;
    }
    level = &s->levels[--s->depth];
    text_copy(s->file, sizeof(s->file), s->path);
    s->path[level->path_len] = '\0';
    s->is_directory = s->depth > 0 || s->directory;
    if (!level->attributes.has_mode && !level->attributes.has_times) {
        buf_put_u8(&s->out, 0);
        return;
    }
    s->state = SINK_SETTING;
    scp_do(s, SCP_SET, s->file);
    s->next.attributes = level->attributes;
}

static void
on_record(struct scp *s)
{
    struct span line = buf_span(&s->line);
    struct record r = {.bad = line.len == 0};

    if (!r.bad)
        r.rest = span_of(line.ptr + 1, line.len - 1);
    switch (r.bad ? 0 : line.ptr[0]) {
    case 'T':
        on_times(s, &r);
        break;
    case 'C':
        on_file(s, &r);
        break;
    case 'D':
        on_directory(s, &r);
        break;
    case 'E':
        on_directory_end(s, &r);
        break;
    default:
        scp_fatal(s, "expected control record");
        break;
    }
}

/* --- input -------------------------------------------------------------- */

void
scp_sink_begin(struct scp *s)
{
    s->state = SINK_TARGET;
    scp_do(s, SCP_STAT, s->path);
}

static size_t
on_data(struct scp *s, struct span bytes)
{
    size_t len = bytes.len < s->left ? bytes.len : (size_t)s->left;

    s->left -= len;
    if (s->left == 0) {
        s->state = SINK_STATUS;
        scp_tell_data(s, false);
    }
    if (s->failure[0] == '\0') {
        scp_do(s, SCP_WRITE, s->file);
        s->next.data = span_of(bytes.ptr, len);
    }
    return len;
}

static void
commit(struct scp *s)
{
    s->is_open = false;
    s->state = SINK_COMMITTING;
    scp_do(s, SCP_COMMIT, s->file);
    s->next.attributes = s->attributes;
}

static void
give_up_file(struct scp *s)
{
    s->state = SINK_LINE;
    s->attributes.has_times = false;
    if (s->is_open)
        scp_do(s, SCP_ABANDON, s->file);
    s->is_open = false;
}

/* The source is done with the file's bytes. */
static void
on_status(struct scp *s, uint8_t status)
{
    if (status == 0)
        scp_tell(s, false, span_text("<OK>"));
    if (status == 1 || status == 2) {
        s->last = status == 2;
        s->state = SINK_STATUS_TEXT;
    } else if (status != 0) {
        scp_fatal(s, "expected status");
    } else if (s->failure[0] == '\0') {
        commit(s);
    } else {
        buf_printf(&s->out, "\001%s\n", s->failure);
        give_up_file(s);
    }
}

/* An error line of the source's, behind its first byte. */
static size_t
on_text(struct scp *s, struct span bytes)
{
    bool complete;
    size_t used = scp_take_line(s, bytes, &complete);
    bool in_file = s->state == SINK_STATUS_TEXT;

    if (!complete)
        return used;
    scp_told(s);
    if (in_file) {
        give_up_file(s);
        /* It waits for an answer to what it sent before. */
        buf_put_u8(&s->out, 0);
    }
    if (s->last)
        scp_over(s, false);
    return used;
}

static size_t
on_line(struct scp *s, struct span bytes)
{
    bool complete;
    size_t used;

    if (buf_len(&s->line) == 0 && (bytes.ptr[0] == 1 || bytes.ptr[0] == 2)) {
        s->in_text = true;
        s->last = bytes.ptr[0] == 2;
        return 1;
    }
    used = scp_take_line(s, bytes, &complete);
    if (!complete)
        return used;
    on_record(s);
    buf_reset(&s->line);
    return used;
}

size_t
scp_sink_input(struct scp *s, struct span bytes)
{
    switch (s->state) {
    case SINK_LINE:
        return s->in_text ? on_text(s, bytes) : on_line(s, bytes);
    case SINK_DATA:
        return on_data(s, bytes);
    case SINK_STATUS:
        on_status(s, bytes.ptr[0]);
        return 1;
    case SINK_STATUS_TEXT:
        return on_text(s, bytes);
    default:
        return 0;
    }
}

void
scp_sink_end(struct scp *s)
{
    /*
     * libssh2 does not say that the file's bytes were all good; when as many
     * came as were promised, they were.
     */
    if (s->state == SINK_STATUS && s->failure[0] == '\0')
        commit(s);
    else
        scp_over(s, s->state == SINK_LINE && !s->in_text && s->depth == 0 &&
                        buf_len(&s->line) == 0);
}

/* --- answers ------------------------------------------------------------ */

/* One that was there keeps its mode, unless modes are to be kept. */
static void
enter_directory(struct scp *s, bool made)
{
    struct scp_level *level = &s->levels[s->depth++];

    level->path_len = strlen(s->path);
    level->attributes = s->attributes;
    level->attributes.has_mode = made || s->times;
    s->attributes.has_times = false;
    text_copy(s->path, sizeof(s->path), s->file);
    s->is_directory = true;
    s->state = SINK_LINE;
}

void
scp_sink_done(struct scp *s)
{
    switch (s->state) {
    case SINK_OPENING:
        s->is_open = true;
        s->state = s->left > 0 ? SINK_DATA : SINK_STATUS;
        break;
    case SINK_MAKING:
        enter_directory(s, true);
        break;
    default:
        s->attributes.has_times = false;
        s->state = SINK_LINE;
        break;
    }
    buf_put_u8(&s->out, 0);
}

static void
on_target(struct scp *s, enum scp_kind kind)
{
    s->is_directory = kind == SCP_DIRECTORY;
    if (s->directory && !s->is_directory) {
        scp_error(s, "opening", s->path, "Not a directory");
        scp_over(s, false);
        return;
    }
    /* Where the path of a directory's end leads back to. */
    s->directory = s->is_directory;
    s->state = SINK_LINE;
    buf_put_u8(&s->out, 0);
}

void
scp_sink_found(struct scp *s, enum scp_kind kind)
{
    if (s->state == SINK_TARGET) {
        on_target(s, kind);
    } else if (kind == SCP_DIRECTORY) {
        enter_directory(s, false);
        buf_put_u8(&s->out, 0);
    } else {
        scp_sink_failed(s, "Not a directory");
    }
}

void
scp_sink_failed(struct scp *s, const char *why)
{
    switch (s->state) {
    case SINK_TARGET:
        scp_error(s, "opening", s->path, why);
        scp_over(s, false);
        return;
    case SINK_DATA:
    case SINK_STATUS: {
        char shown[SCP_PATH_MAX];

        /* What is still to come is passed over; then the source is told. */
        text_escape(shown, sizeof(shown), span_text(s->file));
        snprintf(s->failure, sizeof(s->failure), "%%Error writing %s (%s)",
                 shown, why);
        s->failed = true;
        s->is_open = false;
        scp_do(s, SCP_ABANDON, s->file);
        return;
    }
    case SINK_OPENING:
        scp_error(s, "opening", s->file, why);
        break;
    case SINK_MAKING:
        scp_error(s, "creating", s->file, why);
        break;
    default:
        scp_error(s, "writing", s->file, why);
        break;
    }
    s->attributes.has_times = false;
    s->state = SINK_LINE;
}
