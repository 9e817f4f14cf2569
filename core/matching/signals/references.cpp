// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/references.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace mapctl::matching {
namespace {

// Of 255: what two words share that may be said of the same kind of record.
constexpr std::uint8_t least_likeness = 128;
constexpr std::uint8_t least_of_same_word = 238;

}  // namespace

float key_compatibility(KeyRole left, KeyRole right) noexcept {
  using enum KeyRole;
  if (left > right) {
    std::swap(left, right);
  }
  if (left == none) {
    return right == primary ? -0.5F : right == none ? 0.0F : -0.2F;
  }
  if (left == right) {
    return left == primary ? 1.0F : 0.6F;
  }
  return left == unique && right == primary ? 0.6F : 0.1F;
}

float named_key_compatibility(KeyRole left, KeyRole right) noexcept {
  using enum KeyRole;
  if (left > right) {
    std::swap(left, right);
  }
  if (right == primary) {
    return left == primary ? 1.0F : left == unique ? 0.6F : left == foreign ? -0.5F : 0.0F;
  }
  return 0;
}

float key_agreement(const ColumnFeatures& left, const ColumnFeatures& right) noexcept {
  const bool told = left.key != KeyRole::none || right.key != KeyRole::none;
  if (told && !left.key_by_values && !right.key_by_values) {
    return key_compatibility(left.key, right.key);
  }
  if (left.key_by_values && right.key_by_values) {
    constexpr float both_refer = 0.4F;
    return left.named_key != right.named_key    ? -1.0F
           : left.named_key == KeyRole::primary ? 1.0F
                                                : both_refer;
  }
  const auto role = [](const ColumnFeatures& column) {
    return column.key != KeyRole::none ? column.key : column.named_key;
  };
  return named_key_compatibility(role(left), role(right));
}

bool differ_in_middle(const Side& source, const ColumnFeatures& left, const Side& target,
                      const ColumnFeatures& right, const TermSimilarities& similarities) noexcept {
  const auto ours = source.list(left.expanded);
  const auto theirs = target.list(right.expanded);
  const auto alike = [&](std::uint32_t term, std::uint32_t other) {
    return similarities.meant(term)[other] >= least_of_same_word;
  };
  const auto in_ours = [&](std::uint32_t other) {
    return std::any_of(ours.begin(), ours.end(),
                       [&](std::uint32_t term) { return alike(term, other); });
  };
  const auto in_theirs = [&](std::uint32_t term) {
    return std::any_of(theirs.begin(), theirs.end(),
                       [&](std::uint32_t other) { return alike(term, other); });
  };
  return ours.size() > theirs.size() ? in_theirs(ours.front()) && in_theirs(ours.back())
                                     : in_ours(theirs.front()) && in_ours(theirs.back());
}

bool is_of_another_record(const Side& source, const ColumnFeatures& left, const Side& target,
                          const ColumnFeatures& right,
                          const TermSimilarities& similarities) noexcept {
  const bool of_left = left.referred.count > 0;
  if (of_left == (right.referred.count > 0)) {
    return false;
  }
  const auto lefts = source.list(of_left ? left.referred : left.expanded);
  const auto rights = target.list(of_left ? right.expanded : right.referred);
  const auto alike = [&](std::span<const std::uint32_t> some,
                         std::span<const std::uint32_t> others) {
    return std::any_of(some.begin(), some.end(), [&](std::uint32_t term) {
      const auto* const row = similarities.meant(term);
      return std::any_of(others.begin(), others.end(),
                         [&](std::uint32_t other) { return row[other] >= least_likeness; });
    });
  };
  return !alike(lefts, rights) &&
         !(of_left ? alike(lefts, target.list(target.tables[right.table].name))
                   : alike(source.list(source.tables[left.table].name), rights));
}

}  // namespace mapctl::matching
