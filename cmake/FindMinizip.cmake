# SPDX-License-Identifier: Apache-2.0
# Target minizip::minizip
include(mapctl_find_library)
mapctl_find_library(Minizip TARGET minizip::minizip HEADER minizip/zip.h LIBRARY minizip PKG_CONFIG minizip)
