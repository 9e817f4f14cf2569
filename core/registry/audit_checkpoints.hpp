// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/digest.hpp"
#include "core/base/hash.hpp"
#include "core/base/secret.hpp"

#include <cstdint>
#include <string>
#include <vector>

// What retention leaves in the place of rows that it removed. Not for users of the library.
namespace mapctl::registry {

struct RegistryState;

struct Checkpoint {
  std::int64_t position = 0;  // of the last row removed
  Digest hash{};              // of that row
  std::int64_t removed = 0;
  std::string removed_before{};
  std::string signature{};  // or empty
  bool is_whole = true;     // the hash is one
};

std::vector<Checkpoint> load_checkpoints(RegistryState& state);  // by position
std::string sign(const RegistryState& state, const Checkpoint& checkpoint, const Secret& key);

}  // namespace mapctl::registry
