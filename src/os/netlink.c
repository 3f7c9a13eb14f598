/*
 * Transactions with the kernel's routing, by libmnl.
 */
#include "os/netlink_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"

#define DUMP_TRIES 8

size_t
netlink_family_bytes(unsigned family)
{
    switch (family) {
    case AF_INET:
        return 4;
    case AF_INET6:
        return 16;
    default:
        return 0;
    }
}

/* --- attributes --------------------------------------------------------- */

static int
keep_attribute(const struct nlattr *attribute, void *owner)
{
    struct netlink_attributes *found = owner;
    uint16_t type = mnl_attr_get_type(attribute);

    if (type < sizeof(found->at) / sizeof(found->at[0]))
        found->at[type] = attribute;
    return MNL_CB_OK;
}

void
netlink_attributes(const struct nlmsghdr *head, size_t size,
                   struct netlink_attributes *found)
{
    *found = (struct netlink_attributes){0};
    mnl_attr_parse(head, (unsigned)size, keep_attribute, found);
}

void
netlink_nested(const struct nlattr *nest, struct netlink_attributes *found)
{
    *found = (struct netlink_attributes){0};
    mnl_attr_parse_nested(nest, keep_attribute, found);
}

uint32_t
netlink_u32(const struct netlink_attributes *found, unsigned type)
{
    const struct nlattr *attribute = found->at[type];

    if (attribute == NULL ||
        mnl_attr_get_payload_len(attribute) < sizeof(uint32_t))
        return 0;
    return mnl_attr_get_u32(attribute);
}

size_t
netlink_bytes(const struct netlink_attributes *found, unsigned type,
              uint8_t *to, size_t room)
{
    const struct nlattr *attribute = found->at[type];
    size_t len = attribute == NULL ? 0 : mnl_attr_get_payload_len(attribute);

    if (len == 0 || len > room)
        return 0;
    memcpy(to, mnl_attr_get_payload(attribute), len);
    return len;
}

void
netlink_text(const struct netlink_attributes *found, unsigned type, char *to,
             size_t room)
{
    const struct nlattr *attribute = found->at[type];
    struct span text = {NULL, 0};

    if (attribute != NULL) {
        const char *payload = mnl_attr_get_payload(attribute);

        text = span_of(payload,
                       strnlen(payload, mnl_attr_get_payload_len(attribute)));
    }
    text_copy_span(to, room, text);
}

bool
netlink_prefix_read(const struct netlink_attributes *found, unsigned type,
                    unsigned family, unsigned length,
                    struct netlink_prefix *prefix)
{
    struct netlink_prefix read = {.family = family, .length = length};
    size_t size = netlink_family_bytes(family);

    if (size == 0 || netlink_bytes(found, type, read.bytes, 16) != size)
        return false;
    *prefix = read;
    return true;
}

/* --- lists -------------------------------------------------------------- */

void *
netlink_list_add(struct netlink_list *list)
{
    char *item;

    if (list->count == list->max) {
        errno = ENOBUFS;
        return NULL;
    }
    /* Powers of two, so that growing costs little. */
    if ((list->count & (list->count - 1)) == 0)
        list->items =
            alloc_resize(list->items, list->count == 0 ? 1 : 2 * list->count,
                         list->item_size);
    item = (char *)list->items + list->count++ * list->item_size;
    memset(item, 0, list->item_size);
    return item;
}

void
netlink_list_drop(struct netlink_list *list)
{
    list->count--;
}

/* --- transactions ------------------------------------------------------- */

void *
netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags,
              size_t size)
{
    request->head = mnl_nlmsg_put_header(request->room);
    request->head->nlmsg_type = type;
    request->head->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    return mnl_nlmsg_put_extra_header(request->head, size);
}

static struct mnl_socket *
open_socket(void)
{
    struct timeval wait = {.tv_sec = NETLINK_WAIT_S};
    struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    int error;

    if (s == NULL)
        return NULL;
    if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) == 0 &&
        setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &wait,
                   sizeof(wait)) == 0)
        return s;
    error = errno;
    mnl_socket_close(s);
    errno = error;
    return NULL;
}

/* Send, and read answers until the last; MNL_CB_ERROR with errno. */
static int
talk(struct mnl_socket *s, struct nlmsghdr *head, mnl_cb_t read, void *owner)
{
    /* The kernel's answers to a dump are up to 32 KiB each. */
    char *room = alloc_zero(1, 32768);
    unsigned port = mnl_socket_get_portid(s);
    int result = MNL_CB_ERROR;
    int error;

    head->nlmsg_seq = (uint32_t)time(NULL);
    if (mnl_socket_sendto(s, head, head->nlmsg_len) >= 0) {
        do {
            ssize_t len = mnl_socket_recvfrom(s, room, 32768);

            result = len < 0 ? MNL_CB_ERROR
                             : mnl_cb_run(room, (size_t)len, head->nlmsg_seq,
                                          port, read, owner);
        } while (result > MNL_CB_STOP);
    }
    error = errno;
    free(room);
    errno = error;
    return result;
}

enum err
netlink_get(struct netlink_request *request, mnl_cb_t read,
            struct netlink_list *list)
{
    struct mnl_socket *s = open_socket();
    int result, error;

    if (s == NULL)
        return ERR_SYSTEM;
    request->head->nlmsg_flags |= NLM_F_ACK;
    result = talk(s, request->head, read, list);
    error = errno;
    mnl_socket_close(s);
    errno = error;
    return result == MNL_CB_ERROR ? ERR_SYSTEM : OK;
}

enum err
netlink_do(struct netlink_request *request)
{
    return netlink_get(request, NULL, NULL);
}

enum err
netlink_dump(struct netlink_request *request, mnl_cb_t read,
             struct netlink_list *list, void **items, size_t *count)
{
    struct mnl_socket *s;
    enum err err = ERR_SYSTEM;
    int error = EINTR;

    request->head->nlmsg_flags |= NLM_F_DUMP;
    for (unsigned i = 0; i < DUMP_TRIES && error == EINTR; i++) {
        int result = MNL_CB_ERROR;

        list->count = 0;
        s = open_socket();
        if (s == NULL)
            return ERR_SYSTEM;
        result = talk(s, request->head, read, list);
        error = result == MNL_CB_ERROR ? errno : 0;
        mnl_socket_close(s);
        if (error == 0)
            err = OK;
        else if (list->count == list->max)
            err = ERR_LIMIT;
    }
    if (err != OK) {
        free(list->items);
        errno = error;
        return err;
    }
    *items = list->items;
    *count = list->count;
    return OK;
}
