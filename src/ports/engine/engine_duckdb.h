/*
 * engine_duckdb.h - the engine in this process: DuckDB through its C API.
 *
 * Opening takes about 10 ms and 32 MB for the first instance of a process. The order of the settings
 * matters: temp folder before external access is cut, lock_configuration last.
 */
#ifndef ENGINE_ENGINE_DUCKDB_H
#define ENGINE_ENGINE_DUCKDB_H

#include "engine/engine.h"

/*
 * Opens an empty in-memory instance, locked down as engine.h says.
 *
 * Time zone UTC, insertion order preserved, progress counted but never printed. Below temp_dir a
 * folder "engine-…" of mode 0700 is made and removed by engine_close; folders of that form left by
 * dead processes are removed here. ST_INVALID for a relative or missing folder.
 */
NODISCARD enum status engine_duckdb_open(struct ctx *cx, const struct engine_options *options,
                                         struct engine **out);

/* "v1.5.5" */
str engine_duckdb_version(void);

#endif
