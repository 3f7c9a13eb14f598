/*
 * What the netlink sources share: one transaction, and lists being filled.
 */
#ifndef OS_NETLINK_PARTS_H
#define OS_NETLINK_PARTS_H

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "os/netlink.h"

#define NETLINK_REQUEST_ROOM 4096 /* bytes */

/* A message being built; netlink_begin() makes `head` point into `room`. */
struct netlink_request {
    _Alignas(struct nlmsghdr) char room[NETLINK_REQUEST_ROOM];
    struct nlmsghdr *head;
};

/*
 * RTM_... and NLM_F_... besides NLM_F_REQUEST; the family's own header of
 * `size` bytes, zeroed, is returned.
 */
void *netlink_begin(struct netlink_request *request, uint16_t type,
                    uint16_t flags, size_t size);
/* Send it and wait for the kernel's yes or no. */
MUST_CHECK enum err netlink_do(struct netlink_request *request);

/* A growing array. */
struct netlink_list {
    void *items; /* owned */
    size_t count, max, item_size;
};

/* A zeroed item at the end; NULL: the list is full. */
void *netlink_list_add(struct netlink_list *list);
/* Take back the last one. */
void netlink_list_drop(struct netlink_list *list);

/*
 * Send a dump request and give each answer to `read`, which returns MNL_CB_OK,
 * or MNL_CB_ERROR when the list is full. A dump that the kernel says was
 * changed under way is asked for again. Afterwards the items are `*items`.
 */
MUST_CHECK enum err netlink_dump(struct netlink_request *request, mnl_cb_t read,
                                 struct netlink_list *list, void **items,
                                 size_t *count);

/* One answer, given to `read`. */
MUST_CHECK enum err netlink_get(struct netlink_request *request, mnl_cb_t read,
                                struct netlink_list *list);

/* Attributes by number, up to `max`; those of a wrong length are NULL. */
struct netlink_attributes {
    const struct nlattr *at[64];
};

void netlink_attributes(const struct nlmsghdr *head, size_t size,
                        struct netlink_attributes *found);
void netlink_nested(const struct nlattr *nest,
                    struct netlink_attributes *found);
/* 0 when absent or short. */
uint32_t netlink_u32(const struct netlink_attributes *found, unsigned type);
void netlink_text(const struct netlink_attributes *found, unsigned type,
                  char *to, size_t room);
/* Bytes copied: 0 when absent or longer than `room`. */
size_t netlink_bytes(const struct netlink_attributes *found, unsigned type,
                     uint8_t *to, size_t room);
/* An address of that family and length; false when absent or of another
   size. */
bool netlink_prefix_read(const struct netlink_attributes *found, unsigned type,
                         unsigned family, unsigned length,
                         struct netlink_prefix *prefix);
size_t netlink_family_bytes(unsigned family);

#endif
