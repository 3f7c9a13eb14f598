/*
 * Links: what there is, up and down, MTU, dummy interfaces, queues.
 */
#include "os/netlink_parts.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>

#include "base/log.h"

/* --- reading ------------------------------------------------------------ */

static void
read_counters(const struct nlattr *attribute, struct netlink_link *link)
{
    struct rtnl_link_stats64 s = {0};
    size_t len = mnl_attr_get_payload_len(attribute);

    /* Kernels add members at the end. */
    memcpy(&s, mnl_attr_get_payload(attribute),
           len < sizeof(s) ? len : sizeof(s));
    link->has_counters = true;
    link->counters = (struct netlink_counters){
        .rx_packets = s.rx_packets,
        .rx_bytes = s.rx_bytes,
        .rx_errors = s.rx_errors,
        .rx_dropped = s.rx_dropped,
        .rx_missed = s.rx_missed_errors,
        .rx_crc = s.rx_crc_errors,
        .rx_frame = s.rx_frame_errors,
        .rx_over = s.rx_over_errors,
        .rx_fifo = s.rx_fifo_errors,
        .rx_length = s.rx_length_errors,
        .multicast = s.multicast,
        .tx_packets = s.tx_packets,
        .tx_bytes = s.tx_bytes,
        .tx_errors = s.tx_errors,
        .tx_dropped = s.tx_dropped,
        .tx_fifo = s.tx_fifo_errors,
        .tx_carrier = s.tx_carrier_errors,
        .tx_window = s.tx_window_errors,
        .collisions = s.collisions,
    };
}

static int
read_link(const struct nlmsghdr *head, void *owner)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(head);
    struct netlink_attributes found, nested;
    struct netlink_link *link;

    if (head->nlmsg_type != RTM_NEWLINK ||
        mnl_nlmsg_get_payload_len(head) < sizeof(*info))
        return MNL_CB_OK;
    link = netlink_list_add(owner);
    if (link == NULL)
        return MNL_CB_ERROR;
    netlink_attributes(head, sizeof(*info), &found);
    link->index = (unsigned)info->ifi_index;
    link->type = info->ifi_type;
    link->flags = info->ifi_flags;
    netlink_text(&found, IFLA_IFNAME, link->name, sizeof(link->name));
    netlink_text(&found, IFLA_IFALIAS, link->alias, sizeof(link->alias));
    netlink_text(&found, IFLA_QDISC, link->queueing, sizeof(link->queueing));
    link->peer = netlink_u32(&found, IFLA_LINK);
    link->mtu = netlink_u32(&found, IFLA_MTU);
    link->queue_max = netlink_u32(&found, IFLA_TXQLEN);
    link->hardware_len = netlink_bytes(&found, IFLA_ADDRESS, link->hardware,
                                       NETLINK_HARDWARE_MAX);
    link->burned_in_len = netlink_bytes(&found, IFLA_PERM_ADDRESS,
                                        link->burned_in, NETLINK_HARDWARE_MAX);
    if (found.at[IFLA_STATS64] != NULL)
        read_counters(found.at[IFLA_STATS64], link);
    if (found.at[IFLA_LINKINFO] != NULL) {
        netlink_nested(found.at[IFLA_LINKINFO], &nested);
        netlink_text(&nested, IFLA_INFO_KIND, link->kind, sizeof(link->kind));
    }
    return MNL_CB_OK;
}

enum err
netlink_links(struct netlink_link **links, size_t *count)
{
    struct netlink_list list = {.max = NETLINK_LINKS_MAX,
                                .item_size = sizeof(**links)};
    struct netlink_request request;
    struct ifinfomsg *info =
        netlink_begin(&request, RTM_GETLINK, 0, sizeof(*info));
    void *items;
    enum err err;

    info->ifi_family = AF_UNSPEC;
    err = netlink_dump(&request, read_link, &list, &items, count);
    if (err == OK)
        *links = items;
    return err;
}

enum err
netlink_link_named(const char *name, struct netlink_link *link)
{
    struct netlink_list list = {.max = 1, .item_size = sizeof(*link)};
    struct netlink_request request;
    enum err err = OK;

    netlink_begin(&request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
    /* The kernel would take a longer name for a malformed message. */
    if (strlen(name) >= IFNAMSIZ) {
        errno = ENODEV;
        return ERR_SYSTEM;
    }
    mnl_attr_put_strz(request.head, IFLA_IFNAME, name);
    err = netlink_get(&request, read_link, &list);
    if (err == OK && list.count == 1)
        *link = *(const struct netlink_link *)list.items;
    else if (err == OK)
        errno = ENODEV;
    if (list.count == 0)
        err = ERR_SYSTEM;
    free(list.items);
    return err;
}

static int
read_queue(const struct nlmsghdr *head, void *owner)
{
    const struct tcmsg *info = mnl_nlmsg_get_payload(head);
    struct netlink_attributes found, nested;
    struct netlink_queue *queue;
    struct gnet_stats_queue stats = {0};

    if (head->nlmsg_type != RTM_NEWQDISC ||
        mnl_nlmsg_get_payload_len(head) < sizeof(*info) ||
        info->tcm_parent != TC_H_ROOT)
        return MNL_CB_OK;
    netlink_attributes(head, sizeof(*info), &found);
    if (found.at[TCA_STATS2] == NULL)
        return MNL_CB_OK;
    netlink_nested(found.at[TCA_STATS2], &nested);
    if (nested.at[TCA_STATS_QUEUE] == NULL ||
        mnl_attr_get_payload_len(nested.at[TCA_STATS_QUEUE]) < sizeof(stats))
        return MNL_CB_OK;
    memcpy(&stats, mnl_attr_get_payload(nested.at[TCA_STATS_QUEUE]),
           sizeof(stats));
    queue = netlink_list_add(owner);
    if (queue == NULL)
        return MNL_CB_ERROR;
    queue->link = (unsigned)info->tcm_ifindex;
    queue->dropped = stats.drops;
    queue->held = stats.qlen;
    return MNL_CB_OK;
}

enum err
netlink_queues(struct netlink_queue **queues, size_t *count)
{
    struct netlink_list list = {.max = NETLINK_LINKS_MAX,
                                .item_size = sizeof(**queues)};
    struct netlink_request request;
    void *items;
    enum err err;

    netlink_begin(&request, RTM_GETQDISC, 0, sizeof(struct tcmsg));
    err = netlink_dump(&request, read_queue, &list, &items, count);
    if (err == OK)
        *queues = items;
    return err;
}

/* --- changing ----------------------------------------------------------- */

enum err
netlink_set_up(unsigned index, bool up)
{
    struct netlink_request request;
    struct ifinfomsg *info =
        netlink_begin(&request, RTM_NEWLINK, 0, sizeof(*info));

    info->ifi_index = (int)index;
    info->ifi_change = IFF_UP;
    info->ifi_flags = up ? IFF_UP : 0;
    return netlink_do(&request);
}

enum err
netlink_set_mtu(unsigned index, uint32_t mtu)
{
    struct netlink_request request;
    struct ifinfomsg *info =
        netlink_begin(&request, RTM_NEWLINK, 0, sizeof(*info));

    info->ifi_index = (int)index;
    mnl_attr_put_u32(request.head, IFLA_MTU, mtu);
    return netlink_do(&request);
}

enum err
netlink_remove_link(unsigned index)
{
    struct netlink_request request;
    struct ifinfomsg *info =
        netlink_begin(&request, RTM_DELLINK, 0, sizeof(*info));

    info->ifi_index = (int)index;
    return netlink_do(&request);
}

/* Only of a link that is there: the kernel ignores it while making one. */
static enum err
set_alias(unsigned index, const char *alias)
{
    struct netlink_request request;
    struct ifinfomsg *info =
        netlink_begin(&request, RTM_NEWLINK, 0, sizeof(*info));

    info->ifi_index = (int)index;
    mnl_attr_put_str(request.head, IFLA_IFALIAS, alias);
    return netlink_do(&request);
}

enum err
netlink_add_dummy(const char *name, const char *alias)
{
    struct netlink_request request;
    struct netlink_link link;
    struct nlattr *nest;
    enum err err;

    netlink_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
                  sizeof(struct ifinfomsg));
    mnl_attr_put_strz(request.head, IFLA_IFNAME, name);
    nest = mnl_attr_nest_start(request.head, IFLA_LINKINFO);
    mnl_attr_put_str(request.head, IFLA_INFO_KIND, "dummy");
    mnl_attr_nest_end(request.head, nest);
    err = netlink_do(&request);
    if (err == OK)
        err = netlink_link_named(name, &link);
    if (err != OK)
        return err;
    err = set_alias(link.index, alias);
    if (err != OK) {
        int error = errno;

        /* Unmarked, nobody would ever remove it. */
        if (netlink_remove_link(link.index) != OK)
            log_line(LOG_WARNING, "Interface %s stays behind", name);
        errno = error;
    }
    return err;
}
