/*
 * The log in memory, a ring of bytes as IOS has it: the newest ones are kept,
 * so the first line may have lost its beginning. Memory grows with what is
 * logged, up to the size.
 */
#ifndef CONTROL_LOG_BUFFER_H
#define CONTROL_LOG_BUFFER_H

#include "base/span.h"

struct log_buffer;

/* `size` bytes at most. */
struct log_buffer *log_buffer_new(size_t size);
void log_buffer_free(struct log_buffer *b); /* NULL is fine */
/* The newest bytes that fit stay. */
void log_buffer_resize(struct log_buffer *b, size_t size);
/* One line, without its end. */
void log_buffer_add(struct log_buffer *b, const char *line);
void log_buffer_empty(struct log_buffer *b);
/*
 * What it holds, oldest first: `older`, then `newer`, each of which may be
 * empty. Borrowed until the buffer changes.
 */
void log_buffer_read(const struct log_buffer *b, struct span *older,
                     struct span *newer);

#endif
