# SPDX-License-Identifier: Apache-2.0
# Functions that make the project's libraries, connectors and programs. Sources and headers are
# listed by name, relative to the calling folder; the repository root is the only include root.
include_guard(GLOBAL)
include(GNUInstallDirs)

# Where modules and data are, seen from the program's folder: the same in the build tree as when
# installed, so that the program finds them relative to its own file, wherever it was moved to.
file(RELATIVE_PATH MAPCTL_MODULE_PATH "${CMAKE_INSTALL_FULL_BINDIR}"
     "${CMAKE_INSTALL_FULL_LIBDIR}/mapctl"
)
file(RELATIVE_PATH MAPCTL_DATA_PATH "${CMAKE_INSTALL_FULL_BINDIR}"
     "${CMAKE_INSTALL_FULL_DATADIR}/mapctl"
)
set(MAPCTL_PROGRAM_DIR "${PROJECT_BINARY_DIR}/bin")
cmake_path(SET MAPCTL_MODULE_DIR NORMALIZE "${MAPCTL_PROGRAM_DIR}/${MAPCTL_MODULE_PATH}")
cmake_path(SET MAPCTL_DATA_DIR NORMALIZE "${MAPCTL_PROGRAM_DIR}/${MAPCTL_DATA_PATH}")

# mapctl_add_library(NAME core_base SOURCES ... HEADERS ... [PUBLIC libs] [PRIVATE libs])
#
# Static library mapctl_core_base, or an INTERFACE library if it has no SOURCES (then everything
# is passed on to its users). Each header is compiled alone by all_verify_interface_header_sets.
function(mapctl_add_library)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;HEADERS;PUBLIC;PRIVATE")
  mapctl_check_arguments(mapctl_add_library)
  set(target mapctl_${arg_NAME})
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    mapctl_configure_target(${target})
    target_link_libraries(${target} PUBLIC mapctl_language ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE mapctl_language ${arg_PUBLIC} ${arg_PRIVATE})
    set(scope INTERFACE)
  endif()
  if(arg_HEADERS)
    target_sources(
      ${target}
      ${scope}
      FILE_SET HEADERS
      BASE_DIRS "${PROJECT_SOURCE_DIR}"
      FILES ${arg_HEADERS}
    )
    set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  endif()
endfunction()

# mapctl_add_connector(NAME duckdb [MODULE] SOURCES ... HEADERS ... [PUBLIC libs] [PRIVATE libs]
#                      [INFO info] [OPTION MAPCTL_WITH_DUCKDB])
#
# Static library mapctl_connector_duckdb with all the code, for tests and for linking. With MODULE
# also lib/mapctl/mapctl_duckdb.so, made of that library and module.cpp, which defines the one
# exported function; the program loads it when a command first needs it. Without MODULE, or with
# MAPCTL_LINK_CONNECTORS=ON, the library is linked into the program. The program is compiled with
# MAPCTL_LINKED_DUCKDB and MAPCTL_MODULE_DUCKDB, of which one is 1; both are 0 when OPTION is
# switched off. INFO names the source and header that describe the connector: they become a library
# of their own, without the heavy one, so that the program can list what it has not loaded or lacks.
function(mapctl_add_connector)
  cmake_parse_arguments(
    PARSE_ARGV 0 arg "MODULE" "NAME;INFO;OPTION" "SOURCES;HEADERS;PUBLIC;PRIVATE"
  )
  mapctl_check_arguments(mapctl_add_connector)
  string(TOUPPER "${arg_NAME}" upper)
  set(is_linked 0)
  set(is_module 0)
  set(wanted ON)
  if(arg_OPTION)
    option(${arg_OPTION} "Build the ${arg_NAME} connector" ON)
    set(wanted ${${arg_OPTION}})
  endif()
  if(wanted)
    if(NOT arg_MODULE OR MAPCTL_LINK_CONNECTORS)
      set(is_linked 1)
    else()
      set(is_module 1)
    endif()
  endif()
  set_property(
    GLOBAL APPEND PROPERTY MAPCTL_PROGRAM_DEFINITIONS MAPCTL_LINKED_${upper}=${is_linked}
                           MAPCTL_MODULE_${upper}=${is_module}
  )
  if(arg_INFO)
    set(info mapctl_connector_${arg_NAME}_info)
    mapctl_add_library(
      NAME connector_${arg_NAME}_info
      SOURCES ${arg_INFO}.cpp
      HEADERS ${arg_INFO}.hpp
      PUBLIC mapctl_core_ports
    )
    set_property(GLOBAL APPEND PROPERTY MAPCTL_LINKED_CONNECTORS ${info})
  endif()
  if(NOT is_linked AND NOT is_module)
    return()
  endif()
  mapctl_add_library(
    NAME connector_${arg_NAME}
    SOURCES ${arg_SOURCES}
    HEADERS ${arg_HEADERS}
    PUBLIC ${arg_PUBLIC} ${info}
    PRIVATE ${arg_PRIVATE}
  )
  if(is_linked)
    set_property(GLOBAL APPEND PROPERTY MAPCTL_LINKED_CONNECTORS mapctl_connector_${arg_NAME})
    return()
  endif()

  set(module mapctl_module_${arg_NAME})
  add_library(${module} MODULE module.cpp)
  mapctl_configure_target(${module})
  target_link_libraries(${module} PRIVATE mapctl_connector_${arg_NAME})
  # What the static libraries define stays inside: one symbol is exported, and fewer are relocated.
  target_link_options(${module} PRIVATE "LINKER:--exclude-libs,ALL" "LINKER:--as-needed")
  set_target_properties(
    ${module}
    PROPERTIES
      PREFIX ""
      OUTPUT_NAME mapctl_${arg_NAME}
      LIBRARY_OUTPUT_DIRECTORY "${MAPCTL_MODULE_DIR}"
      BUILD_WITH_INSTALL_RPATH ON
      INSTALL_RPATH "$ORIGIN"
  )
  install(TARGETS ${module} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/mapctl")
  set_property(GLOBAL APPEND PROPERTY MAPCTL_MODULES ${module})
endfunction()

# mapctl_add_program(NAME mapctl SOURCES ... PRIVATE libs)
#
# Executable <build>/bin/mapctl with the linked connectors; building it builds the modules too.
# Its sources see MAPCTL_VERSION, and MAPCTL_MODULE_PATH ("../lib/mapctl") and MAPCTL_DATA_PATH
# ("../share/mapctl"), which are relative to the program's own folder.
function(mapctl_add_program)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;PRIVATE")
  mapctl_check_arguments(mapctl_add_program)
  add_executable(${arg_NAME} ${arg_SOURCES})
  mapctl_configure_target(${arg_NAME})
  get_property(linked GLOBAL PROPERTY MAPCTL_LINKED_CONNECTORS)
  get_property(modules GLOBAL PROPERTY MAPCTL_MODULES)
  get_property(definitions GLOBAL PROPERTY MAPCTL_PROGRAM_DEFINITIONS)
  target_link_libraries(${arg_NAME} PRIVATE ${arg_PRIVATE} ${linked} ${CMAKE_DL_LIBS})
  # A library that nothing uses costs a start up to milliseconds.
  target_link_options(${arg_NAME} PRIVATE "LINKER:--as-needed" "LINKER:--gc-sections")
  target_compile_definitions(
    ${arg_NAME}
    PRIVATE
      ${definitions}
      MAPCTL_VERSION="${PROJECT_VERSION}"
      MAPCTL_MODULE_PATH="${MAPCTL_MODULE_PATH}"
      MAPCTL_DATA_PATH="${MAPCTL_DATA_PATH}"
  )
  if(modules)
    add_dependencies(${arg_NAME} ${modules})
  endif()
  set_target_properties(
    ${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${MAPCTL_PROGRAM_DIR}"
  )
  if(MAPCTL_LINK_CONNECTORS)
    # Libraries that the system lacks are installed there, as for modules.
    set_target_properties(
      ${arg_NAME} PROPERTIES INSTALL_RPATH "$ORIGIN/${MAPCTL_MODULE_PATH}"
    )
  endif()
  install(TARGETS ${arg_NAME} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endfunction()

# A misspelt keyword would otherwise silently become part of the list before it.
macro(mapctl_check_arguments function)
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${function}: unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_NAME)
    message(FATAL_ERROR "${function}: NAME is missing")
  endif()
endmacro()
