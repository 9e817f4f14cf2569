// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::mapping {

enum class Verdict : std::uint8_t {
  approved,
  rejected,
  withdrawn,  // was in force once and is not any more
  not_used,   // the source field stays unmapped
};
std::string_view to_string(Verdict verdict) noexcept;

struct Ruling {
  Verdict verdict = Verdict::approved;
  int version = 0;   // of the mapping; 0 where there is none
  std::string by{};  // who; empty for facts that nobody decided
  std::string at{};  // ISO 8601 UTC
  bool operator==(const Ruling&) const = default;
};

// What people decided about one mapping, as it stands: the latest ruling holds.
struct Decision {
  MappingKey key{};  // without entity and field where the source field stays unmapped
  std::string source_type{};
  Ruling ruling{};
  std::optional<Ruling> reversed{};  // the one before, where it said otherwise
  bool operator==(const Decision&) const = default;
};

// A text with a line for each decision, and the way back. Throws Error::invalid_data naming `what`.
std::string decisions_to_text(const std::vector<Decision>& decisions);
std::vector<Decision> decisions_from_text(std::string_view text, std::string_view what);

}  // namespace mapctl::mapping
