/*
 * documents.h - one document by itself: is it right, may a command change it.
 */
#ifndef CLI_DOCUMENTS_H
#define CLI_DOCUMENTS_H

#include "cli/cli.h"
#include "standard/std.h"

/*
 * Adds every finding about the document; what kind it is says its `kind`, else its name. ST_OK means the
 * reading was carried out: look at diags->errors.
 */
NODISCARD enum status cli_check_document(struct cli *cli, const struct diag_text *text,
                                         enum std_profile profile, struct diags *diags);

/* ST_UNSUPPORTED for documents that are read only, and how to go on. */
NODISCARD enum status cli_may_edit(struct cli *cli, const struct diag_text *text);

#endif
