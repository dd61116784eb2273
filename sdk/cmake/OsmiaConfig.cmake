# find_package(Osmia): the SDK for ISAPI extensions and native modules.
#
#   Osmia::win32
#       the headers (httpext.h, windows.h) and libosmia-win32.so, for a compiler of your own choice
#   osmia_add_isapi_extension(NAME SOURCE... [OPTIONS OPTION...])
#       NAME.so in the current binary folder, by osmia-cc, from C or C++ sources and .def files, as they are on Windows.
#       What the windows.h substitute lacks fails at link time, with its name. The target's property OSMIA_FILE is the file.
#   Osmia::sdk
#       the headers alone, for native modules (C++17 or later)
#   osmia_add_module(NAME SOURCE...)
#       NAME.so, a native module that a worker can load: exports RegisterModule and nothing else.
#
# The package lies in PREFIX/lib/cmake/Osmia; everything is found from there, so that any prefix works.
get_filename_component(OSMIA_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET Osmia::win32)
    add_library(Osmia::win32 SHARED IMPORTED)
    set_target_properties(Osmia::win32 PROPERTIES
        IMPORTED_LOCATION "${OSMIA_PREFIX}/lib/osmia/libosmia-win32.so"
        IMPORTED_SONAME libosmia-win32.so
        INTERFACE_INCLUDE_DIRECTORIES "${OSMIA_PREFIX}/include/osmia")
endif()

set(OSMIA_CC "${OSMIA_PREFIX}/bin/osmia-cc")

function(osmia_add_isapi_extension name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "OPTIONS")
    set(sources)
    foreach(source IN LISTS arg_UNPARSED_ARGUMENTS)
        get_filename_component(source "${source}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
        list(APPEND sources "${source}")
    endforeach()
    set(output "${CMAKE_CURRENT_BINARY_DIR}/${name}.so")
    add_custom_command(OUTPUT "${output}" COMMAND "${OSMIA_CC}" -o "${output}" ${sources} ${arg_OPTIONS}
        DEPENDS ${sources} "${OSMIA_CC}" COMMENT "osmia-cc ${name}.so" VERBATIM)
    add_custom_target(${name} ALL DEPENDS "${output}")
    set_target_properties(${name} PROPERTIES OSMIA_FILE "${output}")
endfunction()

if(NOT TARGET Osmia::sdk)
    add_library(Osmia::sdk INTERFACE IMPORTED)
    set_target_properties(Osmia::sdk PROPERTIES
        INTERFACE_INCLUDE_DIRECTORIES "${OSMIA_PREFIX}/include/osmia" INTERFACE_COMPILE_FEATURES cxx_std_17)
endif()

function(osmia_add_module name)
    add_library(${name} MODULE ${ARGN})
    target_link_libraries(${name} PRIVATE Osmia::sdk)
    set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()
