// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/date_forms.hpp"

#include "core/base/ascii.hpp"
#include "core/base/text.hpp"
#include "core/catalog/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::matching {
namespace {

using catalog::Column;
using catalog::ColumnStatistics;
using catalog::ValuePattern;

constexpr double date_share = 0.5;  // of the values; below it the column is no date

std::string epoch_format(const ColumnStatistics& statistics) {
  constexpr double first_second = 3e8;  // 1979: below it numbers are hardly moments
  constexpr double last_second = 5e9;
  constexpr double millisecond = 1e3;
  if (statistics.quantiles.size() < 3) {
    return {};
  }
  const double low = statistics.quantiles[1];
  const double high = statistics.quantiles[statistics.quantiles.size() - 2];
  if (low > first_second && high < last_second) {
    return "epoch_s";
  }
  if (low > first_second * millisecond && high < last_second * millisecond) {
    return "epoch_ms";
  }
  return {};
}

// "20260131", as a number or as text.
bool has_compact_dates(const ColumnStatistics& statistics) {
  const auto is_date = [](std::string_view text) {
    const auto part = [&](std::size_t begin, std::size_t length) {
      int number = 0;
      std::from_chars(text.data() + begin, text.data() + begin + length, number);
      return number;
    };
    return text.size() == 8 && std::all_of(text.begin(), text.end(), is_digit) &&
           part(0, 4) >= 1800 && part(0, 4) < 2200 && part(4, 2) >= 1 && part(4, 2) <= 12 &&
           part(6, 2) >= 1 && part(6, 2) <= 31;
  };
  // Old systems fill a date that there is not with zeros.
  const auto is_zeros = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of('0') == text.npos;
  };
  const auto is_masked = [](std::string_view text) { return text == "********"; };
  const auto all = [&](const auto& condition) {
    return std::all_of(statistics.samples.begin(), statistics.samples.end(), condition);
  };
  const auto& numbers = statistics.quantiles;
  return !statistics.samples.empty() &&
         ((all([&](std::string_view text) { return is_date(text) || is_zeros(text); }) &&
           std::any_of(statistics.samples.begin(), statistics.samples.end(), is_date)) ||
          (all(is_masked) && numbers.size() > 2 && numbers.front() >= 18000101 &&
           numbers.back() <= 22001231));
}

// Masked values keep their marks and the first letters of words.
bool is_digit_or_masked(char c) noexcept {
  return is_digit(c) || c == '*';
}

// What stands around the hours and minutes of a value.
struct Clock {
  std::size_t date_end = 0;  // of what is before, without the marks between
  std::string_view between{};
  bool seconds = false;
  bool half_day = false;  // AM or PM
  bool blank = false;     // before these
};

std::optional<Clock> clock_in(std::string_view text) {
  const std::size_t colon = text.find(':');
  std::size_t begin = colon == text.npos ? 0 : colon;
  while (begin > 0 && colon - begin < 2 && is_digit_or_masked(text[begin - 1])) {
    --begin;
  }
  if (begin == colon || colon == text.npos) {
    return std::nullopt;
  }
  Clock clock;
  clock.date_end = begin;
  while (clock.date_end > 0 &&
         std::string_view{" ,T"}.find(text[clock.date_end - 1]) != std::string_view::npos) {
    --clock.date_end;
  }
  clock.between = text.substr(clock.date_end, begin - clock.date_end);
  const auto take_digits = [&](std::size_t most) {
    std::size_t count = 0;
    while (count < most && count < text.size() && is_digit_or_masked(text[count])) {
      ++count;
    }
    text.remove_prefix(count);
    return count;
  };
  text.remove_prefix(colon + 1);
  if (take_digits(2) != 2) {
    return std::nullopt;
  }
  clock.seconds = text.starts_with(':');
  if (clock.seconds) {
    text.remove_prefix(1);
    take_digits(2);
    if (text.starts_with('.') || text.starts_with(',')) {
      text.remove_prefix(1);
      take_digits(9);
    }
  }
  clock.blank = text.starts_with(' ');
  text.remove_prefix(clock.blank ? 1 : 0);
  const std::string_view half = text.substr(0, 2);
  const auto is_one_of = [&](std::size_t at, std::string_view letters) {
    return letters.find(half[at]) != letters.npos;
  };
  clock.half_day =
      half.size() == 2 && is_one_of(0, clock.blank ? "aApP" : "aApP*") && is_one_of(1, "mM*");
  return clock;
}

// Of all times of day in the values: "%H:%M", "%I:%M:%S %p" and so on; empty where there are none.
struct ClockForm {
  std::string between{};
  std::string format{};
};

ClockForm clock_form(const std::vector<std::string>& texts) {
  ClockForm form;
  bool any = false;
  bool seconds = false;
  bool half_day = false;
  bool blank = false;
  for (const std::string& text : texts) {
    if (const auto clock = clock_in(trim(text))) {
      if (!any) {
        form.between = clock->between;
      }
      any = true;
      seconds = seconds || clock->seconds;
      half_day = half_day || clock->half_day;
      blank = blank || (clock->half_day && clock->blank);
    }
  }
  if (any) {
    form.format = fmt::format("{}:%M{}{}", half_day ? "%I" : "%H", seconds ? ":%S" : "",
                              !half_day ? ""
                              : blank   ? " %p"
                                        : "%p");
  }
  return form;
}

const std::vector<std::string>& written_values(const ColumnStatistics& statistics,
                                               std::vector<std::string>& store) {
  if (!statistics.samples.empty()) {
    return statistics.samples;
  }
  for (const auto& value : statistics.frequent) {
    store.push_back(value.text);
  }
  return store;
}

// The form of one date whose parts stand in the order of `directives`; empty where it has another
// number of parts, or one of them is too long.
std::string form_of_date(std::string_view text, std::string_view directives) {
  const auto in_part = [](char c) { return is_digit_or_masked(c) || is_upper(c) || is_lower(c); };
  std::string form;
  std::size_t part = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!in_part(text[at])) {
      form += text[at++];
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && in_part(text[end])) {
      ++end;
    }
    if (part == directives.size()) {
      return {};
    }
    const std::size_t size = end - at;
    char directive = directives[part++];
    const bool is_word = is_upper(text[at]) || is_lower(text[at]);
    if (directive == 'm' && is_word) {
      directive = size > 3 ? 'B' : 'b';
    } else if (is_word || (directive == 'Y' ? size != 2 && size != 4 : size > 2)) {
      return {};
    } else if (directive == 'Y' && size == 2) {
      directive = 'y';
    }
    form += '%';
    form += directive;
    at = end;
  }
  return part == directives.size() ? form : std::string{};
}

// The form that most of the dates have.
std::string usual_form(const std::vector<std::string>& texts, std::string_view directives) {
  std::vector<std::pair<std::string, int>> votes;
  bool whole_names = false;
  for (const std::string& value : texts) {
    const std::string_view text = trim(value);
    const auto clock = clock_in(text);
    const std::string form =
        form_of_date(text.substr(0, clock ? clock->date_end : text.size()), directives);
    if (form.empty()) {
      continue;
    }
    // "May" is the whole name and the short one.
    whole_names = whole_names || form.find("%B") != form.npos;
    const auto seen = std::find_if(votes.begin(), votes.end(),
                                   [&](const auto& vote) { return vote.first == form; });
    if (seen == votes.end()) {
      votes.emplace_back(form, 1);
    } else {
      ++seen->second;
    }
  }
  const auto best = std::max_element(
      votes.begin(), votes.end(),
      [](const auto& left, const auto& right) { return left.second < right.second; });
  if (best == votes.end()) {
    return {};
  }
  return whole_names ? replace_all(best->first, "%b", "%B") : best->first;
}

std::string iso_moment_format(const ColumnStatistics& statistics) {
  bool letter = false;
  bool zone = false;
  for (const auto& sample : statistics.samples) {
    letter |= sample.size() > 10 && sample[10] == 'T';
    zone |= sample.size() > 19 &&
            (sample.back() == 'Z' || sample.find_first_of("+-", 19) != std::string::npos);
  }
  return fmt::format("%Y-%m-%d{}%H:%M:%S{}", letter ? 'T' : ' ', zone ? "%z" : "");
}

}  // namespace

std::string declared_date_format(const Column& column) {
  const auto at = column.type.native.find('%');
  return column.type.logical == catalog::LogicalType::date && at != std::string::npos
             ? column.type.native.substr(at)
             : std::string{};
}

std::string date_format_of(const Column& column) {
  if (auto declared = declared_date_format(column); !declared.empty()) {
    return declared;
  }
  if (!column.statistics) {
    return {};
  }
  const auto& statistics = *column.statistics;
  if (has_compact_dates(statistics)) {
    return "%Y%m%d";
  }
  if (catalog::is_number(column.type.logical)) {
    return epoch_format(statistics);
  }
  struct Form {
    ValuePattern pattern;
    double share;
  };
  Form best{ValuePattern::iso_date, 0};
  for (const auto pattern : {ValuePattern::iso_timestamp, ValuePattern::iso_date,
                             ValuePattern::day_first_date, ValuePattern::month_first_date}) {
    if (const double share = statistics.share(pattern); share > best.share) {
      best = {pattern, share};
    }
  }
  if (best.share < date_share) {
    return statistics.share(ValuePattern::integer_number) > date_share ? epoch_format(statistics)
                                                                       : std::string{};
  }
  std::vector<std::string> frequent;
  const auto& texts = written_values(statistics, frequent);
  const bool day_first = best.pattern == ValuePattern::day_first_date;
  const bool month_first = best.pattern == ValuePattern::month_first_date;
  std::string date = usual_form(texts, day_first ? "dmY" : month_first ? "mdY" : "Ymd");
  if (date.empty()) {
    date = day_first ? "%d/%m/%Y" : month_first ? "%m/%d/%Y" : "%Y-%m-%d";
  }
  const ClockForm clock = clock_form(texts);
  if (best.pattern == ValuePattern::iso_timestamp && date == "%Y-%m-%d" &&
      clock.format.find("%p") == std::string::npos) {
    return iso_moment_format(statistics);
  }
  if (clock.format.empty() || best.pattern == ValuePattern::iso_date) {
    return date;
  }
  return fmt::format("{}{}{}", date, clock.between.empty() ? " " : clock.between, clock.format);
}

std::string time_format_of(const Column& column) {
  if (!column.statistics) {
    return {};
  }
  std::vector<std::string> frequent;
  const auto& texts = written_values(*column.statistics, frequent);
  std::size_t times = 0;
  for (const std::string& text : texts) {
    const auto clock = clock_in(trim(text));
    if (clock && clock->date_end > 0) {
      return {};
    }
    times += clock ? 1 : 0;
  }
  return 2 * times >= texts.size() ? clock_form(texts).format : std::string{};
}

}  // namespace mapctl::matching
