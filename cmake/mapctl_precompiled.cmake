# SPDX-License-Identifier: Apache-2.0
# Headers that nearly every source includes, compiled once a build. Test programs are compiled in
# half the time; where only whole builds are made, under sanitizers, the rest gains a third. In daily
# work each of our own sources should be seen to include what it uses.
include_guard(GLOBAL)

set(MAPCTL_PRECOMPILE OFF
    CACHE STRING "Compile the commonest headers once: OFF, TESTS (for test programs) or ALL"
)
set_property(CACHE MAPCTL_PRECOMPILE PROPERTY STRINGS OFF TESTS ALL)

set(MAPCTL_COMMON_HEADERS
    <algorithm>
    <chrono>
    <filesystem>
    <fstream>
    <functional>
    <map>
    <memory>
    <mutex>
    <optional>
    <set>
    <span>
    <sstream>
    <string>
    <string_view>
    <thread>
    <unordered_map>
    <utility>
    <variant>
    <vector>
    <fmt/format.h>
)

# mapctl_precompile(target [HEADERS ...] [LIBRARIES ...])
#
# `target` is compiled with the common headers and HEADERS, which are found through LIBRARIES.
# All libraries share what the first of them asks for, and so do all programs: the former are
# compiled with -fPIC, the latter with -fPIE.
function(mapctl_precompile target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;LIBRARIES")
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    set(kinds ALL TESTS)
    set(provider mapctl_precompiled_tests)
  else()
    set(kinds ALL)
    set(provider mapctl_precompiled)
  endif()
  if(NOT MAPCTL_PRECOMPILE IN_LIST kinds)
    return()
  endif()
  if(NOT TARGET ${provider})
    set(source "${PROJECT_BINARY_DIR}/${provider}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "int main() {}\n")
    if(type STREQUAL "EXECUTABLE")
      add_executable(${provider} EXCLUDE_FROM_ALL "${source}")
    else()
      add_library(${provider} OBJECT EXCLUDE_FROM_ALL "${source}")
    endif()
    mapctl_configure_target(${provider})
    target_link_libraries(${provider} PRIVATE fmt::fmt ${arg_LIBRARIES})
    target_precompile_headers(${provider} PRIVATE ${MAPCTL_COMMON_HEADERS} ${arg_HEADERS})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${provider})
  # The macros that the headers were compiled with.
  target_link_libraries(${target} PRIVATE fmt::fmt)
  target_compile_options(
    ${target}
    PRIVATE
      # ccache must see in a preprocessed source which precompiled header it used.
      $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
      # g++ 12 forgets that a header is the system's, and misfires on std::string's operators.
      $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
      $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>
      $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overread>
  )
endfunction()
