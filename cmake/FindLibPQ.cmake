# SPDX-License-Identifier: Apache-2.0
# Target pq::pq
include(mapctl_find_library)
mapctl_find_library(LibPQ TARGET pq::pq HEADER libpq-fe.h LIBRARY pq PKG_CONFIG libpq)
