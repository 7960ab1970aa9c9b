# One static library weft_<module> per folder named in src/MODULES, linked to all above it.
# A module without sources (not written yet, headers only) is left out.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/MODULES")
file(STRINGS "${CMAKE_SOURCE_DIR}/src/MODULES" WEFT_MODULES REGEX "^[a-z]")
# WEFT_LIBS: all module libraries, lowest last, as a linker wants them.
set(WEFT_LIBS "")

macro(weft_add_modules)
    foreach(path IN LISTS WEFT_MODULES)
        get_filename_component(module "${path}" NAME)
        weft_add_module(${module} "${CMAKE_SOURCE_DIR}/src/${path}")
        # What a test of this module may link: the module and all above it.
        set(WEFT_LIBS_${module} ${WEFT_LIBS})
    endforeach()
endmacro()

function(weft_add_module module folder)
    file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.c")
    set(generated "")
    weft_sql(${module} "${folder}" generated)
    if(NOT sources AND NOT generated)
        return()
    endif()
    add_library(weft_${module} STATIC ${sources} ${generated})
    target_link_libraries(weft_${module} PRIVATE weft_strict)
    target_compile_definitions(weft_${module} PRIVATE WEFT_VERSION="${PROJECT_VERSION}")
    target_link_libraries(weft_${module} PUBLIC ${WEFT_LIBS})
    foreach(library IN LISTS weft_third_${module})
        weft_third(${library})
        target_link_libraries(weft_${module} PUBLIC third_${library})
    endforeach()
    set(WEFT_LIBS weft_${module} ${WEFT_LIBS} PARENT_SCOPE)
endfunction()
