/*
 * A DSA key made, and a signature given, by OpenSSH 9.2, as those of
 * openssh_keys.h; only its public half is of use.
 */
#ifndef TESTS_VECTORS_OPENSSH_DSA_H
#define TESTS_VECTORS_OPENSSH_DSA_H

#include <stddef.h>

#include "openssh_keys.h"

/* clang-format off */
static const struct openssh_key openssh_dsa_key = {
     "ssh-dss",
     NULL,
     "AAAAB3NzaC1kc3MAAACBAL2iH6vPcVv/00Pu18oxBOVkL8wD7TS842RY5kP3X8un"
     "qL4heWsUxNPujBEPSi8mSmY3fPRS5g3VzIH8/kNzMn1Pgn9SgJB6kre/KwTQAF+5"
     "SzOcU1GGcpG6XRZOTfHmJj2lhqXzxbQHP3JPMlg3ZoH4bJQcV7QTwA8lmej8eIHv"
     "AAAAFQCIJuwMiN0/mHv/SjLHuwE61ZI7VwAAAIEAqNmjvv4YN4jTmk0KNMJqoM2I"
     "Sr58baWBo8Ic3uyAalnTOheu/k/MgjLQV28jFnIOe2yeZuEws02zNv/gtguFkRv1"
     "g5gKrMsAvlqAeC1xJFfop5oxWWvh2xZRFyp8Eo68lvBivMdX2uivG48uynV4ud0c"
     "b3JutM+hg9MPuEdBf/0AAACBAIFNaMF2ojYwtebUczRTgTy8n7sZ2T5m6xuJmRoE"
     "OhG+sruAZdj2PYTr4N4T+Zb0UdeE9fzNYSLI1qnZwUgSllK9+ecm5SrFPyeVhNPx"
     "HblpP3F3s61yvN5xEkn9c83r5xpoYDB1FeVaXsAPpgwYCFeNpiqoFTbkDUQ9eNey"
     "nJ+f",
     "AAAAB3NzaC1kc3MAAAAocWWrv9pb6rxR9P10J2CSdFXQaLGALjRZqojR7pIGWAyp"
     "xfBtx+rqZw==",
};
/* clang-format on */

#endif
