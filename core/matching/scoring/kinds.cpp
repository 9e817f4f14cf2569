// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/kinds.hpp"

#include "core/matching/signals/signals.hpp"

#include <array>
#include <cstddef>

namespace mapctl::matching {
namespace {

constexpr float type_share = 0.10F;
constexpr float role_share = 0.06F;

constexpr std::size_t type_count = static_cast<std::size_t>(TypeClass::record) + 1;
constexpr std::uint16_t unseen = 0xFFFF;

}  // namespace

KindsOfColumns::KindsOfColumns(const Side& target) {
  std::array<std::uint16_t, type_count * name_role_count> numbers;
  numbers.fill(unseen);
  of_column_.reserve(target.columns.size());
  for (const auto& column : target.columns) {
    auto& number = numbers[static_cast<std::size_t>(column.type) * name_role_count +
                           static_cast<std::size_t>(column.role)];
    if (number == unseen) {
      number = static_cast<std::uint16_t>(kinds_.size());
      kinds_.push_back({column.type, column.role});
    }
    of_column_.push_back(number);
  }
  agreement_.resize(kinds_.size());
}

void KindsOfColumns::add_agreement(const ColumnFeatures& column, std::span<float> rough) {
  for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
    const auto [type, role] = kinds_[kind];
    agreement_[kind] = type_share * type_compatibility(column.type, type) +
                       role_share * role_agreement(column.role, role);
  }
  for (std::size_t t = 0; t < rough.size(); ++t) {
    rough[t] += agreement_[of_column_[t]];
  }
}

}  // namespace mapctl::matching
