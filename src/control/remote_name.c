#include "control/remote_name.h"

#include <errno.h>
#include <stdio.h>

#include "base/secret.h"
#include "base/text.h"
#include "config/address.h"

#define LABEL_MAX 63 /* bytes between the dots of a name: RFC 1123 */
#define PORT_MAX  65535

static const struct {
    const char *name;
    enum remote_scheme scheme;
} schemes[] = {{"scp:", REMOTE_SCP}, {"sftp:", REMOTE_SFTP}};

/* --- what a part may hold ----------------------------------------------- */

static enum err
failed(int *reason, int why)
{
    *reason = why;
    return ERR_SYSTEM;
}

static bool
is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* No byte that moves a cursor or ends a line. */
static bool
is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (is_control(*text))
            return false;
    return true;
}

/* Visible characters of ASCII, of which the first makes it no option. */
static bool
is_user(const char *text)
{
    if (text[0] == '\0' || text[0] == '-')
        return false;
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

static bool
is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}

/* Labels of letters, digits and hyphens, of which none begins or ends one. */
static bool
is_host_name(const char *text)
{
    size_t label = 0;

    for (const char *at = text; *at != '\0'; at++) {
        bool last = at[1] == '\0' || at[1] == '.';

        if (*at == '.' && label > 0) {
            label = 0;
            continue;
        }
        /* Underscores are in no host's name, but in some there are. */
        if (++label > LABEL_MAX || (!is_letter_or_digit(*at) && *at != '_' &&
                                    (*at != '-' || label == 1 || last)))
            return false;
    }
    return text[0] != '\0';
}

static bool
is_ipv6(const char *text)
{
    struct config_address address;

    return config_address_parse_ipv6(span_text(text), &address) == OK;
}

/* --- how it is shown ---------------------------------------------------- */

static const char *
scheme_text(enum remote_scheme scheme)
{
    return scheme == REMOTE_SCP ? "scp" : "sftp";
}

/* As far as it is known. */
static void
show(struct remote_name *name)
{
    char path[REMOTE_PATH_MAX];
    bool brackets = is_ipv6(name->host);
    char port[16] = "";

    text_escape(path, sizeof(path), span_text(name->path));
    if (name->port != 0)
        snprintf(port, sizeof(port), ":%u", name->port);
    snprintf(name->shown, sizeof(name->shown), "%s://*:*@%s%s%s%s/%s",
             scheme_text(name->scheme), brackets ? "[" : "", name->host,
             brackets ? "]" : "", port, path);
}

/* --- parts -------------------------------------------------------------- */

enum err
remote_name_set_host(struct remote_name *name, const char *host, int *reason)
{
    if (strlen(host) >= sizeof(name->host))
        return failed(reason, ENAMETOOLONG);
    if (!is_host_name(host) && !is_ipv6(host))
        return failed(reason, EINVAL);
    text_copy(name->host, sizeof(name->host), host);
    show(name);
    return OK;
}

enum err
remote_name_set_user(struct remote_name *name, const char *user, int *reason)
{
    if (strlen(user) >= sizeof(name->user))
        return failed(reason, ENAMETOOLONG);
    if (!is_user(user))
        return failed(reason, EINVAL);
    text_copy(name->user, sizeof(name->user), user);
    return OK;
}

enum err
remote_name_set_path(struct remote_name *name, const char *path, int *reason)
{
    if (strlen(path) >= sizeof(name->path))
        return failed(reason, ENAMETOOLONG);
    if (!is_printable(path))
        return failed(reason, EINVAL);
    text_copy(name->path, sizeof(name->path), path);
    show(name);
    return OK;
}

const char *
remote_name_last(const struct remote_name *name)
{
    const char *slash = strrchr(name->path, '/');

    return slash == NULL ? name->path : slash + 1;
}

/* --- URLs --------------------------------------------------------------- */

static int
hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that a percent sign stands for; 0: it is none, or NUL. */
static uint8_t
percent_value(struct span from, size_t at)
{
    int high, low;

    if (from.len - at < 3)
        return 0;
    high = hex_value(from.ptr[at + 1]);
    low = hex_value(from.ptr[at + 2]);
    return high < 0 || low < 0 ? 0 : (uint8_t)(high * 16 + low);
}

/* RFC 3986 section 2.1. */
static enum err
decode(struct span from, char *to, size_t room, int *reason)
{
    size_t len = 0;

    for (size_t i = 0; i < from.len; i++) {
        uint8_t byte = from.ptr[i];

        if (byte == '%') {
            byte = percent_value(from, i);
            i += 2;
        }
        if (byte == 0)
            return failed(reason, EINVAL);
        if (len + 1 >= room)
            return failed(reason, ENAMETOOLONG);
        to[len++] = (char)byte;
    }
    to[len] = '\0';
    return OK;
}

/* The first such byte, or the end. */
static size_t
find(struct span text, char wanted)
{
    const uint8_t *at =
        text.len == 0 ? NULL : memchr(text.ptr, wanted, text.len);

    return at == NULL ? text.len : (size_t)(at - text.ptr);
}

static struct span
behind(struct span text, size_t skipped)
{
    return skipped >= text.len
               ? SPAN_EMPTY
               : span_of(text.ptr + skipped, text.len - skipped);
}

static enum err
take_user(struct remote_name *name, struct span text, int *reason)
{
    size_t colon = find(text, ':');
    char user[sizeof(name->user)];
    enum err err = decode(span_of(text.ptr, colon), user, sizeof(user), reason);

    if (err == OK)
        err = remote_name_set_user(name, user, reason);
    if (err != OK || colon == text.len)
        return err;
    name->has_password = true;
    err = decode(behind(text, colon + 1), name->password,
                 sizeof(name->password), reason);
    if (err == OK && !is_printable(name->password))
        err = failed(reason, EINVAL);
    return err;
}

/* "host", "host:22", "[2001:db8::1]:22". */
static enum err
take_host(struct remote_name *name, struct span text, int *reason)
{
    bool brackets = text.len > 0 && text.ptr[0] == '[';
    size_t end = find(text, brackets ? ']' : ':');
    struct span host =
        brackets ? behind(span_of(text.ptr, end), 1) : span_of(text.ptr, end);
    struct span port = behind(text, end + brackets);
    char plain[REMOTE_HOST_MAX];
    uint64_t number;

    if (brackets && end == text.len)
        return failed(reason, EINVAL);
    if (!text_copy_span(plain, sizeof(plain), host))
        return failed(reason, ENAMETOOLONG);
    if (brackets != is_ipv6(plain))
        return failed(reason, EINVAL);
    if (port.len > 0) {
        if (port.ptr[0] != ':' ||
            text_number(behind(port, 1), PORT_MAX, &number) != OK ||
            number == 0)
            return failed(reason, EINVAL);
        name->port = (unsigned)number;
    }
    return remote_name_set_host(name, plain, reason);
}

/* The last `@` ends the user: names of hosts have none. */
static enum err
take_authority(struct remote_name *name, struct span text, int *reason)
{
    size_t user = text.len;
    enum err err;

    while (user > 0 && text.ptr[user - 1] != '@')
        user--;
    if (user > 0) {
        err = take_user(name, span_of(text.ptr, user - 1), reason);
        if (err != OK)
            return err;
    }
    text = behind(text, user);
    /* Nothing between two slashes: it is asked for. */
    return text.len == 0 && user == 0 ? OK : take_host(name, text, reason);
}

static size_t
take_scheme(const char *typed, enum remote_scheme *scheme)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (text_starts_nocase(typed, schemes[i].name)) {
            *scheme = schemes[i].scheme;
            return strlen(schemes[i].name);
        }
    return 0;
}

bool
remote_name_is(const char *typed)
{
    enum remote_scheme scheme;

    return take_scheme(typed, &scheme) > 0;
}

enum err
remote_name_parse(const char *typed, struct remote_name *name, int *reason)
{
    struct span text = span_text(typed);
    char path[REMOTE_PATH_MAX];
    enum err err = OK;

    *name = (struct remote_name){.scheme = REMOTE_SCP};
    text = behind(text, take_scheme(typed, &name->scheme));
    show(name);
    if (text.len >= 2 && text.ptr[0] == '/' && text.ptr[1] == '/') {
        size_t end;

        text = behind(text, 2);
        end = find(text, '/');
        err = take_authority(name, span_of(text.ptr, end), reason);
        text = behind(text, end + 1);
    }
    if (err == OK)
        err = decode(text, path, sizeof(path), reason);
    return err == OK ? remote_name_set_path(name, path, reason) : err;
}

void
remote_name_clear(struct remote_name *name)
{
    wipe(name, sizeof(*name));
}
