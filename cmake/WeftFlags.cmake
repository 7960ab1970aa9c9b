# Compilers, warnings, sanitizers and hardening: docs/style.md, "Language".
#
# WEFT_KIND says what the build is for; CMakePresets.json sets it.
set(WEFT_KIND "debug" CACHE STRING "debug asan tsan arena-malloc cov fuzz release release-assert")
set(WEFT_KINDS debug asan tsan arena-malloc cov fuzz release release-assert)
if(NOT WEFT_KIND IN_LIST WEFT_KINDS)
    message(FATAL_ERROR "WEFT_KIND is \"${WEFT_KIND}\"; it must be one of: ${WEFT_KINDS}")
endif()

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON) # -std=gnu17
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C CXX)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# Warnings of our own code (third-party sources are built without). All are errors.
add_library(weft_strict INTERFACE)
target_compile_options(weft_strict INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
    -Wmissing-prototypes -Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wvla
    -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion -Wswitch-enum -Werror)
if(CMAKE_C_COMPILER_ID MATCHES "Clang")
    # gcc accepts , ##__VA_ARGS__ and an empty variadic list under gnu17; clang's -Wpedantic does not.
    target_compile_options(weft_strict INTERFACE -Wno-gnu-zero-variadic-macro-arguments)
endif()
# An include of ours names module and file: #include "base/ctx.h". -iquote keeps these roots away
# from <...>, so that no file of ours can stand in for a library's header.
foreach(root src/foundation src/ports src/mesh src)
    target_compile_options(weft_strict INTERFACE "-iquote${CMAKE_SOURCE_DIR}/${root}")
endforeach()
target_compile_options(weft_strict INTERFACE "-iquote${CMAKE_BINARY_DIR}/gen")
target_compile_definitions(weft_strict INTERFACE _GNU_SOURCE)

# What __FILE__ says is the same on every machine.
set(weft_map "-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=")

set(weft_sanitize "")
if(WEFT_KIND MATCHES "^release")
    set(weft_cflags -O2 -g1 "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=" -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
        -fstack-protector-strong -fstack-clash-protection)
    if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64") # the flag does not exist elsewhere
        list(APPEND weft_cflags -fcf-protection)
    endif()
    if(WEFT_KIND STREQUAL "release")
        list(APPEND weft_cflags -DNDEBUG)
    endif()
    # With LTO the link compiles too, and would write its folder into the debug information.
    add_link_options(-Wl,-z,relro,-z,now "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
elseif(WEFT_KIND STREQUAL "debug")
    set(weft_cflags -Og -g ${weft_map})
elseif(WEFT_KIND STREQUAL "cov")
    set(weft_cflags -O0 -g --coverage)
    add_link_options(--coverage)
elseif(WEFT_KIND STREQUAL "tsan")
    set(weft_sanitize -fsanitize=thread)
elseif(WEFT_KIND STREQUAL "fuzz")
    set(weft_sanitize -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
else() # asan, arena-malloc
    set(weft_sanitize -fsanitize=address,undefined -fno-sanitize-recover=all)
    if(WEFT_KIND STREQUAL "arena-malloc")
        add_compile_definitions(WEFT_ARENA_MALLOC=1) # one malloc per arena allocation
    endif()
endif()
if(weft_sanitize)
    set(weft_cflags -O1 -g -fno-omit-frame-pointer ${weft_map} ${weft_sanitize})
    add_link_options(${weft_sanitize})
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
        # Instrumentation makes gcc see paths that do not exist.
        target_compile_options(weft_strict INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized)
    endif()
endif()
if(NOT WEFT_KIND STREQUAL "release")
    add_compile_definitions(WEFT_TESTING=1) # crash and power-loss tests by environment: os/os_calls.h
endif()
add_compile_options(${weft_cflags})
add_link_options(-Wl,--as-needed)

find_program(WEFT_CCACHE ccache)
if(WEFT_CCACHE AND NOT WEFT_KIND STREQUAL "cov")
    set(CMAKE_C_COMPILER_LAUNCHER "${WEFT_CCACHE}")
endif()
find_program(WEFT_MOLD mold)
if(WEFT_MOLD AND NOT WEFT_KIND MATCHES "^release") # release links with LTO through the default linker
    add_link_options(-fuse-ld=mold)
endif()
