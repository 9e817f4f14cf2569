// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"

#include <string>

namespace mapctl::test {

// What `work` throws: code, message and hint, each on a line of its own.
template <class Work>
std::string failure(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return std::string{to_string(error.code())} + "\n" + error.what() + "\n" + error.facts().hint;
  }
  return "no error";
}

}  // namespace mapctl::test
