#include "term/line_view.h"

#define BACKSPACE '\b'
#define CUT       '$'

static size_t
cursor_column(const struct line_text *text)
{
    return utf8_count(span_of(text->bytes, text->cursor));
}

/* The last column of the view where the cursor may stand. */
static size_t
last_place(size_t left, uint32_t columns)
{
    /* All is shown: up to the free column behind the end. */
    if (left <= columns)
        return columns;
    /* The last column shows that the line is cut. */
    return columns - 2;
}

size_t
line_view_scroll(const struct line_text *text, size_t offset, uint32_t columns)
{
    size_t count = utf8_count(line_text_span(text));
    size_t cursor = cursor_column(text);

    if (columns == LINE_UNBOUND || count <= columns)
        return 0;
    /* Not under the mark of the left edge either. */
    while (offset > 0 && cursor <= offset)
        offset = offset > LINE_SCROLL ? offset - LINE_SCROLL : 0;
    while (offset < cursor &&
           cursor - offset > last_place(count - offset, columns))
        offset += LINE_SCROLL;
    return offset;
}

static void
view_put(struct line_view *v, const uint8_t *bytes, size_t len)
{
    /* A tab is one character of the line, and takes one column. */
    if (len == 1 && bytes[0] == '\t')
        v->bytes[v->len] = ' ';
    else
        memcpy(v->bytes + v->len, bytes, len);
    v->len += len;
    v->columns++;
}

void
line_view_make(struct line_view *v, const struct line_text *text, size_t offset,
               uint32_t columns)
{
    static const uint8_t cut[] = {CUT};
    struct span line = line_text_span(text);
    size_t count = utf8_count(line);
    bool cut_right = count - offset > columns;
    size_t at = 0, column = 0;

    v->len = v->columns = 0;
    v->cursor = cursor_column(text) - offset;
    while (column < offset) {
        at = utf8_next(line, at);
        column++;
    }
    while (at < line.len && v->columns < columns) {
        size_t next = utf8_next(line, at);

        if ((offset > 0 && v->columns == 0) ||
            (cut_right && v->columns == columns - 1))
            view_put(v, cut, sizeof(cut));
        else
            view_put(v, line.ptr + at, next - at);
        at = next;
    }
}

static void
put_repeated(struct buf *out, char character, size_t count)
{
    uint8_t *to = buf_reserve(out, count);

    if (to == NULL || count == 0)
        return;
    memset(to, character, count);
    buf_commit(out, count);
}

/* Bytes that both have in front, whole characters only. */
static size_t
common_prefix(const struct line_view *a, const struct line_view *b)
{
    size_t least = a->len < b->len ? a->len : b->len;
    size_t common = 0;

    while (common < least && a->bytes[common] == b->bytes[common])
        common++;
    while (common > 0 &&
           ((common < a->len && utf8_continues(a->bytes[common])) ||
            (common < b->len && utf8_continues(b->bytes[common]))))
        common--;
    return common;
}

/* From column `from` to `to` over what is shown already. */
static void
move_cursor(const struct line_view *shown, size_t from, size_t to,
            struct buf *out)
{
    struct span line = span_of(shown->bytes, shown->len);
    size_t at = 0, begin;

    if (to <= from) {
        put_repeated(out, BACKSPACE, from - to);
        return;
    }
    for (size_t column = 0; column < from; column++)
        at = utf8_next(line, at);
    begin = at;
    for (size_t column = from; column < to; column++)
        at = utf8_next(line, at);
    buf_put(out, shown->bytes + begin, at - begin);
}

void
line_view_change(const struct line_view *from, const struct line_view *to,
                 struct buf *out)
{
    size_t common = common_prefix(from, to);
    size_t column = utf8_count(span_of(to->bytes, common));

    if (common == from->len && common == to->len) {
        move_cursor(to, from->cursor, to->cursor, out);
        return;
    }
    move_cursor(to, from->cursor, column, out);
    buf_put(out, to->bytes + common, to->len - common);
    column = to->columns;
    if (from->columns > column) {
        put_repeated(out, ' ', from->columns - column);
        column = from->columns;
    }
    put_repeated(out, BACKSPACE, column - to->cursor);
}
