/*
 * The connection protocol (RFC 4254): channels and global requests, for both
 * roles. What sessions ask of each other is in session.h.
 */
#ifndef SSH_V2_CONNECTION_H
#define SSH_V2_CONNECTION_H

#include "ssh/v2/ssh2.h"

/* The user is authenticated: the connection protocol begins. */
void connection_begin(struct ssh2 *ssh);

/* A channel in use by our number; NULL when there is none. */
struct channel *connection_find(struct ssh2 *ssh, uint32_t number);
/* As the recipient of a message: open on both sides; NULL when not. */
struct channel *connection_recipient(struct ssh2 *ssh, struct reader *msg);
/* Some channel has as many unanswered requests as it may. */
bool connection_is_blocked(const struct ssh2 *ssh);
/* No channel is in use. */
bool connection_is_idle(const struct ssh2 *ssh);
/* A message named no channel of ours; the connection has ended. */
enum err connection_no_channel(struct ssh2 *ssh);
/* Begin a message to the peer's end of a channel. */
struct buf *connection_message(struct ssh2 *ssh, uint8_t message,
                               const struct channel *ch);

void connection_eof(struct ssh_conn *c, uint32_t number);
void connection_close(struct ssh_conn *c, uint32_t number);
uint32_t connection_open_session(struct ssh_conn *c);

enum err on_global_request(struct ssh2 *ssh, struct reader *msg);
enum err on_channel_open(struct ssh2 *ssh, struct reader *msg);
enum err on_open_confirmed(struct ssh2 *ssh, struct reader *msg);
enum err on_open_failed(struct ssh2 *ssh, struct reader *msg);
enum err on_channel_eof(struct ssh2 *ssh, struct reader *msg);
enum err on_channel_close(struct ssh2 *ssh, struct reader *msg);

/* --- channel_data.c: data, both ways, and windows ------------------------ */

size_t connection_write(struct ssh_conn *c, uint32_t number, struct span bytes,
                        bool to_stderr);
size_t connection_reserve(struct ssh_conn *c, uint32_t number, size_t wanted,
                          uint8_t **place);
void connection_commit(struct ssh_conn *c, uint32_t number, size_t len);
void connection_consumed(struct ssh_conn *c, uint32_t number, size_t len);
/* WRITABLE is kept as state: the next channel that takes bytes again. */
bool connection_next_event(struct ssh_conn *c, struct ssh_event *event);

enum err on_window_adjust(struct ssh2 *ssh, struct reader *msg);
enum err on_channel_data(struct ssh2 *ssh, struct reader *msg);
enum err on_extended_data(struct ssh2 *ssh, struct reader *msg);

#endif
