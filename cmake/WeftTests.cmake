# Tests: what a folder under tests/ becomes in ctest. docs/testing.md has the rules.
#
#   unit/<module>/*_test.c   unit_<module>_<thing>      fast   links the module and what is above it
#   conformance/*_test.c     conformance_<thing>        fast
#   prop/*_test.c            prop_<thing>               fast
#   golden/*_test.c          golden_<thing>             fast   (and golden/run, when it is there)
#   fuzz/*_fuzz.c            fuzz_replay_<thing>        fast   replays fuzz/corpus/<thing>/
#   fault/ crash/            fault_<thing> crash_<...>  slow
#   e2e/*.t                  e2e_<name>                 e2e    run by e2e/run; pg_*.t: label db
#   peer/*_test.py           peer_<name>                slow   run by .deps/py
#   attack/*.attack          attack                     slow   all in one, by attack/run
#
# A C test whose name begins with "pg_" or "postgres_", or has one of them after the module name,
# starts a PostgreSQL server: its label is db. Other .c files of a folder are linked to each of its
# tests; those of tests/support/ to all tests. Every other test links all modules.
set(WEFT_TESTS "${CMAKE_SOURCE_DIR}/tests")
set(weft_test_env
    "WEFT_ROOT=${CMAKE_SOURCE_DIR}" "WEFT_DEPS=${WEFT_DEPS}"
    "WEFT=$<IF:$<TARGET_EXISTS:weft>,$<TARGET_FILE:$<IF:$<TARGET_EXISTS:weft>,weft,sqlgen>>,>"
    "ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1"
    "UBSAN_OPTIONS=print_stacktrace=1"
    "LSAN_OPTIONS=suppressions='${WEFT_TESTS}/lsan.supp':print_suppressions=0"
    "TSAN_OPTIONS=suppressions='${WEFT_TESTS}/tsan.supp'")

file(GLOB weft_support CONFIGURE_DEPENDS "${WEFT_TESTS}/support/*.c")
add_library(weft_test INTERFACE) # flags and libraries of every test program
add_library(weft_test_relaxed INTERFACE) # linked after weft_strict: clang lets the last flag win
target_compile_options(weft_test_relaxed INTERFACE
    -Wno-unused-parameter) # cmocka gives every test a state that few want
target_link_libraries(weft_test INTERFACE weft_strict weft_test_relaxed)
target_compile_options(weft_test INTERFACE "-iquote${WEFT_TESTS}")
target_compile_definitions(weft_test INTERFACE WEFT_TEST_ROOT="${CMAKE_SOURCE_DIR}")

function(weft_test_properties name label timeout)
    set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${timeout}
        WORKING_DIRECTORY "${CMAKE_BINARY_DIR}" ENVIRONMENT "${weft_test_env}")
    if(label STREQUAL "slow") # begun first, so that none of them is what all others have to wait for
        set_tests_properties(${name} PROPERTIES COST 100)
    endif()
endfunction()

# The programs of one folder; libraries follow `libs`.
function(weft_test_folder folder prefix label timeout)
    file(GLOB all CONFIGURE_DEPENDS "${folder}/*.c")
    set(tests ${all})
    list(FILTER tests INCLUDE REGEX "_test\\.c$")
    set(helpers ${all})
    list(FILTER helpers EXCLUDE REGEX "_(test|fuzz)\\.c$")
    if(NOT tests)
        return()
    endif()
    weft_third(cmocka)
    foreach(file IN LISTS tests)
        get_filename_component(thing "${file}" NAME_WE)
        string(REGEX REPLACE "_test$" "" thing "${thing}")
        set(name ${prefix}_${thing})
        add_executable(${name} "${file}" ${helpers} ${weft_support})
        target_link_libraries(${name} PRIVATE weft_test ${ARGN} third_cmocka)
        if(WEFT_STATIC_DUCKDB)
            set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
        endif()
        add_test(NAME ${name} COMMAND ${name})
        if(thing MATCHES "(^|_)(pg|postgres)_?")
            weft_test_properties(${name} db 300)
        else()
            weft_test_properties(${name} ${label} ${timeout})
        endif()
    endforeach()
endfunction()

file(GLOB weft_unit_folders CONFIGURE_DEPENDS LIST_DIRECTORIES true "${WEFT_TESTS}/unit/*")
foreach(folder IN LISTS weft_unit_folders)
    if(IS_DIRECTORY "${folder}")
        get_filename_component(module "${folder}" NAME)
        if(DEFINED WEFT_LIBS_${module})
            weft_test_folder("${folder}" unit_${module} fast 300 ${WEFT_LIBS_${module}})
        else()
            weft_test_folder("${folder}" unit_${module} fast 300 ${WEFT_LIBS})
        endif()
    endif()
endforeach()
weft_test_folder("${WEFT_TESTS}/conformance" conformance fast 600 ${WEFT_LIBS})
weft_test_folder("${WEFT_TESTS}/prop" prop fast 600 ${WEFT_LIBS})
weft_test_folder("${WEFT_TESTS}/golden" golden fast 600 ${WEFT_LIBS})
weft_test_folder("${WEFT_TESTS}/fault" fault slow 1800 ${WEFT_LIBS})
weft_test_folder("${WEFT_TESTS}/crash" crash slow 1800 ${WEFT_LIBS})

if(EXISTS "${WEFT_TESTS}/golden/run")
    add_test(NAME golden COMMAND "${WEFT_TESTS}/golden/run")
    weft_test_properties(golden fast 600)
endif()

# Fuzz targets: libFuzzer in preset fuzz, elsewhere a main that replays the corpus.
add_custom_target(fuzzers)
file(GLOB weft_fuzz CONFIGURE_DEPENDS "${WEFT_TESTS}/fuzz/*_fuzz.c")
foreach(file IN LISTS weft_fuzz)
    get_filename_component(thing "${file}" NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" thing "${thing}")
    add_executable(fuzz_${thing} "${file}")
    target_link_libraries(fuzz_${thing} PRIVATE weft_test ${WEFT_LIBS})
    add_dependencies(fuzzers fuzz_${thing})
    if(WEFT_STATIC_DUCKDB)
        set_target_properties(fuzz_${thing} PROPERTIES LINKER_LANGUAGE CXX)
    endif()
    if(WEFT_KIND STREQUAL "fuzz")
        target_link_options(fuzz_${thing} PRIVATE -fsanitize=fuzzer)
    else()
        target_sources(fuzz_${thing} PRIVATE "${WEFT_TESTS}/fuzz/replay.c")
        add_test(NAME fuzz_replay_${thing} COMMAND fuzz_${thing} "${WEFT_TESTS}/fuzz/corpus/${thing}")
        weft_test_properties(fuzz_replay_${thing} fast 300)
    endif()
endforeach()

file(GLOB_RECURSE weft_e2e CONFIGURE_DEPENDS RELATIVE "${WEFT_TESTS}/e2e" "${WEFT_TESTS}/e2e/*.t")
foreach(file IN LISTS weft_e2e)
    string(REGEX REPLACE "\\.t$" "" name "${file}")
    string(REPLACE "/" "_" name "e2e_${name}")
    add_test(NAME ${name} COMMAND "${WEFT_TESTS}/e2e/run" "${WEFT_TESTS}/e2e/${file}")
    if(name MATCHES "_(pg|postgres)_")
        weft_test_properties(${name} db 600)
    else()
        weft_test_properties(${name} e2e 600)
    endif()
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()

add_test(NAME attack COMMAND "${WEFT_TESTS}/attack/run")
weft_test_properties(attack slow 3600)

# Small programs that peer tests run: tests/tools/<name>.c becomes <name> in the build folder, which
# is the folder the tests run in.
file(GLOB weft_tools CONFIGURE_DEPENDS "${WEFT_TESTS}/tools/*.c")
foreach(file IN LISTS weft_tools)
    get_filename_component(name "${file}" NAME_WE)
    add_executable(${name} "${file}")
    target_link_libraries(${name} PRIVATE weft_test ${WEFT_LIBS})
    if(WEFT_STATIC_DUCKDB)
        set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
    endif()
endforeach()

file(GLOB weft_peer CONFIGURE_DEPENDS "${WEFT_TESTS}/peer/*_test.py")
foreach(file IN LISTS weft_peer)
    get_filename_component(name "${file}" NAME_WE)
    string(REGEX REPLACE "_test$" "" name "peer_${name}")
    add_test(NAME ${name} COMMAND "${WEFT_DEPS}/py/bin/python" "${file}")
    weft_test_properties(${name} slow 1800)
endforeach()

add_test(NAME lint_deps COMMAND "${CMAKE_SOURCE_DIR}/tools/check-deps")
weft_test_properties(lint_deps fast 60)
