// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/csv_text.hpp"

#include "connectors/duckdb/csv_head.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace mapctl::connectors::duckdb {
namespace {

constexpr std::size_t dialect_bytes = 128U << 10U;
constexpr std::size_t dialect_records = 500;
constexpr std::array delimiters{',', '\t', ';', '|'};
// What a file has that consists of one column: nothing that occurs in text.
constexpr char no_delimiter = '\x1F';

struct Score {
  std::size_t fields = 0;  // that most records have
  double agreement = 0;    // share of records with as many
};

Score score(std::string_view start, bool complete, const Dialect& dialect) {
  RecordSplitter records{start, dialect};
  std::vector<std::string> fields;
  std::map<std::size_t, std::size_t> widths;
  std::size_t seen = 0;
  while (seen < dialect_records && records.next(fields)) {
    // The last record of a cut text is cut as well.
    if (seen > 0 && !complete && records.offset() >= start.size()) {
      break;
    }
    ++seen;
    ++widths[fields.size()];
  }
  Score result;
  std::size_t most = 0;
  for (const auto& [width, count] : widths) {
    if (count > most) {
      most = count;
      result.fields = width;
    }
  }
  result.agreement = seen == 0 ? 0 : static_cast<double>(most) / static_cast<double>(seen);
  return result;
}

// For rows that do not agree: what parts the first line into names, if rows have it at all.
std::optional<char> header_delimiter(std::string_view start, bool complete, Dialect dialect) {
  std::optional<char> chosen;
  std::size_t most = 1;
  for (const char delimiter : delimiters) {
    dialect.delimiter = delimiter;
    RecordSplitter records{start, dialect};
    std::vector<std::string> names;
    // Behind the comma of a sentence stands a blank.
    if (!records.next(names) || names.size() <= most || !are_names(names) ||
        std::any_of(names.begin(), names.end(),
                    [](const std::string& name) { return name.starts_with(' '); })) {
      continue;
    }
    std::vector<std::string> fields;
    std::size_t seen = 0;
    std::size_t parted = 0;
    while (seen < dialect_records && records.next(fields)) {
      if (!complete && records.offset() >= start.size()) {
        break;
      }
      ++seen;
      parted += fields.size() > 1 ? 1U : 0U;
    }
    if (2 * parted >= seen) {
      chosen = delimiter;
      most = names.size();
    }
  }
  return chosen;
}

void detect_delimiter(std::string_view start, bool complete, Dialect& dialect, bool tab_expected) {
  Score best;
  char chosen = no_delimiter;
  for (const char delimiter : delimiters) {
    dialect.delimiter = delimiter;
    auto candidate = score(start, complete, dialect);
    if (candidate.fields < 2 || candidate.agreement < 0.5) {
      continue;
    }
    if (tab_expected && delimiter == '\t') {
      return;
    }
    // A few more fields never outweigh records that disagree.
    const bool better =
        candidate.agreement > best.agreement + 0.02 ||
        (candidate.agreement > best.agreement - 0.02 && candidate.fields > best.fields);
    if (better) {
      best = candidate;
      chosen = delimiter;
    }
  }
  dialect.delimiter = chosen;
  if (chosen != no_delimiter) {
    return;
  }
  if (const auto delimiter = header_delimiter(start, complete, dialect)) {
    dialect.delimiter = *delimiter;
    dialect.ragged = true;
  } else if (start.find(',') == std::string_view::npos) {
    dialect.delimiter = ',';
  }
}

// Sets what is to be passed over to come to the header.
void find_header(std::string_view start, bool complete, Dialect& dialect) {
  const auto width = score(start, complete, dialect).fields;
  const auto place = find_lower_header(start, complete, dialect, width);
  if (!place) {
    return;
  }
  if (place->sure) {
    dialect.skipped_lines = place->line - 1;
    dialect.title_skipped = true;
  } else {
    dialect.later_header = place->line;
  }
}

// Names are text. A number, date or address among them speaks against a header, unless it is a
// year over a column of something else than years.
bool detect_header(std::string_view start, bool complete, const Dialect& dialect) {
  RecordSplitter records{start, dialect};
  std::vector<std::string> first;
  if (!records.next(first)) {
    return true;
  }
  std::vector<bool> years_below(first.size(), true);
  std::vector<std::string> fields;
  for (std::size_t i = 0; i < dialect_records && records.next(fields); ++i) {
    if (!complete && records.offset() >= start.size()) {
      break;
    }
    for (std::size_t column = 0; column < std::min(fields.size(), first.size()); ++column) {
      if (!fields[column].empty()) {
        years_below[column] = years_below[column] && looks_like_year(fields[column]);
      }
    }
  }
  bool named = false;
  for (std::size_t column = 0; column < first.size(); ++column) {
    const auto value = trim(first[column]);
    if (value.empty()) {
      continue;
    }
    if (!is_typed(value)) {
      named = true;
    } else if (!looks_like_year(value) || years_below[column]) {
      return false;
    }
  }
  return named;
}

}  // namespace

RecordSplitter::RecordSplitter(std::string_view text, const Dialect& dialect)
    : text_{text}, dialect_{dialect} {
  while (line_ <= dialect.skipped_lines && at_ < text_.size()) {
    at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    skip_line_end();
  }
}

bool RecordSplitter::at_line_end() const noexcept {
  return at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r';
}

void RecordSplitter::skip_line_end() noexcept {
  if (at_ < text_.size()) {
    at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
    ++line_;
  }
}

void RecordSplitter::quoted_field(std::string& field) {
  ++at_;
  for (;;) {
    const auto end = text_.find(dialect_.quote, at_);
    const auto part = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    field += part;
    line_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    if (end == std::string_view::npos) {
      at_ = text_.size();
      unclosed_ = true;
      return;
    }
    at_ = end + 1;
    if (at_ >= text_.size() || text_[at_] != dialect_.quote) {
      break;
    }
    field += dialect_.quote;
    ++at_;
  }
  if (!at_line_end() && text_[at_] != dialect_.delimiter) {
    garbled_ = true;
    plain_field(field);
  }
}

void RecordSplitter::plain_field(std::string& field) {
  const char stops[] = {dialect_.delimiter, '\n', '\r'};
  const auto end = std::min(text_.find_first_of(std::string_view{stops, 3}, at_), text_.size());
  field += text_.substr(at_, end - at_);
  at_ = end;
}

bool RecordSplitter::next(std::vector<std::string>& fields) {
  while (at_ < text_.size() && at_line_end()) {
    skip_line_end();
  }
  if (at_ >= text_.size()) {
    return false;
  }
  record_line_ = line_;
  unclosed_ = garbled_ = false;
  std::size_t count = 0;
  for (;; ++at_) {
    if (count == fields.size()) {
      fields.emplace_back();
    }
    auto& field = fields[count++];
    field.clear();
    if (dialect_.quote != '\0' && at_ < text_.size() && text_[at_] == dialect_.quote) {
      quoted_field(field);
    } else {
      plain_field(field);
    }
    if (at_line_end()) {
      break;
    }
  }
  fields.resize(count);
  skip_line_end();
  return true;
}

Dialect detect_dialect(std::string_view start, bool complete, const FileOptions& options,
                       bool tab_expected) {
  if (start.size() > dialect_bytes) {
    start = start.substr(0, dialect_bytes);
    complete = false;
  }
  Dialect dialect;
  dialect.quote = options.quote.value_or('"');
  const auto separator = options.skip_lines ? std::nullopt : separator_line(start);
  dialect.skipped_lines = options.skip_lines.value_or(separator ? 1 : 0);
  if (options.delimiter || separator) {
    dialect.delimiter = options.delimiter ? *options.delimiter : *separator;
  } else {
    detect_delimiter(start, complete, dialect, tab_expected);
  }
  if (!options.skip_lines && options.header != Header::absent) {
    find_header(start, complete, dialect);
  }
  dialect.header = options.header == Header::automatic ? detect_header(start, complete, dialect)
                                                       : options.header == Header::present;
  // DuckDB takes an empty line for the header.
  RecordSplitter records{start, dialect};
  std::vector<std::string> fields;
  if (records.next(fields)) {
    dialect.skipped_lines = records.line() - 1;
  }
  return dialect;
}

}  // namespace mapctl::connectors::duckdb
