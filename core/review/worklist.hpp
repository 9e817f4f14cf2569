// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"
#include "core/mapping/proposal.hpp"
#include "core/mapping/review.hpp"
#include "core/registry/reviews.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::review {

// A mapping with what reviewers said about it.
struct Item {
  mapping::FieldMapping mapping{};
  mapping::ReviewStatus status = mapping::ReviewStatus::proposed;
  std::string assignee{}, reason_code{}, comment{}, equivalence{};
};

// Empty members do not restrict; patterns are shell globs.
struct ItemFilter {
  std::string connector{}, entity{}, table{};
  std::vector<mapping::ReviewStatus> statuses{};
  std::optional<double> min_confidence{}, max_confidence{};
  std::optional<std::string> assignee{};  // "": nobody's
  std::vector<std::string> ids{};         // whole, or their first characters
  std::string search{};                   // in any name or comment, without regard to case

  bool is_empty() const noexcept;
};

// By connector, table, field, entity. Throws Error::not_found for an id that no mapping has, and
// usage for the beginning of several.
std::vector<Item> load_items(registry::Registry& registry, const ItemFilter& filter);

// The same mapping as it is now, without reading more than its pair. Throws Error::not_found.
Item load_item(registry::Registry& registry, const mapping::FieldMapping& mapping);

// True when `text` stands in one of the item's names or its comment.
bool matches(const Item& item, std::string_view text);

// What approving, rejecting ... an item asks of the registry.
registry::ReviewChange status_change(const Item& item, mapping::ReviewStatus status,
                                     std::string_view reason);
registry::ReviewChange value_change(const Item& item, mapping::ReviewColumn column,
                                    std::string_view text);

// How far the review has come.
struct Progress {
  std::map<mapping::ReviewStatus, std::size_t> by_status{};
  std::size_t total = 0;

  std::size_t count(mapping::ReviewStatus status) const noexcept;
  // Decided: approved, rejected, not used.
  std::size_t decided() const noexcept;
  double share() const noexcept;  // 1 when there is nothing
  void add(const Item& item);
};

enum class GroupBy : std::uint8_t { connector, table, entity, assignee };
// By name; deprecated mappings are left out.
std::map<std::string, Progress> progress_by(const std::vector<Item>& items, GroupBy group);

// Why a mapping was proposed, from the newest run that proposed its pair; a few pairs are kept.
class EvidenceSource {
 public:
  explicit EvidenceSource(registry::Registry& registry) : registry_{registry} {}
  struct Found {
    std::vector<mapping::Evidence> evidence{};
    std::vector<std::string> warnings{};
    // The other candidates of the source field, best first: name and confidence.
    std::vector<std::pair<std::string, double>> others{};
    std::shared_ptr<const std::set<std::string, std::less<>>> signal_names{};  // of the evidence
  };
  // Empty when no run knows the mapping.
  Found find(const mapping::FieldMapping& mapping);

 private:
  using Pair = std::tuple<std::string, std::string, std::string>;
  const registry::StoredPair* pair_of(const mapping::FieldMapping& mapping);

  registry::Registry& registry_;
  std::map<Pair, std::optional<registry::StoredPair>> pairs_{};
};

}  // namespace mapctl::review
