/*
 * digest_file.h - SHA-256 of files, however large.
 *
 * A file is read in pieces of 1 MiB from its first byte to its end, wherever that lies when it is
 * reached. Errors: those of os/file.h; ST_CANCELED and ST_DEADLINE between two pieces.
 */
#ifndef CODEC_DIGEST_FILE_H
#define CODEC_DIGEST_FILE_H

#include "codec/digest.h"
#include "os/file.h"

struct file_sum {
    digest   sha256;
    uint64_t bytes; /* that were hashed */
};

enum status file_sum_of(struct ctx *cx, struct os_file *f, struct file_sum *out);
enum status file_sum_of_path(struct ctx *cx, str path, struct file_sum *out);

#endif
