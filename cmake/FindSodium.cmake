# SPDX-License-Identifier: Apache-2.0
# Target sodium::sodium
include(mapctl_find_library)
mapctl_find_library(Sodium TARGET sodium::sodium HEADER sodium.h LIBRARY sodium PKG_CONFIG libsodium ARCHIVE)
