/*
 * The states of a server of version 2 with strict key exchange, as learn.c
 * finds them: in the order of the shortest words that lead to them, each with
 * the symbols that do not end the connection, what the server answers (message
 * numbers), and where that leads.
 */
#ifndef TESTS_CORE_MACHINE_H
#define TESTS_CORE_MACHINE_H

static const char *const machine[] = {
    /* the identification lines are exchanged, the server's KEXINIT is out */
    "0: KEXINIT/>1 KEXINIT_GUESS/>1 IGNORE/>3 DEBUG/>3 UNIMPL/>3",
    /* the client's KEXINIT has come */
    "1: KEX_OK/31,21>4",
    /* noise has come before it: with strict exchange its KEXINIT is too late */
    "3: IGNORE/>3 DEBUG/>3 UNIMPL/>3",
    /* reply and NEWKEYS are sent (2 is the end) */
    "4: NEWKEYS/>5",
    /* the first packet under keys: EXT_INFO may come */
    "5: KEXINIT/20>6 KEXINIT_GUESS/20>6 SR_AUTH/6>7 IGNORE/>8 DEBUG/>8"
    " UNIMPL/>8 EXT_INFO/>8 ZERO/3>8",
    /* new keys, begun behind 5 or 8 */
    "6: KEX_OK/31,21>9 IGNORE/>6 DEBUG/>6 UNIMPL/>6 ZERO/3>6",
    /* ssh-userauth is accepted */
    "7: KEXINIT/20>10 KEXINIT_GUESS/20>10 SR_AUTH/6>7 UA_NONE/51>7"
    " UA_PW_OK/52>11 UA_PW_NOK/51>7 UA_PK_OK/52>11 UA_PK_NOK/51>7"
    " IGNORE/>7 DEBUG/>7 UNIMPL/>7 ZERO/3>7",
    /* no service yet */
    "8: KEXINIT/20>6 KEXINIT_GUESS/20>6 SR_AUTH/6>7 IGNORE/>8 DEBUG/>8"
    " UNIMPL/>8 ZERO/3>8",
    /* NEWKEYS is due, then 8 */
    "9: NEWKEYS/>8 IGNORE/>9 DEBUG/>9 UNIMPL/>9 ZERO/3>9",
    /* new keys, begun at 7 */
    "10: KEX_OK/31,21>12 IGNORE/>10 DEBUG/>10 UNIMPL/>10 ZERO/3>10",
    /* logged in */
    "11: KEXINIT/20>13 KEXINIT_GUESS/20>13 SR_CONN/6>11 UA_NONE/>11"
    " UA_PW_OK/>11 UA_PW_NOK/>11 UA_PK_OK/>11 UA_PK_NOK/>11"
    " CH_OPEN/91>14 GLOBAL/82>11 IGNORE/>11 DEBUG/>11 UNIMPL/>11"
    " UNKNOWN/3>11 ZERO/3>11",
    /* NEWKEYS is due, then 7 */
    "12: NEWKEYS/>7 IGNORE/>12 DEBUG/>12 UNIMPL/>12 ZERO/3>12",
    /* new keys, begun at 11 */
    "13: KEX_OK/31,21>15 IGNORE/>13 DEBUG/>13 UNIMPL/>13 ZERO/3>13",
    /* a channel is open */
    "14: KEXINIT/20>16 KEXINIT_GUESS/20>16 SR_CONN/6>14 UA_NONE/>14"
    " UA_PW_OK/>14 UA_PW_NOK/>14 UA_PK_OK/>14 UA_PK_NOK/>14 CH_OPEN/>14"
    " CH_REQ_PTY/99>17 CH_REQ_EXEC/99,94,98,96,97>18 CH_DATA/>14"
    " CH_ADJ/>14 CH_EOF/>19 CH_CLOSE/97>11 GLOBAL/82>14 IGNORE/>14"
    " DEBUG/>14 UNIMPL/>14 UNKNOWN/3>14 ZERO/3>14",
    /* NEWKEYS is due, then 11 */
    "15: NEWKEYS/>11 IGNORE/>15 DEBUG/>15 UNIMPL/>15 ZERO/3>15",
    /* new keys, begun at 14 */
    "16: KEX_OK/31,21>20 CH_OPEN/>16 CH_DATA/>16 CH_ADJ/>16 CH_EOF/>21"
    " IGNORE/>16 DEBUG/>16 UNIMPL/>16 ZERO/3>16",
    /* it has a terminal */
    "17: KEXINIT/20>22 KEXINIT_GUESS/20>22 SR_CONN/6>17 UA_NONE/>17"
    " UA_PW_OK/>17 UA_PW_NOK/>17 UA_PK_OK/>17 UA_PK_NOK/>17 CH_OPEN/>17"
    " CH_REQ_PTY/100>17 CH_REQ_EXEC/99,94,98,96,97>18 CH_DATA/>17"
    " CH_ADJ/>17 CH_EOF/>23 CH_CLOSE/97>11 GLOBAL/82>17 IGNORE/>17"
    " DEBUG/>17 UNIMPL/>17 UNKNOWN/3>17 ZERO/3>17",
    /* its command is over: the server has closed it */
    "18: KEXINIT/20>24 KEXINIT_GUESS/20>24 SR_CONN/6>18 UA_NONE/>18"
    " UA_PW_OK/>18 UA_PW_NOK/>18 UA_PK_OK/>18 UA_PK_NOK/>18 CH_OPEN/>18"
    " CH_REQ_PTY/>18 CH_REQ_EXEC/>18 CH_DATA/>18 CH_ADJ/>18 CH_EOF/>25"
    " CH_CLOSE/>11 GLOBAL/82>18 IGNORE/>18 DEBUG/>18 UNIMPL/>18"
    " UNKNOWN/3>18 ZERO/3>18",
    /* the client has sent EOF on it */
    "19: KEXINIT/20>21 KEXINIT_GUESS/20>21 SR_CONN/6>19 UA_NONE/>19"
    " UA_PW_OK/>19 UA_PW_NOK/>19 UA_PK_OK/>19 UA_PK_NOK/>19 CH_OPEN/>19"
    " CH_REQ_PTY/99>23 CH_REQ_EXEC/99,94,98,96,97>25 CH_ADJ/>19"
    " CH_EOF/>19 CH_CLOSE/97>11 GLOBAL/82>19 IGNORE/>19 DEBUG/>19"
    " UNIMPL/>19 UNKNOWN/3>19 ZERO/3>19",
    /* NEWKEYS is due, then 14 */
    "20: NEWKEYS/>14 CH_OPEN/>20 CH_DATA/>20 CH_ADJ/>20 CH_EOF/>26"
    " IGNORE/>20 DEBUG/>20 UNIMPL/>20 ZERO/3>20",
    /* new keys, begun at 19 */
    "21: KEX_OK/31,21>26 CH_OPEN/>21 CH_ADJ/>21 CH_EOF/>21 IGNORE/>21"
    " DEBUG/>21 UNIMPL/>21 ZERO/3>21",
    /* new keys, begun at 17 */
    "22: KEX_OK/31,21>27 CH_OPEN/>22 CH_DATA/>22 CH_ADJ/>22 CH_EOF/>28"
    " IGNORE/>22 DEBUG/>22 UNIMPL/>22 ZERO/3>22",
    /* a terminal, and EOF */
    "23: KEXINIT/20>28 KEXINIT_GUESS/20>28 SR_CONN/6>23 UA_NONE/>23"
    " UA_PW_OK/>23 UA_PW_NOK/>23 UA_PK_OK/>23 UA_PK_NOK/>23 CH_OPEN/>23"
    " CH_REQ_PTY/100>23 CH_REQ_EXEC/99,94,98,96,97>25 CH_ADJ/>23"
    " CH_EOF/>23 CH_CLOSE/97>11 GLOBAL/82>23 IGNORE/>23 DEBUG/>23"
    " UNIMPL/>23 UNKNOWN/3>23 ZERO/3>23",
    /* new keys, begun at 18 */
    "24: KEX_OK/31,21>29 CH_OPEN/>24 CH_DATA/>24 CH_ADJ/>24 CH_EOF/>30"
    " IGNORE/>24 DEBUG/>24 UNIMPL/>24 ZERO/3>24",
    /* its command is over, and EOF */
    "25: KEXINIT/20>30 KEXINIT_GUESS/20>30 SR_CONN/6>25 UA_NONE/>25"
    " UA_PW_OK/>25 UA_PW_NOK/>25 UA_PK_OK/>25 UA_PK_NOK/>25 CH_OPEN/>25"
    " CH_REQ_PTY/>25 CH_REQ_EXEC/>25 CH_ADJ/>25 CH_EOF/>25 CH_CLOSE/>11"
    " GLOBAL/82>25 IGNORE/>25 DEBUG/>25 UNIMPL/>25 UNKNOWN/3>25"
    " ZERO/3>25",
    /* NEWKEYS is due, then 19 */
    "26: NEWKEYS/>19 CH_OPEN/>26 CH_ADJ/>26 CH_EOF/>26 IGNORE/>26"
    " DEBUG/>26 UNIMPL/>26 ZERO/3>26",
    /* NEWKEYS is due, then 17 */
    "27: NEWKEYS/>17 CH_OPEN/>27 CH_DATA/>27 CH_ADJ/>27 CH_EOF/>31"
    " IGNORE/>27 DEBUG/>27 UNIMPL/>27 ZERO/3>27",
    /* new keys, begun at 23 */
    "28: KEX_OK/31,21>31 CH_OPEN/>28 CH_ADJ/>28 CH_EOF/>28 IGNORE/>28"
    " DEBUG/>28 UNIMPL/>28 ZERO/3>28",
    /* NEWKEYS is due, then 18 */
    "29: NEWKEYS/>18 CH_OPEN/>29 CH_DATA/>29 CH_ADJ/>29 CH_EOF/>32"
    " IGNORE/>29 DEBUG/>29 UNIMPL/>29 ZERO/3>29",
    /* new keys, begun at 25 */
    "30: KEX_OK/31,21>32 CH_OPEN/>30 CH_ADJ/>30 CH_EOF/>30 IGNORE/>30"
    " DEBUG/>30 UNIMPL/>30 ZERO/3>30",
    /* NEWKEYS is due, then 23 */
    "31: NEWKEYS/>23 CH_OPEN/>31 CH_ADJ/>31 CH_EOF/>31 IGNORE/>31"
    " DEBUG/>31 UNIMPL/>31 ZERO/3>31",
    /* NEWKEYS is due, then 25 */
    "32: NEWKEYS/>25 CH_OPEN/>32 CH_ADJ/>32 CH_EOF/>32 IGNORE/>32"
    " DEBUG/>32 UNIMPL/>32 ZERO/3>32",
};

#endif
