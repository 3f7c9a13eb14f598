/*
 * What a worker may ask, by how far its session has come. Control keeps that
 * state itself and never takes the worker's word for it.
 */
#ifndef CONTROL_REQUESTS_H
#define CONTROL_REQUESTS_H

#include "control/session.h"

/*
 * Act on one message of the worker. NULL, or what is wrong with it, a constant
 * text: then the worker must be killed.
 */
MUST_CHECK const char *request_handle(struct session *s,
                                      const struct message *m);

#endif
