// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/decision.hpp"
#include "core/matching/memory/recollections.hpp"
#include "core/matching/words/lexicon.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mapctl::matching {

struct MemoryEntity;
struct Side;

// How the registry names the two sides of a run: a decision about the same connector, table and
// field is about this very field.
struct RecallNames {
  std::string connector{};  // of the source
  std::string target{};     // endpoint of targets that are not canonical
};

// Decisions of the past, found again by the names of source fields: the same name, words in common
// with abbreviations and synonyms read, and nearness as vectors of words, synonym groups and
// letters. A tenant's own decisions come first; the shared ones (profiles/baseline) answer where
// these say nothing. Immutable; safe to use from several threads. What concerns one entity is
// indexed when that entity is first asked for.
class Memory {
 public:
  // From this many own decisions on, the shared ones give way sooner.
  static constexpr std::size_t cold_start = 50;

  Memory(std::vector<mapping::Decision> own, std::vector<mapping::Decision> shared,
         std::shared_ptr<const Lexicon> lexicon);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  std::size_t own() const noexcept { return own_; }
  std::size_t shared() const noexcept { return decisions_.size() - own_; }
  // Of all decisions: other ones may give other proposals.
  std::uint64_t fingerprint() const noexcept { return fingerprint_; }
  const mapping::Decision& decision(std::uint32_t number) const { return decisions_[number]; }
  bool is_shared(std::uint32_t number) const noexcept { return number >= own_; }

  // What the decisions say about the columns of two sides.
  Recollections recall(const Side& source, const Side& target, const RecallNames& names) const;

 private:
  struct Slot;
  class Recaller;

  std::uint64_t entity_key(std::string_view entity) const;
  const MemoryEntity* about(std::uint64_t key) const;

  std::shared_ptr<const Lexicon> lexicon_;
  std::vector<mapping::Decision> decisions_;  // own ones first
  std::size_t own_ = 0;
  std::uint64_t fingerprint_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Slot>> entities_;
  std::unordered_map<std::uint64_t, std::uint32_t> unused_;  // fields decided as not used
};

}  // namespace mapctl::matching
