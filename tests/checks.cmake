# Structure checks: the promises of ARCHITECTURE.md that a machine can hold us to.
function(osmia_check name)
    add_test(NAME check.${name} COMMAND ${ARGN})
    set_tests_properties(check.${name} PROPERTIES LABELS check TIMEOUT 60)
endfunction()
osmia_check(layers ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/check-layers)
osmia_check(dlopen ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/check-dlopen)
osmia_check(size ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/check-size)
foreach(program listener supervisor guardian)
    if(TARGET ${program} AND NOT OSMIA_SANITIZE)
        osmia_check(imports.${program} ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/check-imports
            $<TARGET_FILE:${program}> ${PROJECT_SOURCE_DIR}/programs/${program}/imports.deny)
    endif()
endforeach()
