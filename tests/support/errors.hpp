// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

namespace mapctl::test {

// What `action` throws; fails the test when it throws nothing.
template <class Action>
Error::Facts facts_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.facts();
  }
  FAIL("nothing was thrown");
  return {};
}

}  // namespace mapctl::test
