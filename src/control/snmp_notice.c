#include "control/snmp_notice.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

/* tslineSesType */
#define TYPE_TCP 6
/*
 * tcpConnState: what IOS sends, whose established is 4 where TCP-MIB says 5.
 * tcpConnectionState is nobody's habit, so the MIB's number.
 */
#define STATE_OF_IOS      4
#define STATE_ESTABLISHED 5
#define INET_ADDRESS_IPV6 2 /* INET-ADDRESS-MIB */
#define COUNT_MAX         INT32_MAX
#define IDS(...)       \
    (const uint32_t[]) \
    {                  \
        __VA_ARGS__    \
    }
#define OID_ADD(oid, ...)               \
    snmp_oid_add(oid, IDS(__VA_ARGS__), \
                 sizeof(IDS(__VA_ARGS__)) / sizeof(uint32_t))

#define CISCO       1, 3, 6, 1, 4, 1, 9
#define LOCAL       CISCO, 2
#define TCP         1, 3, 6, 1, 2, 1, 6
#define SNMP_UPTIME 1, 3, 6, 1, 2, 1, 1, 3, 0
#define SNMP_TRAP   1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0

/* --- keeping ------------------------------------------------------------ */

/* Of an INTEGER: it may not become negative, so it begins anew. */
static uint32_t
counted(uint64_t value)
{
    return (uint32_t)(value & COUNT_MAX);
}

void
snmp_end_keep(struct snmp_end *kept, const struct session_end *end,
              uint32_t uptime)
{
    *kept = (struct snmp_end){
        .line = end->line,
        .index = end->index,
        .local = *end->local,
        .peer = *end->peer,
        .elapsed = (uint32_t)(end->elapsed_ms / 10),
        .uptime = uptime,
        .bytes_in = counted(end->bytes_in),
        .bytes_out = counted(end->bytes_out),
    };
    text_copy(kept->user, sizeof(kept->user), end->user);
}

/* --- variables ---------------------------------------------------------- */

static struct snmp_variable *
add(struct snmp_notice *notice, enum snmp_type type, uint32_t number)
{
    struct snmp_variable *variable = &notice->variables[notice->count++];

    *variable = (struct snmp_variable){.type = type, .number = number};
    return variable;
}

static void
add_address(struct snmp_oid *oid, const struct net_address *address)
{
    struct span bytes = net_bytes(address);

    for (size_t i = 0; i < bytes.len; i++)
        snmp_oid_add_one(oid, bytes.ptr[i]);
}

/* A column of tcpConnTable or ltcpConnTable: both have the same index. */
static void
add_index(struct snmp_oid *oid, const struct snmp_end *end)
{
    add_address(oid, &end->local);
    snmp_oid_add_one(oid, net_port(&end->local));
    add_address(oid, &end->peer);
    snmp_oid_add_one(oid, net_port(&end->peer));
}

static void
add_connection(struct snmp_notice *notice, const struct snmp_end *end)
{
    struct snmp_oid *oid;

    oid = &add(notice, SNMP_INTEGER, STATE_OF_IOS)->name;
    OID_ADD(oid, TCP, 13, 1, 1);
    add_index(oid, end);
    oid = &add(notice, SNMP_TICKS, end->elapsed)->name;
    OID_ADD(oid, LOCAL, 6, 1, 1, 5);
    add_index(oid, end);
    oid = &add(notice, SNMP_INTEGER, end->bytes_in)->name;
    OID_ADD(oid, LOCAL, 6, 1, 1, 1);
    add_index(oid, end);
    oid = &add(notice, SNMP_INTEGER, end->bytes_out)->name;
    OID_ADD(oid, LOCAL, 6, 1, 1, 2);
    add_index(oid, end);
}

/* TCP-MIB, tcpConnectionEntry: kinds of addresses, and how long they are. */
static void
add_connection_ipv6(struct snmp_notice *notice, const struct snmp_end *end)
{
    struct snmp_oid *oid = &add(notice, SNMP_INTEGER, STATE_ESTABLISHED)->name;

    OID_ADD(oid, TCP, 19, 1, 7, INET_ADDRESS_IPV6, 16);
    add_address(oid, &end->local);
    OID_ADD(oid, net_port(&end->local), INET_ADDRESS_IPV6, 16);
    add_address(oid, &end->peer);
    snmp_oid_add_one(oid, net_port(&end->peer));
}

void
snmp_notice_enterprise(struct snmp_oid *oid)
{
    oid->count = 0;
    OID_ADD(oid, CISCO);
}

/* What stands before the variables from version 2 on. */
static void
add_head(struct snmp_notice *notice, const struct snmp_end *end)
{
    struct snmp_variable *kind;

    OID_ADD(&add(notice, SNMP_TICKS, end->uptime)->name, SNMP_UPTIME);
    kind = add(notice, SNMP_OBJECT, 0);
    OID_ADD(&kind->name, SNMP_TRAP);
    OID_ADD(&kind->object, CISCO, 0, SNMP_NOTICE_SPECIFIC);
}

void
snmp_notice_make(struct snmp_notice *notice, const struct snmp_end *end,
                 bool version_1)
{
    bool ipv4 =
        net_bytes(&end->local).len == 4 && net_bytes(&end->peer).len == 4;
    struct snmp_variable *user;

    notice->count = 0;
    if (!version_1)
        add_head(notice, end);
    OID_ADD(&add(notice, SNMP_INTEGER, TYPE_TCP)->name, LOCAL, 9, 3, 1, 1,
            end->line, end->index);
    if (ipv4)
        add_connection(notice, end);
    else if (!version_1)
        add_connection_ipv6(notice, end);
    user = add(notice, SNMP_OCTETS, 0);
    OID_ADD(&user->name, LOCAL, 9, 2, 1, 18, end->line);
    user->octets = span_text(end->user);
}

/* --- shown -------------------------------------------------------------- */

static const struct {
    const char *name;
    struct snmp_oid oid;
} known[] = {
    {"sysUpTime.0", {9, {SNMP_UPTIME}}},
    {"snmpTrapOID.0", {11, {SNMP_TRAP}}},
    {"ltcpConnEntry", {11, {LOCAL, 6, 1, 1}}},
    {"tcpConnEntry", {9, {TCP, 13, 1}}},
    {"tcpConnectionEntry", {9, {TCP, 19, 1}}},
    {"local", {8, {LOCAL}}},
    {"cisco", {7, {CISCO}}},
};

static bool
begins_with(const struct snmp_oid *oid, const struct snmp_oid *with)
{
    return oid->count >= with->count &&
           memcmp(oid->ids, with->ids, with->count * sizeof(with->ids[0])) == 0;
}

/* Behind what `text` has already, as far as there is room. */
PRINTF(2, 3)
static void
append(char text[SNMP_LINE_MAX], const char *format, ...)
{
    size_t used = strlen(text);
    va_list values;

    va_start(values, format);
    vsnprintf(text + used, SNMP_LINE_MAX - used, format, values);
    va_end(values);
}

static void
append_oid(char text[SNMP_LINE_MAX], const struct snmp_oid *oid)
{
    size_t from = 0;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (from == 0 && begins_with(oid, &known[i].oid)) {
            append(text, "%s", known[i].name);
            from = known[i].oid.count;
        }
    for (size_t i = from; i < oid->count; i++)
        append(text, "%s%u", i == 0 ? "" : ".", oid->ids[i]);
}

void
snmp_notice_line(const struct snmp_variable *variable, char line[SNMP_LINE_MAX])
{
    char user[4 * SNMP_TEXT_MAX + 1];

    line[0] = '\0';
    append_oid(line, &variable->name);
    append(line, " = ");
    switch (variable->type) {
    case SNMP_INTEGER:
    case SNMP_TICKS:
        append(line, "%u", variable->number);
        break;
    case SNMP_OCTETS:
        text_escape(user, sizeof(user), variable->octets);
        append(line, "%s", user);
        break;
    case SNMP_OBJECT:
        append_oid(line, &variable->object);
        break;
    }
}
