/*
 * JSON (RFC 8259) written member by member, indented by two blanks, so that
 * people read it as well. Closing what is open is the caller's duty.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

struct json {
    struct buf *to;  /* borrowed; its maximum is the only limit */
    unsigned depth;  /* objects and arrays that are open */
    bool has_member; /* the innermost has one already */
};

/* Nothing is written yet; one value comes next, the whole text. */
void json_begin(struct json *j, struct buf *to);
/* The text is whole: a line ends. */
void json_end(struct json *j);

/* `key` NULL: in an array, or the whole text. Keys are plain ASCII. */
void json_open_object(struct json *j, const char *key);
void json_close_object(struct json *j);
void json_open_array(struct json *j, const char *key);
void json_close_array(struct json *j);

/*
 * Whoever's text: what a screen should not get, and what JSON does not allow,
 * is \uXXXX, bytes that are not UTF-8 are U+FFFD. NULL is null.
 */
void json_text(struct json *j, const char *key, const char *text);
void json_number(struct json *j, const char *key, uint64_t number);
void json_flag(struct json *j, const char *key, bool flag);
void json_null(struct json *j, const char *key);

#endif
