// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"
#include "core/mapping/review.hpp"
#include "core/ports/sheet_source.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::review {

// Where a cell stands in the file.
struct Place {
  std::string sheet{};
  std::uint32_t row = 0, column = 0;  // from 0
  bool operator==(const Place&) const = default;
};
std::string to_string(const Place& place);  // "001 a→b!C9"

struct Cell {
  std::string text{};
  ports::ReadCell::Kind kind = ports::ReadCell::Kind::text;
  bool is_formula = false;
  Place place{};
};

// One line of a pair's sheet. A column that the sheet does not have is nothing; an empty cell is an
// empty text.
struct SubmittedLine {
  std::string id{};
  Place place{};  // of the id
  std::array<std::optional<Cell>, mapping::review_column_count> cells{};
  const std::optional<Cell>& cell(mapping::ReviewColumn column) const noexcept {
    return cells[mapping::index_of(column)];
  }
};

// One line of `Unmapped source` or `Unmapped target`.
struct SubmittedDisposition {
  std::string id{};
  Place place{};
  std::optional<Cell> disposition{}, reason_code{}, constant{}, comment{};
};

// One gate of `Sign-off`.
struct SubmittedSignature {
  std::string gate{};
  Place place{};
  std::string name{}, decision{}, date{}, version{}, comment{};
  bool is_empty() const noexcept {
    return name.empty() && decision.empty() && date.empty() && version.empty() && comment.empty();
  }
};

// A cell that people may write into and that the registry has no place for: of `Load plan`, `Rules
// and checks` and `Issues`. Only where somebody wrote something.
struct UnreadCell {
  Place place{};
  std::string sheet{}, column{};  // what the sheet is and the column's title, as we name them
  std::string line{}, text{};
};

// Columns that a sheet was exported with and that its header does not name any more.
struct LostColumns {
  Place place{};  // of the header
  std::vector<std::string> titles{};
};

enum class Seal : std::uint8_t {
  missing,    // the hidden sheet is gone
  unsigned_,  // nobody signed it
  broken,     // something that is signed was changed, or another key signed it
  intact,
};

// What a workbook says, without judging it.
struct Submission {
  std::map<std::string, std::string, std::less<>> meta{};  // of _meta
  std::string export_id{};  // of _meta, else of Read Me; empty: this is none of our workbooks
  std::string run_id{}, tenant{};
  std::string content_hash{};                   // of Sign-off
  std::vector<mapping::ReviewLine> baseline{};  // of _baseline; empty when it is gone
  std::vector<SubmittedLine> lines{};
  // Of `Code lists`: status, equivalence, comment, and the target code as default value.
  std::vector<SubmittedLine> codes{};
  std::vector<SubmittedDisposition> dispositions{};
  std::vector<SubmittedSignature> signatures{};
  std::vector<UnreadCell> unread{};
  std::vector<std::string> sheets{};  // that hold lines of pairs
  // Of sheets that look like ours and have lost the title of the ids: nothing of them was read.
  std::vector<LostColumns> without_id{};
  std::vector<LostColumns> incomplete{};      // of sheets of pairs that were read
  std::vector<std::string> without_header{};  // sheets that no header tells the kind of
  // An editable column that stands twice on a sheet: nobody can tell which one counts.
  std::vector<std::pair<Place, std::string>> doubled{};

  bool is_ours() const noexcept { return !export_id.empty(); }
};

// Reads all sheets once. Sheets are known by their headers, columns by their titles, so order and
// names of both do not matter. Throws Error as SheetSource does.
Submission read_submission(ports::SheetSource& source, std::stop_token stop = {});

// Whether _meta is signed with `key` and covers the baseline; without a key nobody can tell, and it
// counts as unsigned.
Seal seal_of(const Submission& submission, const Secret* key);

}  // namespace mapctl::review
