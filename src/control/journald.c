#include "control/journald.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "control/router.h"

#define SOCKET_PATH "/run/systemd/journal/socket"
#define ENTRY_MAX   8192

/* "DEVICE:INODE" of the stream that systemd has made standard error. */
static bool
is_error_stream(const char *stream)
{
    char own[64];
    struct stat about;

    if (stream == NULL || fstat(STDERR_FILENO, &about) != 0)
        return false;
    snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)about.st_dev,
             (uintmax_t)about.st_ino);
    return strcmp(own, stream) == 0;
}

int
journald_open(void)
{
    if (!is_error_stream(getenv("JOURNAL_STREAM")))
        return -1;
    return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* In the form for values that may hold line ends: with their length. */
static void
put(struct buf *to, const char *name, const char *value)
{
    uint64_t len = htole64(strlen(value));

    if (value[0] == '\0')
        return;
    buf_printf(to, "%s\n", name);
    buf_put(to, &len, sizeof(len));
    buf_printf(to, "%s\n", value);
}

static void
put_number(struct buf *to, const char *name, uint64_t number)
{
    buf_printf(to, "%s=%" PRIu64 "\n", name, number);
}

static void
put_entry(struct buf *to, const struct log_record *record, unsigned facility)
{
    bool named = record->mnemonic[0] != '\0';
    char message[LOG_LINE_MAX + 128];

    if (named)
        snprintf(message, sizeof(message), "%%%s-%d-%s: %s", record->facility,
                 (int)record->severity, record->mnemonic, record->text);
    put(to, "MESSAGE", named ? message : record->text);
    put_number(to, "PRIORITY", (uint64_t)record->severity);
    put_number(to, "SYSLOG_FACILITY", facility);
    put(to, "SYSLOG_IDENTIFIER", "vtyd");
    put(to, "VTYD_FACILITY", named ? record->facility : "");
    put(to, "VTYD_MNEMONIC", record->mnemonic);
    put_number(to, "VTYD_SEQUENCE", record->sequence);
    if (record->about == NULL)
        return;
    if (record->about->session != 0)
        put_number(to, "VTYD_SESSION", record->about->session);
    put(to, "VTYD_USER", record->about->user);
    put(to, "VTYD_SOURCE", record->about->source);
}

bool
journald_write(int fd, const struct log_record *record, unsigned facility)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};
    struct buf entry;
    bool taken = false;

    if (fd < 0)
        return false;
    buf_init(&entry, ENTRY_MAX);
    put_entry(&entry, record, facility);
    /* By name each time: the journal may have been started anew. */
    if (buf_ok(&entry))
        taken = sendto(fd, buf_span(&entry).ptr, buf_len(&entry), MSG_NOSIGNAL,
                       (struct sockaddr *)&to, sizeof(to)) >= 0;
    buf_clear(&entry);
    return taken;
}
