/*
 * `traceroute`: the routers on the way, found by a probe; each answer is shown
 * as it comes.
 */
#include <inttypes.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "commands/rows.h"
#include "commands/traceroute_parts.h"
#include "os/probe_socket.h"

#define HOPS      30
#define PROBES    3 /* for each hop, unless the line says otherwise */
#define TIMEOUT_S 3

static void
tracing_free(void *state)
{
    struct tracing *trace = state;

    probing_end(&trace->probing);
    free(trace);
}

/* --- what is shown ------------------------------------------------------ */

static void
show_head(struct command *cmd)
{
    const struct probing *probing = cmd->state;
    char text[CONFIG_ADDRESS_TEXT];

    config_address_text(&probing->to, text);
    out_line(cmd, "Type escape sequence to abort.");
    if (probing->name[0] == '\0')
        out_line(cmd, "Tracing the route to %s\n", text);
    else
        out_line(cmd, "Tracing the route to %s (%s)\n", probing->name, text);
    cmd_flush(cmd);
}

/* NULL: the time says it all. */
static const char *
mark_of_ipv6(uint8_t type, uint8_t code)
{
    if (type == ICMP6_TIME_EXCEEDED)
        return NULL;
    if (type != ICMP6_DST_UNREACH)
        return "?";
    switch (code) {
    case ICMP6_DST_UNREACH_NOPORT:
        return NULL;
    case ICMP6_DST_UNREACH_NOROUTE:
        return "!N";
    case ICMP6_DST_UNREACH_ADDR:
        return "!H";
    case ICMP6_DST_UNREACH_ADMIN:
        return "!A";
    default:
        return "!U";
    }
}

static const char *
mark_of_ipv4(uint8_t type, uint8_t code)
{
    if (type == ICMP_TIME_EXCEEDED)
        return NULL;
    if (type != ICMP_UNREACH)
        return "?";
    switch (code) {
    case ICMP_UNREACH_PORT:
        return NULL;
    case ICMP_UNREACH_NET:
    case ICMP_UNREACH_NET_UNKNOWN:
        return "!N";
    case ICMP_UNREACH_HOST:
    case ICMP_UNREACH_HOST_UNKNOWN:
        return "!H";
    case ICMP_UNREACH_PROTOCOL:
        return "!P";
    case ICMP_UNREACH_NET_PROHIB:
    case ICMP_UNREACH_HOST_PROHIB:
    case ICMP_UNREACH_FILTER_PROHIB:
        return "!A";
    default:
        return "!U";
    }
}

/* The router's address, once, or when another one answers for this hop. */
static void
show_router(struct command *cmd, struct span address)
{
    struct tracing *trace = cmd->state;
    struct config_address router;
    char text[CONFIG_ADDRESS_TEXT];

    if (!probe_address_take(address, &router) ||
        config_address_equal(&router, &trace->router))
        return;
    config_address_text(&router, text);
    out(cmd, "%s%s", trace->router.family == CONFIG_FAMILY_NONE ? "" : "\n    ",
        text);
    trace->router = router;
}

static void
show_result(struct command *cmd, const struct msg_probe_result *result)
{
    struct tracing *trace = cmd->state;
    const char *mark = NULL;
    bool ipv6 = trace->probing.to.family == CONFIG_FAMILY_IPV6;

    if (trace->shown == 0)
        out(cmd, "%3" PRIu32 " ", trace->hop);
    if (result->outcome == PROBE_LOST) {
        out(cmd, " * ");
        return;
    }
    show_router(cmd, result->address);
    if (result->outcome == PROBE_ERROR)
        mark = ipv6 ? mark_of_ipv6(result->type, result->code)
                    : mark_of_ipv4(result->type, result->code);
    if (mark != NULL)
        out(cmd, " %s ", mark);
    else
        out(cmd, " %" PRIu64 " msec", probing_ms(result->time_us));
    if (result->outcome != PROBE_ERROR ||
        result->type != (ipv6 ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED))
        trace->reached = true;
}

/* --- the probe ---------------------------------------------------------- */

static bool
is_done(const struct tracing *trace)
{
    return trace->hop > trace->last || (trace->reached && trace->shown == 0);
}

static void
on_message(void *owner, const struct message *m)
{
    struct command *cmd = owner;
    struct tracing *trace = cmd->state;

    if (m->type != MSG_PROBE_RESULT || is_done(trace))
        return;
    show_result(cmd, &m->probe_result);
    if (++trace->shown == trace->probes) {
        out_line(cmd, "%s", "");
        trace->shown = 0;
        trace->hop++;
        trace->router = (struct config_address){0};
    }
    probing_show(cmd);
}

static void
stopped(struct command *cmd)
{
    const struct tracing *trace = cmd->state;

    if (trace->shown > 0)
        out_line(cmd, "%s", "");
}

static void
on_end(void *owner, bool failed)
{
    struct command *cmd = owner;
    struct tracing *trace = cmd->state;

    trace->probing.probe = NULL;
    stopped(cmd);
    probing_done(cmd, !failed && is_done(trace));
}

static const struct probe_events events = {on_message, on_end};

/* --- the command -------------------------------------------------------- */

static void
start(struct command *cmd)
{
    struct tracing *trace = cmd->state;
    struct message work = {.type = MSG_PROBE_TRACE};
    struct net_address to, from;
    enum err err;
    int fd;

    probe_address_net(&trace->probing.to, 0, &to);
    err = probe_socket_trace(&to, probing_source(&trace->probing, &from), &fd);
    if (err == OK)
        err = probe_socket_mark(fd, &to, trace->class, false);
    if (err != OK) {
        probing_no_socket(cmd, err);
        return;
    }
    work.probe_trace.address = probe_address_bytes(&trace->probing.to);
    work.probe_trace.first = trace->first;
    work.probe_trace.hops = trace->last;
    work.probe_trace.port = trace->port;
    work.probe_trace.probes = trace->probes;
    work.probe_trace.timeout_ms = trace->timeout_s * 1000;
    trace->hop = trace->first;
    if (probing_start(cmd, &work, fd, &events))
        show_head(cmd);
}

struct tracing *
trace_prepare(struct command *cmd)
{
    struct tracing *trace = alloc_zero(1, sizeof(*trace));

    cmd->state = trace;
    cmd->free_state = tracing_free;
    trace->probing.start = start;
    trace->probing.stopped = stopped;
    trace->probes = PROBES;
    trace->timeout_s = TIMEOUT_S;
    trace->first = 1;
    trace->last = HOPS;
    trace->port = TRACE_PORT;
    return trace;
}

static void
trace(struct command *cmd, bool ipv4, bool ipv6)
{
    struct tracing *trace = trace_prepare(cmd);

    trace->probes = cli_number_or(cmd->match, "count", trace->probes);
    trace->timeout_s = cli_number_or(cmd->match, "seconds", trace->timeout_s);
    probing_begin(cmd, ipv4, ipv6);
}

static void
trace_any(struct command *cmd)
{
    trace(cmd, true, true);
}

static void
trace_ip(struct command *cmd)
{
    trace(cmd, true, false);
}

static void
trace_ipv6(struct command *cmd)
{
    trace(cmd, false, true);
}

#define OPTIONS(from) \
    " [probe <1-100>:count|timeout <1-3600>:seconds|source " from "]..."
#define OPTIONS_HELP                                                   \
    "Specify number of probes per hop", "Number of probes",            \
        "Specify time out", "Seconds to wait for response to a probe", \
        "Specify source address"
#define WHERE "Trace route to destination address"

const struct cli_row traceroute_rows[] = {
    GROUP("traceroute", "Trace route to destination"),
    EXEC("traceroute {A.B.C.D:address|X:X::X:address|WORD:name}" OPTIONS(
             "{A.B.C.D:from|X:X::X:from}"),
         1, trace_any, WHERE, WHERE, "Trace route to destination hostname",
         OPTIONS_HELP, "Source address", "Source address"),
    EXEC("traceroute ip {A.B.C.D:address|WORD:name}" OPTIONS("A.B.C.D:from"), 1,
         trace_ip, "IP Trace", WHERE, "Trace route to destination hostname",
         OPTIONS_HELP, "Source address"),
    EXEC("traceroute ipv6 {X:X::X:address|WORD:name}" OPTIONS("X:X::X:from"), 1,
         trace_ipv6, "IPv6 Trace", WHERE, "Trace route to destination hostname",
         OPTIONS_HELP, "Source address"),
    /* With questions, which only privileged EXEC has. */
    EXEC("traceroute [ip|ipv6]", 2, trace_ask, "IP Trace", "IPv6 Trace"),
    ROWS_END,
};
