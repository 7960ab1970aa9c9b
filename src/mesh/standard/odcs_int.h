/*
 * odcs_int.h - what the files of the ODCS reader share.
 */
#ifndef STANDARD_ODCS_INT_H
#define STANDARD_ODCS_INT_H

#include "standard/odcs.h"
#include "standard/std_int.h"
#include "standard/variables.h"

/* One type of server, for the printed JSON Schema: names of fields separated by blanks. */
struct odcs_server_rule {
    str  name, needed, also;
    bool is_newest; /* holds in the newest version */
};

/* Fills *out when index is in range; returns how many there are. */
size_t odcs_server_type(size_t index, struct odcs_server_rule *out);

/* The root of a document of v2.2 (odcs_v2.c). */
extern const struct std_shape odcs_shape_contract_v2;

/* Findings about the entries that say when support and life end. */
void odcs_check_ends(struct std_reader *r, const struct odcs_contract *c);

/* The logical type of a text; ODCS_NONE when it is none. */
enum odcs_logical odcs_logical_of(str text);

/* Rows that many shapes have. */
#define ODCS_CUSTOM(type, first)                                                                   \
    STD_F(type, custom, "customProperties", STD_ITEMS, .since = (first),                           \
          .shape = &std_shape_custom,                                                              \
          STD_HELP("what the standard has no field for; ours begin with weft."))
#define ODCS_DEFINITIONS(type, first)                                                              \
    STD_F(type, definitions, "authoritativeDefinitions", STD_ITEMS, .since = (first),              \
          .shape = &std_shape_definition, STD_HELP("links to definitions kept elsewhere"))
#define ODCS_TAGS(type, first)                                                                     \
    STD_F(type, tags, "tags", STD_STRINGS, .since = (first), STD_HELP("labels"))
#define ODCS_ID(type)                                                                              \
    STD_F(type, id, "id", STD_STRING, .since = ODCS_3_1_0, .format = STD_FORMAT_ID,                \
          STD_HELP("stable name that survives renaming"))

#endif
