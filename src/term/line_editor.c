#include "term/line_editor.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "term/kill_ring.h"
#include "term/line_view.h"

#define LEAST_COLUMNS 20 /* behind the prompt, for scrolling to make sense */

struct line_editor {
    enum line_kind kind;
    bool echo;
    uint32_t width;
    struct buf prompt;
    size_t prompt_columns; /* of its last line */

    struct line_text text;
    size_t offset;    /* characters scrolled out at the left, as shown */
    uint32_t columns; /* for the line, as shown */

    const struct history *history;
    size_t back;       /* history line shown; 0: the user's own */
    struct span typed; /* owned: the user's own line while another is shown */

    struct kill_ring killed;
    size_t yanked;    /* bytes in front of the cursor that this key pasted */
    size_t last_yank; /* and the key before it; or 0 */
    size_t yank;      /* number of that piece */
    bool literal;     /* ^V: the next key is a character */
};

/* --- life -------------------------------------------------------------- */

struct line_editor *
line_editor_new(const struct history *history)
{
    struct line_editor *e = alloc_zero(1, sizeof(*e));

    e->history = history;
    e->echo = true;
    e->columns = LINE_UNBOUND;
    buf_init(&e->prompt, LINE_PROMPT_MAX);
    return e;
}

static void
forget_typed(struct line_editor *e)
{
    free((void *)(uintptr_t)e->typed.ptr);
    e->typed = SPAN_EMPTY;
    e->back = 0;
}

void
line_editor_free(struct line_editor *e)
{
    if (e == NULL)
        return;
    line_text_wipe(&e->text);
    forget_typed(e);
    kill_ring_clear(&e->killed);
    buf_clear(&e->prompt);
    free(e);
}

void
line_editor_set_echo(struct line_editor *e, bool echo)
{
    e->echo = echo;
}

void
line_editor_set_width(struct line_editor *e, uint32_t width)
{
    e->width = width;
}

/* --- showing ----------------------------------------------------------- */

static bool
is_shown(const struct line_editor *e)
{
    return e->echo && e->kind != LINE_SECRET;
}

/* The last column stays free: a terminal may wrap behind it or may not. */
static uint32_t
columns_for_line(const struct line_editor *e)
{
    if (e->width <= e->prompt_columns + LEAST_COLUMNS)
        return LINE_UNBOUND;
    return e->width - (uint32_t)e->prompt_columns - 1;
}

static void
view_of(const struct line_editor *e, struct line_view *v)
{
    line_view_make(v, &e->text, e->offset, e->columns);
}

/* Show what changed since `before`. */
static void
update(struct line_editor *e, const struct line_view *before, struct buf *out)
{
    struct line_view after;

    e->columns = columns_for_line(e);
    e->offset = line_view_scroll(&e->text, e->offset, e->columns);
    view_of(e, &after);
    line_view_change(before, &after, out);
}

static void
show_prompt(const struct line_editor *e, struct buf *out)
{
    struct span prompt = buf_span(&e->prompt);

    for (size_t i = 0; i < prompt.len; i++) {
        if (prompt.ptr[i] == '\n')
            buf_put_u8(out, '\r');
        buf_put_u8(out, prompt.ptr[i]);
    }
}

void
line_editor_show(struct line_editor *e, struct buf *out)
{
    static const struct line_view nothing;

    show_prompt(e, out);
    e->offset = 0;
    if (is_shown(e))
        update(e, &nothing, out);
}

static void
put_newline(struct buf *out)
{
    buf_put(out, "\r\n", 2);
}

bool
line_editor_is_on_line(const struct line_editor *e)
{
    return e->prompt_columns > 0 || (is_shown(e) && e->text.len > 0);
}

/* The key's own echo ("^Z", "?"), then a new line. */
static void
leave_line(const struct line_editor *e, const char *echo, struct buf *out)
{
    if (e->echo)
        buf_put_span(out, span_text(echo));
    /* A script's lines without prompts need no empty lines between them. */
    if (e->echo || e->prompt_columns > 0)
        put_newline(out);
}

/* --- a line ------------------------------------------------------------ */

static void
set_prompt(struct line_editor *e, struct span prompt)
{
    const uint8_t *lf;

    if (prompt.len > LINE_PROMPT_MAX)
        prompt.len = LINE_PROMPT_MAX;
    buf_clear(&e->prompt);
    buf_put_span(&e->prompt, prompt);
    lf = prompt.len == 0 ? NULL : memrchr(prompt.ptr, '\n', prompt.len);
    if (lf != NULL) {
        size_t above = (size_t)(lf + 1 - prompt.ptr);

        prompt = span_of(lf + 1, prompt.len - above);
    }
    e->prompt_columns = utf8_count(prompt);
}

void
line_editor_begin(struct line_editor *e, enum line_kind kind,
                  struct span prompt, struct buf *out)
{
    line_editor_wipe(e);
    e->kind = kind;
    e->text.max = kind == LINE_RAW ? LINE_RAW_MAX : LINE_COMMAND_MAX;
    set_prompt(e, prompt);
    line_editor_show(e, out);
}

void
line_editor_wipe(struct line_editor *e)
{
    line_text_wipe(&e->text);
    forget_typed(e);
    e->offset = 0;
    e->yanked = 0;
    e->literal = false;
}

struct span
line_editor_text(const struct line_editor *e)
{
    return line_text_span(&e->text);
}

size_t
line_editor_cursor(const struct line_editor *e)
{
    return e->text.cursor;
}

size_t
line_editor_scrolled(const struct line_editor *e)
{
    return e->offset;
}

void
line_editor_replace(struct line_editor *e, struct span text, size_t cursor)
{
    line_text_set(&e->text, text, cursor);
}

void
line_editor_to_end(struct line_editor *e)
{
    e->text.cursor = e->text.len;
}

/* --- editing keys ------------------------------------------------------ */

static void
to_start(struct line_editor *e)
{
    e->text.cursor = 0;
}

static void
to_left(struct line_editor *e)
{
    e->text.cursor = line_text_left(&e->text);
}

static void
to_right(struct line_editor *e)
{
    e->text.cursor = line_text_right(&e->text);
}

static void
to_word_left(struct line_editor *e)
{
    e->text.cursor = line_text_word_left(&e->text);
}

static void
to_word_right(struct line_editor *e)
{
    e->text.cursor = line_text_word_right(&e->text);
}

static void
delete_here(struct line_editor *e)
{
    line_text_remove(&e->text, e->text.cursor, line_text_right(&e->text));
}

static void
delete_left(struct line_editor *e)
{
    line_text_remove(&e->text, line_text_left(&e->text), e->text.cursor);
}

/* Remove for ^Y to bring back; never a secret. */
static void
kill_text(struct line_editor *e, size_t from, size_t to)
{
    if (e->kind != LINE_SECRET)
        kill_ring_add(&e->killed, span_of(e->text.bytes + from, to - from));
    line_text_remove(&e->text, from, to);
}

static void
kill_to_end(struct line_editor *e)
{
    kill_text(e, e->text.cursor, e->text.len);
}

static void
kill_to_start(struct line_editor *e)
{
    kill_text(e, 0, e->text.cursor);
}

static void
kill_word_left(struct line_editor *e)
{
    kill_text(e, line_text_word_left(&e->text), e->text.cursor);
}

static void
kill_word_right(struct line_editor *e)
{
    kill_text(e, e->text.cursor, line_text_word_right(&e->text));
}

static void
insert_killed(struct line_editor *e)
{
    struct span piece = kill_ring_get(&e->killed, e->yank);

    e->yanked = line_text_insert(&e->text, piece) ? piece.len : 0;
}

static void
yank_newest(struct line_editor *e)
{
    e->yank = 0;
    insert_killed(e);
}

/* Right behind another yank its text is exchanged for the next older one. */
static void
yank_next(struct line_editor *e)
{
    size_t cursor = e->text.cursor;

    if (e->last_yank > 0) {
        line_text_remove(&e->text, cursor - e->last_yank, cursor);
        e->yank++;
    } else {
        e->yank = 0;
    }
    insert_killed(e);
}

static void
transpose(struct line_editor *e)
{
    line_text_transpose(&e->text);
}

static void
capitalise(struct line_editor *e)
{
    line_text_change_case(&e->text, LINE_CASE_CAPITAL);
}

static void
to_upper(struct line_editor *e)
{
    line_text_change_case(&e->text, LINE_CASE_UPPER);
}

static void
to_lower(struct line_editor *e)
{
    line_text_change_case(&e->text, LINE_CASE_LOWER);
}

static void
next_is_literal(struct line_editor *e)
{
    e->literal = true;
}

/* Keep the user's own line when the first other one takes its place. */
static void
keep_typed(struct line_editor *e)
{
    uint8_t *copy;

    if (e->back > 0)
        return;
    copy = alloc_zero(e->text.len + 1, 1);
    memcpy(copy, e->text.bytes, e->text.len);
    e->typed = span_of(copy, e->text.len);
}

static void
history_back(struct line_editor *e)
{
    struct span line;

    if (!history_get(e->history, e->back + 1, &line))
        return;
    keep_typed(e);
    e->back++;
    line_text_set(&e->text, line, line.len);
}

static void
history_forward(struct line_editor *e)
{
    struct span line;

    if (e->back == 0)
        return;
    if (e->back > 1 && history_get(e->history, e->back - 1, &line)) {
        e->back--;
        line_text_set(&e->text, line, line.len);
        return;
    }
    line_text_set(&e->text, e->typed, e->typed.len);
    forget_typed(e);
}

/* --- keys -------------------------------------------------------------- */

/* Where a key works. */
#define COMMANDS (1U << LINE_COMMAND)
#define TEXTS    (COMMANDS | 1U << LINE_QUESTION | 1U << LINE_RAW)
#define ALL      (TEXTS | 1U << LINE_SECRET)

static const struct binding {
    enum key_code code;
    uint8_t byte; /* of KEY_CONTROL and KEY_META */
    uint8_t kinds;
    void (*act)(struct line_editor *e);
} bindings[] = {
    {KEY_CONTROL, CONTROL_KEY('A'), TEXTS, to_start},
    {KEY_HOME, 0, TEXTS, to_start},
    {KEY_CONTROL, CONTROL_KEY('E'), TEXTS, line_editor_to_end},
    {KEY_END, 0, TEXTS, line_editor_to_end},
    {KEY_CONTROL, CONTROL_KEY('B'), TEXTS, to_left},
    {KEY_LEFT, 0, TEXTS, to_left},
    {KEY_CONTROL, CONTROL_KEY('F'), TEXTS, to_right},
    {KEY_RIGHT, 0, TEXTS, to_right},
    {KEY_META, 'b', TEXTS, to_word_left},
    {KEY_META, 'f', TEXTS, to_word_right},
    {KEY_CONTROL, CONTROL_KEY('D'), TEXTS, delete_here},
    {KEY_DELETE, 0, TEXTS, delete_here},
    {KEY_CONTROL, CONTROL_KEY('H'), ALL, delete_left},
    {KEY_CONTROL, 0x7f, ALL, delete_left},
    {KEY_CONTROL, CONTROL_KEY('K'), TEXTS, kill_to_end},
    {KEY_CONTROL, CONTROL_KEY('U'), ALL, kill_to_start},
    {KEY_CONTROL, CONTROL_KEY('X'), ALL, kill_to_start},
    {KEY_CONTROL, CONTROL_KEY('W'), ALL, kill_word_left},
    {KEY_META, 'd', TEXTS, kill_word_right},
    {KEY_CONTROL, CONTROL_KEY('Y'), TEXTS, yank_newest},
    {KEY_META, 'y', TEXTS, yank_next},
    {KEY_CONTROL, CONTROL_KEY('T'), TEXTS, transpose},
    {KEY_CONTROL, CONTROL_KEY('P'), COMMANDS, history_back},
    {KEY_UP, 0, COMMANDS, history_back},
    {KEY_CONTROL, CONTROL_KEY('N'), COMMANDS, history_forward},
    {KEY_DOWN, 0, COMMANDS, history_forward},
    {KEY_META, 'c', TEXTS, capitalise},
    {KEY_META, 'u', TEXTS, to_upper},
    {KEY_META, 'l', TEXTS, to_lower},
    {KEY_CONTROL, CONTROL_KEY('V'), ALL, next_is_literal},
    {KEY_META, 'q', ALL, next_is_literal},
};

static void
act_on_key(struct line_editor *e, const struct key *key)
{
    for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++) {
        const struct binding *b = &bindings[i];

        if (b->code == key->code && (b->kinds & 1U << e->kind) != 0 &&
            (b->byte == 0 || b->byte == key->bytes[0])) {
            b->act(e);
            return;
        }
    }
}

static void
edit(struct line_editor *e, const struct key *key, struct buf *out)
{
    bool tab = e->kind == LINE_RAW && key_is_control(key, CONTROL_KEY('I'));
    bool character = key->code == KEY_CHARACTER || tab;
    struct line_view before;

    /* It no longer fits: it is not taken, and nothing beeps. */
    if (character && key->len > e->text.max - e->text.len)
        return;
    if (is_shown(e))
        view_of(e, &before);
    e->last_yank = e->yanked;
    e->yanked = 0;
    if (character)
        (void)line_text_insert(&e->text, span_of(key->bytes, key->len));
    else
        act_on_key(e, key);
    if (is_shown(e))
        update(e, &before, out);
}

static void
redraw(struct line_editor *e, struct buf *out)
{
    if (!e->echo)
        return;
    put_newline(out);
    line_editor_show(e, out);
}

/* Keys that ask something of the owner. */
static enum line_action
action_of_key(const struct line_editor *e, const struct key *key)
{
    uint8_t byte = key->bytes[0];

    if (key->code == KEY_CHARACTER)
        return e->kind == LINE_COMMAND && byte == '?' ? LINE_HELP
                                                      : LINE_NOTHING;
    if (key->code != KEY_CONTROL)
        return LINE_NOTHING;
    switch (byte) {
    case KEY_ENTER:
    case CONTROL_KEY('J'):
        return LINE_ENTERED;
    case CONTROL_KEY('Z'):
        return LINE_LEFT;
    case CONTROL_KEY('C'):
        return LINE_ABORTED;
    case CONTROL_KEY('I'):
        return e->kind == LINE_COMMAND ? LINE_COMPLETE : LINE_NOTHING;
    default:
        return LINE_NOTHING;
    }
}

enum line_action
line_editor_key(struct line_editor *e, const struct key *key, struct buf *out)
{
    enum line_action action = action_of_key(e, key);
    bool literal = e->literal;

    e->literal = false;
    if (literal && key->code == KEY_CHARACTER)
        action = LINE_NOTHING;
    switch (action) {
    case LINE_ENTERED:
        leave_line(e, "", out);
        break;
    case LINE_LEFT:
        leave_line(e, "^Z", out);
        break;
    case LINE_ABORTED:
        leave_line(e, "^C", out);
        break;
    case LINE_HELP:
        leave_line(e, "?", out);
        break;
    case LINE_COMPLETE:
        break;
    case LINE_NOTHING:
        if (key_is_control(key, CONTROL_KEY('L')) ||
            key_is_control(key, CONTROL_KEY('R')))
            redraw(e, out);
        else
            edit(e, key, out);
        break;
    }
    return action;
}
