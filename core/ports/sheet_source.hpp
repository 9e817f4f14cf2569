// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::ports {

// One cell as it was found.
struct ReadCell {
  enum class Kind : std::uint8_t { text, number, date, boolean, error };
  std::uint32_t column = 0;  // from 0
  Kind kind = Kind::text;
  // What a person would type: a number's shortest digits, a date as 2026-01-31 or, with a time of
  // day, 2026-01-31 12:00:00, TRUE or FALSE, an error's name. A formula's last result.
  std::string text{};
  double number = 0;  // of numbers and dates: as stored
  bool is_formula = false;
};

// Cells by column, those without content left out.
struct ReadRow {
  std::uint32_t row = 0;  // from 0
  std::vector<ReadCell> cells{};

  const ReadCell* find(std::uint32_t column) const noexcept;
  // Empty when there is no such cell.
  std::string_view text(std::uint32_t column) const noexcept;
};

struct SheetInfo {
  std::string name{};
  bool is_hidden = false;
};

// What a file that somebody sends may cost at most.
struct SheetLimits {
  std::uint64_t file_bytes = 512U << 20U;
  std::uint64_t unpacked_bytes = 2ULL << 30U;  // of everything that is read, together
  std::uint64_t string_bytes = 512U << 20U;    // of the shared texts, which are kept in memory
  std::uint64_t ratio = 300;                   // unpacked to packed, once `ratio_floor` is passed
  std::uint64_t ratio_floor = 16U << 20U;
  std::size_t entries = 200'000;
  std::size_t cell_bytes = 1U << 20U;
  std::size_t depth = 64;               // of XML elements
  std::size_t token_bytes = 1U << 20U;  // of one XML tag
};

// The sheets of one workbook, read row by row; nothing but the shared texts stays in memory. Used
// by one thread at a time. Every member throws Error: invalid_data for a damaged or hostile file,
// resource_limit for one beyond the limits, cancelled, io.
class SheetSource {
 public:
  // Rows come downwards; false ends the reading.
  using Visit = std::function<bool(const ReadRow&)>;
  virtual ~SheetSource() = default;
  virtual const std::vector<SheetInfo>& sheets() const = 0;  // in the order of the tabs
  virtual void read(std::size_t sheet, const Visit& visit, std::stop_token stop) = 0;
};

class SheetSourceFactory {
 public:
  virtual ~SheetSourceFactory() = default;
  // Throws Error::invalid_data when `path` is no workbook of this kind, naming what it is instead
  // where that can be told.
  virtual std::unique_ptr<SheetSource> open(const std::filesystem::path& path,
                                            const SheetLimits& limits) const = 0;
};

inline const ReadCell* ReadRow::find(std::uint32_t column) const noexcept {
  for (const ReadCell& cell : cells) {
    if (cell.column == column) {
      return &cell;
    }
  }
  return nullptr;
}

inline std::string_view ReadRow::text(std::uint32_t column) const noexcept {
  const ReadCell* cell = find(column);
  return cell == nullptr ? std::string_view{} : std::string_view{cell->text};
}

// "A1", "AB12"; both count from 0.
inline std::string cell_address(std::uint32_t row, std::uint32_t column) {
  std::string letters;
  for (std::uint32_t rest = column + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return letters + std::to_string(row + 1);
}

}  // namespace mapctl::ports
