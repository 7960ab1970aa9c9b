/*
 * lookup.h - what a name of the mesh means in a document. Pure but for what is allocated in `a`.
 *
 * Tables, columns and ports go by names of ours; a document may have others, from which ours were derived
 * (name_derive). NULL in, and nothing of that name, gives NULL.
 */
#ifndef PROJECT_LOOKUP_H
#define PROJECT_LOOKUP_H

#include "standard/odcs.h"
#include "standard/odps.h"

const struct odcs_object   *lookup_object(struct arena *a, const struct odcs_contract *contract,
                                          str table);
const struct odcs_property *lookup_property(struct arena *a, const struct odcs_object *object,
                                            str column);
/* The output port of that name whose version has that major. */
const struct odps_output_port *lookup_output_port(const struct odps_product *product, str name,
                                                  unsigned major);

#endif
