# What is installed, and the Debian package of it: the program (DuckDB inside), its manual page, completions.
install(TARGETS weft RUNTIME DESTINATION bin)
install(FILES LICENSE README.md DESTINATION share/doc/weft)

if(WEFT_KIND STREQUAL "release")
    set(share "${CMAKE_BINARY_DIR}/share")
    file(MAKE_DIRECTORY "${share}")
    add_custom_command(TARGET weft POST_BUILD VERBATIM
        COMMAND sh -c "\"$1\" manual >\"$2/weft.1\"" sh "$<TARGET_FILE:weft>" "${share}"
        COMMAND sh -c "for s in bash zsh fish; do \"$1\" completion $s >\"$2/weft.$s\" || exit 1; done"
                sh "$<TARGET_FILE:weft>" "${share}")
    install(FILES "${share}/weft.1" DESTINATION share/man/man1)
    install(FILES "${share}/weft.bash" DESTINATION share/bash-completion/completions RENAME weft)
    install(FILES "${share}/weft.zsh" DESTINATION share/zsh/vendor-completions RENAME _weft)
    install(FILES "${share}/weft.fish" DESTINATION share/fish/vendor_completions.d)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME weft)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "weft <weft@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "a data mesh in one program")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_DEPENDS
    "libc6 (>= 2.36), libsqlite3-0, libpq5, libssl3, libyaml-0-2, libpcre2-8-0")
set(CPACK_STRIP_FILES TRUE)
include(CPack)
