// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/bound_statement.hpp"

#include "connectors/postgres/values.hpp"
#include "core/base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace mapctl::connectors::postgres {

BoundStatement::BoundStatement(std::string_view sql) : sql_{sql} {
  parameters_.values.resize(count_parameters(sql));
}

void BoundStatement::bind(int parameter, std::string_view value) {
  if (value.find('\0') != value.npos) {
    throw Error{ErrorCode::invalid_data,
                "a value contains a NUL byte, which PostgreSQL cannot keep"};
  }
  set(parameter, value, false);
}

void BoundStatement::bind(int parameter, std::int64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  set(parameter, {digits.data(), static_cast<std::size_t>(end - digits.data())}, false);
}

void BoundStatement::bind(int parameter, double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  set(parameter, {digits.data(), static_cast<std::size_t>(end - digits.data())}, false);
}

void BoundStatement::bind_null(int parameter) {
  value_at(parameter).is_null = true;
}

void BoundStatement::bind_bytes(int parameter, std::string_view bytes) {
  set(parameter, bytes, true);
}

Parameters::Value& BoundStatement::value_at(int parameter) {
  if (parameter < 1 || static_cast<std::size_t>(parameter) > parameters_.values.size()) {
    throw Error{ErrorCode::internal, fmt::format("the statement has no parameter ${}", parameter)};
  }
  return parameters_.values[static_cast<std::size_t>(parameter) - 1];
}

void BoundStatement::set(int parameter, std::string_view value, bool is_binary) {
  Parameters::Value& kept = value_at(parameter);
  kept.bytes.assign(value);
  kept.is_null = false;
  kept.is_binary = is_binary;
}

}  // namespace mapctl::connectors::postgres
