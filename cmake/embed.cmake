# Files that are part of the program.

# orderly_embed(<target> <name> <file>): `<name>` becomes two functions of orderly::embedded, declared where they are used:
# std::string_view <name>() and <name>_gzip(), the same compressed. The file may be made by the build.
function(orderly_embed target name file)
  find_program(GZIP gzip REQUIRED)
  set(ORDERLY_NAME ${name})
  set(ORDERLY_FILE ${file})
  set(ORDERLY_GZIP ${CMAKE_CURRENT_BINARY_DIR}/${name}.gz)
  add_custom_command(
    OUTPUT ${ORDERLY_GZIP}
    COMMAND ${GZIP} -9 --no-name --stdout ${file} > ${ORDERLY_GZIP}
    DEPENDS ${file}
    VERBATIM)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp)
  configure_file(${CMAKE_SOURCE_DIR}/cmake/embedded.cpp.in ${source} @ONLY)
  set_source_files_properties(${source} PROPERTIES
    OBJECT_DEPENDS "${file};${ORDERLY_GZIP}" SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${source})
endfunction()
