/*
 * blob_file.h - objects as files below one folder: key "a/b" is the file <root>/a/b.
 *
 * New objects grow in <root>/.weft-temp and get their name by one rename that never replaces. What
 * a kill left there is removed at a later open, when it is older than BLOB_FILE_TEMP_AGE_US.
 */
#ifndef BLOB_BLOB_FILE_H
#define BLOB_BLOB_FILE_H

#include "blob/blob.h"

#define BLOB_FILE_TEMP_AGE_US (24 * 3600 * 1000000LL)

/* Opens the store in the folder `root`, which is made (0755) when it is missing. */
NODISCARD enum status blob_file_open(struct ctx *cx, str root, struct blob **out);

#endif
