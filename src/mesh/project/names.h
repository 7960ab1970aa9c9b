/*
 * names.h - names and addresses of the mesh (DESIGN: "From files to address", rules 4 to 6).
 *
 * A name is [a-z_][a-z0-9_]{0,62}. A product's address may carry its major: domain.product_v2.table.
 * All functions are pure but for what they allocate in cx->arena.
 */
#ifndef PROJECT_NAMES_H
#define PROJECT_NAMES_H

#include "base/ctx.h"

enum { NAME_MAX_BYTES = 63 };

bool name_is_valid(str name);

/* True for names the engine and its clients own: domains such as "mesh", products such as "main". */
bool name_is_reserved_domain(str name);
bool name_is_reserved_product(str name);

/* True when the name ends in _v<digits>, which addresses keep for majors. */
bool name_has_major(str name);

/*
 * The name a foreign one becomes: lower case, other characters as "_", no leading digit, cut at 63
 * bytes; a run of "_" is one. "Sepal Length (cm)" gives "sepal_length_cm". Never empty.
 */
str name_derive(struct arena *a, str foreign);

/* The same for a product, whose name has no major: "Orders v2" gives "ordersv2". */
str name_derive_product(struct arena *a, str foreign);

/* An address in parts. `major` 0 = the newest active one; `table` empty = the whole product. */
struct address {
    str      domain, product, table;
    unsigned major;
};

/*
 * Reads domain.product, domain.product.table and forms with _v<major>; false when it is none. Majors
 * have no leading zero and begin with 1.
 */
bool address_parse(str text, struct address *out);

/* "domain.product_v2" and "domain.product_v2.table" */
str address_product(struct arena *a, str domain, str product, unsigned major);
str address_table(struct arena *a, str domain, str product, unsigned major, str table);

/*
 * A version "2", "v2", "2.1" or "2.1.0-rc1": one to three numbers, then nothing or "-" or "+" and
 * anything, which does not count in comparisons.
 */
struct version {
    unsigned major, minor, patch;
};
bool version_parse(str text, struct version *out);
int  version_cmp(struct version a, struct version b);

#endif
