// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/signals.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr float unrelated_types = -1.0F;

}  // namespace

float type_compatibility(TypeClass left, TypeClass right) noexcept {
  using enum TypeClass;
  if (left == unknown || right == unknown) {
    return 0;
  }
  if (left == right) {
    return 1;
  }
  if (left > right) {
    std::swap(left, right);
  }
  const auto pair = [&](TypeClass a, TypeClass b) { return left == a && right == b; };
  if (pair(date, timestamp)) {
    return 0.85F;
  }
  if (pair(text, code) || pair(integer, decimal)) {
    return 0.7F;
  }
  if (pair(code, integer) || pair(integer, boolean) || pair(code, boolean) ||
      pair(time, timestamp)) {
    return 0.2F;
  }
  if (pair(structured, record)) {
    return 0.7F;
  }
  if (left == text && right != record) {
    // Everything is written as text somewhere.
    return right == structured ? 0.0F : -0.1F;
  }
  if (pair(integer, timestamp) || pair(code, decimal) || pair(integer, date)) {
    return -0.5F;
  }
  return unrelated_types;
}

bool contradicts(ValueKind kind, TypeClass type) noexcept {
  switch (kind) {
    case ValueKind::email:
    case ValueKind::url:
    case ValueKind::uuid:
    case ValueKind::country:
    case ValueKind::currency:
    case ValueKind::words: break;
    default: return false;
  }
  switch (type) {
    case TypeClass::integer:
    case TypeClass::decimal:
    case TypeClass::boolean:
    case TypeClass::date:
    case TypeClass::time:
    case TypeClass::timestamp: return true;
    default: return false;
  }
}

float kind_agreement(float there, float back) noexcept {
  return there < 0 || back < 0 ? std::min(there, back) : std::max(there, back);
}

float role_agreement(const ColumnFeatures& left, const ColumnFeatures& right) noexcept {
  constexpr float other_part = -0.5F;
  const bool apart = left.address_part != AddressPart::none &&
                     right.address_part != AddressPart::none &&
                     left.address_part != right.address_part;
  return apart ? other_part : role_agreement(left.role, right.role);
}

float number_agreement(std::uint64_t left, std::uint64_t right) noexcept {
  if (left == 0 && right == 0) {
    return 0;
  }
  if (left == 0 || right == 0) {
    return -0.5F;
  }
  return left == right ? 1.0F : -1.0F;
}

float table_name_similarity(const Side& source, const TableFeatures& left, const Side& target,
                            const TableFeatures& right,
                            const TermSimilarities& similarities) noexcept {
  const auto a = source.list(left.name);
  const auto b = target.list(right.name);
  float found = 0;
  float other_found = 0;
  float all = 0;
  float other_all = 0;
  for (std::size_t at = 0; at < a.size(); ++at) {
    std::uint8_t best = 0;
    for (const auto term : b) {
      best = std::max(best, similarities.meant(a[at])[term]);
    }
    found += left.name_shares[at] * static_cast<float>(best) / 255.0F;
    all += left.name_shares[at];
  }
  for (std::size_t at = 0; at < b.size(); ++at) {
    std::uint8_t best = 0;
    for (const auto term : a) {
      best = std::max(best, similarities.meant(term)[b[at]]);
    }
    other_found += right.name_shares[at] * static_cast<float>(best) / 255.0F;
    other_all += right.name_shares[at];
  }
  return all > 0 && other_all > 0 ? (found / all + other_found / other_all) / 2 : 0.0F;
}

float name_in_comment(const Side& named, const TermRange& name, const Side& commented,
                      const ColumnFeatures& column) noexcept {
  if (column.comment.count == 0 || name.weight <= 0) {
    return 0;
  }
  const auto begin = commented.comment_words.begin() + column.comment.begin;
  const auto end = begin + column.comment.count;
  float found = 0;
  for (const auto term : named.list(name)) {
    const auto hash = named.terms[term].hash;
    const auto place = std::lower_bound(
        begin, end, hash, [](const auto& word, std::uint64_t value) { return word.first < value; });
    if (place != end && place->first == hash) {
      found += named.terms[term].weight;
    }
  }
  return found / name.weight;
}

bool is_name_in_comment(const Side& named, const TermRange& name, const Side& commented,
                        const ColumnFeatures& column) noexcept {
  const auto words = named.list(name);
  if (column.comment.count == 0 || words.size() != column.comment.count) {
    return false;
  }
  const auto begin = commented.comment_words.begin() + column.comment.begin;
  return std::all_of(begin, begin + column.comment.count, [&](const auto& said) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::uint32_t term) { return named.terms[term].hash == said.first; });
  });
}

}  // namespace mapctl::matching
