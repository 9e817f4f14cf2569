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
  std::string separators{};  // all that stand between parts, each once
  bool packed = false;       // nothing between parts, so they have a fixed width
};

// Nothing where a directive is no number: such a format needs a parser.
std::optional<DateFormat> read_format(std::string_view format) {
  DateFormat result;
  std::size_t begin = 0;
  bool literal_before = true;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%' || at + 1 == format.size()) {
      if (result.separators.find(format[at]) == std::string::npos) {
        result.separators += format[at];
      }
      literal_before = true;
      ++begin;
      continue;
    }
    const char directive = format[++at];
    if (std::string_view{"mdHMSyY"}.find(directive) == std::string_view::npos) {
      return std::nullopt;
    }
    const std::size_t width = directive == 'Y' ? 4 : 2;
    result.parts.push_back({directive, begin, width});
    result.packed |= !literal_before;
    literal_before = false;
    begin += width;
  }
  return result;
}

// SQLite has no parser of dates; the numbers of which a date consists can be put together again.
std::optional<std::string> sqlite_date(const std::string& input, std::string_view format,
                                       bool with_time) {
  const auto read = read_format(format);
  if (!read) {
    return std::nullopt;
  }
  std::string list = fmt::format("json_quote(trim(CAST({} AS TEXT)))", input);
  for (const char separator : read->separators) {
    list = fmt::format("replace({}, {}, '\",\"')", list,
                       quote_text(SqlTarget::sqlite, std::string_view{&separator, 1}));
  }
  const auto number = [&](char directive) -> std::string {
    for (std::size_t at = 0; at < read->parts.size(); ++at) {
      const FormatPart& part = read->parts[at];
      if (part.directive == directive) {
        return read->packed
                   ? fmt::format("CAST(substr(CAST({} AS TEXT), {}, {}) AS INTEGER)", input,
                                 part.begin + 1, part.width)
                   : fmt::format("CAST(json_extract('[' || {} || ']', '$[{}]') AS INTEGER)", list,
                                 at);
      }
    }
    return {};
  };
  std::string year = number('Y');
  if (const std::string digits = number('y'); year.empty() && !digits.empty()) {
    year = fmt::format("({0} + CASE WHEN {0} < 69 THEN 2000 ELSE 1900 END)", digits);
  }
  if (year.empty() || number('m').empty() || number('d').empty()) {
    return std::nullopt;
  }
  if (!with_time) {
    return fmt::format("date(printf('%04d-%02d-%02d', {}, {}, {}))", year, number('m'),
                       number('d'));
  }
  const auto or_zero = [](std::string part) { return part.empty() ? "0" : part; };
  return fmt::format("datetime(printf('%04d-%02d-%02d %02d:%02d:%02d', {}, {}, {}, {}, {}, {}))",
                     year, number('m'), number('d'), or_zero(number('H')), or_zero(number('M')),
                     or_zero(number('S')));
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

// The number that SQL Server has for an order of day, month and year.
int style_of(std::string_view format) {
  struct Style {
    std::string_view format;
    int number;
  };
  static constexpr Style styles[] = {{"%d/%m/%Y", 103}, {"%m/%d/%Y", 101}, {"%d.%m.%Y", 104},
                                     {"%d-%m-%Y", 105}, {"%m-%d-%Y", 110}, {"%d/%m/%y", 3},
                                     {"%m/%d/%y", 1},   {"%d.%m.%y", 4},   {"%d-%m-%y", 5},
                                     {"%m-%d-%y", 10},  {"%Y%m%d", 112}};
  for (const Style& style : styles) {
    if (format.starts_with(style.format)) {
      return style.number;
    }
  }
  return format.find("%z") == format.npos ? 126 : 127;
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

std::string sql_of_written_date(SqlTarget target, const std::string& input, std::string_view format,
                                DateKind kind) {
  const bool is_moment = kind == DateKind::moment;
  const std::string type = is_moment ? "TIMESTAMP" : "DATE";
  if (format.starts_with("epoch_")) {
    return seconds_since_1970(target, input, format == "epoch_ms", kind);
  }
  const bool is_iso = format.empty() || format.starts_with("%Y-%m-%d");
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
    case SqlTarget::sqlite: {
      const bool with_time = is_moment && format.find("%H") != format.npos;
      const auto date = sqlite_date(input, format, with_time);
      return date ? *date : fmt::format("{}({})", is_moment ? "datetime" : "date", input);
    }
    case SqlTarget::duckdb:
      return fmt::format("CAST(strptime({}, {}) AS {})", text, quote_text(target, format), type);
    case SqlTarget::postgresql:
      return fmt::format(
          "CAST(to_timestamp({}, {}) AS {})", text,
          quote_text(target, translated_format(with_quoted_letters(format), "YmdHMSybBf",
                                               {"YYYY", "MM", "DD", "HH24", "MI", "SS", "YY", "Mon",
                                                "Month", "US"})),
          type);
    case SqlTarget::mysql:
      return fmt::format(
          "STR_TO_DATE({}, {})", text,
          quote_text(target, translated_format(format, "MSBb", {"%i", "%s", "%M", "%b"})));
    case SqlTarget::sqlserver:
      return fmt::format("TRY_CONVERT({}, {}, {})", is_moment ? "DATETIME2" : "DATE", text,
                         style_of(format));
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
