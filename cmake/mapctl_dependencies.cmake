# SPDX-License-Identifier: Apache-2.0
# Every library the project uses, as imported targets; their headers count as system headers.
include_guard(GLOBAL)

find_package(Threads REQUIRED)
find_package(SQLite3 3.35 REQUIRED) # SQLite::SQLite3
find_package(fmt 9 REQUIRED) # fmt::fmt
find_package(yaml-cpp REQUIRED) # yaml-cpp::yaml-cpp
find_package(nlohmann_json 3.9 REQUIRED) # nlohmann_json::nlohmann_json
find_package(CLI11 REQUIRED) # CLI11::CLI11
find_package(Utf8proc REQUIRED) # utf8proc::utf8proc
find_package(XxHash REQUIRED) # xxHash::xxhash
find_package(Sodium REQUIRED) # sodium::sodium
find_package(LibUUID REQUIRED) # uuid::uuid
find_package(Xlsxwriter REQUIRED) # xlsxwriter::xlsxwriter
find_package(Minizip REQUIRED) # minizip::minizip
find_package(DuckDB REQUIRED) # duckdb::duckdb

# yaml-cpp before 0.8 has a target without a namespace.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp INTERFACE IMPORTED)
  target_link_libraries(yaml-cpp::yaml-cpp INTERFACE yaml-cpp)
endif()

# Connectors to servers need these; nothing is built without them yet, so that a machine without
# database clients is enough for files and SQLite.
find_package(LibPQ) # pq::pq
find_package(UnixODBC) # odbc::odbc
find_package(CURL) # CURL::libcurl
foreach(optional IN ITEMS LibPQ UnixODBC CURL)
  if(NOT ${optional}_FOUND)
    message(STATUS "${optional} not found: connectors that need it cannot be built")
  endif()
endforeach()
