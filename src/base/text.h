/*
 * Bounded text: copies that always end in NUL, numbers digit by digit, and
 * the one way to show a stranger's bytes.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/err.h"
#include "base/span.h"

/* Copy into `to` of `room` bytes, cut if need be; true when it all fitted. */
bool text_copy(char *to, size_t room, const char *from);
bool text_copy_span(char *to, size_t room, struct span from);
/* A heap copy that the caller frees. */
char *text_dup(const char *text);
char *text_dup_span(struct span text); /* up to the span's end; no NUL check */

/* All characters are decimal digits and the value is at most `max`. */
MUST_CHECK enum err text_number(struct span text, uint64_t max,
                                uint64_t *value);

/* ASCII only, whatever the locale. */
static inline char
text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal_nocase(const char *a, const char *b);
bool text_starts_nocase(const char *text, const char *prefix);

/*
 * A peer's bytes made safe for logs and screens: control bytes, DEL, C1
 * (also as UTF-8), invalid UTF-8, bidirectional controls and the backslash
 * become \xNN; cut to fit `room`, which includes the NUL (hardening 10.1).
 */
void text_escape(char *to, size_t room, struct span from);
/*
 * Append a peer's text of several lines, escaped likewise but for tabs, line
 * ends (CR LF becomes LF) and the backslash, which pictures are made of: for
 * screens, not for logs.
 */
struct buf;
void text_escape_lines(struct buf *to, struct span from);

/*
 * Bytes of the well-formed UTF-8 character at the front of a text that is not
 * empty (RFC 3629: no overlong form, no surrogate, at most U+10FFFF) and its
 * code; 0 if there is none.
 */
size_t text_utf8(struct span text, uint32_t *code);
/* May that character go to a terminal as it is? The backslash may not. */
bool text_is_harmless(uint32_t code);

/* Hexadecimal digits, lower case; `room` >= 2 * len + 1. */
void text_hex(char *to, size_t room, struct span bytes);
/* Standard base64 with padding, and a NUL; `room` as TEXT_BASE64_ROOM says. */
#define TEXT_BASE64_ROOM(len) (((len) + 2) / 3 * 4 + 1)
void text_base64(char *to, size_t room, struct span bytes);
/* Strict standard base64 (RFC 4648 section 4); `*len` is room, then length. */
MUST_CHECK enum err text_base64_decode(struct span text, uint8_t *to,
                                       size_t *len);

#endif
