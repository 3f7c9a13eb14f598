#include "commands/route_table.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>

/* --- what a route is ---------------------------------------------------- */

struct protocol {
    unsigned number; /* RTPROT_... */
    const char *code;
    const char *name; /* as `show ip route A.B.C.D` has it */
};

/* What is not here was set by somebody: static. */
static const struct protocol protocols[] = {
    {RTPROT_KERNEL, "C", "connected"}, {RTPROT_BGP, "B", "bgp"},
    {RTPROT_ISIS, "i", "isis"},        {RTPROT_OSPF, "O", "ospf"},
    {RTPROT_RIP, "R", "rip"},          {RTPROT_EIGRP, "D", "eigrp"},
};
static const struct protocol static_route = {RTPROT_STATIC, "S", "static"};

static const struct protocol *
protocol_of(const struct netlink_route *route)
{
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
        if (protocols[i].number == route->protocol)
            return &protocols[i];
    return &static_route;
}

static bool
is_connected(const struct netlink_route *route)
{
    return route->protocol == RTPROT_KERNEL;
}

static int
compare(const void *a, const void *b)
{
    const struct netlink_route *x = a, *y = b;
    int order = memcmp(x->to.bytes, y->to.bytes, sizeof(x->to.bytes));

    if (order == 0)
        order = (x->to.length > y->to.length) - (x->to.length < y->to.length);
    if (order == 0)
        order = (x->priority > y->priority) - (x->priority < y->priority);
    return order;
}

static bool
same_destination(const struct netlink_route *a, const struct netlink_route *b)
{
    return a->to.length == b->to.length &&
           memcmp(a->to.bytes, b->to.bytes, sizeof(a->to.bytes)) == 0;
}

/* One destination on two links is the kernel's habit for fe80::/64. */
static bool
is_shown(const struct netlink_route *route)
{
    bool link_local = route->to.family == AF_INET6 &&
                      route->to.bytes[0] == 0xfe &&
                      (route->to.bytes[1] & 0xc0) == 0x80;

    return !route->cloned && !link_local;
}

void
route_table_sort(struct route_table *table)
{
    size_t kept = 0;

    if (table->count > 0)
        qsort(table->routes, table->count, sizeof(*table->routes), compare);
    for (size_t i = 0; i < table->count; i++) {
        struct netlink_route *route = &table->routes[i];

        if (is_shown(route) &&
            (kept == 0 || !same_destination(&table->routes[kept - 1], route)))
            table->routes[kept++] = *route;
    }
    table->count = kept;
}

/* --- one line ----------------------------------------------------------- */

/*
 * The kernel has one number to choose by; it stands where IOS has the
 * distance. A metric of the protocol's own it does not have: 0, as for every
 * static route.
 */
static void
put_ways(struct buf *to, const struct route_table *table,
         const struct netlink_route *route, size_t begin)
{
    char gateway[PREFIX_TEXT_MAX];

    if (route->discards) {
        buf_printf(to, " is directly connected, Null0\n");
        return;
    }
    for (size_t i = 0; i < route->hop_count; i++) {
        const struct netlink_hop *hop = &route->hops[i];
        const char *link = network_view_name(table->view, hop->link);

        if (i > 0)
            buf_printf(to, "%*s", (int)begin, "");
        address_text(&hop->gateway, gateway);
        if (hop->gateway.family == 0)
            buf_printf(to, " is directly connected, %s\n", link);
        else if (protocol_of(route) == &static_route)
            buf_printf(to, " [%u/0] via %s\n", route->priority, gateway);
        else
            buf_printf(to, " [%u/0] via %s, %s\n", route->priority, gateway,
                       link);
    }
}

/* `column` is where the destination begins: 5, or 8 for a subnet. */
static void
put_line(struct buf *to, const struct route_table *table,
         const struct netlink_route *route, int column, bool with_length)
{
    char destination[PREFIX_TEXT_MAX], code[8];
    size_t len;

    if (with_length)
        prefix_text(&route->to, destination);
    else
        address_text(&route->to, destination);
    snprintf(code, sizeof(code), "%s%s", protocol_of(route)->code,
             route->to.length == 0 ? "*" : "");
    len = (size_t)column + strlen(destination);
    buf_printf(to, "%-*s%s", column, code, destination);
    put_ways(to, table, route, len);
}

/* --- classes ------------------------------------------------------------ */

/* Bits of the network in the class of an address (RFC 791); 0: none. */
static unsigned
class_length(const struct netlink_prefix *prefix)
{
    uint8_t first = prefix->bytes[0];

    if (first < 128)
        return 8;
    if (first < 192)
        return 16;
    return first < 224 ? 24 : 0;
}

/* A part of a network of its class. */
static bool
is_subnet(const struct netlink_route *route)
{
    unsigned length = class_length(&route->to);

    return length != 0 && route->to.length > length;
}

static bool
same_class_network(const struct netlink_route *a, const struct netlink_route *b)
{
    unsigned length = class_length(&a->to);

    return length == class_length(&b->to) && length != 0 &&
           a->to.length >= length && b->to.length >= length &&
           memcmp(a->to.bytes, b->to.bytes, length / 8) == 0;
}

struct group {
    size_t count;
    size_t masks;   /* different lengths */
    bool subnetted; /* has a part that is smaller than the network */
};

static struct group
group_at(const struct route_table *table, size_t first)
{
    struct group group = {0};
    uint64_t seen = 0;

    for (size_t i = first; i < table->count; i++) {
        const struct netlink_route *route = &table->routes[i];

        if (i > first && !same_class_network(&table->routes[first], route))
            break;
        group.count++;
        group.subnetted = group.subnetted || is_subnet(route);
        seen |= 1ULL << route->to.length;
    }
    group.masks = (size_t)__builtin_popcountll(seen);
    return group;
}

static void
put_heading(struct buf *to, const struct netlink_route *first,
            const struct group *group)
{
    struct netlink_prefix network = first->to;
    char text[PREFIX_TEXT_MAX];

    if (group->masks > 1)
        network.length = class_length(&first->to);
    network = prefix_network(&network);
    if (group->masks == 1) {
        unsigned length = network.length;

        network.length = class_length(&first->to);
        network = prefix_network(&network);
        network.length = length;
    }
    prefix_text(&network, text);
    if (group->masks == 1)
        buf_printf(to, "     %s is subnetted, %zu subnets\n", text,
                   group->count);
    else
        buf_printf(to,
                   "     %s is variably subnetted, %zu subnets, %zu masks\n",
                   text, group->count, group->masks);
}

static void
put_group(struct buf *to, const struct route_table *table, size_t first,
          const struct group *group)
{
    if (group->subnetted)
        put_heading(to, &table->routes[first], group);
    for (size_t i = first; i < first + group->count; i++)
        put_line(to, table, &table->routes[i], group->subnetted ? 8 : 5,
                 !group->subnetted || group->masks > 1);
}

/* --- IPv4 --------------------------------------------------------------- */

static const char ipv4_codes[] =
    "Codes: C - connected, S - static, R - RIP, M - mobile, B - BGP\n"
    "       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area \n"
    "       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2\n"
    "       E1 - OSPF external type 1, E2 - OSPF external type 2\n"
    "       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS "
    "level-2\n"
    "       ia - IS-IS inter area, * - candidate default, U - per-user static "
    "route\n"
    "       o - ODR, P - periodic downloaded static route\n"
    "\n";

static void
put_last_resort(struct buf *to, const struct route_table *table)
{
    const struct netlink_route *first =
        table->count > 0 ? &table->routes[0] : NULL;
    char gateway[PREFIX_TEXT_MAX];

    if (first == NULL || first->to.length != 0) {
        buf_printf(to, "Gateway of last resort is not set\n\n");
        return;
    }
    address_text(&first->hops[0].gateway, gateway);
    buf_printf(to, "Gateway of last resort is %s to network 0.0.0.0\n\n",
               gateway[0] == '\0' ? "0.0.0.0" : gateway);
}

void
route_table_put_ipv4(struct buf *to, const struct route_table *table)
{
    size_t i = table->count > 0 && table->routes[0].to.length == 0;

    buf_printf(to, "%s", ipv4_codes);
    put_last_resort(to, table);
    while (i < table->count) {
        struct group group = group_at(table, i);

        put_group(to, table, i, &group);
        i += group.count;
    }
    /* The default route is last on IOS. */
    if (table->count > 0 && table->routes[0].to.length == 0)
        put_line(to, table, &table->routes[0], 5, true);
}

static bool
leads_to(const struct netlink_route *route, const struct netlink_prefix *asked)
{
    struct netlink_prefix network = *asked;

    network.length = route->to.length;
    network = prefix_network(&network);
    return memcmp(network.bytes, route->to.bytes, sizeof(network.bytes)) == 0;
}

static struct netlink_prefix
prefix_of(const struct config_address *address)
{
    bool ipv6 = address->family == CONFIG_FAMILY_IPV6;
    struct netlink_prefix prefix = {.family = ipv6 ? AF_INET6 : AF_INET};

    memcpy(prefix.bytes, address->bytes, ipv6 ? 16 : 4);
    return prefix;
}

const struct netlink_route *
route_table_find(const struct route_table *table,
                 const struct config_address *address)
{
    static const uint8_t zero[4];
    struct netlink_prefix asked = prefix_of(address);
    const struct netlink_route *best = NULL;

    for (size_t i = 0; i < table->count; i++) {
        const struct netlink_route *route = &table->routes[i];

        if (!leads_to(route, &asked) ||
            (route->to.length == 0 && asked.family == AF_INET &&
             memcmp(asked.bytes, zero, 4) != 0))
            continue;
        if (best == NULL || route->to.length > best->to.length)
            best = route;
    }
    return best;
}

const struct netlink_route *
route_table_exact(const struct route_table *table,
                  const struct config_address *network, unsigned length)
{
    struct netlink_prefix asked = prefix_of(network);

    for (size_t i = 0; i < table->count; i++)
        if (table->routes[i].to.length == length &&
            leads_to(&table->routes[i], &asked))
            return &table->routes[i];
    return NULL;
}

void
route_put_entry(struct buf *to, const struct route_table *table,
                const struct netlink_route *route)
{
    char text[PREFIX_TEXT_MAX];

    prefix_text(&route->to, text);
    buf_printf(to, "Routing entry for %s%s\n", text,
               route->to.length == 0 ? ", supernet" : "");
    if (is_connected(route))
        buf_printf(to, "  Known via \"connected\", distance 0, metric 0 "
                       "(connected, via interface)\n");
    else
        buf_printf(to, "  Known via \"%s\", distance %u, metric 0%s\n",
                   protocol_of(route)->name, route->priority,
                   route->to.length == 0 ? ", candidate default path" : "");
    buf_printf(to, "  Routing Descriptor Blocks:\n");
    if (route->discards)
        buf_printf(to, "  * directly connected, via Null0\n");
    for (size_t i = 0; i < route->hop_count && !route->discards; i++) {
        const struct netlink_hop *hop = &route->hops[i];

        address_text(&hop->gateway, text);
        buf_printf(to, i == 0 ? "  * " : "    ");
        if (hop->gateway.family == 0)
            buf_printf(to, "directly connected, via %s\n",
                       network_view_name(table->view, hop->link));
        else
            buf_printf(to, "%s, via %s\n", text,
                       network_view_name(table->view, hop->link));
    }
}

/* --- IPv6 --------------------------------------------------------------- */

static const char ipv6_codes[] =
    "Codes: C - Connected, L - Local, S - Static, R - RIP, B - BGP\n"
    "       U - Per-user Static route\n"
    "       I1 - ISIS L1, I2 - ISIS L2, IA - ISIS interarea, IS - ISIS "
    "summary\n"
    "       O - OSPF intra, OI - OSPF inter, OE1 - OSPF ext 1, OE2 - OSPF ext "
    "2\n"
    "       ON1 - OSPF NSSA ext 1, ON2 - OSPF NSSA ext 2\n";

static void
put_ipv6(struct buf *to, const struct route_table *table,
         const struct netlink_route *route)
{
    const char *code = protocol_of(route)->code;
    char text[PREFIX_TEXT_MAX];

    prefix_text(&route->to, text);
    /* IS-IS has another letter than for IPv4. */
    buf_printf(to, "%-4s%s [%u/0]\n", code[0] == 'i' ? "I1" : code, text,
               is_connected(route) ? 0 : route->priority);
    if (route->discards)
        buf_printf(to, "     via ::, Null0\n");
    for (size_t i = 0; i < route->hop_count && !route->discards; i++) {
        const struct netlink_hop *hop = &route->hops[i];

        address_text(&hop->gateway, text);
        buf_printf(to, "     via %s, %s\n",
                   hop->gateway.family == 0 ? "::" : text,
                   network_view_name(table->view, hop->link));
    }
}

/* When it was updated last Linux does not know. */
void
route_put_entry_ipv6(struct buf *to, const struct route_table *table,
                     const struct netlink_route *route)
{
    bool connected = is_connected(route);
    char text[PREFIX_TEXT_MAX];

    prefix_text(&route->to, text);
    buf_printf(to, "Routing entry for %s\n", text);
    buf_printf(to, "  Known via \"%s\", distance %u, metric 0%s\n",
               connected ? "connected" : protocol_of(route)->name,
               connected ? 0 : route->priority,
               connected ? ", type connected" : "");
    buf_printf(to, "  Routing paths:\n");
    if (route->discards)
        buf_printf(to, "    directly connected via Null0\n");
    for (size_t i = 0; i < route->hop_count && !route->discards; i++) {
        const struct netlink_hop *hop = &route->hops[i];
        const char *link = network_view_name(table->view, hop->link);

        address_text(&hop->gateway, text);
        if (hop->gateway.family == 0)
            buf_printf(to, "    directly connected via %s\n", link);
        else
            buf_printf(to, "    %s, %s\n", text, link);
    }
}

void
route_table_put_ipv6(struct buf *to, const struct route_table *table)
{
    buf_printf(to, "IPv6 Routing Table - %zu entries\n", table->count);
    buf_printf(to, "%s", ipv6_codes);
    for (size_t i = 0; i < table->count; i++)
        put_ipv6(to, table, &table->routes[i]);
}
