#include "control/syslog_line.h"

#include <inttypes.h>
#include <stdio.h>

#include "control/router.h"

#define SEQUENCE_MAX 2147483647 /* of RFC 5424; behind it comes 1 */

/* What IANA keeps for examples: the router has no number of its own. */
#define ENTERPRISE "32473"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static unsigned
priority(const struct log_record *record, const struct syslog_sender *sender)
{
    return sender->facility * 8 + (unsigned)record->severity;
}

/* On one line, whatever is in it. */
static void
put_text(struct buf *to, const char *text)
{
    for (; *text != '\0'; text++) {
        uint8_t byte = (uint8_t)*text;

        if (byte < ' ' || byte == 0x7f)
            buf_printf(to, "\\x%02x", byte);
        else
            buf_put_u8(to, byte);
    }
}

/* "%SYS-5-CONFIG_I: Configured ..." */
static void
put_message(struct buf *to, const struct log_record *record)
{
    if (record->mnemonic[0] != '\0')
        buf_printf(to, "%%%s-%d-%s: ", record->facility, (int)record->severity,
                   record->mnemonic);
    put_text(to, record->text);
}

/* Not within a character of UTF-8. */
static void
cut(struct buf *line, size_t most)
{
    const uint8_t *bytes = buf_bytes(line);

    if (buf_len(line) <= most)
        return;
    while (most > 0 && (bytes[most] & 0xc0) == 0x80)
        most--;
    buf_truncate(line, most);
}

void
syslog_line_ios(struct buf *to, const struct log_record *record,
                const struct syslog_sender *sender)
{
    buf_printf(to, "<%u>%" PRIu64 ": ", priority(record, sender),
               record->sequence);
    if (sender->origin[0] != '\0') {
        put_text(to, sender->origin);
        buf_printf(to, ": ");
    }
    buf_printf(to, "%s", record->stamp);
    put_message(to, record);
    cut(to, SYSLOG_IOS_MAX);
}

/* --- RFC 5424 ----------------------------------------------------------- */

/* A field of the header: printable ASCII without blanks, "-" for nothing. */
static void
put_field(struct buf *to, const char *text, size_t most)
{
    if (text[0] == '\0')
        buf_printf(to, "-");
    for (size_t i = 0; text[i] != '\0' && i < most; i++)
        buf_put_u8(to, text[i] > ' ' && text[i] < 0x7f ? (uint8_t)text[i]
                                                       : (uint8_t)'_');
}

static void
put_time(struct buf *to, const struct timespec *at)
{
    char text[32];
    struct tm utc;

    if (gmtime_r(&at->tv_sec, &utc) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc) == 0)
        buf_printf(to, "-");
    else
        buf_printf(to, "%s.%03ldZ", text, at->tv_nsec / 1000000);
}

/* Section 6.3.3: these three are escaped. */
static void
put_parameter(struct buf *to, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    buf_printf(to, " %s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\' || *value == ']')
            buf_put_u8(to, '\\');
        buf_put_u8(to, (uint8_t)*value);
    }
    buf_put_u8(to, '"');
}

/* An element of our own, when there is anything to put into it. */
static void
put_facts(struct buf *to, const struct log_record *record)
{
    const struct log_about *about = record->about;
    bool named = record->mnemonic[0] != '\0';
    char session[16] = "";

    if (about != NULL && about->session != 0)
        snprintf(session, sizeof(session), "%u", about->session);
    if (!named && session[0] == '\0' &&
        (about == NULL || about->source[0] == '\0'))
        return;
    buf_printf(to, "[vtyd@" ENTERPRISE);
    put_parameter(to, "facility", named ? record->facility : "");
    put_parameter(to, "mnemonic", record->mnemonic);
    put_parameter(to, "session", session);
    if (about != NULL) {
        put_parameter(to, "user", about->user);
        put_parameter(to, "source", about->source);
    }
    buf_printf(to, "]");
}

static void
put_structured_data(struct buf *to, const struct log_record *record,
                    const struct syslog_sender *sender)
{
    buf_printf(to,
               "[timeQuality tzKnown=\"1\" isSynced=\"%d\"]"
               "[meta sequenceId=\"%" PRIu64 "\"]",
               sender->synchronised, (record->sequence - 1) % SEQUENCE_MAX + 1);
    put_facts(to, record);
}

static bool
is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((uint8_t)*text >= 0x80)
            return false;
    return true;
}

void
syslog_line_rfc5424(struct buf *to, const struct log_record *record,
                    const struct syslog_sender *sender)
{
    char name[64] = "";

    if (record->mnemonic[0] != '\0')
        snprintf(name, sizeof(name), "%s-%d-%s", record->facility,
                 (int)record->severity, record->mnemonic);
    buf_printf(to, "<%u>1 ", priority(record, sender));
    put_time(to, &record->at);
    buf_printf(to, " ");
    put_field(to, sender->origin[0] != '\0' ? sender->origin : sender->host,
              255);
    buf_printf(to, " vtyd %u ", sender->process);
    put_field(to, name, 32);
    buf_printf(to, " ");
    put_structured_data(to, record, sender);
    buf_printf(to, " %s", is_ascii(record->text) ? "" : BYTE_ORDER_MARK);
    put_message(to, record);
    cut(to, SYSLOG_RFC5424_MAX);
}
