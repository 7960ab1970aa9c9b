/*
 * blob_memory.h - objects in memory: for tests, and for a mesh that has no store yet.
 */
#ifndef BLOB_BLOB_MEMORY_H
#define BLOB_BLOB_MEMORY_H

#include "blob/blob.h"

/* Holds at most `max_bytes` in all; more gives ST_UNAVAILABLE, as a full disk does. */
struct blob *blob_memory_new(uint64_t max_bytes);

#endif
