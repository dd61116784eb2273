# osmia_flags: warnings and hardening for every target of ours.
add_library(osmia_flags INTERFACE)
target_compile_options(osmia_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
    -fstack-protector-strong -fno-plt)
if(NOT CMAKE_BUILD_TYPE STREQUAL Debug AND NOT OSMIA_SANITIZE)
    target_compile_options(osmia_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
target_link_options(osmia_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,--as-needed)
target_compile_definitions(osmia_flags INTERFACE _GNU_SOURCE OSMIA_VERSION="${PROJECT_VERSION}")
# What is shipped does not tell where it was built. Not in Debug, where debuggers look for the sources.
if(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
    add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
endif()
if(OSMIA_SANITIZE)
    add_compile_options(-fsanitize=${OSMIA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${OSMIA_SANITIZE})
endif()
option(OSMIA_FUZZ "Build the fuzzers as libFuzzer binaries (needs clang)" OFF)
if(OSMIA_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=address,undefined)
endif()
