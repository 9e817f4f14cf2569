# SPDX-License-Identifier: Apache-2.0
# Uses ccache when it is there, unless a launcher was chosen already.
include_guard(GLOBAL)

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(MAPCTL_CCACHE ccache)
  if(MAPCTL_CCACHE)
    # Paths below the base folder are hashed relative to the build folder, and the build folder's
    # own name is left out: another checkout at the same depth hits.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
        "${MAPCTL_CCACHE}"
    )
  endif()
endif()
