# The program, its data, and the rooms as libraries for find_package(longtake).
include(CMakePackageConfigHelpers)

install(TARGETS longtake RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY presets DESTINATION ${CMAKE_INSTALL_DATADIR}/longtake)
install(FILES LICENSE README.md CHANGELOG.md docs/formats.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(TARGETS longtake_base longtake_model longtake_interchange longtake_av longtake_ledger longtake_http longtake_image longtake_render longtake_providers longtake_stages longtake_flow
  EXPORT longtake
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/longtake)
set(LONGTAKE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/longtake)
install(EXPORT longtake NAMESPACE longtake:: DESTINATION ${LONGTAKE_CMAKE_DIR} FILE longtake-targets.cmake)
install(FILES cmake/dependencies.cmake DESTINATION ${LONGTAKE_CMAKE_DIR})
configure_package_config_file(cmake/longtake-config.cmake.in ${PROJECT_BINARY_DIR}/longtake-config.cmake
  INSTALL_DESTINATION ${LONGTAKE_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/longtake-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/longtake-config.cmake ${PROJECT_BINARY_DIR}/longtake-config-version.cmake
  DESTINATION ${LONGTAKE_CMAKE_DIR})
