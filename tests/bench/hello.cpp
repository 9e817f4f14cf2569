// SPDX-License-Identifier: Apache-2.0
// What a C++ program costs before it does anything.
#include <iostream>

int main() {
  std::cout << "hello\n";
}
