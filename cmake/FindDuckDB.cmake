# SPDX-License-Identifier: Apache-2.0
# Target duckdb::duckdb, from DUCKDB_ROOT (a CMake or environment variable), the system, or the
# packages that fetch_duckdb.sh caches (MAPCTL_FETCH_DUCKDB=OFF forbids that). DuckDB_BUNDLED is
# true when the library lies outside the loader's folders, so that it must be installed beside the
# modules.
option(MAPCTL_FETCH_DUCKDB "Fetch DuckDB when it is not installed" ON)

find_path(DuckDB_INCLUDE_DIR duckdb.h HINTS "${DUCKDB_ROOT}" ENV DUCKDB_ROOT PATH_SUFFIXES include)
find_library(DuckDB_LIBRARY duckdb HINTS "${DUCKDB_ROOT}" ENV DUCKDB_ROOT PATH_SUFFIXES lib)

if(NOT (DuckDB_INCLUDE_DIR AND DuckDB_LIBRARY) AND MAPCTL_FETCH_DUCKDB)
  execute_process(
    COMMAND "${CMAKE_CURRENT_LIST_DIR}/fetch_duckdb.sh"
    RESULT_VARIABLE DuckDB_fetch_result
    OUTPUT_VARIABLE DuckDB_fetched
    OUTPUT_STRIP_TRAILING_WHITESPACE
  )
  if(DuckDB_fetch_result EQUAL 0)
    # Both from one place: a header alone on the system may be of another version.
    set(DuckDB_INCLUDE_DIR "${DuckDB_fetched}/include" CACHE PATH "" FORCE)
    set(DuckDB_LIBRARY "${DuckDB_fetched}/lib/libduckdb.so" CACHE FILEPATH "" FORCE)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  DuckDB
  REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "set DUCKDB_ROOT, or install npm so that it can be fetched"
)
mark_as_advanced(DuckDB_INCLUDE_DIR DuckDB_LIBRARY)

if(DuckDB_FOUND)
  cmake_path(GET DuckDB_LIBRARY PARENT_PATH DuckDB_library_dir)
  set(DuckDB_BUNDLED TRUE)
  foreach(dir IN ITEMS ${CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES} /usr/local/lib)
    file(REAL_PATH "${dir}" dir)
    file(REAL_PATH "${DuckDB_library_dir}" real_library_dir)
    if(dir STREQUAL real_library_dir)
      set(DuckDB_BUNDLED FALSE)
    endif()
  endforeach()
  if(NOT TARGET duckdb::duckdb)
    add_library(duckdb::duckdb SHARED IMPORTED)
    set_target_properties(
      duckdb::duckdb
      PROPERTIES
        IMPORTED_LOCATION "${DuckDB_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${DuckDB_INCLUDE_DIR}"
    )
  endif()
endif()
