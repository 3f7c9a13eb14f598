#include "term/pager.h"

#include "term/utf8.h"

/* Ten columns; the erasing bytes leave column 0 and 9 to the next line. */
static const char more[] = " --More-- ";
static const char more_erased[] =
    "\b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b";
static const char more_help[] =
    "Press RETURN for another line, SPACE for another page, anything else to "
    "quit\r\n";

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

size_t
pager_print(struct pager *p, struct span text, struct buf *out)
{
    size_t taken = 0;

    if (p->waiting)
        return 0;
    while (taken < text.len && !p->stopped) {
        if (page_is_full(p)) {
            buf_put_span(out, span_text(more));
            p->waiting = true;
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
    buf_put_span(out, span_text(more_erased));
    p->waiting = false;
}

void
pager_release(struct pager *p, struct buf *out)
{
    erase_more(p, out);
    p->length = 0;
}

enum pager_answer
pager_key(struct pager *p, const struct key *key, struct buf *out)
{
    uint8_t byte = key->bytes[0];
    bool character = key->code == KEY_CHARACTER;

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
        buf_put_span(out, span_text(more));
        p->waiting = true;
        return PAGER_MORE;
    }
    p->stopped = true;
    return PAGER_STOP;
}
