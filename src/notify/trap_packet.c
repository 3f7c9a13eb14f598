#include "notify/trap_packet.h"

#include <stdlib.h>

#include "base/text.h"
#include "ipc/snmp.h"

#define ENTERPRISE_SPECIFIC 6
#define KEY_MAX             32
#define PRIV_KEY_BYTES      16

/* --- the library -------------------------------------------------------- */

/* What it computes first may need something opened by libcrypto. */
static void
warm_up(const oid *auth, size_t auth_len, const oid *priv, size_t priv_len)
{
    u_char key[KEY_MAX] = {1}, salt[PRIV_KEY_BYTES] = {2};
    u_char text[64] = {3}, out[128];
    size_t out_len = sizeof(out);

    sc_generate_keyed_hash(auth, auth_len, key, PRIV_KEY_BYTES, text,
                           sizeof(text), out, &out_len);
    out_len = sizeof(out);
    sc_encrypt(priv, (u_int)priv_len, key, PRIV_KEY_BYTES, salt, 8, text,
               sizeof(text), out, &out_len);
}

/*
 * init_snmp() would do this as well, and look for MIBs, certificates and
 * files of configuration.
 */
void
trap_packet_begin(void)
{
    snmp_disable_log();
    netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_APPTYPE,
                          "vtyd");
    init_callbacks();
    snmp_init_statistics();
    init_snmpv3("vtyd");
    setup_engineID(NULL, "vtyd"); /* it wants one, and never sends it */
    snmp_call_callbacks(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_READ_CONFIG,
                        NULL);
    warm_up(usmHMACMD5AuthProtocol, OID_LENGTH(usmHMACMD5AuthProtocol),
            usmDESPrivProtocol, OID_LENGTH(usmDESPrivProtocol));
    warm_up(usmHMACSHA1AuthProtocol, OID_LENGTH(usmHMACSHA1AuthProtocol),
            usmAESPrivProtocol, OID_LENGTH(usmAESPrivProtocol));
}

/* --- sessions ----------------------------------------------------------- */

static long
library_version(uint8_t version)
{
    if (version == 3)
        return SNMP_VERSION_3;
    return version == 2 ? SNMP_VERSION_2c : SNMP_VERSION_1;
}

static int
library_level(const struct msg_notify_trap *m)
{
    if (m->level == TRAP_LEVEL_PRIV)
        return SNMP_SEC_LEVEL_AUTHPRIV;
    return m->level == TRAP_LEVEL_AUTH ? SNMP_SEC_LEVEL_AUTHNOPRIV
                                       : SNMP_SEC_LEVEL_NOAUTH;
}

/* RFC 3412 section 6.3: that of who answers for the time, and the keys'. */
static struct span
security_engine(const struct msg_notify_trap *m)
{
    return m->inform ? m->far_engine : m->engine;
}

/* Keys are as long as their algorithm has them. */
static bool
keys_are_right(const struct msg_notify_trap *m)
{
    bool auth = m->level != TRAP_LEVEL_NONE;
    bool priv = m->level == TRAP_LEVEL_PRIV;

    if (auth &&
        m->auth_key.len != (m->auth == TRAP_AUTH_MD5
                                ? BYTESIZE(SNMP_TRANS_AUTHLEN_HMACMD5)
                                : BYTESIZE(SNMP_TRANS_AUTHLEN_HMACSHA1)))
        return false;
    return !priv || m->priv_key.len == PRIV_KEY_BYTES;
}

static void
set_protocols(const struct msg_notify_trap *m, struct usmUser *user)
{
    bool md5 = m->auth == TRAP_AUTH_MD5, des = m->priv == TRAP_PRIV_DES;
    const oid *auth = md5 ? usmHMACMD5AuthProtocol : usmHMACSHA1AuthProtocol;
    const oid *priv = des ? usmDESPrivProtocol : usmAESPrivProtocol;

    if (m->level == TRAP_LEVEL_NONE)
        return;
    free(user->authProtocol);
    user->authProtocolLen = OID_LENGTH(usmHMACMD5AuthProtocol);
    user->authProtocol = snmp_duplicate_objid(auth, user->authProtocolLen);
    user->authKeyLen = m->auth_key.len;
    user->authKey = netsnmp_memdup(m->auth_key.ptr, m->auth_key.len);
    if (m->level != TRAP_LEVEL_PRIV)
        return;
    free(user->privProtocol);
    user->privProtocolLen =
        des ? OID_LENGTH(usmDESPrivProtocol) : OID_LENGTH(usmAESPrivProtocol);
    user->privProtocol = snmp_duplicate_objid(priv, user->privProtocolLen);
    user->privKeyLen = m->priv_key.len;
    user->privKey = netsnmp_memdup(m->priv_key.ptr, m->priv_key.len);
}

/* In the place of one of that name and engine, if there is one. */
static void
add_user(const struct msg_notify_trap *m)
{
    struct span engine = security_engine(m);
    struct usmUser *user = usm_create_user();

    user->engineID = netsnmp_memdup(engine.ptr, engine.len);
    user->engineIDLen = engine.len;
    user->name = netsnmp_strdup_and_null(m->name.ptr, m->name.len);
    user->secName = netsnmp_strdup_and_null(m->name.ptr, m->name.len);
    set_protocols(m, user);
    user->userStatus = RS_ACTIVE;
    user->userStorageType = ST_READONLY;
    usm_add_user(user);
}

void
trap_packet_forget_users(void)
{
    struct usmUser *user;

    while ((user = usm_get_userList()) != NULL) {
        usm_remove_user(user);
        user->next = user->prev = NULL;
        usm_free_user(user); /* wipes the keys */
    }
}

static enum err
set_user(const struct msg_notify_trap *m, struct trap_packet *packet)
{
    netsnmp_session *session = &packet->session;
    struct span engine = security_engine(m);

    if (engine.len == 0 || engine.len > TRAP_ID_MAX || m->engine.len == 0 ||
        m->engine.len > TRAP_ID_MAX || m->name.len == 0 ||
        m->name.len > TRAP_ID_MAX || m->level > TRAP_LEVEL_PRIV ||
        !keys_are_right(m))
        return ERR_FORMAT;
    session->securityModel = SNMP_SEC_MODEL_USM;
    session->securityLevel = library_level(m);
    text_copy_span(packet->user, sizeof(packet->user), m->name);
    session->securityName = packet->user;
    session->securityNameLen = m->name.len;
    session->securityEngineID = (u_char *)engine.ptr;
    session->securityEngineIDLen = engine.len;
    session->contextEngineID = (u_char *)m->engine.ptr;
    session->contextEngineIDLen = m->engine.len;
    session->flags |= SNMP_FLAGS_DONT_PROBE | SNMP_FLAGS_USER_CREATED;
    add_user(m);
    /* Our own time is told; a manager's is learned from what it answers, and
       known from then on, if the engine is known at all. */
    set_enginetime(engine.ptr, (u_int)engine.len, m->inform ? 0 : m->boots,
                   m->inform ? 0 : m->time_s, !m->inform);
    return OK;
}

enum err
trap_packet_session(const struct msg_notify_trap *m, struct trap_packet *packet)
{
    netsnmp_session *session = &packet->session;

    snmp_sess_init(session);
    session->version = library_version(m->version);
    session->timeout = (long)m->timeout_ms * 1000;
    session->retries = (int)m->retries;
    if (m->version == 3)
        return set_user(m, packet);
    session->community = (u_char *)m->name.ptr;
    session->community_len = m->name.len;
    return OK;
}

/* --- PDUs --------------------------------------------------------------- */

static size_t
copy_oid(const struct snmp_oid *from, oid to[SNMP_OID_MAX])
{
    for (size_t i = 0; i < from->count; i++)
        to[i] = from->ids[i];
    return from->count;
}

static void
add_variable(netsnmp_pdu *pdu, const struct snmp_variable *variable)
{
    oid name[SNMP_OID_MAX], object[SNMP_OID_MAX];
    size_t name_len = copy_oid(&variable->name, name);
    size_t object_len = copy_oid(&variable->object, object);
    long number = (long)variable->number;
    u_long ticks = variable->number;

    switch (variable->type) {
    case SNMP_INTEGER:
        snmp_pdu_add_variable(pdu, name, name_len, ASN_INTEGER, &number,
                              sizeof(number));
        break;
    case SNMP_TICKS:
        snmp_pdu_add_variable(pdu, name, name_len, ASN_TIMETICKS, &ticks,
                              sizeof(ticks));
        break;
    case SNMP_OCTETS:
        snmp_pdu_add_variable(pdu, name, name_len, ASN_OCTET_STR,
                              variable->octets.ptr, variable->octets.len);
        break;
    case SNMP_OBJECT:
        snmp_pdu_add_variable(pdu, name, name_len, ASN_OBJECT_ID, object,
                              object_len * sizeof(oid));
        break;
    }
}

static bool
add_variables(netsnmp_pdu *pdu, struct span variables)
{
    struct reader r = reader_over(variables);
    size_t count = 0;

    while (read_ok(&r) && !read_done(&r)) {
        struct snmp_variable variable;

        snmp_variable_read(&r, &variable);
        if (!read_ok(&r) || ++count > SNMP_VARIABLES_MAX)
            return false;
        add_variable(pdu, &variable);
    }
    return read_done(&r);
}

/* What version 1 says before the variables: RFC 1157 section 4.1.6. */
static bool
set_head(netsnmp_pdu *pdu, const struct msg_notify_trap *m)
{
    struct reader r = reader_over(m->enterprise);
    struct snmp_oid enterprise;
    oid ids[SNMP_OID_MAX];
    size_t len;

    snmp_oid_read(&r, &enterprise);
    if (!read_done(&r) || enterprise.count == 0 ||
        m->agent.len != sizeof(pdu->agent_addr))
        return false;
    len = copy_oid(&enterprise, ids);
    pdu->enterprise = snmp_duplicate_objid(ids, len);
    pdu->enterprise_length = len;
    memcpy(pdu->agent_addr, m->agent.ptr, m->agent.len);
    pdu->trap_type = ENTERPRISE_SPECIFIC;
    pdu->specific_type = (long)m->specific;
    pdu->time = m->uptime;
    return true;
}

enum err
trap_packet_pdu(const struct msg_notify_trap *m, netsnmp_pdu **pdu)
{
    int command = m->version == 1 ? SNMP_MSG_TRAP
                  : m->inform     ? SNMP_MSG_INFORM
                                  : SNMP_MSG_TRAP2;
    netsnmp_pdu *made;

    if (m->version < 1 || m->version > 3 || (m->version == 1 && m->inform))
        return ERR_FORMAT;
    made = snmp_pdu_create(command);
    made->reqid = (long)(m->id & INT32_MAX);
    if ((m->version == 1 && !set_head(made, m)) ||
        !add_variables(made, m->variables)) {
        snmp_free_pdu(made);
        return ERR_FORMAT;
    }
    *pdu = made;
    return OK;
}
