# For authors of native modules: find_package(Osmia), then osmia_add_module(NAME SOURCE...). Osmia::sdk is the headers alone.
get_filename_component(osmia_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET Osmia::sdk)
    add_library(Osmia::sdk INTERFACE IMPORTED)
    set_target_properties(Osmia::sdk PROPERTIES
        INTERFACE_INCLUDE_DIRECTORIES "${osmia_prefix}/include/osmia" INTERFACE_COMPILE_FEATURES cxx_std_17)
endif()

# A shared object that a worker can load: NAME.so. It exports RegisterModule and nothing else.
function(osmia_add_module name)
    add_library(${name} MODULE ${ARGN})
    target_link_libraries(${name} PRIVATE Osmia::sdk)
    set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()
