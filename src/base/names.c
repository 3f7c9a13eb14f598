#include "base/names.h"

/*
 * A comma at the very end stands before one more, empty name. It is left in
 * `rest` by the call that gives the name before it, so that this empty name is
 * not mistaken for the end.
 */
bool
names_next(struct span *rest, struct span *name)
{
    const uint8_t *comma;
    size_t len;

    if (rest->len == 0)
        return false;
    comma = memchr(rest->ptr, ',', rest->len);
    len = comma == NULL ? rest->len : (size_t)(comma - rest->ptr);
    *name = span_of(rest->ptr, len);
    if (rest->len - len > 1)
        *rest = span_of(rest->ptr + len + 1, rest->len - len - 1);
    else if (len > 0 && comma != NULL)
        *rest = span_of(comma, 1);
    else
        *rest = SPAN_EMPTY;
    return true;
}

bool
names_has(struct span list, struct span name)
{
    struct span one;

    if (name.len == 0)
        return false;
    while (names_next(&list, &one))
        if (span_equal(one, name))
            return true;
    return false;
}

struct span
names_first(struct span list)
{
    struct span name = SPAN_EMPTY;

    if (!names_next(&list, &name))
        return SPAN_EMPTY;
    return name;
}

bool
names_match(struct span client, struct span server, struct span *chosen)
{
    struct span name;

    while (names_next(&client, &name)) {
        if (names_has(server, name)) {
            *chosen = name;
            return true;
        }
    }
    return false;
}

bool
names_within_limits(struct span list)
{
    size_t count = 1;

    if (list.len > NAMES_MAX_BYTES)
        return false;
    for (size_t i = 0; i < list.len; i++)
        if (list.ptr[i] == ',')
            count++;
    return count <= NAMES_MAX_COUNT;
}
