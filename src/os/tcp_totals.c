#include "os/tcp_totals.h"

/* Not <netinet/tcp.h>: its structure ends before the octets that were sent. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "os/net.h"

/* States of tcpi_state; the numbers are <netinet/tcp.h>'s. */
#define STATE_CLOSED     7
#define STATE_CLOSE_WAIT 8 /* the peer's end came, ours was not sent */

enum err
tcp_totals(int fd, bool peer_closed, struct tcp_totals *totals)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);
    struct tcp_totals found;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return ERR_SYSTEM;
    found.bytes_in = info.tcpi_bytes_received;
    found.bytes_out = info.tcpi_bytes_sent > info.tcpi_bytes_retrans
                          ? info.tcpi_bytes_sent - info.tcpi_bytes_retrans
                          : 0;
    /* The kernel counts the peer's FIN as an octet, and not our own. */
    if ((peer_closed || info.tcpi_state == STATE_CLOSE_WAIT) &&
        found.bytes_in > 0)
        found.bytes_in--;
    /* Closing it with something unread is a reset, which drops the rest. */
    if (info.tcpi_state != STATE_CLOSED && net_unread(fd) == 0)
        found.bytes_out += info.tcpi_notsent_bytes;
    /* What was asked last, by a repetition or a keep-alive, has no answer. */
    found.lost = info.tcpi_state == STATE_CLOSED &&
                 (info.tcpi_retransmits > 0 || info.tcpi_probes > 0);
    *totals = found;
    return OK;
}
