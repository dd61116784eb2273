# Part of `cmake --install`: appcmd, and the files that name installed paths. CMAKE_INSTALL_PREFIX is the one of this
# installation, which may be another than the build was configured for.
set(root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    set(OSMIA_ETC /etc/osmia)
else()
    set(OSMIA_ETC ${CMAKE_INSTALL_PREFIX}/etc/osmia)
endif()

file(MAKE_DIRECTORY ${root}/bin)
file(CREATE_LINK osmia ${root}/bin/appcmd SYMBOLIC)

configure_file(${OSMIA_SYSTEM_FILES}/osmia.service.in ${root}/lib/systemd/system/osmia.service @ONLY)
configure_file(${OSMIA_SYSTEM_FILES}/sysusers.conf ${root}/lib/sysusers.d/osmia.conf COPYONLY)
configure_file(${OSMIA_SYSTEM_FILES}/tmpfiles.conf ${root}/lib/tmpfiles.d/osmia.conf COPYONLY)

# An administrator's file is never touched.
set(configuration "$ENV{DESTDIR}${OSMIA_ETC}/applicationHost.config")
if(EXISTS ${configuration})
    message(STATUS "Kept: ${configuration}")
else()
    message(STATUS "Installing: ${configuration}")
    configure_file(${OSMIA_SYSTEM_FILES}/applicationHost.config.in ${configuration} @ONLY)
endif()
