# SPDX-License-Identifier: Apache-2.0
# Target utf8proc::utf8proc
include(mapctl_find_library)
mapctl_find_library(Utf8proc TARGET utf8proc::utf8proc HEADER utf8proc.h LIBRARY utf8proc PKG_CONFIG libutf8proc ARCHIVE)
