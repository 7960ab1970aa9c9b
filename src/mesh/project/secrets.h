/*
 * secrets.h - values of ${NAME} in servers: from mesh.yaml's secrets, else from the environment.
 *
 * A password becomes a struct secret without ever lying in an arena.
 */
#ifndef PROJECT_SECRETS_H
#define PROJECT_SECRETS_H

#include "os/path.h"
#include "os/secret.h"
#include "project/project.h"

/* The secret of that name. ST_NOT_FOUND tells where a value may come from. */
NODISCARD enum status secrets_get(struct ctx *cx, const struct project *project, str name,
                                  struct secret **out);

/* `text` with its variables replaced; for hosts, paths and users, not for passwords. */
NODISCARD enum status secrets_resolve(struct ctx *cx, const struct project *project, str text,
                                      str *out);

#endif
