/*
 * Lines of `debug snmp packet`: what goes out and what comes back, in the
 * words of IOS, with its blanks.
 */
#include <stdio.h>

#include "control/debug.h"
#include "control/snmp_parts.h"

#define HEAD_MAX 160

static void
host_text(const struct notice *n, char text[CONFIG_ADDRESS_TEXT])
{
    config_address_text(&n->address, text);
}

/* The variables, one below the other; all but the last end in a blank. */
static void
put_variables(const struct snmp_notice *notice, struct buf *to)
{
    for (size_t i = 0; i < notice->count; i++) {
        char line[SNMP_LINE_MAX];

        snmp_notice_line(&notice->variables[i], line);
        buf_printf(to, " %s%s", line, i + 1 < notice->count ? " \n" : "");
    }
}

static void
put_head(struct router *r, const struct notice *n, char head[HEAD_MAX])
{
    struct config_address source = snmp_request_source(r, n);
    char agent[CONFIG_ADDRESS_TEXT] = "0.0.0.0";

    if (source.family == CONFIG_FAMILY_IPV4)
        config_address_text(&source, agent);
    if (n->target->entry.version == CONFIG_SNMP_V1)
        snprintf(head, HEAD_MAX,
                 "SNMP: V1 Trap, ent cisco, addr %s, gentrap 6, spectrap %d ",
                 agent, SNMP_NOTICE_SPECIFIC);
    else
        snprintf(head, HEAD_MAX, "SNMP: %s, reqid %u, errstat 0, erridx 0 ",
                 n->target->entry.informs ? "Inform request" : "V2 Trap",
                 n->id);
}

void
snmp_debug_queued(struct router *r, const struct notice *n)
{
    char host[CONFIG_ADDRESS_TEXT], head[HEAD_MAX];
    struct snmp_notice notice;
    struct buf text;

    if (!debug_on(r, DEBUG_SNMP))
        return;
    host_text(n, host);
    put_head(r, n, head);
    snmp_notice_make(&notice, &n->end,
                     n->target->entry.version == CONFIG_SNMP_V1);
    buf_init(&text, SNMP_VARIABLES_MAX * SNMP_LINE_MAX);
    put_variables(&notice, &text);
    debug_line(r, "SNMP: Queuing packet to %s", host);
    debug_lines(r, head, buf_text(&text));
    buf_clear(&text);
}

void
snmp_debug_sent(struct router *r, const struct notice *n)
{
    char host[CONFIG_ADDRESS_TEXT];

    if (!debug_on(r, DEBUG_SNMP))
        return;
    host_text(n, host);
    debug_line(r, "SNMP: Packet sent via UDP to %s", host);
}

void
snmp_debug_answered(struct router *r, const struct notice *n,
                    const struct msg_trap_fate *m)
{
    char host[CONFIG_ADDRESS_TEXT];

    if (!debug_on(r, DEBUG_SNMP))
        return;
    host_text(n, host);
    debug_line(r, "SNMP: Packet received via UDP from %s", host);
    debug_line(r, "SNMP: Response, reqid %u, errstat %u, erridx %u ", n->id,
               m->status, m->index);
}
