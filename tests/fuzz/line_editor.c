/*
 * The first byte chooses width and kind of line, the others are typed.
 * Whatever is typed, the line stays within its limits and whole UTF-8, the
 * cursor on a character's edge, and an escape sequence is never echoed.
 */
#include <assert.h>

#include "term/line_editor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(const struct line_editor *e)
{
    struct span text = line_editor_text(e);
    size_t cursor = line_editor_cursor(e);

    assert(text.len <= LINE_RAW_MAX && cursor <= text.len);
    assert(cursor == text.len || !utf8_continues(text.ptr[cursor]));
    for (size_t at = 0; at < text.len;) {
        size_t next = utf8_next(text, at);

        assert(next - at == 1 ? text.ptr[at] < 0x80
                              : utf8_is_text(text.ptr + at, next - at));
        at = next;
    }
}

static void
check_echo(struct span out, enum line_kind kind)
{
    for (size_t i = 0; i < out.len; i++) {
        uint8_t byte = out.ptr[i];

        assert(byte >= 0x20 || byte == '\b' || byte == '\r' || byte == '\n');
        assert(byte != 0x7f);
        assert(kind != LINE_SECRET || byte != 's');
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct history history;
    struct line_editor *e;
    struct key_decoder keys;
    struct buf out;
    enum line_kind kind;

    if (size == 0)
        return 0;
    kind = (enum line_kind)(data[0] % 4);
    history_init(&history, 3);
    history_add(&history, span_text("show ip ssh"));
    e = line_editor_new(&history);
    line_editor_set_width(e, data[0] / 4 * 2);
    key_decoder_init(&keys);
    buf_init(&out, 1 << 20);
    line_editor_begin(e, kind, span_text("R1#"), &out);
    for (size_t i = 1; i < size; i++) {
        struct key key;
        enum line_action action;

        if (!key_decode(&keys, data[i], &key))
            continue;
        action = line_editor_key(e, &key, &out);
        check_line(e);
        check_echo(buf_span(&out), kind);
        assert(buf_ok(&out));
        buf_reset(&out);
        if (action == LINE_ENTERED) {
            history_add(&history, line_editor_text(e));
            line_editor_begin(e, kind, span_text("R1#"), &out);
        } else if (action == LINE_HELP) {
            line_editor_to_end(e);
            line_editor_show(e, &out);
        }
    }
    line_editor_free(e);
    history_clear(&history);
    buf_clear(&out);
    return 0;
}
