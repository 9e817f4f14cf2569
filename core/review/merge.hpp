// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/named.hpp"
#include "core/review/submission.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::review {

enum class Verdict : std::uint8_t {
  change,    // will be written
  merged,    // the registry says the same already
  added,     // a new mapping
  conflict,  // the registry says something else by now
  refused,   // cannot be done as it stands
  missing,   // a line of the export that the file no longer has; left alone
  note,      // read as unchanged, though it looks different
};
std::string_view to_string(Verdict verdict) noexcept;

// What was found about one cell, or a whole line when `column` is empty.
struct Finding {
  Verdict verdict = Verdict::change;
  Place place{};
  std::string id{}, line{};  // "Name → name"
  std::string column{};      // key of the column
  std::string base{}, mine{}, theirs{};
  std::string message{};
};

// What one line of the file asks for; only cells that differ.
struct Decision {
  enum class Subject : std::uint8_t { mapping, source_column, target_column, code };
  Subject subject = Subject::mapping;
  std::string id{};           // of the line
  mapping::MappingKey key{};  // that it is about, after the change
  bool creates = false;       // there is no mapping of that key yet
  std::string code{};         // the source value, of a code
  std::string replaces{};     // id of the mapping in whose place it comes
  std::string line{};
  Place place{};
  mapping::ReviewValues before{};  // as the registry has them
  int version = 0;                 // that the registry has of the mapping, or of the replaced one
  struct Value {
    std::string text{};
    Place place{};
  };
  std::map<mapping::ReviewColumn, Value> set{};
  // Of a column without counterpart: put off, or no longer.
  std::optional<bool> later{};
  // What the line says in the end; the reason of a rejection may have been there before.
  std::string reason_code{}, comment{};
};

struct ImportPlan {
  std::vector<Finding> findings{};    // in the order of the file
  std::vector<Decision> decisions{};  // only of lines without conflict or refusal
  std::size_t lines = 0, unchanged = 0;

  std::size_t count(Verdict verdict) const noexcept;
  bool is_blocked() const noexcept {
    return count(Verdict::conflict) + count(Verdict::refused) > 0;
  }
};

// Compares, cell by cell, what was exported (`base`), what the file says and what an export would
// say now (`now`). Touches nothing. `tenant` gives new mappings their ids.
ImportPlan plan_import(const Submission& submission, const std::vector<mapping::ReviewLine>& base,
                       const std::vector<mapping::ReviewLine>& now, const TenantName& tenant);

// The text of a cell as it is compared with what was exported; what a spreadsheet program did to it
// by itself is undone: lost leading zeros, texts read as dates or numbers, TRUE for true. `note`
// says so then.
std::string restore(const Cell& cell, std::string_view base, mapping::ReviewColumn column,
                    bool& note);

}  // namespace mapctl::review
