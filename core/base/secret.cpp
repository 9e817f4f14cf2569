// SPDX-License-Identifier: Apache-2.0
#include "core/base/secret.hpp"

#include <cstring>
#include <utility>

namespace mapctl {
namespace {

void wipe(std::string& value) noexcept {
  // A moved-from short string keeps its bytes in the object, so the whole capacity is wiped.
  value.resize(value.capacity());
  if (!value.empty()) {
    explicit_bzero(value.data(), value.size());
  }
  value.clear();
}

}  // namespace

Secret::Secret(std::string value) noexcept : value_{std::move(value)} {
  wipe(value);
}

Secret::Secret(Secret&& other) noexcept : value_{std::move(other.value_)} {
  wipe(other.value_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(value_);
    value_.swap(other.value_);
    wipe(other.value_);
  }
  return *this;
}

Secret::~Secret() {
  wipe(value_);
}

}  // namespace mapctl
