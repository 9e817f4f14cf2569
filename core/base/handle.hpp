// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace mapctl {

template <auto Release>
struct Releaser {
  template <class T>
  void operator()(T* raw) const noexcept {
    Release(raw);
  }
};

// Owns a pointer of a C library from the moment it exists.
template <class T, auto Release>
using Handle = std::unique_ptr<T, Releaser<Release>>;

}  // namespace mapctl
