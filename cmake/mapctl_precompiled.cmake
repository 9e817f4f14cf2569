# SPDX-License-Identifier: Apache-2.0
# Headers that nearly every source includes, compiled once a build. Under sanitizers, where only
# whole builds are made, this saves a third of the time; in daily work each source should be seen
# to include what it uses.
include_guard(GLOBAL)

option(MAPCTL_PRECOMPILE "Compile the commonest headers once for all sources" OFF)

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

# mapctl_precompile(target PROVIDER name [HEADERS ...] [LIBRARIES ...])
#
# `target` uses what the provider, which is made when first asked for, has compiled: the common
# headers and HEADERS, which are found through LIBRARIES. All users of a provider must be compiled
# alike: a library's sources are -fPIC, a program's are -fPIE.
function(mapctl_precompile target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PROVIDER" "HEADERS;LIBRARIES")
  if(NOT MAPCTL_PRECOMPILE)
    return()
  endif()
  if(NOT TARGET ${arg_PROVIDER})
    set(source "${PROJECT_BINARY_DIR}/${arg_PROVIDER}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "int main() {}\n")
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE")
      add_executable(${arg_PROVIDER} EXCLUDE_FROM_ALL "${source}")
    else()
      add_library(${arg_PROVIDER} OBJECT EXCLUDE_FROM_ALL "${source}")
    endif()
    mapctl_configure_target(${arg_PROVIDER})
    target_link_libraries(${arg_PROVIDER} PRIVATE fmt::fmt ${arg_LIBRARIES})
    target_precompile_headers(
      ${arg_PROVIDER} PRIVATE ${MAPCTL_COMMON_HEADERS} ${arg_HEADERS}
    )
  endif()
  target_precompile_headers(${target} REUSE_FROM ${arg_PROVIDER})
  # The macros that the provider was compiled with.
  target_link_libraries(${target} PRIVATE fmt::fmt)
  # ccache must see in a preprocessed source which precompiled header it used.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endfunction()
