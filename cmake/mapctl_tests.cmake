# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

find_package(Catch2 REQUIRED)
include(Catch)

# What tests/support/catch.hpp needs.
add_library(mapctl_catch INTERFACE)
target_link_libraries(mapctl_catch INTERFACE mapctl_language Catch2::Catch2)
if(Catch2_VERSION VERSION_GREATER_EQUAL 3)
  target_compile_definitions(mapctl_catch INTERFACE MAPCTL_CATCH2_V3)
endif()

# tests/support/catch_main.cpp, compiled once for all test programs.
add_library(mapctl_test_main OBJECT "${PROJECT_SOURCE_DIR}/tests/support/catch_main.cpp")
mapctl_configure_target(mapctl_test_main)
target_link_libraries(mapctl_test_main PUBLIC mapctl_catch)

# Where the server of a ctest run is described while it runs.
set(MAPCTL_TEST_POSTGRES "${PROJECT_BINARY_DIR}/tests/postgres-server.info")

# What a test that starts the program needs to find it and its input.
set(MAPCTL_TEST_ENVIRONMENT
    "MAPCTL_TEST_PROGRAM=${PROJECT_BINARY_DIR}/bin/mapctl"
    "MAPCTL_TEST_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
    "MAPCTL_TEST_BINARY_DIR=${PROJECT_BINARY_DIR}"
    "MAPCTL_TEST_POSTGRES=${MAPCTL_TEST_POSTGRES}"
)
if("address" IN_LIST MAPCTL_SANITIZE)
  # With many modules loaded, LeakSanitizer of GCC 12 guesses the ends of their thread-local blocks
  # wrongly and dies in the search. SIGILL is the trap of undefined behaviour.
  list(APPEND MAPCTL_TEST_ENVIRONMENT
       "ASAN_OPTIONS=intercept_tls_get_addr=0:handle_sigill=1"
       "LSAN_OPTIONS=print_suppressions=0:suppressions=${PROJECT_SOURCE_DIR}/tests/support/lsan.supp"
  )
endif()
if("thread" IN_LIST MAPCTL_SANITIZE)
  list(APPEND MAPCTL_TEST_ENVIRONMENT
       "TSAN_OPTIONS=halt_on_error=1:suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp"
  )
endif()

# mapctl_add_test(NAME unit_matching SOURCES ... LIBRARIES ... [LABELS ...] [ENV NAME=VALUE ...]
#                 [FIXTURES ...] [TIMEOUT seconds])
#
# Catch2 program mapctl_unit_matching; every test case is one ctest entry named
# "unit_matching:<test case>" (a name holds no semicolon: CMake would split it). Label unit_matching
# is always set, so `ctest -L unit_matching` runs one program. The timeout (default 60 s) holds for one case; sanitizers get four times it.
function(mapctl_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS;ENV;FIXTURES")
  mapctl_check_arguments(mapctl_add_test)
  set(target mapctl_${arg_NAME})
  add_executable(${target} ${arg_SOURCES})
  mapctl_configure_target(${target})
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} mapctl_test_main)
  if(MAPCTL_RUN_WRAPPER)
    set_target_properties(
      ${target} PROPERTIES CROSSCOMPILING_EMULATOR "${MAPCTL_RUN_WRAPPER}"
    )
  endif()

  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(MAPCTL_SANITIZE)
    math(EXPR arg_TIMEOUT "4 * ${arg_TIMEOUT}")
  endif()
  catch_discover_tests(${target} TEST_PREFIX "${arg_NAME}:" TEST_LIST ${target}_TESTS)

  mapctl_set_case_properties(${target})
endfunction()

# Properties of the test cases listed in <stem>_TESTS, from the caller's arg_* variables.
# catch_discover_tests() cannot pass on a property that is a list; ctest reads this file after the
# one it wrote.
function(mapctl_set_case_properties stem)
  set(labels ${arg_NAME} ${arg_LABELS})
  set(environment ${MAPCTL_TEST_ENVIRONMENT} ${arg_ENV})
  set(properties_file "${CMAKE_CURRENT_BINARY_DIR}/${stem}_properties.cmake")
  file(
    WRITE "${properties_file}"
    "if(${stem}_TESTS)\n"
    "  set_tests_properties(\${${stem}_TESTS} PROPERTIES\n"
    "    LABELS [==[${labels}]==]\n"
    "    ENVIRONMENT [==[${environment}]==]\n"
    "    FIXTURES_REQUIRED [==[${arg_FIXTURES}]==]\n"
    "    SKIP_RETURN_CODE 4\n"
    "    TIMEOUT ${arg_TIMEOUT})\n"
    "endif()\n"
  )
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${properties_file}")
endfunction()

# mapctl_add_test_variant(NAME integration_registry_postgres PROGRAM integration_registry
#                         CASES ~[sqlite] [LABELS ...] [ENV ...] [FIXTURES ...] [TIMEOUT seconds])
#
# The test cases of a program once more, under another name and in another environment. FIXTURES
# are those of ctest, such as `postgres`: a server that is started before and stopped after them.
function(mapctl_add_test_variant)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;PROGRAM;CASES;TIMEOUT" "LABELS;ENV;FIXTURES")
  mapctl_check_arguments(mapctl_add_test_variant)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(MAPCTL_SANITIZE)
    math(EXPR arg_TIMEOUT "4 * ${arg_TIMEOUT}")
  endif()
  catch_discover_tests(
    mapctl_${arg_PROGRAM}
    TEST_SPEC "${arg_CASES}"
    TEST_PREFIX "${arg_NAME}:"
    TEST_LIST ${arg_NAME}_TESTS
  )
  mapctl_set_case_properties(${arg_NAME})
endfunction()

# mapctl_add_script_test(NAME lint.includes COMMAND ... [LABELS ...] [ENV ...] [FIXTURES ...]
#                        [TIMEOUT seconds])
#
# A test that is a command; exit code 4 means skipped, as in the Catch2 programs.
function(mapctl_add_script_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "COMMAND;LABELS;ENV;FIXTURES")
  mapctl_check_arguments(mapctl_add_script_test)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(MAPCTL_SANITIZE)
    math(EXPR arg_TIMEOUT "4 * ${arg_TIMEOUT}")
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${MAPCTL_RUN_WRAPPER} ${arg_COMMAND})
  set_tests_properties(
    ${arg_NAME}
    PROPERTIES
      LABELS "${arg_LABELS}"
      ENVIRONMENT "${MAPCTL_TEST_ENVIRONMENT};${arg_ENV}"
      FIXTURES_REQUIRED "${arg_FIXTURES}"
      SKIP_RETURN_CODE 4
      TIMEOUT ${arg_TIMEOUT}
  )
endfunction()
