#include "crypto/known_hosts.h"

#include <ctype.h>

#include "base/names.h"
#include "base/reader.h"
#include "base/text.h"
#include "crypto/rsa1_key.h"

#define SSH_PORT 22
/* "[name]:65535" */
#define LOOKUP_MAX (KNOWN_HOST_NAME_MAX + 9)

#define OLD_MARK   "#rsa1" /* in front of a line of SSH-1 */
#define HASHED     "|1|"   /* what a hashed name begins with */
#define SHA1_LEN   20
#define SHA1_BLOCK 64

/* --- lines -------------------------------------------------------------- */

static bool
is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* The next word of `rest`; empty at its end. */
static struct span
next_word(struct span *rest)
{
    struct span word;
    size_t len = 0;

    while (rest->len > 0 && is_blank(rest->ptr[0])) {
        rest->ptr++;
        rest->len--;
    }
    while (len < rest->len && !is_blank(rest->ptr[len]))
        len++;
    word = span_of(rest->ptr, len);
    rest->ptr += len;
    rest->len -= len;
    return word;
}

/* One line off the front, without its newline and carriage return. */
static struct span
next_line(struct span *rest, size_t *with_newline)
{
    const uint8_t *end = memchr(rest->ptr, '\n', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->ptr);
    struct span line = span_of(rest->ptr, len);

    *with_newline = end == NULL ? len : len + 1;
    rest->ptr += *with_newline;
    rest->len -= *with_newline;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Lines of SSH-1 have a number of bits where others have a type. */
static bool
is_number(struct span word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!isdigit(word.ptr[i]))
            return false;
    return word.len > 0;
}

/* False for what says nothing about a host. */
static bool
parse_line(struct span text, struct known_host_line *line)
{
    struct span rest = text;
    bool is_comment;

    line->whole = text;
    line->marker = SPAN_EMPTY;
    line->names = next_word(&rest);
    is_comment = span_is(line->names, OLD_MARK);
    if (is_comment)
        line->names = next_word(&rest);
    if (line->names.len == 0 || line->names.ptr[0] == '#')
        return false;
    if (line->names.ptr[0] == '@') {
        line->marker = line->names;
        line->names = next_word(&rest);
    }
    line->type = next_word(&rest);
    line->key = next_word(&rest);
    line->is_old = is_number(line->type);
    line->modulus = line->is_old ? next_word(&rest) : SPAN_EMPTY;
    line->is_whole = line->is_old ? line->modulus.len > 0 : line->key.len > 0;
    return !is_comment || line->is_old;
}

bool
known_hosts_next(struct span *rest, struct known_host_line *line)
{
    size_t len;

    while (rest->len > 0) {
        line->number++;
        if (parse_line(next_line(rest, &len), line))
            return true;
    }
    return false;
}

/* --- names -------------------------------------------------------------- */

static uint8_t
lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* What the file calls the host; false for what is no name at all. */
static bool
lookup_name(const char *host, unsigned port, char name[LOOKUP_MAX])
{
    size_t len = strlen(host);
    struct buf text;
    bool ok;

    if (len == 0 || len > KNOWN_HOST_NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)host[i] <= ' ' || host[i] == 0x7f)
            return false;
    buf_init(&text, LOOKUP_MAX - 1);
    if (port == SSH_PORT)
        buf_printf(&text, "%s", host);
    else
        buf_printf(&text, "[%s]:%u", host, port);
    ok = buf_ok(&text) && text_copy_span(name, LOOKUP_MAX, buf_span(&text));
    buf_clear(&text);
    for (char *c = name; ok && *c != '\0'; c++)
        *c = (char)lower((uint8_t)*c);
    return ok;
}

/* `*` and `?`; in time that grows with the product of the lengths at most. */
static bool
matches_pattern(struct span name, struct span pattern)
{
    size_t n = 0, p = 0, star = SIZE_MAX, star_name = 0;

    while (n < name.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            star_name = n;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' ||
                                       lower(pattern.ptr[p]) == name.ptr[n])) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++star_name;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* One pattern of the list fits and no negated one does. */
static bool
matches_list(struct span name, struct span list)
{
    struct span pattern;
    bool found = false;

    while (names_next(&list, &pattern)) {
        bool is_negated = pattern.len > 0 && pattern.ptr[0] == '!';

        if (is_negated) {
            pattern.ptr++;
            pattern.len--;
        }
        if (pattern.len == 0 || !matches_pattern(name, pattern))
            continue;
        if (is_negated)
            return false;
        found = true;
    }
    return found;
}

/* HMAC-SHA1 (RFC 2104) with a key that is no longer than one block. */
static bool
hmac_sha1(struct span key, struct span text, uint8_t out[HASH_MAX])
{
    uint8_t inner_pad[SHA1_BLOCK], outer_pad[SHA1_BLOCK], inner[HASH_MAX];
    struct span pieces[2] = {span_of(inner_pad, SHA1_BLOCK), text};

    for (size_t i = 0; i < SHA1_BLOCK; i++) {
        uint8_t byte = i < key.len ? key.ptr[i] : 0;

        inner_pad[i] = byte ^ 0x36;
        outer_pad[i] = byte ^ 0x5c;
    }
    if (hash_pieces(HASH_SHA1, pieces, 2, inner) != OK)
        return false;
    pieces[0] = span_of(outer_pad, SHA1_BLOCK);
    pieces[1] = span_of(inner, SHA1_LEN);
    return hash_pieces(HASH_SHA1, pieces, 2, out) == OK;
}

/* Is a line about the host? A failure is neither. */
enum line_concerns { CONCERNS_OTHERS, CONCERNS_HOST, CONCERNS_UNKNOWN };

/* "SALT|HASH", both of SHA-1's length in base64. */
static enum line_concerns
matches_hashed(struct span name, struct span hashed)
{
    const uint8_t *bar = memchr(hashed.ptr, '|', hashed.len);
    uint8_t salt[SHA1_LEN], known[SHA1_LEN], made[HASH_MAX];
    size_t salt_len = sizeof(salt), known_len = sizeof(known), at;

    if (bar == NULL)
        return CONCERNS_OTHERS;
    at = (size_t)(bar - hashed.ptr);
    if (text_base64_decode(span_of(hashed.ptr, at), salt, &salt_len) != OK ||
        text_base64_decode(span_of(bar + 1, hashed.len - at - 1), known,
                           &known_len) != OK ||
        salt_len != SHA1_LEN || known_len != SHA1_LEN)
        return CONCERNS_OTHERS;
    if (!hmac_sha1(span_of(salt, salt_len), name, made))
        return CONCERNS_UNKNOWN;
    return span_equal(span_of(made, SHA1_LEN), span_of(known, SHA1_LEN))
               ? CONCERNS_HOST
               : CONCERNS_OTHERS;
}

static enum line_concerns
concerns(const struct known_host_line *line, const char *name)
{
    size_t len = strlen(HASHED);
    struct span names = line->names;

    if (names.len > len && span_is(span_of(names.ptr, len), HASHED))
        return matches_hashed(span_text(name),
                              span_of(names.ptr + len, names.len - len));
    return matches_list(span_text(name), names) ? CONCERNS_HOST
                                                : CONCERNS_OTHERS;
}

/* --- looking up --------------------------------------------------------- */

/*
 * The type's name inside a blob; empty for what is no blob. Blobs of all types
 * are strings to their end: one that was cut short somewhere is none.
 */
static struct span
type_of_blob(struct span blob)
{
    struct reader r = reader_over(blob);
    struct span name = read_string(&r);
    size_t strings = 0;

    for (; read_ok(&r) && r.left > 0; strings++)
        (void)read_string(&r);
    if (!read_done(&r) || strings == 0)
        return SPAN_EMPTY;
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] >= 0x7f || name.ptr[i] == ',')
            return SPAN_EMPTY;
    return name;
}

enum line_says {
    SAYS_NOTHING,
    SAYS_ERROR,
    SAYS_OTHER,
    SAYS_CHANGED,
    SAYS_SAME
};

enum err
known_hosts_line_key(const struct known_host_line *line, uint8_t *blob,
                     size_t *len)
{
    struct buf made;
    enum err err;

    if (!line->is_whole)
        return ERR_FORMAT;
    if (!line->is_old)
        return text_base64_decode(line->key, blob, len);
    buf_init(&made, *len);
    err = rsa1_key_parse(line->key, line->modulus, &made);
    if (err == OK) {
        *len = buf_len(&made);
        memcpy(blob, buf_bytes(&made), *len);
    }
    buf_clear(&made);
    return err;
}

/* What one line of this host says about the key; its own key to `known`. */
static enum line_says
compare(const struct known_host_line *line, struct span key,
        struct known_host_found *known)
{
    struct span type = type_of_blob(key), other;
    bool same_type = line->is_old || span_equal(line->type, type);
    enum err err;

    known->line = line->number;
    known->len = sizeof(known->blob);
    err = known_hosts_line_key(line, known->blob, &known->len);
    if (err != OK)
        known->len = 0;
    other = span_of(known->blob, known->len);
    if (rsa1_key_is(key) != line->is_old) {
        if (line->marker.len == 0)
            return SAYS_NOTHING;
        return err != OK                            ? SAYS_ERROR
               : rsa1_key_is_other_form(key, other) ? SAYS_SAME
                                                    : SAYS_NOTHING;
    }
    /* Longer than any key that is taken: known, and not this one. */
    if (err == ERR_LENGTH)
        return same_type ? SAYS_CHANGED : SAYS_OTHER;
    if (err != OK ||
        (!line->is_old && !span_equal(type_of_blob(other), line->type)))
        return SAYS_ERROR;
    if (span_equal(other, key))
        return SAYS_SAME;
    return same_type ? SAYS_CHANGED : SAYS_OTHER;
}

/* All lines so far and one more; false: this one decides, go no further. */
static bool
weigh(enum line_says says, bool is_revocation,
      const struct known_host_found *known, enum known_host *verdict,
      struct known_host_found *found)
{
    static const enum known_host of[] = {
        [SAYS_NOTHING] = KNOWN_HOST_NONE, [SAYS_ERROR] = KNOWN_HOST_ERROR,
        [SAYS_OTHER] = KNOWN_HOST_OTHER,  [SAYS_CHANGED] = KNOWN_HOST_CHANGED,
        [SAYS_SAME] = KNOWN_HOST_MATCH,
    };
    /* What a later line replaces: the more it says, the later it stands. */
    static const int weight[] = {
        [KNOWN_HOST_NONE] = 0,  [KNOWN_HOST_OTHER] = 1,
        [KNOWN_HOST_ERROR] = 2, [KNOWN_HOST_CHANGED] = 3,
        [KNOWN_HOST_MATCH] = 4, [KNOWN_HOST_REVOKED] = 5,
    };
    enum known_host next = of[says];

    if (is_revocation) {
        if (says != SAYS_SAME && says != SAYS_ERROR)
            return true;
        *verdict = says == SAYS_SAME ? KNOWN_HOST_REVOKED : KNOWN_HOST_ERROR;
        *found = *known;
        return false;
    }
    if (weight[next] > weight[*verdict]) {
        *verdict = next;
        *found = *known;
    }
    return true;
}

enum known_host
known_hosts_find(struct span text, const char *host, unsigned port,
                 struct span key, struct known_host_found *found)
{
    enum known_host verdict = KNOWN_HOST_NONE;
    struct known_host_line line = {0};
    struct known_host_found known;
    char name[LOOKUP_MAX];

    *found = (struct known_host_found){0};
    if (text.len > KNOWN_HOSTS_MAX || key.len > KEY_BLOB_MAX ||
        type_of_blob(key).len == 0 || !lookup_name(host, port, name))
        return KNOWN_HOST_ERROR;
    while (known_hosts_next(&text, &line)) {
        bool is_revocation = span_is(line.marker, "@revoked");
        enum line_concerns whom;

        /* Another marker: an authority, or what only a later version knows. */
        if (line.marker.len > 0 && !is_revocation)
            continue;
        whom = concerns(&line, name);
        if (whom == CONCERNS_UNKNOWN) {
            *found = (struct known_host_found){.line = line.number};
            return KNOWN_HOST_ERROR;
        }
        if (whom == CONCERNS_OTHERS)
            continue;
        if (!weigh(compare(&line, key, &known), is_revocation, &known, &verdict,
                   found))
            break;
    }
    return verdict;
}

void
known_hosts_key_types(struct span text, const char *host, unsigned port,
                      struct buf *to)
{
    struct known_host_line line = {0};
    char name[LOOKUP_MAX];

    if (text.len > KNOWN_HOSTS_MAX || !lookup_name(host, port, name))
        return;
    while (known_hosts_next(&text, &line)) {
        if (line.marker.len > 0 || !line.is_whole || line.is_old ||
            concerns(&line, name) != CONCERNS_HOST ||
            names_has(buf_span(to), line.type))
            continue;
        if (buf_len(to) > 0)
            buf_put_u8(to, ',');
        buf_put_span(to, line.type);
    }
}

/* --- changing ----------------------------------------------------------- */

enum err
known_hosts_put(const char *host, unsigned port, struct span key,
                struct buf *to)
{
    char encoded[TEXT_BASE64_ROOM(KEY_BLOB_MAX)];
    struct span type = type_of_blob(key);
    char name[LOOKUP_MAX];
    enum err err;

    /* What would be read back as something else than one name. */
    if (key.len > KEY_BLOB_MAX || type.len == 0 ||
        !lookup_name(host, port, name) || strpbrk(name, ",*?!\\") != NULL ||
        strchr("#@|", name[0]) != NULL)
        return ERR_FORMAT;
    buf_printf(to, "%s%s ", rsa1_key_is(key) ? OLD_MARK " " : "", name);
    if (rsa1_key_is(key)) {
        err = rsa1_key_put_numbers(key, to);
        if (err != OK)
            return err;
    } else {
        text_base64(encoded, sizeof(encoded), key);
        buf_printf(to, "%.*s %s", (int)type.len, (const char *)type.ptr,
                   encoded);
    }
    buf_put_u8(to, '\n');
    return buf_ok(to) ? OK : ERR_LENGTH;
}

size_t
known_hosts_remove(struct span text, const char *host, unsigned port,
                   struct buf *to)
{
    char name[LOOKUP_MAX];
    size_t removed = 0;

    if (!lookup_name(host, port, name)) {
        buf_put_span(to, text);
        return 0;
    }
    while (text.len > 0) {
        const uint8_t *start = text.ptr;
        struct known_host_line line;
        size_t len;

        if (parse_line(next_line(&text, &len), &line) && line.marker.len == 0 &&
            concerns(&line, name) == CONCERNS_HOST)
            removed++;
        else
            buf_put(to, start, len);
    }
    return removed;
}
