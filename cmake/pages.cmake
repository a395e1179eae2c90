# Manual pages and completions, printed by the program itself from the definitions that parse its command line.
set(LONGTAKE_PAGES ${PROJECT_BINARY_DIR}/pages)
find_program(GZIP gzip REQUIRED)
add_custom_command(OUTPUT ${LONGTAKE_PAGES}/stamp
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${LONGTAKE_PAGES}
  COMMAND longtake man --all ${LONGTAKE_PAGES}/man1
  COMMAND ${GZIP} -9n -r ${LONGTAKE_PAGES}/man1
  COMMAND longtake completion bash > ${LONGTAKE_PAGES}/longtake
  COMMAND longtake completion zsh > ${LONGTAKE_PAGES}/_longtake
  COMMAND longtake completion fish > ${LONGTAKE_PAGES}/longtake.fish
  COMMAND ${CMAKE_COMMAND} -E touch ${LONGTAKE_PAGES}/stamp
  DEPENDS longtake VERBATIM)
add_custom_target(longtake_pages ALL DEPENDS ${LONGTAKE_PAGES}/stamp)
