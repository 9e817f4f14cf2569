# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)
include(FindPackageHandleStandardArgs)

# mapctl_find_library(Name TARGET name::name HEADER file [LIBRARY name] PKG_CONFIG module)
#
# The body of a find module for a C library: asks pkg-config for places and the version, looks for
# header and library there and in the usual places, makes an imported target. Without LIBRARY the
# target is the header alone. A macro, because the caller's scope must see <Name>_FOUND.
macro(mapctl_find_library name)
  cmake_parse_arguments(find_arg "" "TARGET;HEADER;LIBRARY;PKG_CONFIG" "" ${ARGN})
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
    if(find_arg_LIBRARY)
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
