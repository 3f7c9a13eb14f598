#include "control/source.h"

#include <netinet/in.h>
#include <string.h>

struct config_address
source_address(const struct net_address *peer)
{
    struct config_address address = {.family = CONFIG_FAMILY_NONE};

    if (peer->storage.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&peer->storage;

        address.family = CONFIG_FAMILY_IPV4;
        memcpy(address.bytes, &in->sin_addr, sizeof(in->sin_addr));
    } else if (peer->storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)&peer->storage;

        address.family = CONFIG_FAMILY_IPV6;
        memcpy(address.bytes, &in6->sin6_addr, sizeof(in6->sin6_addr));
    }
    return address;
}
