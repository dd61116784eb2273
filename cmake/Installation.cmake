# What `cmake --install` puts where. The programs find each other by these places, relative to their own, so that any
# --prefix works: bin/ and libexec/osmia/ beside lib/osmia/ and include/osmia/.
install(TARGETS osmia osmia_cc RUNTIME DESTINATION bin)
foreach(program guardian supervisor listener worker symbolizer)
    if(TARGET ${program})
        install(TARGETS ${program} RUNTIME DESTINATION libexec/osmia)
    endif()
endforeach()
get_property(modules GLOBAL PROPERTY OSMIA_MODULES)
if(modules)
    install(TARGETS ${modules} LIBRARY DESTINATION lib/osmia/modules)
endif()
install(TARGETS osmia_win32 LIBRARY DESTINATION lib/osmia)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/include/ DESTINATION include/osmia FILES_MATCHING PATTERN "*.h")

configure_file(${PROJECT_SOURCE_DIR}/sdk/cmake/OsmiaConfigVersion.cmake.in ${PROJECT_BINARY_DIR}/OsmiaConfigVersion.cmake @ONLY)
configure_file(${PROJECT_SOURCE_DIR}/sdk/cmake/osmia.pc.in ${PROJECT_BINARY_DIR}/osmia.pc @ONLY)
install(FILES ${PROJECT_SOURCE_DIR}/sdk/cmake/OsmiaConfig.cmake ${PROJECT_BINARY_DIR}/OsmiaConfigVersion.cmake DESTINATION lib/cmake/Osmia)
install(FILES ${PROJECT_BINARY_DIR}/osmia.pc DESTINATION lib/pkgconfig)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/share/schema DESTINATION share/osmia)
install(FILES ${PROJECT_SOURCE_DIR}/share/applicationHost.config.example DESTINATION share/osmia)
install(DIRECTORY ${PROJECT_BINARY_DIR}/share/sample-site DESTINATION share/osmia USE_SOURCE_PERMISSIONS)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md DESTINATION share/doc/osmia)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/examples ${PROJECT_SOURCE_DIR}/share/sample-site DESTINATION share/doc/osmia
    FILES_MATCHING PATTERN "*.cpp" PATTERN "*.h" PATTERN "*.c" PATTERN "*.pas" REGEX "/out_of_tree/CMakeLists[.]txt$"
    PATTERN "*_test.cpp" EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/examples/hello_module DESTINATION share/doc/osmia/examples)
foreach(section 1 5 8)
    file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.${section})
    install(FILES ${pages} DESTINATION share/man/man${section})
endforeach()

install(CODE "set(OSMIA_SYSTEM_FILES \"${PROJECT_SOURCE_DIR}/share/system\")")
install(SCRIPT ${PROJECT_SOURCE_DIR}/cmake/InstallSystemFiles.cmake)
