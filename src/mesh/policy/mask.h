/*
 * mask.h - what is shown of a value to those who may not see it: the kernels, in plain C.
 *
 * A kernel answers every value, also one it does not understand: such a value is shown as less, never
 * as it is. Nothing here fails because of a value, so a mask tells nothing by its errors. The engine
 * calls them as SQL functions (mask_engine.h); policy_mask_functions is the one list of them.
 *
 * Characters  code points. A byte that begins none counts for nothing in texts that are no UTF-8.
 * Cost        linear in the value; no allocation beyond `scratch`.
 * Threads     pure; any thread.
 */
#ifndef POLICY_MASK_H
#define POLICY_MASK_H

#include "base/buf.h"

struct mask_key; /* mask_keys.h */

enum {
    MASK_KEEP_MAX     = 1000, /* characters that first and last may keep */
    MASK_HASH_LEN     = 32,   /* characters of a text hash: 128 bits     */
    MASK_KEY_ID_MAX   = 64,
    MASK_ARGUMENT_MAX = 1, /* constant arguments of a mask               */
};

/* The constant argument that a mask takes behind the value. */
enum mask_argument {
    MASK_PLAIN,     /* none                                                          */
    MASK_KEEP,      /* how many characters stay: a whole number 0 … MASK_KEEP_MAX    */
    MASK_BY_KEY_ID, /* which key of the ring                                         */
};

/* The argument as it was read; the texts live as long as what they were read from. */
struct mask_args {
    size_t keep;
    str    key_id;
};

/* Around one run of values. */
struct mask_call {
    const struct mask_args *args; /* never NULL, also for MASK_PLAIN            */
    const struct mask_key  *key;  /* NULL: it is not in the ring, all is NULL   */
};

/*
 * The mask of `value`: in the value, in `scratch` (which is empty and takes value.len and
 * MASK_SCRATCH_SPARE bytes) or in static memory. False: NULL.
 */
typedef bool mask_text_fn(const struct mask_call *call, str value, struct buf *scratch, str *out);
typedef bool mask_integer_fn(const struct mask_call *call, int64_t value, int64_t *out);

enum { MASK_SCRATCH_SPARE = 64 };

struct mask_function {
    str                name; /* in SQL: system.main.<name> */
    enum mask_argument argument;
    mask_text_fn      *map_text;    /* VARCHAR to VARCHAR, or …  */
    mask_integer_fn   *map_integer; /* … BIGINT to BIGINT        */
    const char        *help;
};

enum { POLICY_MASK_COUNT = 8 };
extern const struct mask_function policy_mask_functions[POLICY_MASK_COUNT];

/* The mask of that SQL name, or NULL. */
const struct mask_function *mask_function_find(str name);

/* Number of constant arguments: 0 or 1. */
size_t mask_argument_count(const struct mask_function *f);

/* Reads the constant argument (`text` is not looked at for MASK_PLAIN). ST_INVALID with the reason. */
NODISCARD enum status mask_args_read(struct ctx *cx, const struct mask_function *f, str text,
                                     struct mask_args *out);

/* 1 … MASK_KEY_ID_MAX of A-Z a-z 0-9 - _ . (a key id stands in SQL text and in plans). */
bool mask_key_id_is_valid(str id);

/* ------------------------------------------------------------------------- kernels */

/* a-z to x, A-Z to X, 0-9 to 0, every character outside of ASCII to x; the rest of ASCII stays. */
mask_text_fn mask_redact;

/* The first (last) args->keep characters, a * for each other one; all * when there are no others. */
mask_text_fn mask_first, mask_last;

/*
 * x@ and the domain. "*" for what is no address: not exactly one @, nothing before it, or behind it
 * anything but labels of letters, digits, hyphens and characters outside of ASCII.
 */
mask_text_fn mask_email;

/*
 * A ZIP code by HIPAA Safe Harbor (45 CFR 164.514(b)(2)(i)(B)): of ddddd or ddddd-dddd the first three
 * digits and 00; 00000 where at most 20,000 people live in all areas of these three digits (census of
 * 2000), and for every other text.
 */
mask_text_fn mask_zip3;

/*
 * A network of an address: IPv4 as its /24 (198.51.100.0), IPv6 as its /48 in the form of RFC 5952
 * (2001:db8:7::); an IPv4-mapped one has nothing left in its /48 and is "::". 0.0.0.0 for every
 * other text (a port, a zone, a length, leading zeros, spaces).
 */
mask_text_fn mask_ip;

/*
 * Keyed hashes by HMAC-SHA-256: equal values give equal hashes under one key, and without the key
 * nobody can try values. 32 lower-case hex digits; a number of 63 bits, not negative. One key gives a
 * number and its text different hashes.
 */
mask_text_fn    mask_hash;
mask_integer_fn mask_hash_int;

#endif
