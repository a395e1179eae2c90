# What is installed, in three components: the program with its data and its pages; its library for other languages; and,
# for who builds on them, headers and the rooms as libraries for find_package(longtake).
include(CMakePackageConfigHelpers)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)

install(TARGETS longtake RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(TARGETS longtake_capi
  EXPORT longtake
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(DIRECTORY presets DESTINATION ${CMAKE_INSTALL_DATADIR}/longtake COMPONENT program PATTERN "*.sh" EXCLUDE)
install(FILES README.md docs/formats.md docs/scale.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
if(NOT LONGTAKE_SANITIZE)
  install(DIRECTORY ${LONGTAKE_PAGES}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT program)
  install(FILES ${LONGTAKE_PAGES}/longtake DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
  install(FILES ${LONGTAKE_PAGES}/_longtake DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT program)
  install(FILES ${LONGTAKE_PAGES}/longtake.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)
endif()

install(TARGETS longtake_base longtake_model longtake_interchange longtake_av longtake_ledger longtake_http longtake_image longtake_render longtake_providers longtake_stages longtake_flow
  EXPORT longtake
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/longtake COMPONENT development)
set(LONGTAKE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/longtake)
install(EXPORT longtake NAMESPACE longtake:: DESTINATION ${LONGTAKE_CMAKE_DIR} FILE longtake-targets.cmake)
install(FILES cmake/dependencies.cmake DESTINATION ${LONGTAKE_CMAKE_DIR})
configure_package_config_file(cmake/longtake-config.cmake.in ${PROJECT_BINARY_DIR}/longtake-config.cmake
  INSTALL_DESTINATION ${LONGTAKE_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/longtake-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/longtake-config.cmake ${PROJECT_BINARY_DIR}/longtake-config-version.cmake
  DESTINATION ${LONGTAKE_CMAKE_DIR})
file(RELATIVE_PATH LONGTAKE_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix) # wherever it is put
configure_file(cmake/longtake.pc.in ${PROJECT_BINARY_DIR}/longtake.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/longtake.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
