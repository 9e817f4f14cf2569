// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// What a column may contribute to a composed value, or what composed value it is, going by its name
// and type.
enum class Part : std::uint8_t {
  none,
  first_name,
  middle_name,
  last_name,
  full_name,
  street,
  house_number,
  city,
  region,
  postcode,
  country,
  address,  // all of it in one text
  latitude,
  longitude,
  date,
  time,
  timestamp,
  amount,
  currency,
  quantity,
  unit_price,
  line_total,
  gross,
  net,
  tax,
  tax_rate,
  discount,
};
inline constexpr std::size_t part_count = static_cast<std::size_t>(Part::discount) + 1;

// The words of a name that its part leaves over: "billing" of "billing_city". Views into the side.
using Subject = std::vector<std::string_view>;

struct ColumnPart {
  Part part = Part::none;
  Subject subject{};
};

// By column, in the order of the side's columns.
class ColumnParts {
 public:
  explicit ColumnParts(const Side& side);

  const ColumnPart& operator[](std::size_t column) const noexcept { return parts_[column]; }
  // Ascending.
  const std::vector<std::uint32_t>& of(Part part) const noexcept {
    return by_part_[static_cast<std::size_t>(part)];
  }
  bool has(Part part) const noexcept { return !of(part).empty(); }
  // The one column of that part that is about the same; nothing when there is none, or several. If
  // it is the only one of its part, the words of `about` make no difference.
  std::optional<std::uint32_t> find(Part part, const Subject& subject,
                                    const Subject& about) const noexcept;
  // The words of the table's name.
  const Subject& table_words() const noexcept { return table_words_; }

 private:
  std::vector<ColumnPart> parts_{};
  std::array<std::vector<std::uint32_t>, part_count> by_part_{};
  Subject table_words_{};
};

// The same words, in their order, whatever their ending: "create" and "created".
bool same_subject(const Subject& left, const Subject& right) noexcept;

// Whether the table is one of persons: by its name, or as it has their first and last names.
bool is_of_persons(const Side& side, const TableFeatures& table) noexcept;

}  // namespace mapctl::matching
