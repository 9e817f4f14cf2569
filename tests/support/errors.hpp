// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <stdexcept>

namespace mapctl::test {

// What `action` throws; fails the test when it throws nothing.
template <class Action>
Error error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  throw std::logic_error{"not reached"};
}

template <class Action>
Error::Facts facts_of(Action&& action) {
  return error_of(action).facts();
}

}  // namespace mapctl::test
