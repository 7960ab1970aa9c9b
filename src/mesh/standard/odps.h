/*
 * odps.h - Open Data Product Standard (Bitol) v0.9.0, v1.0.0, v1.1.0: text to a typed product.
 *
 * apiVersion decides which fields a document may use. Rules of std.h (lifetime, positions, threads)
 * hold.
 */
#ifndef STANDARD_ODPS_H
#define STANDARD_ODPS_H

#include "standard/std.h"

enum odps_version { ODPS_UNKNOWN, ODPS_0_9_0, ODPS_1_0_0, ODPS_1_1_0 };

struct odps_sbom {
    struct std_str         id, type, url;
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

struct odps_input_contract { /* an output port's inputContracts[]: what it is made of */
    struct std_str  id, version;
    struct diag_pos at;
};

struct odps_input_port {
    struct std_str         id, name, version, contract_id;
    struct std_bool        deprecated;
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

struct odps_output_port {
    struct std_str  id, name, version, description, type, contract_id;
    struct std_bool deprecated;
    STD_LIST(struct odps_sbom) sbom;
    STD_LIST(struct odps_input_contract) input_contracts;
    STD_LIST(struct std_synonym) synonyms;
    struct std_context     context;
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

struct odps_management_port {
    struct std_str         id, name, content, type, url, channel, description;
    struct std_bool        deprecated;
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

struct odps_product {
    enum odps_version      version_known;
    struct std_str         api_version, kind, id, name, version, status, domain, tenant;
    struct std_str         type, created;
    struct std_bool        deprecated;
    struct std_description description;
    struct std_context     context;
    STD_LIST(struct odps_input_port) input_ports;
    STD_LIST(struct odps_output_port) output_ports;
    STD_LIST(struct odps_management_port) management_ports;
    STD_LIST(struct std_support) support;
    STD_LIST(struct std_synonym) synonyms;
    struct std_team         team;
    struct std_strs         tags;
    struct std_definitions  definitions;
    struct std_customs      custom;
    const struct yaml_node *root;
    struct diag_pos         at;
};

/* As odcs_read. */
NODISCARD enum status odps_read(struct ctx *cx, const struct diag_text *text,
                                enum std_profile profile, struct diags *diags,
                                struct odps_product **out);

/* Writes the fields that are set, in the order of the standard. */
void odps_emit(const struct odps_product *p, struct buf *out);

str odps_version_name(enum odps_version v);

#endif
