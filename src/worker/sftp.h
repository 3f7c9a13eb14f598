/*
 * A channel over which files go by SFTP: its engine, and what carries its
 * deeds out. The same calls as worker/scp.h has.
 */
#ifndef WORKER_SFTP_H
#define WORKER_SFTP_H

#include "ssh/conn.h"
#include "worker/uplink.h"

struct sftp_channel;

/* `up` and `ssh` are borrowed for life. */
struct sftp_channel *sftp_channel_new(struct uplink *up, struct ssh_conn *ssh,
                                      const struct msg_serve_sftp *m,
                                      uint64_t now_ms);
void sftp_channel_free(struct sftp_channel *c); /* NULL is fine */

/* Bytes of the peer's; all are taken, and told as consumed when they are. */
void sftp_channel_data(struct sftp_channel *c, struct span bytes,
                       uint64_t now_ms);
void sftp_channel_data_end(struct sftp_channel *c);
/* A message for this channel; takes ownership of `fd`. */
void sftp_channel_message(struct sftp_channel *c, const struct message *m,
                          int fd);

/* Go on; true: something moved. */
bool sftp_channel_work(struct sftp_channel *c, uint64_t now_ms);
/* All is said: the channel ends with this status. */
bool sftp_channel_is_finished(const struct sftp_channel *c, uint32_t *status);
/* sftp_channel_work() must be called at this time at the latest. */
uint64_t sftp_channel_deadline(const struct sftp_channel *c);

#endif
