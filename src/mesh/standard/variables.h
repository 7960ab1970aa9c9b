/*
 * variables.h - `${NAME}` and `${NAME:-default}` in documents, and the refusal of literal secrets.
 *
 * NAME is [A-Za-z_][A-Za-z0-9_]*. A value is kept as written; std_variables_resolve makes the real
 * text when it is needed (a connection is opened), and the result must not be stored or shown.
 */
#ifndef STANDARD_VARIABLES_H
#define STANDARD_VARIABLES_H

#include "standard/std.h"

enum { STD_VARIABLES_MAX = 64, STD_RESOLVED_MAX = 65536 };

struct std_variable {
    str  name;
    str  fallback;
    bool has_default;
};

/*
 * Cuts the next variable from *rest (moved behind it); false at the end. A `${` that is no variable
 * (`${a b}`, not closed) is plain text and skipped.
 */
bool std_variable_next(str *rest, struct std_variable *out);

/* True when `text` holds at least one variable; std_is_variable: when it is exactly one. */
bool std_has_variable(str text);
bool std_is_variable(str text);

/* True when `text` holds a "${" that begins no variable: `${A-B}`, `${A`, `${}`. */
bool std_has_broken_variable(str text);

/* Looks a name up: ST_NOT_FOUND when it has no value; the value is borrowed until the next call. */
typedef enum status std_lookup(void *arg, struct ctx *cx, str name, str *out);

/*
 * The text with every variable replaced. An unset or empty variable takes its default; without one:
 * ST_NOT_FOUND naming it. ST_LIMIT above STD_VARIABLES_MAX variables or STD_RESOLVED_MAX bytes.
 * Error texts name variables, never values. A value is not searched for variables again.
 */
NODISCARD enum status std_variables_resolve(struct ctx *cx, str text, std_lookup *lookup, void *arg,
                                            str *out);

/* True when a text looks like a literal secret: user:password@ in a URL without a variable. */
bool std_is_literal_secret(str text);

/* True when a name speaks of a secret: password, secret, token, access key, credential ... */
bool std_is_secret_name(str name);

#endif
