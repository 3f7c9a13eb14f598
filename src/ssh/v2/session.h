/*
 * What is asked of a session channel (RFC 4254 section 6, RFC 4335): the
 * server answers requests in the order in which they came, the client sends
 * them and counts the answers.
 */
#ifndef SSH_V2_SESSION_H
#define SSH_V2_SESSION_H

#include "ssh/v2/ssh2.h"

/* --- session_server.c ------------------------------------------------ */

enum err on_session_request(struct ssh2 *ssh, struct reader *msg);
void session_request_reply(struct ssh_conn *c, uint32_t number, bool ok);
void session_exit_status(struct ssh_conn *c, uint32_t number, uint32_t status);

/* --- session_client.c ------------------------------------------------ */

void session_pty(struct ssh_conn *c, uint32_t number,
                 const struct ssh_pty *pty);
/* shell, exec, subsystem; `argument` NULL for shell. */
void session_start(struct ssh_conn *c, uint32_t number, const char *request,
                   const struct span *argument);
void session_window_size(struct ssh_conn *c, uint32_t number, uint32_t columns,
                         uint32_t rows);
void session_break(struct ssh_conn *c, uint32_t number, uint32_t ms);
/* exit-status and exit-signal; other requests of a server are refused. */
enum err on_session_notice(struct ssh2 *ssh, struct reader *msg);
enum err on_channel_success(struct ssh2 *ssh, struct reader *msg);
enum err on_channel_failure(struct ssh2 *ssh, struct reader *msg);

#endif
