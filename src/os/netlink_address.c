/*
 * Addresses of interfaces.
 */
#include "os/netlink_parts.h"

#include <linux/if_addr.h>
#include <stdio.h>
#include <sys/utsname.h>

/* Headers of Debian 12 have it; those of older systems do not. */
#ifndef IFA_PROTO
#define IFA_PROTO 11
#endif

static bool
is_ours(const struct netlink_attributes *found)
{
    const struct nlattr *attribute = found->at[IFA_PROTO];

    return attribute != NULL && mnl_attr_get_payload_len(attribute) == 1 &&
           mnl_attr_get_u8(attribute) == NETLINK_OURS;
}

static int
read_address(const struct nlmsghdr *head, void *owner)
{
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(head);
    struct netlink_attributes found;
    struct netlink_address *a;
    uint32_t flags;

    if (head->nlmsg_type != RTM_NEWADDR ||
        mnl_nlmsg_get_payload_len(head) < sizeof(*info))
        return MNL_CB_OK;
    a = netlink_list_add(owner);
    if (a == NULL)
        return MNL_CB_ERROR;
    netlink_attributes(head, sizeof(*info), &found);
    /* On a point-to-point link IFA_ADDRESS is the other end's. */
    if (!netlink_prefix_read(&found, IFA_LOCAL, info->ifa_family,
                             info->ifa_prefixlen, &a->prefix) &&
        !netlink_prefix_read(&found, IFA_ADDRESS, info->ifa_family,
                             info->ifa_prefixlen, &a->prefix)) {
        netlink_list_drop(owner);
        return MNL_CB_OK;
    }
    flags = found.at[IFA_FLAGS] == NULL ? info->ifa_flags
                                        : netlink_u32(&found, IFA_FLAGS);
    a->link = info->ifa_index;
    if (!netlink_prefix_read(&found, IFA_BROADCAST, info->ifa_family, 32,
                             &a->broadcast))
        a->broadcast.family = 0;
    /* The same bit says "temporary" of an IPv6 address. */
    a->secondary =
        info->ifa_family == AF_INET && (flags & IFA_F_SECONDARY) != 0;
    a->permanent = (flags & IFA_F_PERMANENT) != 0;
    a->tentative = (flags & IFA_F_TENTATIVE) != 0;
    a->double_found = (flags & IFA_F_DADFAILED) != 0;
    a->link_local = info->ifa_scope == RT_SCOPE_LINK;
    a->ours = is_ours(&found);
    return MNL_CB_OK;
}

enum err
netlink_addresses(struct netlink_address **addresses, size_t *count)
{
    struct netlink_list list = {.max = NETLINK_ADDRESSES_MAX,
                                .item_size = sizeof(**addresses)};
    struct netlink_request request;
    void *items;
    enum err err;

    netlink_begin(&request, RTM_GETADDR, 0, sizeof(struct ifaddrmsg));
    err = netlink_dump(&request, read_address, &list, &items, count);
    if (err == OK)
        *addresses = items;
    return err;
}

static void
begin_address(struct netlink_request *request, uint16_t type, uint16_t flags,
              unsigned link, const struct netlink_prefix *prefix)
{
    size_t size = netlink_family_bytes(prefix->family);
    struct ifaddrmsg *info = netlink_begin(request, type, flags, sizeof(*info));

    info->ifa_family = (uint8_t)prefix->family;
    info->ifa_prefixlen = (uint8_t)prefix->length;
    info->ifa_index = link;
    mnl_attr_put(request->head, IFA_LOCAL, size, prefix->bytes);
    mnl_attr_put(request->head, IFA_ADDRESS, size, prefix->bytes);
}

enum err
netlink_add_address(unsigned link, const struct netlink_prefix *prefix)
{
    struct netlink_request request;
    uint8_t broadcast[4];

    begin_address(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, link,
                  prefix);
    /* A network of two addresses has no broadcast (RFC 3021). */
    if (prefix->family == AF_INET && prefix->length < 31) {
        for (unsigned i = 0; i < 4; i++) {
            unsigned before =
                prefix->length > 8 * i ? prefix->length - 8 * i : 0;

            broadcast[i] = prefix->bytes[i];
            if (before < 8)
                broadcast[i] |= (uint8_t)(0xffu >> before);
        }
        mnl_attr_put(request.head, IFA_BROADCAST, 4, broadcast);
    }
    mnl_attr_put_u8(request.head, IFA_PROTO, NETLINK_OURS);
    return netlink_do(&request);
}

enum err
netlink_remove_address(unsigned link, const struct netlink_prefix *prefix)
{
    struct netlink_request request;

    begin_address(&request, RTM_DELADDR, 0, link, prefix);
    return netlink_do(&request);
}

bool
netlink_marks_addresses(void)
{
    struct utsname system;
    unsigned version, patch;

    if (uname(&system) != 0 ||
        sscanf(system.release, "%u.%u", &version, &patch) != 2)
        return false;
    return version > 5 || (version == 5 && patch >= 18);
}
