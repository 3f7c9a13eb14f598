#include "os/ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

#define FEATURES_MAX 1024

static bool
ask(int fd, const char *interface, void *request)
{
    struct ifreq about = {.ifr_data = request};

    return text_copy(about.ifr_name, sizeof(about.ifr_name), interface) &&
           ioctl(fd, SIOCETHTOOL, &about) == 0;
}

/* The kernel first says how many words of link modes it has. */
static void
ask_link(int fd, const char *interface, struct ethtool_answer *answer)
{
    union {
        struct ethtool_link_settings settings;
        uint32_t room[sizeof(struct ethtool_link_settings) / 4 + 3 * 127];
    } u = {.settings = {.cmd = ETHTOOL_GLINKSETTINGS}};
    struct ethtool_link_settings *s = &u.settings;

    if (!ask(fd, interface, s) || s->link_mode_masks_nwords >= 0)
        return;
    s->link_mode_masks_nwords = (int8_t)-s->link_mode_masks_nwords;
    s->cmd = ETHTOOL_GLINKSETTINGS;
    if (!ask(fd, interface, s))
        return;
    if (s->speed != 0 && s->speed != (uint32_t)SPEED_UNKNOWN)
        answer->speed_mbps = s->speed;
    if (s->duplex == DUPLEX_FULL)
        answer->duplex = ETHTOOL_DUPLEX_FULL;
    if (s->duplex == DUPLEX_HALF)
        answer->duplex = ETHTOOL_DUPLEX_HALF;
}

/*
 * The feature "loopback", by its place among the driver's features: that
 * place is not the same in every kernel.
 */
static bool
ask_loopback(int fd, const char *interface)
{
    union {
        struct ethtool_sset_info info;
        uint32_t room[sizeof(struct ethtool_sset_info) / 4 + 1];
    } set = {.info = {.cmd = ETHTOOL_GSSET_INFO,
                      .sset_mask = 1ULL << ETH_SS_FEATURES}};
    struct ethtool_gstrings *names = NULL;
    struct ethtool_gfeatures *features = NULL;
    uint32_t count;
    bool loops = false;

    if (!ask(fd, interface, &set.info) || set.info.sset_mask == 0)
        return false;
    count = set.info.data[0];
    if (count == 0 || count > FEATURES_MAX)
        return false;
    names = alloc_zero(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
    names->cmd = ETHTOOL_GSTRINGS;
    names->string_set = ETH_SS_FEATURES;
    names->len = count;
    features =
        alloc_zero(1, sizeof(*features) + (size_t)(count / 32 + 1) *
                                              sizeof(features->features[0]));
    features->cmd = ETHTOOL_GFEATURES;
    features->size = (count + 31) / 32;
    if (ask(fd, interface, names) && ask(fd, interface, features))
        for (uint32_t i = 0; i < count; i++)
            if (strncmp((const char *)names->data + i * ETH_GSTRING_LEN,
                        "loopback", ETH_GSTRING_LEN) == 0)
                loops = (features->features[i / 32].active >> i % 32 & 1) != 0;
    free(names);
    free(features);
    return loops;
}

void
ethtool_ask(const char *interface, struct ethtool_answer *answer)
{
    struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    *answer = (struct ethtool_answer){0};
    if (fd < 0)
        return;
    if (ask(fd, interface, &driver))
        text_copy_span(answer->driver, sizeof(answer->driver),
                       span_of(driver.driver,
                               strnlen(driver.driver, sizeof(driver.driver))));
    ask_link(fd, interface, answer);
    answer->loops = ask_loopback(fd, interface);
    close(fd);
}
