// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

int main() {
  return std::puts("mapctl " MAPCTL_VERSION) < 0 ? 1 : 0;
}
