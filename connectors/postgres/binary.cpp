// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/binary.hpp"

#include "core/base/error.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace mapctl::connectors::postgres {
namespace {

[[noreturn]] void fail() {
  throw Error{ErrorCode::invalid_data, "the server sent a value that is none of its type",
              "something between mapctl and the server does not speak its protocol as it should"};
}

// Big endian, as everything in the protocol.
template <class Integer>
Integer read(std::string_view bytes) {
  if (bytes.size() != sizeof(Integer)) {
    fail();
  }
  if constexpr (sizeof(Integer) == 1) {
    return static_cast<Integer>(bytes.front());
  } else {
    std::make_unsigned_t<Integer> value;
    std::memcpy(&value, bytes.data(), sizeof value);
    if constexpr (std::endian::native == std::endian::little) {
      if constexpr (sizeof(Integer) == 2) {
        value = __builtin_bswap16(value);
      } else if constexpr (sizeof(Integer) == 4) {
        value = __builtin_bswap32(value);
      } else {
        value = __builtin_bswap64(value);
      }
    }
    return static_cast<Integer>(value);
  }
}

template <class Integer>
void append_integer(std::string& out, Integer value) {
  std::array<char, 24> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

constexpr auto digit_pairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

char* put_two(char* at, unsigned value) {
  std::memcpy(at, &digit_pairs[std::size_t{2} * value], 2);
  return at + 2;
}

char* put_four(char* at, unsigned value) {
  return put_two(put_two(at, value / 100), value % 100);
}

// The shortest digits that give the number back; plain up to `plain_digits` before the point.
template <class Float>
void append_float(std::string& out, Float value, int plain_digits) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  std::array<char, 400> buffer;
  char* const begin = buffer.data();
  char* const limit = begin + buffer.size();
  const int exponent = value == 0 ? 0 : [&] {
    const auto end = std::to_chars(begin, limit, value, std::chars_format::scientific).ptr;
    const char* at = std::find(begin, end, 'e') + 1;
    at += *at == '+' ? 1 : 0;
    int found = 0;
    std::from_chars(at, end, found);
    return found;
  }();
  const bool plain = exponent >= -4 && exponent < plain_digits;
  const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
  out.append(begin, std::to_chars(begin, limit, value, form).ptr);
}

// Digits to the base 10,000 with their weight.
void append_numeric(std::string& out, std::string_view bytes) {
  constexpr std::uint16_t negative = 0x4000;
  constexpr std::uint16_t not_a_number = 0xC000;
  constexpr std::uint16_t infinity = 0xD000;
  constexpr std::uint16_t negative_infinity = 0xF000;
  if (bytes.size() < 8) {
    fail();
  }
  const auto count = read<std::int16_t>(bytes.substr(0, 2));
  const auto weight = read<std::int16_t>(bytes.substr(2, 2));
  const auto sign = read<std::uint16_t>(bytes.substr(4, 2));
  const auto scale = read<std::int16_t>(bytes.substr(6, 2));
  if (count < 0 || scale < 0 || bytes.size() != 8 + 2 * static_cast<std::size_t>(count)) {
    fail();
  }
  if (sign == not_a_number) {
    out += "NaN";
    return;
  }
  if (sign == infinity || sign == negative_infinity) {
    out += sign == infinity ? "Infinity" : "-Infinity";
    return;
  }
  // Room for all digits at once; what is not needed is given back.
  const std::size_t begin = out.size();
  out.resize(begin + 16 + 4 * static_cast<std::size_t>(std::max<int>(weight, 0)) +
             static_cast<std::size_t>(scale));
  char* at = out.data() + begin;
  if (sign == negative) {
    *at++ = '-';
  }
  const auto digits = [&](int group) -> unsigned {
    if (group < 0 || group >= count) {
      return 0;
    }
    const unsigned value =
        read<std::uint16_t>(bytes.substr(8 + 2 * static_cast<std::size_t>(group), 2));
    return value < 10'000 ? value : 0;
  };
  if (weight < 0) {
    *at++ = '0';
  } else {
    at = std::to_chars(at, at + 5, digits(0)).ptr;
    for (int group = 1; group <= weight; ++group) {
      at = put_four(at, digits(group));
    }
  }
  if (scale > 0) {
    *at++ = '.';
    char* const end = at + scale;
    for (int group = weight + 1; at < end; ++group) {
      at = put_four(at, digits(group));
    }
    at = end;
  }
  out.resize(static_cast<std::size_t>(at - out.data()));
}

constexpr std::int64_t microseconds_a_day = 86'400'000'000;

// Days since 2000-01-01. True for years before the first.
bool append_date(std::string& out, std::int64_t days) {
  // Days since 0000-03-01 in eras of 400 years, so that leap days come last.
  const std::int64_t shifted = days + 730'425;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(shifted - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  std::int64_t year = static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  const bool before_first = year <= 0;
  year = before_first ? 1 - year : year;
  std::array<char, 32> buffer;
  char* at = buffer.data();
  at = year < 10'000 ? put_four(at, static_cast<unsigned>(year))
                     : std::to_chars(at, at + 20, year).ptr;
  *at++ = '-';
  at = put_two(at, month);
  *at++ = '-';
  at = put_two(at, day);
  out.append(buffer.data(), at);
  return before_first;
}

void append_time(std::string& out, std::int64_t microseconds) {
  if (microseconds < 0 || microseconds > microseconds_a_day) {
    fail();
  }
  const auto seconds = static_cast<unsigned>(microseconds / 1'000'000);
  const auto fraction = static_cast<unsigned>(microseconds % 1'000'000);
  std::array<char, 24> buffer;
  char* at = put_two(buffer.data(), seconds / 3600);
  *at++ = ':';
  at = put_two(at, seconds / 60 % 60);
  *at++ = ':';
  at = put_two(at, seconds % 60);
  if (fraction != 0) {
    *at++ = '.';
    at = put_two(put_four(at, fraction / 100), fraction % 100);
    while (at[-1] == '0') {
      --at;
    }
  }
  out.append(buffer.data(), at);
}

template <class Integer>
bool append_infinity(std::string& out, Integer value) {
  if (value == std::numeric_limits<Integer>::max()) {
    out += "infinity";
    return true;
  }
  if (value == std::numeric_limits<Integer>::min()) {
    out += "-infinity";
    return true;
  }
  return false;
}

void append_timestamp(std::string& out, std::int64_t microseconds, bool is_moment) {
  if (append_infinity(out, microseconds)) {
    return;
  }
  std::int64_t days = microseconds / microseconds_a_day;
  std::int64_t rest = microseconds % microseconds_a_day;
  if (rest < 0) {
    rest += microseconds_a_day;
    --days;
  }
  const bool before_first = append_date(out, days);
  out += ' ';
  append_time(out, rest);
  out += is_moment ? "+00" : "";
  out += before_first ? " BC" : "";
}

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
}

void append_uuid(std::string& out, std::string_view bytes) {
  if (bytes.size() != 16) {
    fail();
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 36> buffer;
  char* at = buffer.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      *at++ = '-';
    }
    const auto byte = static_cast<unsigned char>(bytes[i]);
    *at++ = digits[byte >> 4U];
    *at++ = digits[byte & 15U];
  }
  out.append(buffer.data(), buffer.size());
}

}  // namespace

Decoder decoder_of(Oid type, char kind) noexcept {
  if (kind == 'e') {
    return Decoder::as_is;  // its label
  }
  switch (type) {  // object ids of built-in types never change
    case 16: return Decoder::boolean;
    case 17: return Decoder::bytes;
    case 20: return Decoder::int8;
    case 21: return Decoder::int2;
    case 23: return Decoder::int4;
    case 26: return Decoder::oid;
    case 700: return Decoder::float4;
    case 701: return Decoder::float8;
    case 1082: return Decoder::date;
    case 1083: return Decoder::time;
    case 1114: return Decoder::timestamp;
    case 1184: return Decoder::timestamptz;
    case 1700: return Decoder::numeric;
    case 2950: return Decoder::uuid;
    case 3802: return Decoder::jsonb;
    case 19:    // name
    case 25:    // text
    case 114:   // json
    case 1042:  // bpchar
    case 1043:  // varchar
      return Decoder::as_is;
    default: return Decoder::by_server;
  }
}

void append_text(std::string& out, Decoder decoder, std::string_view bytes) {
  switch (decoder) {
    case Decoder::as_is:
    case Decoder::by_server: out += bytes; return;
    case Decoder::boolean: out += read<std::uint8_t>(bytes) != 0 ? "true" : "false"; return;
    case Decoder::int2: append_integer(out, read<std::int16_t>(bytes)); return;
    case Decoder::int4: append_integer(out, read<std::int32_t>(bytes)); return;
    case Decoder::int8: append_integer(out, read<std::int64_t>(bytes)); return;
    case Decoder::oid: append_integer(out, read<std::uint32_t>(bytes)); return;
    case Decoder::float4:
      append_float(out, std::bit_cast<float>(read<std::uint32_t>(bytes)), 6);
      return;
    case Decoder::float8:
      append_float(out, std::bit_cast<double>(read<std::uint64_t>(bytes)), 15);
      return;
    case Decoder::numeric: append_numeric(out, bytes); return;
    case Decoder::date: {
      const auto days = read<std::int32_t>(bytes);
      if (!append_infinity(out, days)) {
        out += append_date(out, days) ? " BC" : "";
      }
      return;
    }
    case Decoder::time: append_time(out, read<std::int64_t>(bytes)); return;
    case Decoder::timestamp: append_timestamp(out, read<std::int64_t>(bytes), false); return;
    case Decoder::timestamptz: append_timestamp(out, read<std::int64_t>(bytes), true); return;
    case Decoder::uuid: append_uuid(out, bytes); return;
    case Decoder::bytes: append_hex(out, bytes); return;
    case Decoder::jsonb:
      if (bytes.empty() || bytes.front() != 1) {
        fail();
      }
      out += bytes.substr(1);
      return;
  }
}

}  // namespace mapctl::connectors::postgres
