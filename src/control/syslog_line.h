/*
 * A log record as collectors get it: in IOS's own form, which is RFC 3164's
 * but for what stands where that has time and host, or in that of RFC 5424.
 */
#ifndef CONTROL_SYSLOG_LINE_H
#define CONTROL_SYSLOG_LINE_H

#include "base/buf.h"
#include "control/log_record.h"

#define SYSLOG_IOS_MAX     1024 /* bytes: RFC 3164 section 4.1 */
#define SYSLOG_RFC5424_MAX 2048 /* bytes: RFC 5424 section 6.1 */

struct syslog_sender {
    unsigned facility;  /* 0-23 */
    const char *origin; /* `logging origin-id`; "" none */
    const char *host;   /* "R1.example.com" */
    unsigned process;   /* its id */
    bool synchronised;  /* its clock */
};

/*
 * "<189>233: R1: *Sep 13 09:18:12.291: %SYS-5-CONFIG_I: Configured ...". Line
 * ends within the text become \x0a; what is too long is cut at a character.
 */
void syslog_line_ios(struct buf *to, const struct log_record *record,
                     const struct syslog_sender *sender);
/*
 * "<189>1 2026-09-13T09:18:12.291Z R1 vtyd 812 SYS-5-CONFIG_I [...] %SYS-5-
 * CONFIG_I: Configured ..."; a text that is not ASCII has a byte order mark.
 */
void syslog_line_rfc5424(struct buf *to, const struct log_record *record,
                         const struct syslog_sender *sender);

#endif
