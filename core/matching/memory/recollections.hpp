// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/proposal.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::matching {

class Memory;
struct ScoreTable;
struct Side;

// Evidence of these names comes from past decisions; what has the second one goes to review,
// whatever its confidence.
inline constexpr std::string_view memory_signal = "memory";
inline constexpr std::string_view conflict_signal = "memory_conflict";

// What past decisions say about one pair of columns.
struct Recollection {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t source = 0, target = 0;
  float similarity = 0;  // of the nearest field that was mapped so, 0..1
  float against = 0;     // ... of the nearest one for which that was rejected
  float bearing = 0;     // ... to the target field's own name, where any decision is about it
  float context = 0;     // of the source table's name to that of the nearest decision
  float kinship = 0;     // ... to the target table's
  float share = 0;       // of what similar fields were mapped to, this one's
  bool same_name = false;
  bool settled = false;   // decided for this very field
  bool one_pair = false;  // the tables are given; else which one it is is part of the question
  std::uint16_t systems = 0;
  // Decisions, by their numbers in the memory.
  std::uint32_t approved = none, rejected = none, rival = none;
  float log_odds = 0;  // what memory alone gives the pair
  float weight = 0;    // what it added to the pair's score
};

// All of them for two sides, by source, then target.
class Recollections {
 public:
  Recollections() = default;
  Recollections(std::vector<Recollection> found,
                std::vector<std::pair<std::uint32_t, std::uint32_t>> unused)
      : found_{std::move(found)}, unused_{std::move(unused)} {}

  bool empty() const noexcept { return found_.empty() && unused_.empty(); }
  std::span<const Recollection> all() const noexcept { return found_; }
  std::span<const Recollection> of_source(std::uint32_t source) const noexcept;
  const Recollection* find(std::uint32_t source, std::uint32_t target) const noexcept;

  // Lets the decisions take part in the scores: pairs that only memory knows are added, and each
  // source column's pairs are put in order again. To be called once.
  void weigh(ScoreTable& scores);

  // What to cite for a pair, and what to warn of.
  std::vector<mapping::Evidence> evidence(const Memory& memory, std::uint32_t source,
                                          std::uint32_t target) const;
  std::string conflict(const Memory& memory, std::uint32_t source, std::uint32_t target) const;

 private:
  std::vector<Recollection> found_;
  // Source columns that were decided as not used, with the decision.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> unused_;
};

// The log-odds that a pair is right, of what memory says about it alone.
float recalled_log_odds(const Recollection& recollection) noexcept;

}  // namespace mapctl::matching
