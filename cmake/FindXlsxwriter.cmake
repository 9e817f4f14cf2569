# SPDX-License-Identifier: Apache-2.0
# Target xlsxwriter::xlsxwriter
include(mapctl_find_library)
mapctl_find_library(Xlsxwriter TARGET xlsxwriter::xlsxwriter HEADER xlsxwriter.h LIBRARY xlsxwriter PKG_CONFIG xlsxwriter)
