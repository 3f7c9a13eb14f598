/*
 * Version 3 of SNMP: this router's engine, how often it has started, and its
 * users. They are kept in the state directory, in the file `snmp`, and in no
 * text of a configuration; of a password only the keys for the user's engine
 * are kept (RFC 3414). A change is stored at once, on a thread.
 */
#ifndef CONTROL_SNMP_USERS_H
#define CONTROL_SNMP_USERS_H

#include "config/config.h"
#include "control/router.h"

#define SNMP_USER_MAX       32 /* characters of a name: RFC 3411 */
#define SNMP_USER_KEY_MAX   32 /* bytes */
#define SNMP_PRIV_KEY_BYTES 16
#define SNMP_ENGINE_MAX     32
#define SNMP_USERS_MAX      256

struct snmp_engine {
    size_t len;
    uint8_t bytes[SNMP_ENGINE_MAX];
};

enum snmp_auth { SNMP_AUTH_NONE, SNMP_AUTH_MD5, SNMP_AUTH_SHA };
enum snmp_priv { SNMP_PRIV_NONE, SNMP_PRIV_DES, SNMP_PRIV_AES128 };

struct snmp_user {
    char name[SNMP_USER_MAX + 1];
    char group[SNMP_USER_MAX + 1];
    struct snmp_engine engine; /* the keys are good for this one alone */
    enum snmp_auth auth;
    enum snmp_priv priv;
    uint8_t auth_key[SNMP_USER_KEY_MAX]; /* snmp_user_auth_length() bytes */
    uint8_t priv_key[SNMP_USER_KEY_MAX]; /* SNMP_PRIV_KEY_BYTES */
};

/* Read the file, if there is one: this is another start of the engine. */
void snmp_users_open(struct router *r, int state);
/* Waits for what is being stored. Without snmp_users_open(): nothing. */
void snmp_users_close(struct router *r);

/*
 * The engine that the configuration names, else the router's own, which is
 * made once and kept. `r` may be NULL: then any will do.
 */
void snmp_local_engine(const struct router *r, const struct config *config,
                       struct snmp_engine *engine);
/* That of `snmp-server engineID remote`; false: there is none. */
bool snmp_remote_engine(const struct config *config,
                        const struct config_address *address, uint32_t port,
                        struct snmp_engine *engine);
/* Upper case hexadecimal digits. */
#define SNMP_ENGINE_TEXT (2 * SNMP_ENGINE_MAX + 1)
void snmp_engine_text(const struct snmp_engine *engine,
                      char text[SNMP_ENGINE_TEXT]);
bool snmp_engine_equal(const struct snmp_engine *a,
                       const struct snmp_engine *b);

/*
 * See to it that engine and starts are on the disk. False: not yet, and
 * nothing may be sent that depends on them: snmp_users_stored() comes.
 */
bool snmp_users_keep(struct router *r);
/* snmpEngineBoots. */
uint32_t snmp_engine_boots(const struct router *r);

/* Bytes of its authentication key; 0: it has none. */
size_t snmp_user_auth_length(const struct snmp_user *user);
/* The key of a password for the user's engine, by his kind of digest. */
MUST_CHECK bool snmp_user_localize(const struct snmp_user *user,
                                   const char *password,
                                   uint8_t key[SNMP_USER_KEY_MAX]);

/* In the place of one of the same name and engine. Copied. False: no room. */
MUST_CHECK bool snmp_users_put(struct router *r, const struct snmp_user *user);
/* The one of that name and engine, if there is one. */
void snmp_users_remove(struct router *r, const struct snmp_user *user);
/* NULL: there is none. Borrowed until the next change. */
const struct snmp_user *snmp_user_find(const struct router *r, const char *name,
                                       const struct snmp_engine *engine);
/* In the order in which they were made; NULL: no more. */
const struct snmp_user *snmp_user_at(const struct router *r, size_t index);

#endif
