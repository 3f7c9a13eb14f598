/*
 * How a client logs in: which methods in which order, what its user is asked,
 * what is signed, and when it gives up. No I/O: the owner of the connection
 * hands over its events, carries out the steps, and brings back what they
 * asked for.
 *
 *     for each event:  if (!client_login_event(login, &event)) treat it;
 *     then:            while (client_login_next(login, &step)) carry it out;
 *
 * Nothing is to be shown between a question and its answer.
 *
 * First "none" is asked for, to learn what the server takes (RFC 4252 section
 * 5.2); then the keys, each by a query; then keyboard-interactive, then
 * password, and of what failed again what the server still lists.
 */
#ifndef SSH_CLIENT_LOGIN_H
#define SSH_CLIENT_LOGIN_H

#include "ssh/conn.h"

#define CLIENT_LOGIN_KEYS_MAX    16
#define CLIENT_LOGIN_PROMPTS_MAX 5    /* what a user may ask for */
#define CLIENT_LOGIN_ANSWER_MAX  1024 /* bytes of one answer */
/* Of the server's texts so much is shown, in bytes as they came. */
#define CLIENT_LOGIN_SHOWN_MAX 16384
/* Requests and answers of one login; what a server can make us send. */
#define CLIENT_LOGIN_REQUESTS_MAX 64
/* Bits below which an RSA host key earns a warning. */
#define CLIENT_LOGIN_RSA_BITS 2048

struct client_login_setup {
    struct ssh_conn *conn; /* a client's; outlives the login */
    const char *user;
    const char *password_prompt; /* NULL: "Password: " */
    unsigned prompts_max;        /* wrong answers until we give up; 0: 3 */
    /* Public key blobs, in the order in which they are offered. */
    size_t key_count;
    struct span keys[CLIENT_LOGIN_KEYS_MAX];
    bool sha1_signatures; /* "ssh-rsa" may sign where rsa-sha2 may not */
    bool warn_version_1;  /* nobody asked for it by its number */
};

enum client_login_step_type {
    CLIENT_LOGIN_SHOW,   /* text: whole lines for the user's screen */
    CLIENT_LOGIN_ASK,    /* text, echo; then client_login_answer() */
    CLIENT_LOGIN_SIGN,   /* key, algorithm, data; then client_login_signed() */
    CLIENT_LOGIN_DONE,   /* logged in: channels may be opened */
    CLIENT_LOGIN_FAILED, /* text: why, for the log; the connection ends */
};

/* What it points to is borrowed until the next call on this login. */
struct client_login_step {
    enum client_login_step_type type;
    const char *text; /* safe to show: a stranger's bytes are escaped */
    bool echo;        /* ASK: what is typed may be seen */
    /* SIGN: by key number `key` of the setup, with this method (a name of
       crypto/hostkey.h), these bytes (RFC 4252 section 7). */
    size_t key;
    const char *algorithm;
    struct span data;
};

struct client_login;

/* Copies what it needs; free with client_login_free(), which wipes. */
struct client_login *client_login_new(const struct client_login_setup *setup);
void client_login_free(struct client_login *login); /* NULL is fine */

/*
 * Take an event of the connection; false when it is the owner's. HOST_KEY is:
 * the owner answers it, and the login may have a warning to show.
 */
bool client_login_event(struct client_login *login,
                        const struct ssh_event *event);

/* The next step; false: nothing to do until something comes. */
bool client_login_next(struct client_login *login,
                       struct client_login_step *step);

/*
 * What the user typed at the last ASK, at most CLIENT_LOGIN_ANSWER_MAX bytes
 * (more is a wrong answer); copied, and wiped as soon as it was sent.
 */
void client_login_answer(struct client_login *login, struct span text);
/* The signature blob for the last SIGN; empty: none could be had. */
void client_login_signed(struct client_login *login, struct span signature);
/* The user gives up, whatever is outstanding. FAILED follows. */
void client_login_cancel(struct client_login *login);

#endif
