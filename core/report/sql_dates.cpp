// SPDX-License-Identifier: Apache-2.0
#include "core/report/sql_dates.hpp"

#include "core/base/ascii.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace mapctl::report {
namespace {

struct FormatPart {
  char directive = 0;  // of strptime
  std::size_t begin = 0;
  std::size_t width = 0;
};

struct DateFormat {
  std::vector<FormatPart> parts{};
  std::vector<std::string> separators{};  // all that stand between parts, longest first
  bool packed = false;                    // nothing between parts, so they have a fixed width

  bool has(char directive) const {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const FormatPart& part) { return part.directive == directive; });
  }
};

// Nothing where SQLite could not put a date together of such parts.
std::optional<DateFormat> read_format(std::string_view format) {
  DateFormat result;
  std::size_t begin = 0;
  std::string literal;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%' || at + 1 == format.size()) {
      literal += format[at];
      ++begin;
      continue;
    }
    const char directive = format[++at];
    if (std::string_view{"mdHIMSyYbBp"}.find(directive) == std::string_view::npos) {
      return std::nullopt;
    }
    const bool first = result.parts.empty();
    if (literal.empty() && directive == 'p') {
      continue;  // a number ends where its letters begin
    }
    result.packed |= literal.empty() && !first;
    if (!literal.empty() && std::find(result.separators.begin(), result.separators.end(),
                                      literal) == result.separators.end()) {
      result.separators.push_back(literal);
    }
    literal.clear();
    const std::size_t width = directive == 'Y' ? 4 : 2;
    result.parts.push_back({directive, begin, width});
    begin += width;
  }
  std::stable_sort(result.separators.begin(), result.separators.end(),
                   [](const auto& left, const auto& right) { return left.size() > right.size(); });
  if (result.packed && (result.has('b') || result.has('B'))) {
    return std::nullopt;
  }
  return result;
}

// SQLite has no parser of dates; the numbers of which a date consists can be put together again.
class SqliteDate {
 public:
  SqliteDate(const std::string& input, const DateFormat& format)
      : input_{&input}, format_{&format} {
    // Only one-character separators are parted at: the comma of ", " would also be JSON's.
    std::string text = fmt::format("trim(CAST({} AS TEXT))", input);
    for (const std::string& separator : format.separators) {
      text = fmt::format("replace({}, {}, '|')", text, quote_text(SqlTarget::sqlite, separator));
    }
    list_ = fmt::format("replace(json_quote({}), '|', '\",\"')", text);
  }

  // Empty where the format has no such part.
  std::string number(char directive) const {
    return format_->has(directive) ? fmt::format("CAST({} AS INTEGER)", part(directive))
                                   : std::string{};
  }

  std::string year() const {
    if (format_->has('Y')) {
      return number('Y');
    }
    return format_->has('y')
               ? fmt::format("({0} + CASE WHEN {0} < 69 THEN 2000 ELSE 1900 END)", number('y'))
               : std::string{};
  }

  // Names go by their first three letters; what is no name becomes month 0, and so no date.
  std::string month() const {
    const char name = format_->has('B') ? 'B' : 'b';
    return format_->has(name) ? fmt::format(
                                    "((instr('janfebmaraprmayjunjulaugsepoctnovdec', "
                                    "lower(substr({}, 1, 3))) + 2) / 3)",
                                    part(name))
                              : number('m');
  }

  std::string hour() const {
    return format_->has('I') ? fmt::format(
                                   "CASE WHEN {1} LIKE '%PM%' THEN {0} % 12 + 12 "
                                   "WHEN {1} LIKE '%AM%' THEN {0} % 12 ELSE {0} END",
                                   number('I'), *input_)
                             : number('H');
  }

 private:
  std::string part(char directive) const {
    const auto found =
        std::find_if(format_->parts.begin(), format_->parts.end(),
                     [&](const FormatPart& part) { return part.directive == directive; });
    return format_->packed ? fmt::format("substr(CAST({} AS TEXT), {}, {})", *input_,
                                         found->begin + 1, found->width)
                           : fmt::format("json_extract('[' || {} || ']', '$[{}]')", list_,
                                         found - format_->parts.begin());
  }

  const std::string* input_;
  const DateFormat* format_;
  std::string list_{};
};

std::optional<std::string> sqlite_date(const std::string& input, std::string_view format,
                                       DateKind kind) {
  const auto read = read_format(format);
  if (!read) {
    return std::nullopt;
  }
  const SqliteDate date{input, *read};
  const auto or_zero = [](std::string part) { return part.empty() ? "0" : part; };
  const std::string time = fmt::format("{}, {}, {}", or_zero(date.hour()),
                                       or_zero(date.number('M')), or_zero(date.number('S')));
  if (kind == DateKind::time_of_day && !date.hour().empty()) {
    return fmt::format("time(printf('%02d:%02d:%02d', {}))", time);
  }
  if (date.year().empty() || date.month().empty() || !read->has('d')) {
    return std::nullopt;
  }
  const std::string day = fmt::format("{}, {}, {}", date.year(), date.month(), date.number('d'));
  return kind == DateKind::moment && !date.hour().empty()
             ? fmt::format("datetime(printf('%04d-%02d-%02d %02d:%02d:%02d', {}, {}))", day, time)
             : fmt::format("date(printf('%04d-%02d-%02d', {}))", day);
}

// PostgreSQL reads letters of its own between the directives: "TH" is the ending of an ordinal.
std::string with_quoted_letters(std::string_view format) {
  std::string result;
  for (std::size_t at = 0; at < format.size(); ++at) {
    const bool is_letter = is_upper(format[at]) || is_lower(format[at]);
    if (format[at] == '%' && at + 1 < format.size()) {
      result += format.substr(at++, 2);
    } else if (is_letter) {
      result += fmt::format("\"{}\"", format[at]);
    } else {
      result += format[at];
    }
  }
  return result;
}

std::string translated_format(std::string_view format, std::string_view directives,
                              const std::vector<std::string_view>& words) {
  std::string result;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%' || at + 1 == format.size()) {
      result += format[at];
      continue;
    }
    const std::size_t found = directives.find(format[++at]);
    if (found == std::string_view::npos) {
      result += '%';
      result += format[at];
    } else {
      result += words[found];
    }
  }
  return result;
}

std::string seconds_since_1970(SqlTarget target, const std::string& input, bool thousandths,
                               DateKind kind) {
  const std::string type = kind == DateKind::day ? "DATE" : "TIMESTAMP";
  switch (target) {
    case SqlTarget::sqlite:
      return fmt::format("{}(CAST({} AS INTEGER){}, 'unixepoch')",
                         kind == DateKind::day ? "date" : "datetime", input,
                         thousandths ? " / 1000" : "");
    case SqlTarget::duckdb:
      return fmt::format("CAST(make_timestamp(CAST({} AS BIGINT) * {}) AS {})", input,
                         thousandths ? 1000 : 1000000, type);
    case SqlTarget::postgresql:
      return fmt::format(
          "CAST(to_timestamp(CAST({} AS DOUBLE PRECISION){}) AT TIME ZONE 'UTC' AS {})", input,
          thousandths ? " / 1000" : "", type);
    case SqlTarget::mysql:
      return fmt::format("CAST(DATE_ADD('1970-01-01', INTERVAL {}{}) AS {})", input,
                         thousandths ? " * 1000 MICROSECOND" : " SECOND",
                         kind == DateKind::day ? "DATE" : "DATETIME");
    case SqlTarget::sqlserver:
      return fmt::format(
          "CAST(DATEADD(SECOND, CAST({} AS BIGINT){}, CAST('1970-01-01' AS DATETIME2)) AS {})",
          input, thousandths ? " / 1000" : "", kind == DateKind::day ? "DATE" : "DATETIME2");
  }
  return input;
}

// The number that SQL Server has for an order of day, month and year; nothing for another.
std::optional<int> style_of(std::string_view format) {
  struct Style {
    std::string_view format;
    int number;
  };
  // Styles with names of months take any mark between the parts.
  static constexpr Style styles[] = {
      {"%d/%m/%Y", 103}, {"%m/%d/%Y", 101},  {"%d.%m.%Y", 104},  {"%d-%m-%Y", 105},
      {"%m-%d-%Y", 110}, {"%d/%m/%y", 3},    {"%m/%d/%y", 1},    {"%d.%m.%y", 4},
      {"%d-%m-%y", 5},   {"%m-%d-%y", 10},   {"%Y%m%d", 112},    {"%Y/%m/%d", 111},
      {"%Y.%m.%d", 102}, {"%d %b %Y", 106},  {"%d %B %Y", 106},  {"%d-%b-%Y", 106},
      {"%d-%B-%Y", 106}, {"%d %b %y", 6},    {"%d %B %y", 6},    {"%d-%b-%y", 6},
      {"%d-%B-%y", 6},   {"%b %d, %Y", 107}, {"%B %d, %Y", 107}, {"%Y-%m-%d %I", 120},
      {"%I:%M", 0}};
  for (const Style& style : styles) {
    if (format.starts_with(style.format)) {
      return style.number;
    }
  }
  if (format.empty() || format.starts_with("%Y-%m-%d")) {
    return format.find("%z") == format.npos ? 126 : 127;
  }
  return std::nullopt;
}

// Of formats that begin as ISO's do.
std::string iso_date(SqlTarget target, const std::string& input, std::string_view format,
                     DateKind kind) {
  const std::string type = kind == DateKind::day ? "DATE" : "TIMESTAMP";
  const bool with_zone = format.find("%z") != format.npos;
  const bool with_letter = format.find('T') != format.npos;
  switch (target) {
    case SqlTarget::sqlite:
      return fmt::format("{}({})", kind == DateKind::day ? "date" : "datetime", input);
    case SqlTarget::postgresql:
      return with_zone ? fmt::format("CAST(CAST({} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS {})",
                                     input, type)
                       : fmt::format("CAST({} AS {})", input, type);
    case SqlTarget::mysql:
      return with_zone || with_letter
                 ? fmt::format("STR_TO_DATE(LEFT({}, 19), '%Y-%m-%d{}%H:%i:%s')", input,
                               with_letter ? 'T' : ' ')
                 : fmt::format("CAST({} AS {})", input,
                               kind == DateKind::day ? "DATE" : "DATETIME");
    default: return fmt::format("CAST({} AS {})", input, type);
  }
}

}  // namespace

std::optional<std::string> sql_of_written_date(SqlTarget target, const std::string& input,
                                               std::string_view format, DateKind kind) {
  const bool is_moment = kind == DateKind::moment;
  const std::string_view type = is_moment                       ? "TIMESTAMP"
                                : kind == DateKind::time_of_day ? "TIME"
                                                                : "DATE";
  if (format.starts_with("epoch_")) {
    return seconds_since_1970(target, input, format == "epoch_ms", kind);
  }
  const bool is_iso =
      format.empty() || (format.starts_with("%Y-%m-%d") && format.find("%p") == format.npos);
  if (is_iso && target != SqlTarget::sqlserver) {
    return iso_date(target, input, format, kind);
  }
  // Dates without marks between may be kept as numbers, and zeros then say that there is none.
  const std::string text =
      format == "%Y%m%d" && target != SqlTarget::sqlite
          ? fmt::format("NULLIF(NULLIF(CAST({} AS {}), '00000000'), '0')", input,
                        target == SqlTarget::mysql ? "CHAR" : "VARCHAR(8)")
          : input;
  switch (target) {
    case SqlTarget::sqlite: return sqlite_date(input, format, kind);
    case SqlTarget::duckdb:
      return fmt::format("CAST(strptime({}, {}) AS {})", text, quote_text(target, format), type);
    case SqlTarget::postgresql:
      return fmt::format(
          "CAST(to_timestamp({}, {}) AS {})", text,
          quote_text(target, translated_format(with_quoted_letters(format), "YmdHIMSpybBf",
                                               {"YYYY", "MM", "DD", "HH24", "HH12", "MI", "SS",
                                                "AM", "YY", "Mon", "Month", "US"})),
          type);
    case SqlTarget::mysql:
      return fmt::format(
          "STR_TO_DATE({}, {})", text,
          quote_text(target, translated_format(format, "MSBb", {"%i", "%s", "%M", "%b"})));
    case SqlTarget::sqlserver: {
      const auto style = style_of(format);
      return style ? std::optional{fmt::format("TRY_CONVERT({}, {}, {})",
                                               is_moment ? "DATETIME2" : type, text, *style)}
                   : std::nullopt;
    }
  }
  return input;
}

std::string sql_to_write_date(SqlTarget target, const std::string& input, std::string_view format) {
  switch (target) {
    case SqlTarget::sqlite:
    case SqlTarget::duckdb:
      return target == SqlTarget::sqlite
                 ? fmt::format("strftime({}, {})", quote_text(target, format), input)
                 : fmt::format("strftime({}, {})", input, quote_text(target, format));
    case SqlTarget::postgresql:
      return fmt::format(
          "to_char({}, {})", input,
          quote_text(target, translated_format(with_quoted_letters(format), "YmdHMS",
                                               {"YYYY", "MM", "DD", "HH24", "MI", "SS"})));
    case SqlTarget::mysql:
      return fmt::format("DATE_FORMAT({}, {})", input,
                         quote_text(target, translated_format(format, "MS", {"%i", "%s"})));
    case SqlTarget::sqlserver:
      return fmt::format(
          "FORMAT({}, {})", input,
          quote_text(target,
                     translated_format(format, "YmdHMS", {"yyyy", "MM", "dd", "HH", "mm", "ss"})));
  }
  return input;
}

}  // namespace mapctl::report
