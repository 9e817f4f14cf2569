# SPDX-License-Identifier: Apache-2.0
# Target bson::bson
include(mapctl_find_library)
mapctl_find_library(
  LibBSON TARGET bson::bson HEADER bson/bson.h LIBRARY bson-1.0 PKG_CONFIG libbson-1.0
)
