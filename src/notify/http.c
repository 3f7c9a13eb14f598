#include "notify/http.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define PATH "/metrics"
#define TYPE "text/plain; version=0.0.4; charset=utf-8"

enum status {
    STATUS_OK = 200,
    STATUS_BAD = 400,
    STATUS_NOT_FOUND = 404,
    STATUS_METHOD = 405,
    STATUS_NOT_HERE = 421,
    STATUS_TOO_LONG = 431,
    STATUS_BROKEN = 500,
    STATUS_VERSION = 505,
};

/* --- bytes -------------------------------------------------------------- */

static bool
equals(struct span a, const char *text)
{
    return a.len == strlen(text) && memcmp(a.ptr, text, a.len) == 0;
}

static bool
equals_nocase(struct span a, const char *text)
{
    char word[32];

    return text_copy_span(word, sizeof(word), a) && strlen(word) == a.len &&
           text_equal_nocase(word, text);
}

static struct span
without_front(struct span s, size_t len)
{
    return span_of(s.ptr + len, s.len - len);
}

/* Bytes in front of the first `byte`; all, if there is none. */
static size_t
up_to(struct span s, uint8_t byte)
{
    const uint8_t *found = s.len == 0 ? NULL : memchr(s.ptr, byte, s.len);

    return found == NULL ? s.len : (size_t)(found - s.ptr);
}

/* A line without its end, CR LF or LF alone; false: its end has not come. */
static bool
take_line(struct span *rest, struct span *line)
{
    size_t len = up_to(*rest, '\n');

    if (len == rest->len)
        return false;
    *line = span_of(rest->ptr, len);
    *rest = without_front(*rest, len + 1);
    if (line->len > 0 && line->ptr[line->len - 1] == '\r')
        line->len--;
    return true;
}

/* RFC 9110 section 5.6.2. */
static bool
is_token(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!isalnum(s.ptr[i]) &&
            (s.ptr[i] == '\0' || strchr("!#$%&'*+-.^_`|~", s.ptr[i]) == NULL))
            return false;
    return s.len > 0;
}

static bool
is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f)
            return false;
    return s.len > 0;
}

/* --- who is meant ------------------------------------------------------- */

/* The name of the loopback, with or without a port. */
static bool
is_our_name(struct span authority)
{
    size_t len = authority.len;

    while (len > 0 && isdigit(authority.ptr[len - 1]))
        len--;
    if (len > 0 && authority.ptr[len - 1] == ':' && len < authority.len)
        authority.len = len - 1;
    return equals(authority, "127.0.0.1") || equals(authority, "[::1]") ||
           equals_nocase(authority, "localhost");
}

/* --- the request -------------------------------------------------------- */

struct reading {
    struct span method, path, authority;
    bool has_authority; /* in the target itself */
    bool must_name;     /* HTTP/1.1: a Host has to come */
    unsigned hosts;
};

/* "http://127.0.0.1:9100/metrics?x" means the same as "/metrics". */
static void
take_target(struct reading *r, struct span target)
{
    static const char scheme[] = "http://";
    size_t len = strlen(scheme);

    if (target.len > len && equals_nocase(span_of(target.ptr, len), scheme)) {
        target = without_front(target, len);
        len = up_to(target, '/');
        r->authority = span_of(target.ptr, len);
        r->has_authority = true;
        target = without_front(target, len);
    }
    r->path = span_of(target.ptr, up_to(target, '?'));
}

/* 0: go on; else the status that ends it. */
static unsigned
take_request_line(struct reading *r, struct span line)
{
    struct span target;
    size_t len = up_to(line, ' ');

    if (len == line.len)
        return STATUS_BAD;
    r->method = span_of(line.ptr, len);
    line = without_front(line, len + 1);
    len = up_to(line, ' ');
    if (len == line.len)
        return STATUS_BAD;
    target = span_of(line.ptr, len);
    line = without_front(line, len + 1);
    if (!is_token(r->method) || !is_printable(target) || line.len != 8 ||
        memcmp(line.ptr, "HTTP/", 5) != 0 || !isdigit(line.ptr[5]) ||
        line.ptr[6] != '.' || !isdigit(line.ptr[7]))
        return STATUS_BAD;
    if (line.ptr[5] != '1')
        return STATUS_VERSION;
    r->must_name = line.ptr[7] != '0';
    take_target(r, target);
    return 0;
}

static bool
is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* False: no field. */
static bool
take_field(struct reading *r, struct span line)
{
    size_t len = up_to(line, ':');
    struct span name = span_of(line.ptr, len);

    if (len == line.len || !is_token(name))
        return false;
    line = without_front(line, len + 1);
    while (line.len > 0 && is_blank(line.ptr[0]))
        line = without_front(line, 1);
    while (line.len > 0 && is_blank(line.ptr[line.len - 1]))
        line.len--;
    for (size_t i = 0; i < line.len; i++)
        if ((line.ptr[i] < ' ' && line.ptr[i] != '\t') || line.ptr[i] == 0x7f)
            return false;
    if (!equals_nocase(name, "host"))
        return true;
    r->hosts++;
    if (!r->has_authority)
        r->authority = line;
    return r->hosts == 1;
}

static unsigned
judge(const struct reading *r)
{
    if (r->must_name && r->hosts == 0)
        return STATUS_BAD;
    if ((r->hosts > 0 || r->has_authority) && !is_our_name(r->authority))
        return STATUS_NOT_HERE;
    if (!equals(r->path, PATH))
        return STATUS_NOT_FOUND;
    if (!equals(r->method, "GET") && !equals(r->method, "HEAD"))
        return STATUS_METHOD;
    return STATUS_OK;
}

bool
http_read(struct span bytes, struct http_request *q)
{
    struct reading r = {.hosts = 0};
    struct span rest = bytes, line = SPAN_EMPTY;
    unsigned status = 0;
    bool whole = false, begun = false;

    while (status == 0 && !whole && take_line(&rest, &line)) {
        if (!begun) {
            /* RFC 9112 2.2: empty lines in front of it are let pass. */
            begun = line.len > 0;
            status = begun ? take_request_line(&r, line) : 0;
        } else if (line.len == 0) {
            whole = true;
        } else if (!take_field(&r, line)) {
            status = STATUS_BAD;
        }
    }
    if (status == 0 && !whole && bytes.len >= HTTP_REQUEST_MAX)
        status = STATUS_TOO_LONG;
    if (status == 0 && !whole)
        return false;
    q->status = status != 0 ? status : judge(&r);
    q->head = equals(r.method, "HEAD");
    return true;
}

/* --- the answer --------------------------------------------------------- */

static const char *
reason(unsigned status)
{
    switch (status) {
    case STATUS_OK:
        return "OK";
    case STATUS_NOT_FOUND:
        return "Not Found";
    case STATUS_METHOD:
        return "Method Not Allowed";
    case STATUS_NOT_HERE:
        return "Misdirected Request";
    case STATUS_TOO_LONG:
        return "Request Header Fields Too Large";
    case STATUS_BROKEN:
        return "Internal Server Error";
    case STATUS_VERSION:
        return "HTTP Version Not Supported";
    default:
        return "Bad Request";
    }
}

void
http_answer(struct buf *to, const struct http_request *q, struct span page)
{
    /* A page that could not be made is none. */
    unsigned status =
        q->status == STATUS_OK && page.len == 0 ? STATUS_BROKEN : q->status;
    bool good = status == STATUS_OK;

    if (!good)
        page = SPAN_EMPTY;
    buf_printf(to, "HTTP/1.1 %u %s\r\n", status, reason(status));
    if (status == STATUS_METHOD)
        buf_printf(to, "Allow: GET, HEAD\r\n");
    if (good)
        buf_printf(to, "Content-Type: " TYPE "\r\n"
                       "X-Content-Type-Options: nosniff\r\n");
    buf_printf(to,
               "Cache-Control: no-store\r\nContent-Length: %zu\r\n"
               "Connection: close\r\n\r\n",
               page.len);
    if (!q->head)
        buf_put_span(to, page);
}
