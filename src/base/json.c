#include "base/json.h"

#include <inttypes.h>

#include "base/text.h"

#define INDENT            2
#define REPLACEMENT       0xfffdu
#define BEYOND_ONE_ESCAPE 0x10000u

void
json_begin(struct json *j, struct buf *to)
{
    *j = (struct json){.to = to};
}

void
json_end(struct json *j)
{
    buf_put_u8(j->to, '\n');
}

static void
put_line_end(struct json *j)
{
    buf_printf(j->to, "\n%*s", (int)(INDENT * j->depth), "");
}

/* What stands before every value. */
static void
put_key(struct json *j, const char *key)
{
    if (j->has_member)
        buf_put_u8(j->to, ',');
    if (j->depth > 0)
        put_line_end(j);
    if (key != NULL)
        buf_printf(j->to, "\"%s\": ", key);
    j->has_member = true;
}

static void
open_with(struct json *j, const char *key, uint8_t bracket)
{
    put_key(j, key);
    buf_put_u8(j->to, bracket);
    j->depth++;
    j->has_member = false;
}

static void
close_with(struct json *j, uint8_t bracket)
{
    j->depth--;
    if (j->has_member)
        put_line_end(j);
    buf_put_u8(j->to, bracket);
    j->has_member = true;
}

void
json_open_object(struct json *j, const char *key)
{
    open_with(j, key, '{');
}

void
json_close_object(struct json *j)
{
    close_with(j, '}');
}

void
json_open_array(struct json *j, const char *key)
{
    open_with(j, key, '[');
}

void
json_close_array(struct json *j)
{
    close_with(j, ']');
}

/* RFC 8259 section 7: a pair of surrogates beyond the first 65,536. */
static void
put_escape(struct buf *to, uint32_t code)
{
    if (code < BEYOND_ONE_ESCAPE) {
        buf_printf(to, "\\u%04" PRIx32, code);
        return;
    }
    code -= BEYOND_ONE_ESCAPE;
    buf_printf(to, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd800 + (code >> 10),
               0xdc00 + (code & 0x3ff));
}

static void
put_string(struct buf *to, struct span text)
{
    buf_put_u8(to, '"');
    while (text.len > 0) {
        uint32_t code = REPLACEMENT;
        size_t len = text_utf8(text, &code);

        if (len == 0)
            put_escape(to, REPLACEMENT);
        else if (code == '"' || code == '\\')
            buf_printf(to, "\\%c", (char)code);
        else if (text_is_harmless(code))
            buf_put(to, text.ptr, len);
        else
            put_escape(to, code);
        len = len == 0 ? 1 : len;
        text = span_of(text.ptr + len, text.len - len);
    }
    buf_put_u8(to, '"');
}

void
json_text(struct json *j, const char *key, const char *text)
{
    if (text == NULL) {
        json_null(j, key);
        return;
    }
    put_key(j, key);
    put_string(j->to, span_text(text));
}

void
json_number(struct json *j, const char *key, uint64_t number)
{
    put_key(j, key);
    buf_printf(j->to, "%" PRIu64, number);
}

void
json_flag(struct json *j, const char *key, bool flag)
{
    put_key(j, key);
    buf_printf(j->to, flag ? "true" : "false");
}

void
json_null(struct json *j, const char *key)
{
    put_key(j, key);
    buf_printf(j->to, "null");
}
