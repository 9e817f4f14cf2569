# SPDX-License-Identifier: Apache-2.0
# Compile settings as INTERFACE targets; mapctl_add_library() and its siblings link them.
include_guard(GLOBAL)

option(MAPCTL_WERROR "Treat warnings as errors" OFF)
option(MAPCTL_COVERAGE "Instrument for gcov" OFF)
option(MAPCTL_LINK_CONNECTORS "Link every connector into the program instead of loading modules" OFF)
# Dozens of test programs are linked in a build: mold takes a fifth of the usual linker's time.
option(MAPCTL_USE_MOLD "Link with mold where the compiler knows it and it is installed" OFF)
set(MAPCTL_SANITIZE "" CACHE STRING "Sanitizers, as a list: address;undefined or thread")

add_library(mapctl_language INTERFACE)
target_compile_features(mapctl_language INTERFACE cxx_std_20)
target_include_directories(mapctl_language INTERFACE "${PROJECT_SOURCE_DIR}")

set(joint "$<AND:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>,$<CXX_COMPILER_ID:GNU>>")
add_library(mapctl_warnings INTERFACE)
target_compile_options(
  mapctl_warnings
  INTERFACE
    -Wall
    -Wextra
    -Wpedantic
    # Where sources are compiled jointly, what one of them keeps to itself is seen by the next.
    "$<IF:${joint},-Wshadow=local;-Wno-subobject-linkage,-Wshadow>"
    -Wnon-virtual-dtor
    -Wold-style-cast
    -Wcast-align
    -Wcast-qual
    -Woverloaded-virtual
    -Wformat=2
    -Wdouble-promotion
    -Wextra-semi
    -Wmissing-declarations
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
    $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
    $<$<CXX_COMPILER_ID:GNU>:-Wsuggest-override>
    # g++ 12 misfires at -O2: the first on literal + std::string, the second on std::stop_source.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    $<$<BOOL:${MAPCTL_WERROR}>:-Werror>
)

# Paths in messages and debug information are relative to the repository, so that a binary does
# not tell where it was built and another checkout finds the same objects in ccache.
add_library(mapctl_paths INTERFACE)
target_compile_options(mapctl_paths INTERFACE "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")

add_library(mapctl_sanitizers INTERFACE)
if(MAPCTL_SANITIZE)
  list(JOIN MAPCTL_SANITIZE "," sanitizers)
  target_compile_options(
    mapctl_sanitizers
    INTERFACE -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer
  )
  target_link_options(mapctl_sanitizers INTERFACE -fsanitize=${sanitizers})
  if("undefined" IN_LIST MAPCTL_SANITIZE)
    # Types are hidden per module, and the vptr check compares type names by address: it would
    # report every object that crosses from a module into the program.
    target_compile_options(mapctl_sanitizers INTERFACE -fno-sanitize=vptr)
    if("address" IN_LIST MAPCTL_SANITIZE)
      # Undefined behaviour traps, and the address sanitizer shows where. The texts of all checks
      # would be 100 MB of relocated data in each program: a third of the compile time, and most
      # of a start.
      target_compile_options(
        mapctl_sanitizers
        INTERFACE
          $<IF:$<CXX_COMPILER_ID:GNU>,-fsanitize-undefined-trap-on-error,-fsanitize-trap=undefined>
      )
    endif()
  endif()
  if("thread" IN_LIST MAPCTL_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Third-party headers use std::atomic_thread_fence, which g++ cannot instrument.
    target_compile_options(mapctl_sanitizers INTERFACE -Wno-tsan)
  endif()
endif()

add_library(mapctl_linker INTERFACE)
if(MAPCTL_USE_MOLD)
  include(CheckLinkerFlag)
  check_linker_flag(CXX -fuse-ld=mold MAPCTL_HAS_MOLD)
  if(MAPCTL_HAS_MOLD)
    target_link_options(mapctl_linker INTERFACE -fuse-ld=mold)
  endif()
endif()

add_library(mapctl_coverage INTERFACE)
if(MAPCTL_COVERAGE)
  target_compile_options(mapctl_coverage INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(mapctl_coverage INTERFACE --coverage)
endif()

# The thread sanitizer of g++ 12 cannot place its shadow memory where the kernel randomises many
# address bits; without randomisation it can. Empty where it is not needed or not allowed.
set(MAPCTL_RUN_WRAPPER "")
if("thread" IN_LIST MAPCTL_SANITIZE)
  find_program(MAPCTL_SETARCH setarch)
  if(MAPCTL_SETARCH)
    execute_process(
      COMMAND "${MAPCTL_SETARCH}" -R true
      RESULT_VARIABLE setarch_result
      OUTPUT_QUIET ERROR_QUIET
    )
    if(setarch_result EQUAL 0)
      set(MAPCTL_RUN_WRAPPER "${MAPCTL_SETARCH}" -R)
    endif()
  endif()
endif()

# What every target of ours gets, whatever its kind.
function(mapctl_configure_target target)
  target_link_libraries(
    ${target}
    PRIVATE
      mapctl_language
      mapctl_warnings
      mapctl_paths
      mapctl_sanitizers
      mapctl_linker
      mapctl_coverage
  )
  set_target_properties(
    ${target}
    PROPERTIES
      CXX_EXTENSIONS OFF
      POSITION_INDEPENDENT_CODE ON
      CXX_VISIBILITY_PRESET hidden
      VISIBILITY_INLINES_HIDDEN ON
  )
endfunction()
