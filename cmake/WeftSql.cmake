# SQL texts embedded into C by tools/sqlgen.c.
#
#   src/<layer>/<module>/<module>.sql         -> <module>/<module>_sql.{h,c}
#   src/<layer>/<module>/<module>_engine.sql  -> <module>/<module>_engine_sql.{h,c}
#   src/<layer>/<module>/schema/NNNN-*.sql    -> <module>/<module>_migrations.{h,c}
#
# in <build>/gen, an include root: #include "registry/registry_sql.h".
add_executable(sqlgen tools/sqlgen.c)
target_link_libraries(sqlgen PRIVATE weft_strict)

# Adds the generated files of `module` in `folder` to the list named `out`.
function(weft_sql module folder out)
    set(gen "${CMAKE_BINARY_DIR}/gen/${module}")
    set(made ${${out}})
    foreach(suffix "" "_engine")
        set(sql "${folder}/${module}${suffix}.sql")
        # The glob makes CMake run again when the file appears or goes.
        file(GLOB found CONFIGURE_DEPENDS "${sql}")
        if(found)
            set(base "${gen}/${module}${suffix}_sql")
            add_custom_command(OUTPUT "${base}.h" "${base}.c"
                COMMAND sqlgen statements "${module}" "${module}${suffix}_sql" "${sql}" "${base}"
                DEPENDS sqlgen "${sql}" VERBATIM
                COMMENT "Embedding ${module}${suffix}.sql")
            list(APPEND made "${base}.c" "${base}.h")
        endif()
    endforeach()
    file(GLOB schema CONFIGURE_DEPENDS "${folder}/schema/*.sql")
    if(schema)
        list(SORT schema)
        set(base "${gen}/${module}_migrations")
        add_custom_command(OUTPUT "${base}.h" "${base}.c"
            COMMAND sqlgen migrations "${module}" "${base}" ${schema}
            DEPENDS sqlgen ${schema} VERBATIM
            COMMENT "Embedding ${module}/schema")
        list(APPEND made "${base}.c" "${base}.h")
    endif()
    if(made)
        file(MAKE_DIRECTORY "${gen}")
        # Texts are as long as they are; C promises 4095 bytes only.
        set_source_files_properties(${made} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
    endif()
    set(${out} ${made} PARENT_SCOPE)
endfunction()
