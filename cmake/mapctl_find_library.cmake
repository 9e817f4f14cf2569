# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)
include(FindPackageHandleStandardArgs)

option(MAPCTL_LINK_ARCHIVES "Link small libraries into programs where they come as archives" ON)

# Sets <variable> to what links the archive into programs and the shared library into the rest:
# each shared library costs every start a tenth of a millisecond, and archives are seldom compiled
# to go into modules. It is <shared> alone where there is no archive.
function(mapctl_prefer_archive variable name shared)
  set(${variable} "${shared}" PARENT_SCOPE)
  find_library(${name}_ARCHIVE NAMES lib${name}.a HINTS ${ARGN})
  mark_as_advanced(${name}_ARCHIVE)
  if(MAPCTL_LINK_ARCHIVES AND ${name}_ARCHIVE)
    set(is_program "$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>")
    set(${variable} "$<IF:${is_program},${${name}_ARCHIVE},${shared}>" PARENT_SCOPE)
  endif()
endfunction()

# mapctl_find_library(Name TARGET name::name HEADER file [LIBRARY name] PKG_CONFIG module [ARCHIVE])
#
# The body of a find module for a C library: asks pkg-config for places and the version, looks for
# header and library there and in the usual places, makes an imported target. Without LIBRARY the
# target is the header alone. With ARCHIVE programs get the static library, if there is one. A macro, because the caller's scope must see <Name>_FOUND.
macro(mapctl_find_library name)
  cmake_parse_arguments(find_arg "ARCHIVE" "TARGET;HEADER;LIBRARY;PKG_CONFIG" "" ${ARGN})
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(PC_${name} QUIET ${find_arg_PKG_CONFIG})
  endif()
  find_path(
    ${name}_INCLUDE_DIR ${find_arg_HEADER}
    HINTS ${PC_${name}_INCLUDE_DIRS}
    PATH_SUFFIXES postgresql pgsql
  )
  set(find_required ${name}_INCLUDE_DIR)
  if(find_arg_LIBRARY)
    find_library(${name}_LIBRARY ${find_arg_LIBRARY} HINTS ${PC_${name}_LIBRARY_DIRS})
    list(PREPEND find_required ${name}_LIBRARY)
  endif()
  find_package_handle_standard_args(
    ${name} REQUIRED_VARS ${find_required} VERSION_VAR PC_${name}_VERSION
  )
  mark_as_advanced(${name}_INCLUDE_DIR ${name}_LIBRARY)
  if(${name}_FOUND AND NOT TARGET ${find_arg_TARGET})
    if(find_arg_LIBRARY AND find_arg_ARCHIVE)
      add_library(${find_arg_TARGET} INTERFACE IMPORTED)
      mapctl_prefer_archive(
        find_linked ${find_arg_LIBRARY} "${${name}_LIBRARY}" ${PC_${name}_LIBRARY_DIRS}
      )
      target_link_libraries(${find_arg_TARGET} INTERFACE "${find_linked}")
    elseif(find_arg_LIBRARY)
      add_library(${find_arg_TARGET} UNKNOWN IMPORTED)
      set_target_properties(
        ${find_arg_TARGET} PROPERTIES IMPORTED_LOCATION "${${name}_LIBRARY}"
      )
    else()
      add_library(${find_arg_TARGET} INTERFACE IMPORTED)
    endif()
    set_target_properties(
      ${find_arg_TARGET} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE_DIR}"
    )
  endif()
endmacro()
