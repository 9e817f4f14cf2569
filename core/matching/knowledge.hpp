// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <span>

namespace mapctl::matching {

struct Combination;
class Lexicon;

// What matching goes by: what words mean, and what evidence weighs. Immutable and shared by all
// that match at once.
struct Knowledge {
  std::shared_ptr<const Lexicon> lexicon{};
  std::shared_ptr<const Combination> combination{};
};

// From lexicon/ and model/ of each folder of profiles; what a later folder says comes first. Throws
// Error::configuration naming file and line, and not_found where no folder has a model.
Knowledge load_knowledge(std::span<const std::filesystem::path> profiles);

}  // namespace mapctl::matching
