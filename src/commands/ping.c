/*
 * `ping`: echo requests, sent by a probe; each is shown as soon as it is known
 * what became of it.
 */
#include <inttypes.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "commands/ping_parts.h"
#include "commands/rows.h"
#include "os/probe_socket.h"

#define REPEAT      5   /* unless the line says otherwise */
#define SIZE        100 /* bytes, with the IP header */
#define TIMEOUT_S   2
#define PATTERN     0xabcd
#define IPV4_HEADER 20 /* bytes */
#define IPV6_HEADER 40
#define ICMP_HEADER 8
#define MARKS       70 /* in one line */

static void
pinging_free(void *state)
{
    struct pinging *ping = state;

    probing_end(&ping->probing);
    free(ping);
}

/* --- what is shown ------------------------------------------------------ */

static char
mark_of_ipv6_error(uint8_t type, uint8_t code)
{
    if (type == ICMP6_TIME_EXCEEDED)
        return 'T';
    if (type == ICMP6_PACKET_TOO_BIG)
        return 'B';
    if (type != ICMP6_DST_UNREACH)
        return '?';
    switch (code) {
    case ICMP6_DST_UNREACH_NOROUTE:
        return 'N';
    case ICMP6_DST_UNREACH_ADMIN:
        return 'A';
    case ICMP6_DST_UNREACH_ADDR:
        return 'H';
    case ICMP6_DST_UNREACH_NOPORT:
        return 'P';
    default:
        return 'U';
    }
}

static char
mark_of_error(uint8_t type, uint8_t code)
{
    switch (type) {
    case ICMP_UNREACH:
        return code == ICMP_UNREACH_NEEDFRAG ? 'M' : 'U';
    case ICMP_SOURCE_QUENCH:
        return 'Q';
    case ICMP_TIME_EXCEEDED:
        return '&';
    default:
        return '?';
    }
}

static char
mark_of(const struct pinging *ping, const struct msg_probe_result *result)
{
    if (result->outcome == PROBE_REPLY)
        return '!';
    if (result->outcome != PROBE_ERROR)
        return '.';
    return ping->probing.to.family == CONFIG_FAMILY_IPV6
               ? mark_of_ipv6_error(result->type, result->code)
               : mark_of_error(result->type, result->code);
}

static void
show_mark(struct command *cmd, char mark)
{
    struct pinging *ping = cmd->state;

    out(cmd, "%c", mark);
    if (++ping->column == MARKS) {
        out_line(cmd, "%s", "");
        ping->column = 0;
    }
    probing_show(cmd);
}

static void
show_head(struct command *cmd)
{
    const struct pinging *ping = cmd->state;
    char text[CONFIG_ADDRESS_TEXT];

    config_address_text(&ping->probing.to, text);
    out_line(cmd, "Type escape sequence to abort.");
    if (ping->last_size == ping->size)
        out(cmd, "Sending %" PRIu32 ", %" PRIu32, ping->repeat, ping->size);
    else
        out(cmd, "Sending %" PRIu32 ", [%" PRIu32 "..%" PRIu32 "]",
            ping->repeat, ping->size, ping->last_size);
    out_line(cmd,
             "-byte ICMP Echos to %s, timeout is %" PRIu32 " seconds:", text,
             ping->timeout_s);
    config_address_text(&ping->probing.from, text);
    if (text[0] != '\0')
        out_line(cmd, "Packet sent with a source address of %s ", text);
    if (ping->whole)
        out_line(cmd, "Packet sent with the DF bit set");
    if (ping->validate)
        out_line(cmd, "Reply data will be validated");
    if (ping->pattern != PATTERN)
        out_line(cmd, "Packet has data pattern 0x%04" PRIX32, ping->pattern);
    cmd_flush(cmd);
}

static void
show_rate(struct command *cmd)
{
    const struct pinging *ping = cmd->state;
    uint32_t percent =
        ping->sent == 0
            ? 0
            : (uint32_t)((uint64_t)ping->received * 100 / ping->sent);

    if (ping->column > 0)
        out_line(cmd, "%s", "");
    out(cmd, "Success rate is %" PRIu32 " percent (%" PRIu32 "/%" PRIu32 ")",
        percent, ping->received, ping->sent);
    if (ping->received > 0)
        out(cmd,
            ", round-trip min/avg/max = %" PRIu64 "/%" PRIu64 "/%" PRIu64 " ms",
            probing_ms(ping->least_us),
            probing_ms(ping->sum_us / ping->received),
            probing_ms(ping->most_us));
    out_line(cmd, "%s", "");
}

/* --- the probe ---------------------------------------------------------- */

static void
on_message(void *owner, const struct message *m)
{
    struct command *cmd = owner;
    struct pinging *ping = cmd->state;
    uint64_t us = m->probe_result.time_us;

    if (m->type != MSG_PROBE_RESULT || ping->sent == ping->repeat)
        return;
    ping->sent++;
    if (m->probe_result.outcome == PROBE_REPLY) {
        if (ping->received == 0 || us < ping->least_us)
            ping->least_us = us;
        if (us > ping->most_us)
            ping->most_us = us;
        ping->sum_us += us;
        ping->received++;
    }
    show_mark(cmd, mark_of(ping, &m->probe_result));
}

static void
on_end(void *owner, bool failed)
{
    struct command *cmd = owner;
    struct pinging *ping = cmd->state;

    ping->probing.probe = NULL;
    show_rate(cmd);
    probing_done(cmd, !failed && ping->sent == ping->repeat);
}

static const struct probe_events events = {on_message, on_end};

/* One is under way when the user has enough: it counts as sent. */
static void
stopped(struct command *cmd)
{
    struct pinging *ping = cmd->state;

    if (ping->sent < ping->repeat)
        ping->sent++;
    show_rate(cmd);
}

/* --- the command -------------------------------------------------------- */

/* Bytes behind the IP header; 0: it cannot be so small. */
static uint32_t
icmp_size(const struct pinging *ping, uint32_t size)
{
    uint32_t header = ping->probing.to.family == CONFIG_FAMILY_IPV6
                          ? IPV6_HEADER
                          : IPV4_HEADER;

    return size < header + ICMP_HEADER ? 0 : size - header;
}

static void
fill_work(const struct pinging *ping, struct msg_probe_echo *work)
{
    work->address = probe_address_bytes(&ping->probing.to);
    work->repeat = ping->repeat;
    work->size = icmp_size(ping, ping->size);
    work->last_size = icmp_size(ping, ping->last_size);
    work->step = ping->step;
    work->timeout_ms = ping->timeout_s * 1000;
    work->pattern = ping->pattern;
    work->validate = ping->validate;
}

static void
start(struct command *cmd)
{
    struct pinging *ping = cmd->state;
    struct message work = {.type = MSG_PROBE_ECHO};
    struct net_address to, from;
    enum echo_socket kind;
    enum err err;
    int fd;

    if (icmp_size(ping, ping->size) == 0) {
        out_error(cmd, "Invalid size: IPv6 needs %u bytes at least",
                  IPV6_HEADER + ICMP_HEADER);
        cmd_done(cmd);
        return;
    }
    probe_address_net(&ping->probing.to, 0, &to);
    err = probe_socket_echo(&to, probing_source(&ping->probing, &from), &fd,
                            &kind);
    if (err == OK)
        err = probe_socket_mark(fd, &to, ping->class, ping->whole);
    if (err != OK) {
        probing_no_socket(cmd, err);
        return;
    }
    fill_work(ping, &work.probe_echo);
    work.probe_echo.raw = kind == ECHO_RAW;
    if (probing_start(cmd, &work, fd, &events))
        show_head(cmd);
}

struct pinging *
ping_prepare(struct command *cmd)
{
    struct pinging *ping = alloc_zero(1, sizeof(*ping));

    cmd->state = ping;
    cmd->free_state = pinging_free;
    ping->probing.start = start;
    ping->probing.stopped = stopped;
    ping->repeat = REPEAT;
    ping->size = ping->last_size = SIZE;
    ping->step = 1;
    ping->timeout_s = TIMEOUT_S;
    ping->pattern = PATTERN;
    return ping;
}

static void
ping(struct command *cmd, bool ipv4, bool ipv6)
{
    struct pinging *ping = ping_prepare(cmd);

    ping->repeat = cli_number_or(cmd->match, "count", ping->repeat);
    ping->size = ping->last_size =
        cli_number_or(cmd->match, "bytes", ping->size);
    ping->timeout_s = cli_number_or(cmd->match, "seconds", ping->timeout_s);
    probing_begin(cmd, ipv4, ipv6);
}

static void
ping_any(struct command *cmd)
{
    ping(cmd, true, true);
}

static void
ping_ip(struct command *cmd)
{
    ping(cmd, true, false);
}

static void
ping_ipv6(struct command *cmd)
{
    ping(cmd, false, true);
}

#define OPTIONS(from)                                      \
    " [repeat <1-2147483647>:count|size <36-18024>:bytes|" \
    "timeout <1-3600>:seconds|source " from "]..."
#define OPTIONS_HELP                                                       \
    "Specify repeat count", "Repeat count", "Specify datagram size",       \
        "Datagram size", "Specify timeout interval", "Timeout in seconds", \
        "Specify source address"

#define WHERE "Ping destination address"
#define NAMED "Ping destination hostname"

const struct cli_row ping_rows[] = {
    GROUP("ping", "Send echo messages"),
    EXEC("ping {A.B.C.D:address|X:X::X:address|WORD:name}" OPTIONS(
             "{A.B.C.D:from|X:X::X:from}"),
         1, ping_any, WHERE, WHERE, NAMED, OPTIONS_HELP, "Source address",
         "Source address"),
    EXEC("ping ip {A.B.C.D:address|WORD:name}" OPTIONS("A.B.C.D:from"), 1,
         ping_ip, "IP echo", WHERE, NAMED, OPTIONS_HELP, "Source address"),
    EXEC("ping ipv6 {X:X::X:address|WORD:name}" OPTIONS("X:X::X:from"), 1,
         ping_ipv6, "IPv6 echo", WHERE, NAMED, OPTIONS_HELP, "Source address"),
    /* With questions, which only privileged EXEC has. */
    EXEC("ping [ip|ipv6]", 2, ping_ask, "IP echo", "IPv6 echo"),
    ROWS_END,
};
