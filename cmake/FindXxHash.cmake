# SPDX-License-Identifier: Apache-2.0
# Target xxHash::xxhash: the header only; users define XXH_INLINE_ALL.
include(mapctl_find_library)
mapctl_find_library(XxHash TARGET xxHash::xxhash HEADER xxhash.h PKG_CONFIG libxxhash)
