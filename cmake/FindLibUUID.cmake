# SPDX-License-Identifier: Apache-2.0
# Target uuid::uuid
include(mapctl_find_library)
mapctl_find_library(LibUUID TARGET uuid::uuid HEADER uuid/uuid.h LIBRARY uuid PKG_CONFIG uuid ARCHIVE)
