/*
 * User authentication (RFC 4252, RFC 4256). The server never decides: it
 * parses a request whole, tells its owner, and sends the verdict.
 */
#ifndef SSH_V2_AUTH_H
#define SSH_V2_AUTH_H

#include "ssh/v2/ssh2.h"

/* --- auth_server.c --------------------------------------------------- */

struct auth_server *auth_server_new(void);
void auth_server_free(struct auth_server *auth); /* wipes; NULL is fine */
/* The service was accepted: a banner that waited goes out. */
void auth_server_begin(struct ssh2 *ssh);
enum err on_userauth_request(struct ssh2 *ssh, struct reader *msg);
enum err on_info_response(struct ssh2 *ssh, struct reader *msg);
void auth_reply(struct ssh_conn *c, enum ssh_verdict verdict,
                const char *methods, const struct ssh_question *question);
void auth_banner(struct ssh_conn *c, struct span text);

/* --- auth_client.c --------------------------------------------------- */

struct auth_client *auth_client_new(void);
void auth_client_free(struct auth_client *auth); /* NULL is fine */
void auth_none(struct ssh_conn *c, const char *user);
void auth_password(struct ssh_conn *c, const char *user, struct span password);
void auth_interactive(struct ssh_conn *c, const char *user);
void auth_answer(struct ssh_conn *c, size_t count, const struct span *answers);
void auth_key(struct ssh_conn *c, const char *user, struct span algorithm,
              struct span key, const struct span *signature);
void auth_key_data(const struct ssh_conn *c, const char *user,
                   struct span algorithm, struct span key, struct buf *to);
enum err on_banner(struct ssh2 *ssh, struct reader *msg);
enum err on_userauth_failure(struct ssh2 *ssh, struct reader *msg);
enum err on_userauth_success(struct ssh2 *ssh, struct reader *msg);
/* Message 60: what it means follows from the last request. */
enum err on_method_answer(struct ssh2 *ssh, struct reader *msg);

#endif
