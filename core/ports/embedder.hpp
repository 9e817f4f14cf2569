// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::ports {

// Turns short texts into vectors whose inner product tells how alike the texts are. Used by one
// thread at a time.
class Embedder {
 public:
  virtual ~Embedder() = default;
  // Names what made a vector; vectors of different models are never compared.
  virtual std::string_view model() const = 0;
  // One vector of length 1 a text, in the order of the texts, all of one number of dimensions; a
  // text that says nothing has a vector of zeros. Throws Error: unreachable, denied, invalid_data,
  // cancelled.
  virtual std::vector<std::vector<float>> embed(std::span<const std::string> texts,
                                                std::stop_token stop) = 0;
};

}  // namespace mapctl::ports
