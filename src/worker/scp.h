/*
 * A channel over which files go by the protocol of scp: its engine, and what
 * carries its actions out.
 */
#ifndef WORKER_SCP_H
#define WORKER_SCP_H

#include "ssh/conn.h"
#include "worker/trace.h"

struct scp_channel;

/* `up`, `ssh` and `trace` are borrowed for life. */
struct scp_channel *scp_channel_new(struct uplink *up, struct ssh_conn *ssh,
                                    struct trace *trace,
                                    const struct msg_serve_scp *m,
                                    uint64_t now_ms);
void scp_channel_free(struct scp_channel *c); /* NULL is fine */

/* Bytes of the peer's; all are taken, and told as consumed when they are. */
void scp_channel_data(struct scp_channel *c, struct span bytes,
                      uint64_t now_ms);
void scp_channel_data_end(struct scp_channel *c);
/* A message for this channel; takes ownership of `fd`. */
void scp_channel_message(struct scp_channel *c, const struct message *m,
                         int fd);

/* Go on; true: something moved. */
bool scp_channel_work(struct scp_channel *c, uint64_t now_ms);
/* All is said: the channel ends with this status. */
bool scp_channel_is_finished(const struct scp_channel *c, uint32_t *status);
/* scp_channel_work() must be called at this time at the latest. */
uint64_t scp_channel_deadline(const struct scp_channel *c);

#endif
