/*
 * `show interfaces`, `show interfaces description`.
 */
#include "commands/interface_show.h"

#include <net/if_arp.h>
#include <stdlib.h>

#include "commands/rows.h"

#define TEXT_MAX 8192 /* bytes of one interface's paragraph */

/* --- one interface ------------------------------------------------------ */

static const char *
kind_of(const struct interface_facts *facts)
{
    if (facts->link->type == ARPHRD_LOOPBACK)
        return "Loopback";
    if (facts->link->kind[0] != '\0')
        return facts->link->kind;
    return facts->driver.driver[0] == '\0' ? "unknown" : facts->driver.driver;
}

static void
put_hardware(struct buf *to, const struct interface_facts *facts)
{
    const struct netlink_link *link = facts->link;
    char text[HARDWARE_TEXT_MAX];

    buf_printf(to, "  Hardware is %s", kind_of(facts));
    if (link->type == ARPHRD_ETHER && link->hardware_len > 0) {
        hardware_text(link->hardware, link->hardware_len, text);
        buf_printf(to, ", address is %s", text);
    }
    if (link->type == ARPHRD_ETHER && link->burned_in_len > 0) {
        hardware_text(link->burned_in, link->burned_in_len, text);
        buf_printf(to, " (bia %s)", text);
    }
    buf_printf(to, "\n");
}

static void
put_encapsulation(struct buf *to, const struct interface_facts *facts)
{
    static const struct {
        unsigned type;
        const char *text;
    } names[] = {
        {ARPHRD_ETHER, "ARPA"},
        {ARPHRD_LOOPBACK, "LOOPBACK"},
        {ARPHRD_PPP, "PPP"},
        {ARPHRD_IPGRE, "TUNNEL"},
        {ARPHRD_TUNNEL, "TUNNEL"},
        {ARPHRD_TUNNEL6, "TUNNEL"},
        {ARPHRD_SIT, "TUNNEL"},
        {ARPHRD_RAWHDLC, "HDLC"},
        {ARPHRD_INFINIBAND, "INFINIBAND"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].type == facts->link->type)
            buf_printf(to, "  Encapsulation %s, loopback %s\n", names[i].text,
                       facts->driver.loops ? "set" : "not set");
}

static void
put_speed(struct buf *to, const struct ethtool_answer *driver)
{
    static const char *const duplex[] = {
        [ETHTOOL_DUPLEX_UNKNOWN] = "Unknown duplex",
        [ETHTOOL_DUPLEX_HALF] = "Half-duplex",
        [ETHTOOL_DUPLEX_FULL] = "Full-duplex",
    };

    if (driver->duplex == ETHTOOL_DUPLEX_UNKNOWN && driver->speed_mbps == 0)
        return;
    buf_printf(to, "  %s, ", duplex[driver->duplex]);
    if (driver->speed_mbps == 0)
        buf_printf(to, "unknown speed\n");
    else
        buf_printf(to, "%uMb/s\n", driver->speed_mbps);
}

static void
put_queue(struct buf *to, const struct interface_facts *facts)
{
    const struct netlink_link *link = facts->link;
    uint64_t drops = link->counters.tx_dropped;

    if (facts->queue != NULL)
        drops += facts->queue->dropped;
    if (link->has_counters)
        buf_printf(to, "  Total output drops: %llu\n",
                   (unsigned long long)drops);
    if (link->queueing[0] != '\0')
        buf_printf(to, "  Queueing strategy: %s\n", link->queueing);
    if (facts->queue != NULL)
        buf_printf(to, "  Output queue: %u/%u (size/max)\n", facts->queue->held,
                   link->queue_max);
}

/* "5 minute", "30 second" */
static void
put_rate(struct buf *to, const struct rate *rate)
{
    bool minutes = rate->interval_s % 60 == 0;
    unsigned count = minutes ? rate->interval_s / 60 : rate->interval_s;
    const char *unit = minutes ? "minute" : "second";

    buf_printf(to, "  %u %s input rate %llu bits/sec, %llu packets/sec\n",
               count, unit, (unsigned long long)rate->in_bits,
               (unsigned long long)rate->in_packets);
    buf_printf(to, "  %u %s output rate %llu bits/sec, %llu packets/sec\n",
               count, unit, (unsigned long long)rate->out_bits,
               (unsigned long long)rate->out_packets);
}

/*
 * The kernel counts neither broadcasts that came in, nor runts, giants,
 * babbles and what else IOS tells apart.
 */
static void
put_counters(struct buf *to, const struct netlink_counters *c)
{
#define NUMBER(field) ((unsigned long long)c->field)
    buf_printf(to, "     %llu packets input, %llu bytes, %llu no buffer\n",
               NUMBER(rx_packets), NUMBER(rx_bytes), NUMBER(rx_missed));
    buf_printf(to, "     Received unknown broadcasts (%llu IP multicasts)\n",
               NUMBER(multicast));
    buf_printf(to,
               "     %llu input errors, %llu CRC, %llu frame, %llu overrun, "
               "%llu ignored\n",
               NUMBER(rx_errors), NUMBER(rx_crc), NUMBER(rx_frame),
               NUMBER(rx_over), NUMBER(rx_dropped));
    buf_printf(to, "     %llu packets output, %llu bytes, %llu underruns\n",
               NUMBER(tx_packets), NUMBER(tx_bytes), NUMBER(tx_fifo));
    buf_printf(to, "     %llu output errors, %llu collisions\n",
               NUMBER(tx_errors), NUMBER(collisions));
    buf_printf(to, "     %llu late collision\n", NUMBER(tx_window));
    buf_printf(to, "     %llu lost carrier\n", NUMBER(tx_carrier));
#undef NUMBER
}

void
interface_put(struct buf *to, const struct interface_facts *facts)
{
    const struct netlink_link *link = facts->link;
    char text[PREFIX_TEXT_MAX];

    buf_printf(to, "%s is %s, line protocol is %s \n", link->name,
               link_status(link), link_protocol(link));
    put_hardware(to, facts);
    if (facts->description != NULL)
        buf_printf(to, "  Description: %s\n", facts->description);
    if (facts->address != NULL) {
        prefix_text(&facts->address->prefix, text);
        buf_printf(to, "  Internet address is %s\n", text);
    }
    buf_printf(to, "  MTU %u bytes, BW ", link->mtu);
    if (facts->driver.speed_mbps == 0)
        buf_printf(to, "unknown\n");
    else
        buf_printf(to, "%llu Kbit/sec\n", 1000ULL * facts->driver.speed_mbps);
    put_encapsulation(to, facts);
    put_speed(to, &facts->driver);
    if (link->type == ARPHRD_ETHER && (link->flags & IFF_NOARP) == 0)
        buf_printf(to, "  ARP type: ARPA\n");
    /* No command clears them. */
    buf_printf(to, "  Last clearing of \"show interface\" counters never\n");
    put_queue(to, facts);
    if (facts->rate != NULL)
        put_rate(to, facts->rate);
    if (link->has_counters)
        put_counters(to, &link->counters);
}

/* --- show interfaces ---------------------------------------------------- */

struct queues {
    struct netlink_queue *items;
    size_t count;
};

static const struct netlink_queue *
queue_of(const struct queues *queues, unsigned link)
{
    for (size_t i = 0; i < queues->count; i++)
        if (queues->items[i].link == link)
            return &queues->items[i];
    return NULL;
}

static void
show_one(struct command *cmd, const struct network_view *view,
         const struct queues *queues, const struct netlink_link *link)
{
    struct interface_facts facts = {
        .link = link,
        .address = network_view_next(view, link->index, AF_INET, NULL),
        .queue = queue_of(queues, link->index),
        .description = link_description(cmd->config, link),
    };
    struct rate rate;
    struct buf text;

    if (rates_of(cmd->router, link, &rate))
        facts.rate = &rate;
    ethtool_ask(link->name, &facts.driver);
    buf_init(&text, TEXT_MAX);
    interface_put(&text, &facts);
    out_span(cmd, buf_span(&text));
    buf_clear(&text);
}

static void
show_interfaces(struct command *cmd)
{
    struct network_view view;
    struct queues queues = {NULL, 0};

    if (!network_view_load(cmd, &view))
        return;
    rates_look(cmd->router, view.links, view.link_count);
    /* Without them those lines are left out. */
    if (netlink_queues(&queues.items, &queues.count) != OK)
        queues = (struct queues){NULL, 0};
    if (cli_given(cmd->match, "name")) {
        const struct netlink_link *one = network_view_find(cmd, &view, "name");

        if (one != NULL)
            show_one(cmd, &view, &queues, one);
    } else {
        for (size_t i = 0; i < view.link_count; i++)
            show_one(cmd, &view, &queues, &view.links[i]);
    }
    free(queues.items);
    network_view_clear(&view);
}

static void
show_description(struct command *cmd)
{
    struct network_view view;

    if (!network_view_load(cmd, &view))
        return;
    out_line(cmd, "%-31s%-15s%-9s%s", "Interface", "Status", "Protocol",
             "Description");
    for (size_t i = 0; i < view.link_count; i++) {
        const struct netlink_link *link = &view.links[i];
        const char *description = link_description(cmd->config, link);

        out_line(cmd, "%-31s%-15s%-9s%s", link->name,
                 (link->flags & IFF_UP) == 0 ? "admin down" : link_status(link),
                 link_protocol(link), description == NULL ? "" : description);
    }
    network_view_clear(&view);
}

const struct cli_row interface_show_rows[] = {
    GROUP("show interfaces", "Interface status and configuration"),
    SHOW("show interfaces [WORD:name]", 1, show_interfaces, "Interface name"),
    SHOW("show interfaces description", 1, show_description,
         "Show interface description"),
    ROWS_END,
};
