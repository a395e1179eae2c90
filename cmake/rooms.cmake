# longtake_unity(TARGET sources...): with LONGTAKE_UNITY, each folder of a target is compiled as one file.
function(longtake_unity target)
  if(NOT LONGTAKE_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  foreach(source ${ARGN})
    cmake_path(GET source PARENT_PATH folder)
    string(MAKE_C_IDENTIFIER "${folder}" group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()

# longtake_precompiled(TARGET OWNER): with LONGTAKE_PRECOMPILED, what most sources include is parsed once for all targets
# that name the same owner, which compiles alike.
function(longtake_precompiled target owner)
  if(NOT LONGTAKE_PRECOMPILED)
    return()
  endif()
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE <nlohmann/json.hpp> <fmt/format.h> <algorithm> <filesystem> <functional>
      <map> <memory> <mutex> <optional> <set> <string> <thread> <vector>)
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
  if(NOT LONGTAKE_UNITY) # GCC 12 at -O0 loses constants of vector intrinsics behind what was precompiled
    set_source_files_properties(${PROJECT_SOURCE_DIR}/stages/prepare/reduce.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  endif()
endfunction()

# longtake_room(NAME FOLDER [ROOMS room...]): a static library of every source under FOLDER.
# Its headers are public: "pipeline/av/frame.h" is how they are included, here and once installed.
function(longtake_room name folder)
  cmake_parse_arguments(ARG "" "" "ROOMS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${folder}/*.h)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(longtake_${name} STATIC ${sources})
  add_library(longtake::${name} ALIAS longtake_${name})
  target_sources(longtake_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
  longtake_unity(longtake_${name} ${sources})
  longtake_precompiled(longtake_${name} longtake_base)
  target_compile_features(longtake_${name} PUBLIC cxx_std_20)
  target_link_libraries(longtake_${name} PRIVATE $<BUILD_INTERFACE:longtake_strict>)
  set_target_properties(longtake_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  foreach(room ${ARG_ROOMS})
    target_link_libraries(longtake_${name} PUBLIC longtake_${room})
  endforeach()
endfunction()
