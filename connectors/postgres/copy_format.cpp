// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/copy_format.hpp"

#include "core/base/error.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <cstring>

namespace mapctl::connectors::postgres {

std::string_view CopyFormat::after_header(std::string_view bytes) const {
  constexpr std::string_view signature{"PGCOPY\n\377\r\n\0", 11};
  if (bytes.size() < 19 || !bytes.starts_with(signature)) {
    fail();
  }
  const std::size_t extension = take_number(bytes.substr(15));
  if (extension > bytes.size() - 19) {
    fail();
  }
  return bytes.substr(19 + extension);
}

std::size_t CopyFormat::take_number(std::string_view bytes) const {
  if (bytes.size() < 4) {
    fail();
  }
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return std::endian::native == std::endian::little ? __builtin_bswap32(number) : number;
}

bool CopyFormat::read(std::string_view bytes,
                      std::vector<std::optional<std::string_view>>& fields) {
  constexpr std::size_t null_size = 0xFFFFFFFF;
  if (!is_begun_) {
    bytes = after_header(bytes);
    is_begun_ = true;
  }
  if (bytes.size() < 2) {
    fail();
  }
  const auto count = static_cast<std::int16_t>(static_cast<unsigned char>(bytes[0]) << 8 |
                                               static_cast<unsigned char>(bytes[1]));
  bytes.remove_prefix(2);
  if (count < 0) {
    return false;
  }
  if (static_cast<std::size_t>(count) != columns_) {
    fail();
  }
  fields.resize(columns_);
  for (std::optional<std::string_view>& field : fields) {
    const std::size_t size = take_number(bytes);
    bytes.remove_prefix(4);
    field.reset();
    if (size == null_size) {
      continue;
    }
    if (size > bytes.size()) {
      fail();
    }
    field = bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
  return true;
}

void CopyFormat::fail() const {
  throw Error{ErrorCode::invalid_data,
              fmt::format("{}: the rows do not come in the form that was asked for", object_),
              "something between mapctl and the server does not speak its protocol as it should"};
}

}  // namespace mapctl::connectors::postgres
