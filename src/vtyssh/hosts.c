#include "vtyssh/hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/reader.h"
#include "base/text.h"
#include "crypto/known_hosts.h"
#include "crypto/rsa1_key.h"
#include "os/file.h"
#include "vtyssh/say.h"

#define MACHINE_FILE "/etc/ssh/ssh_known_hosts"
#define SSH_PORT     22
#define ANSWERS_MAX  10 /* that are neither yes nor no */

/* --- files -------------------------------------------------------------- */

/* Append the whole file; false: there is one, and it cannot be read. */
static bool
read_file(const char *path, struct buf *to)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    size_t room = KNOWN_HOSTS_MAX - buf_len(to), len = 0;
    struct stat status;
    uint8_t *place;
    bool ok;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR;
    /* What is no file (/dev/null) knows nobody. */
    if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
        close(fd);
        return true;
    }
    place = buf_reserve(to, room);
    ok = place != NULL && file_read_all(fd, place, room, &len) == OK;
    if (ok)
        buf_commit(to, len);
    close(fd);
    return ok;
}

static size_t
count_lines(struct span text)
{
    size_t lines = 0;

    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    return lines;
}

static void
read_files(struct hosts *h)
{
    struct span text;

    h->is_unreadable = h->path[0] != '\0' && !read_file(h->path, &h->text);
    text = buf_span(&h->text);
    h->needs_newline = text.len > 0 && text.ptr[text.len - 1] != '\n';
    if (h->needs_newline)
        buf_put_u8(&h->text, '\n');
    h->user_lines = count_lines(buf_span(&h->text));
    h->is_unreadable = !read_file(MACHINE_FILE, &h->text) || h->is_unreadable;
}

bool
hosts_know_version_2(const struct hosts *h)
{
    struct buf types;
    bool any;

    buf_init(&types, KNOWN_TYPES_MAX);
    hosts_put_key_types(h, &types);
    any = buf_len(&types) > 0;
    buf_clear(&types);
    return any;
}

/*
 * A file that is there, or, for a stranger, a new one. ~/.ssh is made as
 * ssh(1) makes it: for its owner alone.
 */
static int
open_for_appending(struct hosts *h)
{
    char *slash = strrchr(h->path, '/');
    int fd = open(h->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);

    if (fd >= 0 || slash == NULL || hosts_know_version_2(h))
        return fd;
    *slash = '\0';
    (void)mkdir(h->path, 0700);
    *slash = '/';
    return open(h->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
                0600);
}

void
hosts_open(struct hosts *h, const char *home, const char *host, unsigned port,
           bool can_ask)
{
    int len = -1;

    *h = (struct hosts){.host = host, .port = port, .append_fd = -1};
    /* One byte for a newline that is missing. */
    buf_init(&h->text, KNOWN_HOSTS_MAX + 1);
    if (home != NULL)
        len = snprintf(h->path, sizeof(h->path), "%s/.ssh/known_hosts", home);
    if (len < 0 || (size_t)len >= sizeof(h->path))
        h->path[0] = '\0';
    read_files(h);
    if (can_ask && !h->is_unreadable)
        h->append_fd = open_for_appending(h);
}

void
hosts_close(struct hosts *h)
{
    buf_clear(&h->text);
    if (h->append_fd >= 0)
        close(h->append_fd);
    h->append_fd = -1;
}

void
hosts_put_key_types(const struct hosts *h, struct buf *to)
{
    known_hosts_key_types(buf_span(&h->text), h->host, h->port, to);
    if (h->port != SSH_PORT && buf_len(to) == 0)
        known_hosts_key_types(buf_span(&h->text), h->host, SSH_PORT, to);
}

/* --- what is said ------------------------------------------------------- */

/* "FILE, line N" of a line in the text of both files. */
static void
say_place(const struct hosts *h, size_t line)
{
    bool is_users = line <= h->user_lines;

    if (line > 0)
        say("it is known from %s, line %zu", is_users ? h->path : MACHINE_FILE,
            is_users ? line : line - h->user_lines);
}

/* "ssh-ed25519 SHA256:..." of a key; cut, but never wrong. */
static void
describe(struct span key, char to[128])
{
    char fingerprint[KEY_FINGERPRINT_ROOM], type[64];
    struct reader r = reader_over(key);

    text_escape(type, sizeof(type), read_string(&r));
    if (key_fingerprint(key, fingerprint) != OK)
        fingerprint[0] = '\0';
    (void)snprintf(to, 128, "%s %s", type, fingerprint);
}

void
hosts_say_downgrade(const struct hosts *h)
{
    say("%s is known with version 2 of the protocol, and is not connected to "
        "with version 1",
        h->host);
    say("either it has become older, or somebody else answers in its place");
    say("if it is right, say so with -v 1, or remove its keys: "
        "ssh-keygen -R '%s%s%s'",
        h->port == SSH_PORT ? "" : "[", h->host,
        h->port == SSH_PORT ? "" : "]:PORT");
}

static void
say_changed(const struct hosts *h, struct span key,
            const struct known_host_found *found)
{
    char shown[128], known[128];

    describe(key, shown);
    say("THE HOST KEY OF %s HAS CHANGED", h->host);
    say("either the host has a new key, or somebody else answers in its place");
    say("it shows  %s", shown);
    if (found->len > 0) {
        describe(span_of(found->blob, found->len), known);
        say("known is  %s", known);
    }
    say_place(h, found->line);
    if (rsa1_key_is(key)) {
        say("if the new key is right, remove that line");
        return;
    }
    say("if the new key is right, remove the old one: "
        "ssh-keygen -R '%s%s%s'",
        h->port == SSH_PORT ? "" : "[", h->host,
        h->port == SSH_PORT ? "" : "]:PORT");
}

/* --- asking ------------------------------------------------------------- */

static void
remember(struct hosts *h, struct span key)
{
    struct buf line;

    buf_init(&line, 8192);
    if (h->needs_newline)
        buf_put_u8(&line, '\n');
    /* One write: two programs may append at once. */
    if (known_hosts_put(h->host, h->port, key, &line) != OK ||
        h->append_fd < 0 || file_write_all(h->append_fd, buf_span(&line)) != OK)
        say("the key could not be added to %s",
            h->path[0] == '\0' ? "a file of known hosts" : h->path);
    else
        say("remembered in %s", h->path);
    buf_clear(&line);
}

/* Yes, or the very fingerprint, is yes. */
static bool
ask(const struct hosts *h, struct terminal *terminal, struct span key)
{
    static const char prompt[] =
        "Is this the key of the host, and shall it be remembered "
        "(yes/no/fingerprint)? ";
    char fingerprint[KEY_FINGERPRINT_ROOM];
    struct secret answer;
    bool yes = false;

    if (key_fingerprint(key, fingerprint) != OK)
        return false;
    for (int i = 0; i < ANSWERS_MAX; i++) {
        char word[64];

        if (terminal_ask(terminal, prompt, true, &answer) != OK)
            return false;
        (void)text_copy_span(word, sizeof(word), secret_span(&answer));
        yes = text_equal_nocase(word, "yes") || strcmp(word, fingerprint) == 0;
        if (yes || text_equal_nocase(word, "no"))
            return yes;
        say("please type yes, no or the fingerprint of %s's key", h->host);
    }
    return false;
}

static bool
meet(struct hosts *h, struct terminal *terminal, struct span key,
     const struct known_host_found *found)
{
    bool has_name = h->address[0] != '\0' && strcmp(h->address, h->host) != 0;
    char shown[128];

    describe(key, shown);
    if (rsa1_key_is(key) && hosts_know_version_2(h))
        say("of %s keys of version 2 are known, but none of version 1",
            h->host);
    else if (found->line == 0)
        say("no key of %s%s%s%s is known", h->host, has_name ? " (" : "",
            has_name ? h->address : "", has_name ? ")" : "");
    else
        say("of %s other keys are known, but none of this type", h->host);
    say("it shows  %s", shown);
    say_place(h, found->line);
    if (terminal->ask_fd < 0) {
        say("refused: there is no terminal to ask on");
        return false;
    }
    if (!ask(h, terminal, key))
        return false;
    remember(h, key);
    return true;
}

/* Known under the name alone, ssh(1) takes it for other ports too. */
static bool
is_known_without_port(const struct hosts *h, struct span key)
{
    struct known_host_found found;

    return h->port != SSH_PORT &&
           known_hosts_find(buf_span(&h->text), h->host, SSH_PORT, key,
                            &found) == KNOWN_HOST_MATCH;
}

bool
hosts_trust(struct hosts *h, struct terminal *terminal, struct span key)
{
    struct known_host_found found;

    if (h->is_unreadable) {
        say("refused: %s or %s cannot be read, or they are longer than 1 MiB",
            h->path[0] == '\0' ? "a file of known hosts" : h->path,
            MACHINE_FILE);
        return false;
    }
    switch (
        known_hosts_find(buf_span(&h->text), h->host, h->port, key, &found)) {
    case KNOWN_HOST_MATCH:
        return true;
    case KNOWN_HOST_NONE:
    case KNOWN_HOST_OTHER:
        return is_known_without_port(h, key) || meet(h, terminal, key, &found);
    case KNOWN_HOST_CHANGED:
        say_changed(h, key, &found);
        return false;
    case KNOWN_HOST_REVOKED:
        say("refused: the key of %s is revoked", h->host);
        say_place(h, found.line);
        return false;
    default:
        say("refused: what is known of %s does not parse", h->host);
        say_place(h, found.line);
        return false;
    }
}
