// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/handle.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::postgres {

// Parameter values as libpq wants them. Text, and bytes where marked.
struct Parameters {
  struct Value {
    std::string bytes{};
    bool is_null = true;
    bool is_binary = false;
    bool operator==(const Value&) const = default;
  };
  std::vector<Value> values{};
};

// Rows of one `INSERT ... VALUES (...)`, kept column by column until they travel as one statement
// that unnests arrays. A parameter that had the same value in all rows so far stays one parameter,
// which the server reads once.
class RowBlock {
 public:
  explicit RowBlock(std::string sql);
  RowBlock(const RowBlock&) = delete;
  RowBlock& operator=(const RowBlock&) = delete;

  const std::string& sql() const noexcept { return sql_; }
  std::size_t rows() const noexcept { return rows_; }
  // Enough for one statement: more gains nothing and only takes memory.
  bool is_full() const noexcept;
  // False when a parameter is text in this row and bytes in one before, or the other way round.
  bool fits(const Parameters& row) const noexcept;
  void add(const Parameters& row);
  void clear();

  // The types of the statement's parameters, which the server knows.
  bool knows_types() const noexcept { return !types_.empty(); }
  void set_types(std::vector<Oid> types);

  // False where the rows have to be sent one by one: for a statement of another form, a parameter
  // of a type that is not known here, or text where bytes are expected.
  bool can_gather() const noexcept;
  struct Gathered {
    std::string sql{};
    std::vector<Oid> types{};
    Parameters parameters{};
  };
  Gathered gather() const;

  Parameters row(std::size_t number) const;

 private:
  struct Column {
    Parameters::Value first{};
    // Once it did, it counts as varying in later blocks too: few texts are made that way.
    bool varies = false;
    std::string bytes{};
    std::vector<int> lengths{};  // -1: null
    bool has_null = false;
    bool is_text = false, is_binary = false;  // what came; null is neither
  };
  void take(Column& column, const Parameters::Value& value);
  static Parameters::Value array_of(const Column& column, Oid type);

  std::string sql_;
  std::string_view before_{}, values_{}, after_{};  // of sql_
  std::size_t rows_ = 0;
  std::size_t size_ = 0;  // bytes
  std::vector<Column> columns_{};
  std::vector<Oid> types_{};
};

}  // namespace mapctl::connectors::postgres
