/*
 * Neighbours: ARP and IPv6 neighbour discovery.
 */
#include "os/netlink_parts.h"

#include <linux/neighbour.h>
#include <unistd.h>

static int
read_neighbour(const struct nlmsghdr *head, void *owner)
{
    const struct ndmsg *info = mnl_nlmsg_get_payload(head);
    struct netlink_attributes found;
    struct netlink_neighbour *n;
    struct nda_cacheinfo times = {0};
    long per_second = sysconf(_SC_CLK_TCK);

    if (head->nlmsg_type != RTM_NEWNEIGH ||
        mnl_nlmsg_get_payload_len(head) < sizeof(*info))
        return MNL_CB_OK;
    n = netlink_list_add(owner);
    if (n == NULL)
        return MNL_CB_ERROR;
    netlink_attributes(head, sizeof(*info), &found);
    if (!netlink_prefix_read(&found, NDA_DST, info->ndm_family,
                             info->ndm_family == AF_INET ? 32 : 128,
                             &n->address)) {
        netlink_list_drop(owner);
        return MNL_CB_OK;
    }
    n->link = (unsigned)info->ndm_ifindex;
    n->state = info->ndm_state;
    n->router = (info->ndm_flags & NTF_ROUTER) != 0;
    n->hardware_len =
        netlink_bytes(&found, NDA_LLADDR, n->hardware, NETLINK_HARDWARE_MAX);
    if (found.at[NDA_CACHEINFO] != NULL &&
        mnl_attr_get_payload_len(found.at[NDA_CACHEINFO]) >= sizeof(times))
        memcpy(&times, mnl_attr_get_payload(found.at[NDA_CACHEINFO]),
               sizeof(times));
    n->age_s = per_second <= 0 ? 0 : times.ndm_confirmed / (uint32_t)per_second;
    return MNL_CB_OK;
}

enum err
netlink_neighbours(unsigned family, struct netlink_neighbour **neighbours,
                   size_t *count)
{
    struct netlink_list list = {.max = NETLINK_NEIGHBOURS_MAX,
                                .item_size = sizeof(**neighbours)};
    struct netlink_request request;
    struct ndmsg *info =
        netlink_begin(&request, RTM_GETNEIGH, 0, sizeof(*info));
    void *items;
    enum err err;

    info->ndm_family = (uint8_t)family;
    err = netlink_dump(&request, read_neighbour, &list, &items, count);
    if (err == OK)
        *neighbours = items;
    return err;
}
