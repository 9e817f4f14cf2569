# SPDX-License-Identifier: Apache-2.0
# Target yaml::yaml
include(mapctl_find_library)
mapctl_find_library(LibYAML TARGET yaml::yaml HEADER yaml.h LIBRARY yaml PKG_CONFIG yaml-0.1 ARCHIVE)
