/*
 * Interfaces, addresses, routes and neighbours of the kernel (rtnetlink(7)).
 *
 * Each call is a transaction of its own on a socket of its own: it sees the
 * network namespace that the process is in. It waits for the kernel only, and
 * for no more than NETLINK_WAIT_S. Lists are arrays that the caller frees with
 * free(); they are in the kernel's order. Errors are ERR_SYSTEM with the
 * kernel's errno, and ERR_LIMIT for lists longer than the limits here.
 */
#ifndef OS_NETLINK_H
#define OS_NETLINK_H

#include <net/if.h>

#include "base/err.h"
#include "base/span.h"

#define NETLINK_WAIT_S         2
#define NETLINK_LINKS_MAX      16384
#define NETLINK_ADDRESSES_MAX  65536
#define NETLINK_ROUTES_MAX     65536
#define NETLINK_NEIGHBOURS_MAX 65536
#define NETLINK_HOPS_MAX       16       /* of one route; more are not told */
#define NETLINK_HARDWARE_MAX   32       /* bytes of a hardware address */
#define NETLINK_LOWER_UP       0x10000u /* IFF_LOWER_UP: it has a carrier */

/*
 * What this router adds says so: the kernel keeps the number with routes
 * (rtm_protocol) and, since Linux 5.18, with addresses (IFA_PROTO). It is one
 * that linux/rtnetlink.h gives to nobody.
 */
#define NETLINK_OURS 86

/* --- links -------------------------------------------------------------- */

struct netlink_counters {
    uint64_t rx_packets, rx_bytes, rx_errors, rx_dropped, rx_missed;
    uint64_t rx_crc, rx_frame, rx_over, rx_fifo, rx_length, multicast;
    uint64_t tx_packets, tx_bytes, tx_errors, tx_dropped, tx_fifo;
    uint64_t tx_carrier, tx_window, collisions;
};

struct netlink_link {
    unsigned index;
    char name[IFNAMSIZ];
    unsigned type;      /* ARPHRD_... of net/if_arp.h */
    unsigned flags;     /* IFF_... of net/if.h, and NETLINK_LOWER_UP */
    unsigned peer;      /* index of what it is stacked on; 0: none */
    uint32_t mtu;       /* bytes */
    uint32_t queue_max; /* packets */
    char kind[16];      /* "dummy", "veth"; "" for hardware */
    char alias[32];     /* ifalias, cut */
    char queueing[16];  /* "noqueue", "fq_codel"; "": unknown */
    uint8_t hardware[NETLINK_HARDWARE_MAX];
    size_t hardware_len; /* 0: has none */
    uint8_t burned_in[NETLINK_HARDWARE_MAX];
    size_t burned_in_len; /* 0: the kernel does not say */
    bool has_counters;
    struct netlink_counters counters;
};

MUST_CHECK enum err netlink_links(struct netlink_link **links, size_t *count);
/* ENODEV: there is none of that name. */
MUST_CHECK enum err netlink_link_named(const char *name,
                                       struct netlink_link *link);
MUST_CHECK enum err netlink_set_up(unsigned index, bool up);
MUST_CHECK enum err netlink_set_mtu(unsigned index, uint32_t mtu);
/* A dummy interface with this ifalias, down. EEXIST. */
MUST_CHECK enum err netlink_add_dummy(const char *name, const char *alias);
MUST_CHECK enum err netlink_remove_link(unsigned index);

/* What the first queueing discipline of each link has dropped and holds. */
struct netlink_queue {
    unsigned link; /* index */
    uint32_t dropped, held;
};

MUST_CHECK enum err netlink_queues(struct netlink_queue **queues,
                                   size_t *count);

/* --- addresses ---------------------------------------------------------- */

/* AF_INET uses the first four bytes. */
struct netlink_prefix {
    unsigned family; /* AF_INET, AF_INET6; 0: none */
    uint8_t bytes[16];
    unsigned length; /* bits */
};

struct netlink_address {
    unsigned link; /* index */
    struct netlink_prefix prefix;
    struct netlink_prefix broadcast; /* family 0: none */
    bool secondary;
    bool permanent; /* no life time, as DHCP and router discovery give */
    bool tentative; /* IPv6: nobody has said yet whether it is a double */
    bool double_found;
    bool link_local; /* its scope is the link */
    bool ours;       /* NETLINK_OURS */
};

MUST_CHECK enum err netlink_addresses(struct netlink_address **addresses,
                                      size_t *count);
/* EEXIST: the interface has that address. */
MUST_CHECK enum err netlink_add_address(unsigned link,
                                        const struct netlink_prefix *prefix);
MUST_CHECK enum err netlink_remove_address(unsigned link,
                                           const struct netlink_prefix *prefix);
/* Whether this kernel keeps NETLINK_OURS with addresses. */
bool netlink_marks_addresses(void);

/* --- routes ------------------------------------------------------------- */

struct netlink_hop {
    unsigned link;                 /* index; 0: the kernel finds it */
    struct netlink_prefix gateway; /* family 0: directly connected */
};

/* A route of the main table. */
struct netlink_route {
    struct netlink_prefix to; /* length 0: the default route */
    unsigned protocol;        /* RTPROT_... of linux/rtnetlink.h */
    uint32_t priority;        /* the kernel's metric: the lowest one counts */
    bool discards;            /* blackhole, unreachable, prohibit */
    bool cloned;              /* IPv6: learnt about one destination */
    size_t hop_count;
    struct netlink_hop hops[NETLINK_HOPS_MAX];
};

/* family: AF_INET or AF_INET6. */
MUST_CHECK enum err
netlink_routes(unsigned family, struct netlink_route **routes, size_t *count);
/* EEXIST: one with the same destination and priority is there. */
MUST_CHECK enum err netlink_add_route(const struct netlink_route *route);
/* In place of the one with the same destination and priority. */
MUST_CHECK enum err netlink_replace_route(const struct netlink_route *route);
/* Destination, priority and protocol name it. ESRCH: there is none. */
MUST_CHECK enum err netlink_remove_route(const struct netlink_route *route);

/* --- neighbours --------------------------------------------------------- */

struct netlink_neighbour {
    unsigned link; /* index */
    struct netlink_prefix address;
    unsigned state; /* NUD_... of linux/neighbour.h */
    bool router;
    uint32_t age_s; /* since it was last confirmed */
    uint8_t hardware[NETLINK_HARDWARE_MAX];
    size_t hardware_len; /* 0: not known */
};

MUST_CHECK enum err netlink_neighbours(unsigned family,
                                       struct netlink_neighbour **neighbours,
                                       size_t *count);

#endif
