# SPDX-License-Identifier: Apache-2.0
# Target mongoc::mongoc
include(mapctl_find_library)
mapctl_find_library(
  LibMongoC TARGET mongoc::mongoc HEADER mongoc/mongoc.h LIBRARY mongoc-1.0 PKG_CONFIG libmongoc-1.0
)
