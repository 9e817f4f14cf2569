# SPDX-License-Identifier: Apache-2.0
# Every library the project uses, as imported targets; their headers count as system headers.
include_guard(GLOBAL)

find_package(Threads REQUIRED)
find_package(SQLite3 3.35 REQUIRED) # SQLite::SQLite3
find_package(fmt 9 REQUIRED) # fmt::fmt
find_package(yaml-cpp REQUIRED) # yaml-cpp::yaml-cpp
find_package(LibYAML REQUIRED) # yaml::yaml
find_package(nlohmann_json 3.9 REQUIRED) # nlohmann_json::nlohmann_json
find_package(CLI11 REQUIRED) # CLI11::CLI11
find_package(Utf8proc REQUIRED) # utf8proc::utf8proc
find_package(XxHash REQUIRED) # xxHash::xxhash
find_package(Sodium REQUIRED) # sodium::sodium
find_package(LibUUID REQUIRED) # uuid::uuid
find_package(Xlsxwriter REQUIRED) # xlsxwriter::xlsxwriter
find_package(Minizip REQUIRED) # minizip::minizip
find_package(EXPAT REQUIRED) # EXPAT::EXPAT
find_package(ZLIB REQUIRED) # ZLIB::ZLIB
find_package(DuckDB REQUIRED) # duckdb::duckdb

# The project's own names for two libraries that others' files find: programs get their archives.
include(mapctl_find_library)
mapctl_prefer_archive(linked_sqlite sqlite3 SQLite::SQLite3)
add_library(mapctl_sqlite3 INTERFACE)
target_include_directories(mapctl_sqlite3 SYSTEM INTERFACE ${SQLite3_INCLUDE_DIRS})
target_link_libraries(mapctl_sqlite3 INTERFACE "${linked_sqlite}" m Threads::Threads ${CMAKE_DL_LIBS})

# yaml-cpp before 0.8 has a target without a namespace.
if(TARGET yaml-cpp::yaml-cpp)
  set(shared_yaml yaml-cpp::yaml-cpp)
else()
  set(shared_yaml yaml-cpp)
endif()
mapctl_prefer_archive(linked_yaml yaml-cpp ${shared_yaml})
add_library(mapctl_yaml INTERFACE)
target_include_directories(
  mapctl_yaml SYSTEM INTERFACE $<TARGET_PROPERTY:${shared_yaml},INTERFACE_INCLUDE_DIRECTORIES>
)
target_link_libraries(mapctl_yaml INTERFACE "${linked_yaml}")

# Connectors to servers need these; nothing is built without them yet, so that a machine without
# database clients is enough for files and SQLite.
find_package(LibPQ) # pq::pq
find_package(UnixODBC) # odbc::odbc
find_package(CURL) # CURL::libcurl
find_package(LibBSON) # bson::bson
find_package(LibMongoC) # mongoc::mongoc
find_package(OpenSSL 3 COMPONENTS Crypto) # OpenSSL::Crypto
foreach(optional IN ITEMS LibPQ UnixODBC CURL OpenSSL LibMongoC)
  if(NOT ${optional}_FOUND)
    message(STATUS "${optional} not found: connectors that need it cannot be built")
  endif()
endforeach()
