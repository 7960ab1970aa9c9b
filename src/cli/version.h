/*
 * version.h - the version of this program.
 */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#define WEFT_VERSION "0.1.0"

#endif
