// SPDX-License-Identifier: Apache-2.0
#include "core/review/submission.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mapctl::review {
namespace {

using mapping::review_column_count;
using mapping::review_columns;
using ports::ReadCell;
using ports::ReadRow;

// Headers stand below some lines of facts.
constexpr std::uint32_t header_within = 200;

std::string plain(std::string_view text) {
  return replace_all(std::string{trim(text)}, "\r\n", "\n");
}

bool is_title(const ReadCell& cell, std::string_view title) {
  return equal_ignoring_case(trim(cell.text), title);
}

enum class Kind {
  unknown,
  pair,
  codes,
  unmapped_source,
  unmapped_target,
  sign_off,
  read_me,
  unread,
  without_id,
  other
};

// Sheets that are exported for people to read, with columns to write into. What stands there as
// exported is nothing to talk about.
struct UnreadSheet {
  std::string_view name{};
  std::array<std::string_view, 2> known_by{};
  std::string_view line{};  // column that names the line
  std::array<std::string_view, 4> columns{};
};
constexpr std::array unread_sheets{
    UnreadSheet{"Load plan",
                {"Step", "Load mode"},
                "Target table",
                {"Load mode", "Frequency", "Filter, join", "Owner"}},
    UnreadSheet{"Rules and checks", {"Rule", "Check"}, "Rule", {"Owner", "Comment", {}, {}}},
    UnreadSheet{"Issues", {"Severity", "What to do"}, "Where", {"Answer", "Who", {}, {}}},
};
// So many titles of a pair's sheet make one, whatever else is lost.
constexpr std::ptrdiff_t telling_titles = 6;

constexpr std::string_view load_modes[] = {"append", "merge on key"};

// Reads one sheet; what it is, its header says.
class SheetReader {
 public:
  SheetReader(Submission& submission, const ports::SheetInfo& info)
      : submission_{submission}, sheet_{info.name} {}

  bool take(const ReadRow& row) {
    switch (kind_) {
      case Kind::unknown: return find_out(row);
      case Kind::pair: take_line(row, submission_.lines); return true;
      case Kind::codes: take_line(row, submission_.codes); return true;
      case Kind::unmapped_source:
      case Kind::unmapped_target: take_disposition(row); return true;
      case Kind::sign_off: take_signature(row); return true;
      case Kind::read_me: take_fact(row); return true;
      case Kind::unread: take_unread(row); return true;
      case Kind::without_id:
      case Kind::other: return false;
    }
    return false;
  }

  void finish() {
    if (kind_ == Kind::unknown || kind_ == Kind::other) {
      submission_.without_header.push_back(sheet_);
    }
  }

 private:
  bool find_out(const ReadRow& row) {
    for (const ReadCell& cell : row.cells) {
      if (is_title(cell, "Mapping workbook")) {
        kind_ = Kind::read_me;
        return true;
      }
      if (is_title(cell, "Content hash") && cell.column + 1 < 16'384) {
        submission_.content_hash = plain(row.text(cell.column + 1));
      }
    }
    const auto has = [&](std::string_view title) {
      return std::any_of(row.cells.begin(), row.cells.end(),
                         [&](const ReadCell& cell) { return is_title(cell, title); });
    };
    if (has("Mapping id") && (has("Status") || has("Target column") || has("Source column")) &&
        !has("Source value")) {
      begin(Kind::pair, row);
      submission_.sheets.push_back(sheet_);
    } else if (has("Code id") && has("Source value")) {
      begin(Kind::codes, row);
    } else if (has("Decision id") && has("Disposition")) {
      begin(has("Constant") ? Kind::unmapped_target : Kind::unmapped_source, row);
    } else if (has("Gate") && has("Decision")) {
      begin(Kind::sign_off, row);
    } else if (const auto found = std::find_if(unread_sheets.begin(), unread_sheets.end(),
                                               [&](const UnreadSheet& sheet) {
                                                 return has(sheet.known_by[0]) &&
                                                        has(sheet.known_by[1]);
                                               });
               found != unread_sheets.end()) {
      unread_ = &*found;
      begin(Kind::unread, row);
    } else if (const std::string_view id = lost_id(has); !id.empty()) {
      submission_.without_id.push_back({{sheet_, row.row, 0}, {std::string{id}}});
      kind_ = Kind::without_id;
      return false;
    } else if (row.row > header_within) {
      kind_ = Kind::other;
      return false;
    }
    return true;
  }

  // The title that a header must have had, going by its others.
  template <class Has>
  static std::string_view lost_id(const Has& has) {
    const auto& columns = review_columns();
    if (std::count_if(columns.begin(), columns.end(),
                      [&](const auto& column) { return has(column.title); }) >= telling_titles) {
      return "Mapping id";
    }
    if (has("Source value") && has("Target code")) {
      return "Code id";
    }
    return has("Disposition") && has("Reason code") ? "Decision id" : "";
  }

  void begin(Kind kind, const ReadRow& header) {
    kind_ = kind;
    const std::size_t doubled = submission_.doubled.size();
    const auto note = [&](std::string_view title, std::optional<std::uint32_t>& column) {
      for (const ReadCell& cell : header.cells) {
        if (!is_title(cell, title)) {
          continue;
        }
        if (column) {
          submission_.doubled.push_back({{sheet_, header.row, cell.column}, std::string{title}});
        } else {
          column = cell.column;
        }
      }
    };
    if (kind == Kind::pair) {
      note("Mapping id", id_);
      for (std::size_t at = 0; at < review_column_count; ++at) {
        note(review_columns()[at].title, columns_[at]);
      }
      LostColumns lost{{sheet_, header.row, 0}, {}};
      for (std::size_t at = 0; at < review_column_count; ++at) {
        if (!columns_[at]) {
          lost.titles.emplace_back(review_columns()[at].title);
        }
      }
      if (!lost.titles.empty()) {
        submission_.incomplete.push_back(std::move(lost));
      }
    } else if (kind == Kind::codes) {
      using mapping::index_of;
      using mapping::ReviewColumn;
      note("Code id", id_);
      note("Status", columns_[index_of(ReviewColumn::status)]);
      note("Equivalence", columns_[index_of(ReviewColumn::equivalence)]);
      note("Target code", columns_[index_of(ReviewColumn::default_value)]);
      note("Comment", columns_[index_of(ReviewColumn::comment)]);
    } else if (kind == Kind::unread) {
      note(unread_->line, id_);
      for (std::size_t at = 0; at < unread_->columns.size(); ++at) {
        if (!unread_->columns[at].empty()) {
          note(unread_->columns[at], columns_[at]);
        }
      }
      submission_.doubled.resize(doubled);
    } else if (kind == Kind::sign_off) {
      note("Gate", id_);
      const char* const titles[] = {"Name", "Decision", "Date", "Version", "Comment"};
      for (std::size_t at = 0; at < std::size(titles); ++at) {
        note(titles[at], columns_[at]);
      }
    } else {
      note("Decision id", id_);
      const char* const titles[] = {"Disposition", "Reason code", "Constant", "Comment"};
      for (std::size_t at = 0; at < std::size(titles); ++at) {
        note(titles[at], columns_[at]);
      }
    }
  }

  Place place(const ReadRow& row, std::uint32_t column) const { return {sheet_, row.row, column}; }

  std::optional<Cell> cell(const ReadRow& row, std::size_t at) const {
    if (!columns_[at]) {
      return std::nullopt;
    }
    Cell cell;
    cell.place = place(row, *columns_[at]);
    if (const ReadCell* found = row.find(*columns_[at])) {
      cell.text = plain(found->text);
      cell.kind = found->kind;
      cell.is_formula = found->is_formula;
    }
    return cell;
  }

  std::string text(const ReadRow& row, std::size_t at) const {
    return columns_[at] ? plain(row.text(*columns_[at])) : std::string{};
  }

  void take_line(const ReadRow& row, std::vector<SubmittedLine>& into) {
    SubmittedLine line;
    line.id = id_ ? plain(row.text(*id_)) : std::string{};
    line.place = place(row, id_.value_or(0));
    bool has_content = !line.id.empty();
    for (std::size_t at = 0; at < review_column_count; ++at) {
      line.cells[at] = cell(row, at);
      has_content |= line.cells[at] && !line.cells[at]->text.empty();
    }
    if (has_content) {
      into.push_back(std::move(line));
    }
  }

  void take_disposition(const ReadRow& row) {
    SubmittedDisposition line;
    line.id = id_ ? plain(row.text(*id_)) : std::string{};
    line.place = place(row, id_.value_or(0));
    line.disposition = cell(row, 0);
    line.reason_code = cell(row, 1);
    line.constant = cell(row, 2);
    line.comment = cell(row, 3);
    if (!line.id.empty()) {
      submission_.dispositions.push_back(std::move(line));
    }
  }

  void take_signature(const ReadRow& row) {
    SubmittedSignature signature;
    signature.gate = id_ ? plain(row.text(*id_)) : std::string{};
    signature.place = place(row, id_.value_or(0));
    signature.name = text(row, 0);
    signature.decision = text(row, 1);
    signature.date = text(row, 2);
    signature.version = text(row, 3);
    signature.comment = text(row, 4);
    if (!signature.gate.empty()) {
      submission_.signatures.push_back(std::move(signature));
    }
  }

  void take_unread(const ReadRow& row) {
    for (std::size_t at = 0; at < unread_->columns.size(); ++at) {
      const std::string written = text(row, at);
      const std::string_view column = unread_->columns[at];
      const bool as_exported =
          column == "Load mode" &&
          std::find(std::begin(load_modes), std::end(load_modes), written) != std::end(load_modes);
      if (!written.empty() && !as_exported) {
        submission_.unread.push_back({place(row, *columns_[at]), std::string{unread_->name},
                                      std::string{column},
                                      id_ ? plain(row.text(*id_)) : std::string{}, written});
      }
    }
  }

  // A label and, in the next cell, its value.
  void take_fact(const ReadRow& row) {
    for (const ReadCell& cell : row.cells) {
      const std::string value = plain(row.text(cell.column + 1));
      const auto keep = [&](std::string_view label, std::string& into) {
        if (is_title(cell, label) && into.empty()) {
          into = value;
        }
      };
      keep("Export id", submission_.export_id);
      keep("Run id", submission_.run_id);
      keep("Tenant", submission_.tenant);
    }
  }

  Submission& submission_;
  std::string sheet_;
  Kind kind_ = Kind::unknown;
  const UnreadSheet* unread_ = nullptr;
  std::optional<std::uint32_t> id_{};
  std::array<std::optional<std::uint32_t>, review_column_count> columns_{};
};

bool is_named(const std::string& sheet, std::string_view name) {
  return sheet == name || sheet.starts_with(fmt::format("{} (", name));
}

class BaselineReader {
 public:
  explicit BaselineReader(Submission& submission) : submission_{submission} {}
  void begin() { has_header_ = false; }

  bool take(const ReadRow& row) {
    if (!has_header_) {
      columns_.clear();
      for (const ReadCell& cell : row.cells) {
        columns_.emplace(cell.text, cell.column);
      }
      has_header_ = true;
      return columns_.contains("mapping_id");
    }
    const auto text = [&](std::string_view name) {
      const auto found = columns_.find(name);
      return found == columns_.end() ? std::string{} : std::string{row.text(found->second)};
    };
    mapping::ReviewLine line;
    line.id = text("mapping_id");
    for (std::size_t at = 0; at < review_column_count; ++at) {
      line.values[at] = text(review_columns()[at].key);
    }
    line.key.connector.text = text("connector");
    line.key.source_table.text = text("source_table");
    line.key.entity.text = text("entity");
    line.key.source_field.text = line.value(mapping::ReviewColumn::source_column);
    line.key.field.text = line.value(mapping::ReviewColumn::target_column);
    line.disposition = text("disposition");
    line.sheet = text("sheet");
    submission_.baseline.push_back(std::move(line));
    return true;
  }

 private:
  Submission& submission_;
  bool has_header_ = false;
  std::map<std::string, std::uint32_t, std::less<>> columns_{};
};

}  // namespace

std::string to_string(const Place& place) {
  return fmt::format("{}!{}", place.sheet, ports::cell_address(place.row, place.column));
}

Submission read_submission(ports::SheetSource& source, std::stop_token stop) {
  Submission submission;
  BaselineReader baseline{submission};
  const std::vector<ports::SheetInfo>& sheets = source.sheets();
  for (std::size_t at = 0; at < sheets.size(); ++at) {
    const ports::SheetInfo& info = sheets[at];
    if (is_named(info.name, "_lists")) {
      continue;
    }
    if (is_named(info.name, "_baseline")) {
      baseline.begin();
      source.read(
          at, [&](const ReadRow& row) { return baseline.take(row); }, stop);
    } else if (info.name == "_meta") {
      source.read(
          at,
          [&](const ReadRow& row) {
            submission.meta.emplace(row.text(0), row.text(1));
            return submission.meta.size() < 1'000;
          },
          stop);
    } else {
      SheetReader reader{submission, info};
      source.read(
          at, [&](const ReadRow& row) { return reader.take(row); }, stop);
      reader.finish();
    }
  }
  const auto from_meta = [&](std::string_view key, std::string& into) {
    const auto found = submission.meta.find(key);
    if (found != submission.meta.end() && !found->second.empty()) {
      into = found->second;
    }
  };
  from_meta("export_id", submission.export_id);
  from_meta("run_id", submission.run_id);
  from_meta("tenant", submission.tenant);
  return submission;
}

Seal seal_of(const Submission& submission, const Secret* key) {
  if (submission.meta.empty() || submission.baseline.empty()) {
    return Seal::missing;
  }
  const auto value = [&](std::string_view name) {
    const auto found = submission.meta.find(name);
    return found == submission.meta.end() ? std::string{} : found->second;
  };
  Sha256 digest, code_digest;
  bool has_codes = false;
  for (const mapping::ReviewLine& line : submission.baseline) {
    const bool is_code = line.disposition == "code";
    has_codes |= is_code;
    mapping::add_to_digest(is_code ? code_digest : digest, line);
  }
  if (has_codes) {
    digest.add_field(code_digest.finish());
  }
  if (digest.finish() != value("lines_sha256")) {
    return Seal::broken;
  }
  if (key == nullptr || value("hmac_sha256").empty()) {
    return Seal::unsigned_;
  }
  std::string text;
  for (const char* name : {"schema", "export_id", "run_id", "tenant", "registry_version",
                           "generated_at", "lines_sha256"}) {
    text += fmt::format("{}={}\n", name, value(name));
  }
  return hmac_sha256(*key, text) == value("hmac_sha256") ? Seal::intact : Seal::broken;
}

}  // namespace mapctl::review
