# Debian packages by `cpack -G DEB` (./dev package): the program, its library for other languages, and what is needed to
# build on them. Dependencies are read from what was linked.
set(LONGTAKE_MAINTAINER "longtake maintainers <maintainers@longtake.invalid>" CACHE STRING "Who answers for packages")
option(LONGTAKE_PACKAGE "Also make what only packages have: changelogs, copyright, the list of what is inside" OFF)

set(CPACK_PACKAGE_NAME longtake)
set(CPACK_PACKAGE_VENDOR longtake)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has a line of its own
set(CPACK_PACKAGE_CONTACT ${LONGTAKE_MAINTAINER})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL program library development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY >=)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME longtake)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "turns pictures and prompts into finished, multi-minute videos
A command-line pipeline: conforms pictures to the rules of video services,
submits generations, chains them to long takes, and stitches, mixes, brands
and encodes the film. It rehearses offline for free, pays nothing twice,
and checks every file that it makes.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "fonts-noto-core, opencv-data")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "fonts-noto-cjk, libpq5")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME liblongtake1)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "longtake's commands as a library with a C interface
The commands of longtake, called in one's own process; results and progress
come as lines of JSON.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS "longtake (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/debian/triggers)

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME liblongtake-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "headers and static libraries of longtake
For programs that call longtake by its C interface, or build on its rooms
in C++ (CMake's find_package).")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "liblongtake1 (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")

if(LONGTAKE_PACKAGE)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(about ${PROJECT_BINARY_DIR}/about)
  add_custom_command(OUTPUT ${about}/stamp
    COMMAND ${CMAKE_COMMAND} -E make_directory ${about}
    COMMAND ${GZIP} -9nc ${PROJECT_SOURCE_DIR}/packaging/debian/changelog > ${about}/changelog.Debian.gz
    COMMAND ${GZIP} -9nc ${PROJECT_SOURCE_DIR}/CHANGELOG.md > ${about}/changelog.gz
    COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/packaging/sbom.py $<TARGET_FILE:longtake> ${PROJECT_VERSION}
      > ${about}/longtake.cdx.json
    COMMAND ${CMAKE_COMMAND} -E touch ${about}/stamp
    DEPENDS longtake packaging/debian/changelog packaging/sbom.py CHANGELOG.md VERBATIM)
  add_custom_target(longtake_about ALL DEPENDS ${about}/stamp)
  foreach(pair program:longtake library:liblongtake1 development:liblongtake-dev)
    string(REPLACE ":" ";" pair ${pair})
    list(GET pair 0 component)
    list(GET pair 1 package)
    install(FILES ${about}/changelog.Debian.gz ${about}/changelog.gz packaging/debian/copyright
      DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
    install(FILES packaging/debian/overrides RENAME ${package}
      DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT ${component})
  endforeach()
  install(FILES ${about}/longtake.cdx.json DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
endif()
include(CPack)
