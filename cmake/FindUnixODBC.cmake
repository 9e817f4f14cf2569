# SPDX-License-Identifier: Apache-2.0
# Target odbc::odbc
include(mapctl_find_library)
mapctl_find_library(UnixODBC TARGET odbc::odbc HEADER sql.h LIBRARY odbc PKG_CONFIG odbc)
