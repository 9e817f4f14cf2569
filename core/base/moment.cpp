// SPDX-License-Identifier: Apache-2.0
#include "core/base/moment.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace mapctl {
namespace {

using namespace std::chrono;

constexpr std::int64_t second = 1'000'000;
// Of a period: ten thousand years.
constexpr double most_months = 120'000;
constexpr double most_seconds = 10'000 * 366.0 * 86'400;
constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
constexpr std::array weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                              "Thursday", "Friday", "Saturday"};
// Longest first, so that "%s_as_float" is not "%s".
constexpr std::array parts{"epoch_microseconds",
                           "s_as_float",
                           "_ms",
                           "ms",
                           "Y",
                           "y",
                           "m",
                           "d",
                           "H",
                           "I",
                           "M",
                           "S",
                           "f",
                           "p",
                           "z",
                           "Z",
                           "j",
                           "b",
                           "B",
                           "a",
                           "A",
                           "T",
                           "F",
                           "s",
                           "%"};

std::string_view part_at(std::string_view format) {
  for (const std::string_view part : parts) {
    if (format.starts_with(part)) {
      return part;
    }
  }
  return {};
}

struct Fields {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t micro = 0;
  int offset = 0;  // minutes east
  bool afternoon = false, half_day = false;
  int day_of_year = 0;
  std::optional<Moment> moment{};
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_{text} {}
  bool at_end() const { return text_.empty(); }

  bool literal(char c) {
    if (!text_.starts_with(c)) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }

  bool digits(int least, int most, int& value) {
    int count = 0;
    value = 0;
    while (count < most && count < static_cast<int>(text_.size()) &&
           text_[static_cast<std::size_t>(count)] >= '0' &&
           text_[static_cast<std::size_t>(count)] <= '9') {
      value = value * 10 + (text_[static_cast<std::size_t>(count)] - '0');
      ++count;
    }
    if (count < least) {
      return false;
    }
    text_.remove_prefix(static_cast<std::size_t>(count));
    return true;
  }

  bool fraction(std::int64_t& micro) {
    std::size_t count = 0;
    micro = 0;
    while (count < text_.size() && text_[count] >= '0' && text_[count] <= '9') {
      if (count < 6) {
        micro = micro * 10 + (text_[count] - '0');
      }
      ++count;
    }
    for (std::size_t i = count; i < 6; ++i) {
      micro *= 10;
    }
    text_.remove_prefix(count);
    return count > 0;
  }

  template <class Names>
  bool name(const Names& names, bool is_short, int& index) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view word = is_short ? std::string_view{names[i]}.substr(0, 3) : names[i];
      if (equal_ignoring_case(text_.substr(0, word.size()), word)) {
        text_.remove_prefix(word.size());
        index = static_cast<int>(i);
        return true;
      }
    }
    return false;
  }

  bool offset(int& minutes) {
    if (literal('Z') || literal('z')) {
      minutes = 0;
      return true;
    }
    const bool east = text_.starts_with('+');
    if (!east && !text_.starts_with('-')) {
      return false;
    }
    text_.remove_prefix(1);
    int hours = 0, rest = 0;
    if (!digits(2, 2, hours)) {
      return false;
    }
    literal(':');
    if (!digits(2, 2, rest)) {
      rest = 0;
    }
    minutes = (hours * 60 + rest) * (east ? 1 : -1);
    return true;
  }

  template <class Number>
  bool number(Number& value) {
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc{}) {
      return false;
    }
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return true;
  }

 private:
  std::string_view text_;
};

bool read_epoch(std::string_view part, Reader& reader, Fields& fields) {
  if (part == "s_as_float") {
    double value = 0;
    if (!reader.number(value) || !std::isfinite(value) || std::abs(value) > 1e12) {
      return false;
    }
    fields.moment = Moment{std::llround(value * 1e6)};
    return true;
  }
  std::int64_t value = 0;
  if (!reader.number(value)) {
    return false;
  }
  const std::int64_t factor = part == "s" ? second : part == "epoch_microseconds" ? 1 : 1000;
  if (std::abs(static_cast<double>(value)) * static_cast<double>(factor) > 1e18) {
    return false;
  }
  fields.moment = Moment{value * factor};
  return true;
}

bool read_part(std::string_view part, Reader& reader, Fields& fields) {
  int number = 0;
  if (part.size() > 1 || part == "s") {
    return read_epoch(part, reader, fields);
  }
  switch (part[0]) {
    case 'Y': return reader.digits(4, 4, fields.year);
    case 'y':
      if (!reader.digits(2, 2, number)) {
        return false;
      }
      fields.year = number + (number < 69 ? 2000 : 1900);
      return true;
    case 'm': return reader.digits(1, 2, fields.month);
    case 'd': return reader.digits(1, 2, fields.day);
    case 'H': return reader.digits(1, 2, fields.hour);
    case 'I': fields.half_day = true; return reader.digits(1, 2, fields.hour);
    case 'M': return reader.digits(1, 2, fields.minute);
    case 'S': return reader.digits(1, 2, fields.second);
    case 'f': return reader.fraction(fields.micro);
    case 'j': return reader.digits(1, 3, fields.day_of_year);
    case 'z': return reader.offset(fields.offset);
    case 'Z':
      return (reader.literal('Z')) ||
             (reader.literal('U') && reader.literal('T') && reader.literal('C')) ||
             (reader.literal('G') && reader.literal('M') && reader.literal('T'));
    case 'p':
      fields.afternoon = reader.literal('P') || reader.literal('p');
      return (fields.afternoon || reader.literal('A') || reader.literal('a')) &&
             (reader.literal('M') || reader.literal('m'));
    case 'b':
    case 'B':
      if (!reader.name(months, part[0] == 'b', number)) {
        return false;
      }
      fields.month = number + 1;
      return true;
    case 'a':
    case 'A': return reader.name(weekdays, part[0] == 'a', number);
    case 'T':
      return reader.digits(1, 2, fields.hour) && reader.literal(':') &&
             reader.digits(1, 2, fields.minute) && reader.literal(':') &&
             reader.digits(1, 2, fields.second);
    case 'F':
      return reader.digits(4, 4, fields.year) && reader.literal('-') &&
             reader.digits(1, 2, fields.month) && reader.literal('-') &&
             reader.digits(1, 2, fields.day);
    default: return reader.literal('%');
  }
}

std::optional<Moment> to_moment(const Fields& fields) {
  if (fields.moment) {
    return fields.moment;
  }
  sys_days date{};
  if (fields.day_of_year > 0) {
    date = sys_days{year{fields.year} / January / 1} + days{fields.day_of_year - 1};
  } else {
    const year_month_day parts_of_date{year{fields.year},
                                       month{static_cast<unsigned>(fields.month)},
                                       day{static_cast<unsigned>(fields.day)}};
    if (!parts_of_date.ok()) {
      return std::nullopt;
    }
    date = parts_of_date;
  }
  int hour = fields.hour;
  if (fields.half_day) {
    hour = hour % 12 + (fields.afternoon ? 12 : 0);
  }
  if (fields.year < 1 || hour > 24 || fields.minute > 59 || fields.second > 60) {
    return std::nullopt;
  }
  const std::int64_t seconds = std::int64_t{date.time_since_epoch().count()} * 86'400 +
                               hour * 3600 + (fields.minute - fields.offset) * 60 + fields.second;
  return Moment{seconds * second + fields.micro};
}

struct Split {
  year_month_day date;
  std::int64_t seconds;  // of the day
  std::int64_t micro;
  sys_days days;
};

Split split_moment(Moment moment) {
  const auto point = sys_time<microseconds>{microseconds{moment.microseconds}};
  const auto day = floor<days>(point);
  const auto rest = (point - day).count();
  return {year_month_day{day}, rest / second, rest % second, day};
}

}  // namespace

std::optional<Moment> parse_moment(std::string_view text, std::string_view format) {
  Reader reader{text};
  Fields fields;
  while (!format.empty()) {
    if (format.front() != '%') {
      if (!reader.literal(format.front())) {
        return std::nullopt;
      }
      format.remove_prefix(1);
      continue;
    }
    const std::string_view part = part_at(format.substr(1));
    if (part.empty() || !read_part(part, reader, fields)) {
      return std::nullopt;
    }
    format.remove_prefix(1 + part.size());
  }
  return reader.at_end() ? to_moment(fields) : std::nullopt;
}

std::optional<Moment> parse_moment(std::string_view text) {
  text = trim(text);
  const bool is_number = !text.empty() && std::all_of(text.begin(), text.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
  if (is_number && text.size() != 8) {
    return parse_moment(text, text.size() >= 12 ? "%ms" : "%s");
  }
  for (const char* date : {"%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"}) {
    for (const char* separator : {"T", " "}) {
      for (const char* time : {"%H:%M:%S.%f%z", "%H:%M:%S%z", "%H:%M:%S.%f", "%H:%M:%S", "%H:%M%z",
                               "%H:%M", "%H:%M:%S.%f %Z", "%H:%M:%S %Z", "%H:%M:%S %z"}) {
        if (const auto moment = parse_moment(text, fmt::format("{}{}{}", date, separator, time))) {
          return moment;
        }
      }
    }
    if (const auto moment = parse_moment(text, date)) {
      return moment;
    }
  }
  return parse_moment(text, "%a, %d %b %Y %H:%M:%S %Z");
}

std::string format_moment(Moment moment, std::string_view format) {
  const Split at = split_moment(moment);
  const int year_number = static_cast<int>(at.date.year());
  const auto month_number = static_cast<unsigned>(at.date.month());
  const auto hour = at.seconds / 3600;
  const auto minute = at.seconds / 60 % 60;
  std::string out;
  while (!format.empty()) {
    if (format.front() != '%') {
      out += format.front();
      format.remove_prefix(1);
      continue;
    }
    const std::string_view part = part_at(format.substr(1));
    format.remove_prefix(1 + part.size());
    if (part == "epoch_microseconds") {
      out += fmt::format("{}", moment.microseconds);
    } else if (part == "s_as_float") {
      out += fmt::format("{:.6f}", static_cast<double>(moment.microseconds) / 1e6);
    } else if (part == "ms" || part == "_ms") {
      out += fmt::format("{}", moment.microseconds / 1000);
    } else if (part.empty()) {
      out += '%';
    } else {
      switch (part[0]) {
        case 'Y': out += fmt::format("{:04}", year_number); break;
        case 'y': out += fmt::format("{:02}", year_number % 100); break;
        case 'm': out += fmt::format("{:02}", month_number); break;
        case 'd': out += fmt::format("{:02}", static_cast<unsigned>(at.date.day())); break;
        case 'H': out += fmt::format("{:02}", hour); break;
        case 'I': out += fmt::format("{:02}", (hour + 11) % 12 + 1); break;
        case 'M': out += fmt::format("{:02}", minute); break;
        case 'S': out += fmt::format("{:02}", at.seconds % 60); break;
        case 'f': out += fmt::format("{:06}", at.micro); break;
        case 'p': out += hour < 12 ? "AM" : "PM"; break;
        case 'z': out += "+0000"; break;
        case 'Z': out += "UTC"; break;
        case 'j':
          out +=
              fmt::format("{:03}", (at.days - sys_days{at.date.year() / January / 1}).count() + 1);
          break;
        case 'b': out += months[month_number - 1].substr(0, 3); break;
        case 'B': out += months[month_number - 1]; break;
        case 'a':
          out += std::string_view{weekdays[weekday{at.days}.c_encoding()]}.substr(0, 3);
          break;
        case 'A': out += weekdays[weekday{at.days}.c_encoding()]; break;
        case 'T': out += fmt::format("{:02}:{:02}:{:02}", hour, minute, at.seconds % 60); break;
        case 'F':
          out += fmt::format("{:04}-{:02}-{:02}", year_number, month_number,
                             static_cast<unsigned>(at.date.day()));
          break;
        case 's': out += fmt::format("{}", (moment.microseconds - at.micro) / second); break;
        default: out += '%';
      }
    }
  }
  return out;
}

std::optional<std::string> unknown_format_part(std::string_view format) {
  for (std::size_t at = format.find('%'); at != std::string_view::npos; at = format.find('%', at)) {
    const std::string_view part = part_at(format.substr(at + 1));
    if (part.empty()) {
      return std::string{format.substr(at, 2)};
    }
    at += 1 + part.size();
  }
  return std::nullopt;
}

int month_from(std::string_view name) noexcept {
  const auto found = std::find_if(months.begin(), months.end(), [&](std::string_view month) {
    return equal_ignoring_case(name, month) || equal_ignoring_case(name, month.substr(0, 3));
  });
  return found == months.end() ? 0 : static_cast<int>(found - months.begin()) + 1;
}

std::optional<Period> parse_period(std::string_view text) {
  if (!text.starts_with('P') || text.size() < 3) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  double all_months = 0;
  double all_seconds = 0;
  bool in_time = false;
  while (!text.empty()) {
    if (text.front() == 'T' && !in_time) {
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto used = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || used >= text.size() || !(value >= 0)) {
      return std::nullopt;
    }
    const char unit = text[used];
    text.remove_prefix(used + 1);
    const auto add = [&](double seconds) { all_seconds += value * seconds; };
    if (!in_time && unit == 'Y') {
      all_months += std::floor(value * 12);
    } else if (!in_time && unit == 'M') {
      all_months += std::floor(value);
    } else if (!in_time && unit == 'W') {
      add(7 * 86'400);
    } else if (!in_time && unit == 'D') {
      add(86'400);
    } else if (in_time && unit == 'H') {
      add(3600);
    } else if (in_time && unit == 'M') {
      add(60);
    } else if (in_time && unit == 'S') {
      add(1);
    } else {
      return std::nullopt;
    }
  }
  if (all_months > most_months || all_seconds > most_seconds) {
    return std::nullopt;
  }
  return Period{static_cast<int>(all_months), std::llround(all_seconds * 1e6)};
}

Moment plus(Moment moment, const Period& period) {
  if (period.months != 0) {
    const Split at = split_moment(moment);
    year_month_day date = at.date + std::chrono::months{period.months};
    if (!date.ok()) {
      date = date.year() / date.month() / last;
    }
    moment.microseconds += (sys_days{date} - at.days).count() * 86'400 * second;
  }
  moment.microseconds += period.microseconds;
  return moment;
}

Moment minus(Moment moment, const Period& period) {
  return plus(moment, {-period.months, -period.microseconds});
}

}  // namespace mapctl
