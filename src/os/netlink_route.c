/*
 * Routes of the main table.
 */
#include "os/netlink_parts.h"

#include <errno.h>
#include <linux/ipv6_route.h>

/* --- reading ------------------------------------------------------------ */

/* The gateway, also one of the other family (RFC 5549). */
static void
read_gateway(const struct netlink_attributes *found, unsigned family,
             struct netlink_prefix *gateway)
{
    const struct nlattr *via = found->at[RTA_VIA];
    struct rtvia head;
    size_t size;

    if (netlink_prefix_read(found, RTA_GATEWAY, family,
                            family == AF_INET ? 32 : 128, gateway) ||
        via == NULL || mnl_attr_get_payload_len(via) < sizeof(head))
        return;
    memcpy(&head, mnl_attr_get_payload(via), sizeof(head));
    size = netlink_family_bytes(head.rtvia_family);
    if (size == 0 || mnl_attr_get_payload_len(via) != sizeof(head) + size)
        return;
    gateway->family = head.rtvia_family;
    gateway->length = (unsigned)size * 8;
    memcpy(gateway->bytes,
           (const uint8_t *)mnl_attr_get_payload(via) + sizeof(head), size);
}

static void
read_hops(const struct nlattr *several, unsigned family,
          struct netlink_route *route)
{
    const struct rtnexthop *hop = mnl_attr_get_payload(several);
    int left = (int)mnl_attr_get_payload_len(several);

    while (RTNH_OK(hop, left) && route->hop_count < NETLINK_HOPS_MAX) {
        struct netlink_hop *to = &route->hops[route->hop_count++];
        struct netlink_attributes found = {0};
        const char *begin = (const char *)RTNH_DATA(hop);
        const char *end = (const char *)hop + hop->rtnh_len;
        const struct nlattr *attribute = (const void *)begin;

        while (mnl_attr_ok(attribute, (int)(end - (const char *)attribute))) {
            uint16_t type = mnl_attr_get_type(attribute);

            if (type < sizeof(found.at) / sizeof(found.at[0]))
                found.at[type] = attribute;
            attribute = mnl_attr_next(attribute);
        }
        to->link = (unsigned)hop->rtnh_ifindex;
        read_gateway(&found, family, &to->gateway);
        left -= (int)RTNH_ALIGN(hop->rtnh_len);
        hop = (const void *)((const char *)hop + RTNH_ALIGN(hop->rtnh_len));
    }
}

static bool
is_of_main_table(const struct rtmsg *info,
                 const struct netlink_attributes *found)
{
    uint32_t table = found->at[RTA_TABLE] == NULL
                         ? info->rtm_table
                         : netlink_u32(found, RTA_TABLE);

    return table == RT_TABLE_MAIN;
}

static bool
discards(unsigned type)
{
    return type == RTN_BLACKHOLE || type == RTN_UNREACHABLE ||
           type == RTN_PROHIBIT;
}

static int
read_route(const struct nlmsghdr *head, void *owner)
{
    const struct rtmsg *info = mnl_nlmsg_get_payload(head);
    struct netlink_attributes found;
    struct netlink_route *route;

    if (head->nlmsg_type != RTM_NEWROUTE ||
        mnl_nlmsg_get_payload_len(head) < sizeof(*info))
        return MNL_CB_OK;
    netlink_attributes(head, sizeof(*info), &found);
    if (!is_of_main_table(info, &found) ||
        (info->rtm_type != RTN_UNICAST && !discards(info->rtm_type)))
        return MNL_CB_OK;
    route = netlink_list_add(owner);
    if (route == NULL)
        return MNL_CB_ERROR;
    if (!netlink_prefix_read(&found, RTA_DST, info->rtm_family,
                             info->rtm_dst_len, &route->to))
        route->to.family = info->rtm_family;
    route->protocol = info->rtm_protocol;
    route->priority = netlink_u32(&found, RTA_PRIORITY);
    route->discards = discards(info->rtm_type);
    route->cloned = (info->rtm_flags & RTM_F_CLONED) != 0;
    if (found.at[RTA_MULTIPATH] != NULL) {
        read_hops(found.at[RTA_MULTIPATH], info->rtm_family, route);
    } else {
        route->hop_count = 1;
        route->hops[0].link = netlink_u32(&found, RTA_OIF);
        read_gateway(&found, info->rtm_family, &route->hops[0].gateway);
    }
    return MNL_CB_OK;
}

enum err
netlink_routes(unsigned family, struct netlink_route **routes, size_t *count)
{
    struct netlink_list list = {.max = NETLINK_ROUTES_MAX,
                                .item_size = sizeof(**routes)};
    struct netlink_request request;
    struct rtmsg *info =
        netlink_begin(&request, RTM_GETROUTE, 0, sizeof(*info));
    void *items;
    enum err err;

    info->rtm_family = (uint8_t)family;
    err = netlink_dump(&request, read_route, &list, &items, count);
    if (err == OK)
        *routes = items;
    return err;
}

/* --- changing ----------------------------------------------------------- */

static void
put_hop(struct netlink_request *request, const struct netlink_hop *hop)
{
    if (hop->gateway.family != 0)
        mnl_attr_put(request->head, RTA_GATEWAY,
                     netlink_family_bytes(hop->gateway.family),
                     hop->gateway.bytes);
    if (hop->link != 0)
        mnl_attr_put_u32(request->head, RTA_OIF, hop->link);
}

/* RTA_MULTIPATH: a header for each hop, its gateway inside. */
static void
put_hops(struct netlink_request *request, const struct netlink_route *route)
{
    struct nlattr *several = mnl_attr_nest_start(request->head, RTA_MULTIPATH);

    for (size_t i = 0; i < route->hop_count; i++) {
        const struct netlink_hop *hop = &route->hops[i];
        struct rtnexthop *head = mnl_nlmsg_get_payload_tail(request->head);

        *head = (struct rtnexthop){.rtnh_ifindex = (int)hop->link};
        request->head->nlmsg_len += sizeof(*head);
        if (hop->gateway.family != 0)
            mnl_attr_put(request->head, RTA_GATEWAY,
                         netlink_family_bytes(hop->gateway.family),
                         hop->gateway.bytes);
        head->rtnh_len =
            (uint16_t)((char *)mnl_nlmsg_get_payload_tail(request->head) -
                       (char *)head);
    }
    mnl_attr_nest_end(request->head, several);
}

static void
begin_route(struct netlink_request *request, uint16_t type, uint16_t flags,
            const struct netlink_route *route)
{
    struct rtmsg *info = netlink_begin(request, type, flags, sizeof(*info));

    info->rtm_family = (uint8_t)route->to.family;
    info->rtm_dst_len = (uint8_t)route->to.length;
    info->rtm_table = RT_TABLE_MAIN;
    info->rtm_protocol = (uint8_t)route->protocol;
    mnl_attr_put(request->head, RTA_DST, netlink_family_bytes(route->to.family),
                 route->to.bytes);
    mnl_attr_put_u32(request->head, RTA_PRIORITY, route->priority);
}

static enum err
set_route(uint16_t flags, const struct netlink_route *route)
{
    struct netlink_request request;
    struct rtmsg *info;
    bool on_link = route->to.family == AF_INET;

    begin_route(&request, RTM_NEWROUTE, (uint16_t)(NLM_F_CREATE | flags),
                route);
    for (size_t i = 0; i < route->hop_count; i++)
        on_link = on_link && route->hops[i].gateway.family == 0;
    info = mnl_nlmsg_get_payload(request.head);
    info->rtm_type = route->discards ? RTN_BLACKHOLE : RTN_UNICAST;
    info->rtm_scope =
        on_link && !route->discards ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    if (!route->discards && route->hop_count == 1)
        put_hop(&request, &route->hops[0]);
    else if (!route->discards)
        put_hops(&request, route);
    return netlink_do(&request);
}

enum err
netlink_add_route(const struct netlink_route *route)
{
    return set_route(NLM_F_EXCL, route);
}

enum err
netlink_replace_route(const struct netlink_route *route)
{
    return set_route(NLM_F_REPLACE, route);
}

enum err
netlink_remove_route(const struct netlink_route *route)
{
    struct netlink_request request;
    struct rtmsg *info;

    begin_route(&request, RTM_DELROUTE, 0, route);
    info = mnl_nlmsg_get_payload(request.head);
    info->rtm_scope = RT_SCOPE_NOWHERE;
    return netlink_do(&request);
}
