/*
 * A server under test with a raw client, or a client under test with a raw
 * server, brought to the state where a test begins.
 */
#ifndef TESTS_CORE_FIXTURE_H
#define TESTS_CORE_FIXTURE_H

#include "owner.h"
#include "pump.h"
#include "raw.h"
#include "user.h"

struct fixture {
    struct owner owner; /* of the server under test */
    struct user user;   /* of the client under test */
    struct raw raw;
    struct chance chance;
    struct ssh_setup setup;
};

/* A new connection; nothing has been exchanged. */
void fixture_server(struct fixture *f);
/* The same, with these algorithms for users' keys. */
void fixture_server_taking(struct fixture *f, const char *user_keys);
void fixture_client(struct fixture *f);
void fixture_clear(struct fixture *f);

/* Nobody fetches the events of the connection any more. */
void fixture_let_alone(struct fixture *f);

/* A new server that waits for our KEXINIT. */
void fixture_kexinit(struct fixture *f);
/* Server under test: from a new connection to each state. */
void fixture_keys(struct fixture *f);    /* the first exchange is done */
void fixture_service(struct fixture *f); /* ssh-userauth accepted */
void fixture_login(struct fixture *f);   /* authenticated */
/* A session channel of ours; its number at the server. */
uint32_t fixture_open(struct fixture *f, uint32_t number);
/* A shell on that channel, whose start was confirmed. */
uint32_t fixture_shell(struct fixture *f, uint32_t number);

/* Client under test, new, and we its server: its first request after the
   service is on its way; logged in, it opens a session; a command is asked for
   on that, our number 7. */
void fixture_there_auth(struct fixture *f);
void fixture_there_opening(struct fixture *f);
void fixture_there_session(struct fixture *f);

/* A new server with a shell, logged in; the shell's number there. */
uint32_t fixture_server_shell(struct fixture *f);

/* Messages that many tests send. */
struct buf *begin_auth(struct raw *raw, struct span user, const char *method);
/* USERAUTH_FAILURE as the owner of the tests has it sent. */
void expect_auth_failure(struct raw *raw);
void send_service_request(struct raw *raw, const char *name);
void send_auth(struct raw *raw, const char *user, const char *method);
void send_password(struct raw *raw, const char *user, const char *password);
void send_open(struct raw *raw, const char *type, uint32_t number,
               uint32_t window, uint32_t packet_max);
/* CHANNEL_REQUEST; `argument` NULL for none. */
void send_request(struct raw *raw, uint32_t channel, const char *type,
                  bool wants_reply, const char *argument);
/* The session that the client opens is our 7, and its 0. */
void send_confirmation(struct raw *raw, uint32_t window, uint32_t packet_max);
void send_data(struct raw *raw, uint32_t channel, struct span bytes);
void send_channel(struct raw *raw, uint8_t message, uint32_t channel);
void send_adjust(struct raw *raw, uint32_t channel, uint32_t len);
void send_global(struct raw *raw, const char *name, bool wants_reply);
/* Something well formed of this number, as far as we have an idea of it. */
void send_sample(struct raw *raw, uint8_t message);

#endif
