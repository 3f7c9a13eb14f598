#include "term/pager.h"

#include "term/utf8.h"

/* Ten columns; the erasing bytes leave column 0 and 9 to the next line. */
static const char more[] = " --More-- ";
static const char more_erased[] =
    "\b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b";
static const char more_help[] =
    "Press RETURN for another line, SPACE for another page, anything else to "
    "quit\r\n";
static const char filtering[] = "filtering...\r\n";

#define TAB_COLUMNS 8

void
pager_init(struct pager *p)
{
    *p = (struct pager){0};
}

void
pager_set_size(struct pager *p, uint32_t length, uint32_t width)
{
    p->length = length;
    p->width = width;
}

void
pager_begin(struct pager *p)
{
    p->rows = 0;
    p->stopped = false;
}

/* --- counting ---------------------------------------------------------- */

static uint32_t
page_rows(const struct pager *p)
{
    /* The last row is for ` --More-- `. */
    return p->length > 1 ? p->length - 1 : 1;
}

static bool
page_is_full(const struct pager *p)
{
    return p->length > 0 && p->column == 0 && p->rows >= page_rows(p);
}

static void
count_column(struct pager *p, uint8_t byte)
{
    if (byte == '\r')
        p->column = 0;
    else if (byte == '\b')
        p->column -= p->column > 0;
    else if (byte == '\t')
        p->column += TAB_COLUMNS - p->column % TAB_COLUMNS;
    else if (byte >= 0x20 && !utf8_continues(byte))
        p->column++;
}

/* Rows that a line of this many columns takes. */
static uint32_t
rows_of(const struct pager *p, uint32_t columns)
{
    if (p->width == 0 || columns <= p->width)
        return 1;
    return (columns + p->width - 1) / p->width;
}

static void
count_line_end(struct pager *p)
{
    p->rows += rows_of(p, p->column);
    p->column = 0;
}

/* --- printing ---------------------------------------------------------- */

/* The rest of one line, its LF included if it is there; how many bytes. */
static size_t
print_line(struct pager *p, struct span text, struct buf *out)
{
    const uint8_t *lf = memchr(text.ptr, '\n', text.len);
    size_t len = lf == NULL ? text.len : (size_t)(lf - text.ptr);

    buf_put(out, text.ptr, len);
    for (size_t i = 0; i < len; i++)
        count_column(p, text.ptr[i]);
    if (lf == NULL)
        return len;
    buf_put(out, "\r\n", 2);
    count_line_end(p);
    return len + 1;
}

static void
show_more(struct pager *p, struct buf *out)
{
    buf_put_span(out, span_text(more));
    p->sign = 0;
    p->waiting = true;
}

size_t
pager_print(struct pager *p, struct span text, struct buf *out)
{
    size_t taken = 0;

    if (p->waiting)
        return 0;
    while (taken < text.len && !p->stopped) {
        if (page_is_full(p)) {
            show_more(p, out);
            return taken;
        }
        taken +=
            print_line(p, span_of(text.ptr + taken, text.len - taken), out);
    }
    return text.len;
}

void
pager_fresh_line(struct pager *p, struct buf *out)
{
    if (p->column == 0)
        return;
    buf_put(out, "\r\n", 2);
    count_line_end(p);
}

void
pager_set_column(struct pager *p, bool zero)
{
    p->column = zero ? 0 : 1;
}

/* --- keys -------------------------------------------------------------- */

static void
erase_more(struct pager *p, struct buf *out)
{
    if (!p->waiting)
        return;
    if (p->sign != 0)
        buf_put(out, "\r\n", 2);
    else
        buf_put_span(out, span_text(more_erased));
    p->sign = 0;
    p->waiting = false;
}

void
pager_release(struct pager *p, struct buf *out)
{
    erase_more(p, out);
    p->length = 0;
}

void
pager_search(struct pager *p, struct buf *out)
{
    buf_put_span(out, span_text(filtering));
    p->waiting = false;
    p->sign = 0;
    p->rows = 0;
}

void
pager_refuse(struct pager *p, const char *why, struct buf *out)
{
    buf_put_span(out, span_text(why));
    buf_put(out, "\r\n", 2);
    show_more(p, out);
}

static enum pager_answer
stop(struct pager *p)
{
    p->stopped = true;
    return PAGER_STOP;
}

static void
rub_out(struct pager *p, struct buf *out)
{
    struct span typed = span_of(p->pattern, p->pattern_len);

    if (typed.len == 0)
        return;
    p->pattern_len = utf8_previous(typed, typed.len);
    buf_put(out, "\b \b", 3);
}

/* A key while a pattern is typed. */
static enum pager_answer
pattern_key(struct pager *p, const struct key *key, struct buf *out)
{
    if (key->code == KEY_CHARACTER) {
        if (p->pattern_len + key->len <= sizeof(p->pattern)) {
            memcpy(p->pattern + p->pattern_len, key->bytes, key->len);
            p->pattern_len += key->len;
            buf_put(out, key->bytes, key->len);
        }
    } else if (key_is_control(key, CONTROL_KEY('H')) ||
               key_is_control(key, 0x7f)) {
        rub_out(p, out);
    } else if (key_is_control(key, CONTROL_KEY('U')) ||
               key_is_control(key, CONTROL_KEY('X'))) {
        while (p->pattern_len > 0)
            rub_out(p, out);
    } else if (key_is_control(key, CONTROL_KEY('C')) ||
               key_is_control(key, CONTROL_KEY('^'))) {
        erase_more(p, out);
        return stop(p);
    } else if (key_is_control(key, KEY_ENTER)) {
        buf_put(out, "\r\n", 2);
        if (p->pattern_len > 0)
            return PAGER_SEARCH;
        show_more(p, out);
    }
    return PAGER_MORE;
}

enum pager_answer
pager_key(struct pager *p, const struct key *key, struct buf *out)
{
    uint8_t byte = key->bytes[0];
    bool character = key->code == KEY_CHARACTER;

    if (p->sign != 0)
        return pattern_key(p, key, out);
    erase_more(p, out);
    if (character && (byte == ' ' || byte == 'y' || byte == 'Y')) {
        p->rows = 0;
        return PAGER_MORE;
    }
    if (key_is_control(key, KEY_ENTER)) {
        p->rows = page_rows(p) - 1;
        return PAGER_MORE;
    }
    if (character && byte == '?') {
        buf_put_span(out, span_text(more_help));
        show_more(p, out);
        return PAGER_MORE;
    }
    if (character && (byte == '/' || byte == '+' || byte == '-')) {
        buf_put_u8(out, byte);
        p->waiting = true;
        p->sign = byte;
        p->pattern_len = 0;
        return PAGER_MORE;
    }
    return stop(p);
}
