// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/scan.hpp"

#include "connectors/postgres/binary.hpp"
#include "connectors/postgres/bound_statement.hpp"
#include "connectors/postgres/copy_format.hpp"
#include "connectors/postgres/values.hpp"
#include "core/base/digest.hpp"
#include "core/base/error.hpp"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::postgres {
namespace {

std::string literal_of(const Connection& connection, const Parameters::Value& value) {
  if (value.is_null) {
    return "NULL";
  }
  return value.is_binary
             ? fmt::format(
                   "'\\x{}'::bytea",
                   to_hex(std::span{reinterpret_cast<const unsigned char*>(value.bytes.data()),
                                    value.bytes.size()}))
             : connection.quote_literal(value.bytes);
}

// COPY takes no parameters, so each $n outside of quotes gives way to its value.
std::string with_values(const Connection& connection, std::string_view sql,
                        const Parameters& parameters) {
  std::string text;
  char quote = '\0';
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote != '\0') {
      quote = c == quote ? '\0' : quote;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '$') {
      std::size_t number = 0;
      const char* const end =
          std::from_chars(sql.data() + i + 1, sql.data() + sql.size(), number).ptr;
      if (number >= 1 && number <= parameters.values.size()) {
        text += literal_of(connection, parameters.values[number - 1]);
        i = static_cast<std::size_t>(end - sql.data()) - 1;
        continue;
      }
    }
    text += c;
  }
  return text;
}

class Scan final : public BoundStatement, public Streaming {
 public:
  Scan(std::shared_ptr<Link> link, std::string_view sql)
      : BoundStatement{sql}, link_{std::move(link)} {}
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;
  ~Scan() override { link_->forget(*this); }

  bool step() override {
    if (!format_) {
      start();
    }
    ++row_;
    current_.reset();
    std::optional<std::string_view> bytes;
    if (is_kept_) {
      bytes = next_kept();
    } else {
      try {
        bytes = link_->next_copied();
      } catch (const Error&) {
        end();
        throw;
      }
    }
    if (bytes && read(*bytes)) {
      return true;
    }
    if (!is_kept_) {
      link_->forget(*this);  // what comes behind the mark of the end is nothing but the end
    }
    end();
    return false;
  }

  void reset() override {
    link_->forget(*this);
    end();
  }

  void keep_rest() override {
    current_ = link_->connection().take_copied();
    is_kept_ = true;
    try {
      while (const auto row = link_->next_copied()) {
        kept_.emplace_back(*row);
      }
    } catch (const Error& problem) {
      late_problem_ = problem;
    }
  }

  bool is_null(int column) const override { return !field(column); }

  std::string_view text(int column) const override {
    const std::optional<std::string_view>& bytes = field(column);
    const Decoder decoder = columns_[index(column)].decoder;
    if (!bytes || decoder == Decoder::as_is || decoder == Decoder::bytes) {
      return bytes.value_or(std::string_view{});
    }
    return converted(columns_[index(column)], *bytes);
  }

  std::int64_t integer(int column) const override {
    const std::optional<std::string_view>& bytes = field(column);
    if (!bytes) {
      return 0;
    }
    switch (columns_[index(column)].decoder) {
      case Decoder::boolean:
      case Decoder::int2:
      case Decoder::int4:
      case Decoder::int8: return to_integer(*bytes);
      default: return read_integer(text(column));
    }
  }

  double real(int column) const override {
    const std::optional<std::string_view>& bytes = field(column);
    if (bytes && columns_[index(column)].decoder == Decoder::float8 && bytes->size() == 8) {
      return std::bit_cast<double>(to_integer(*bytes));
    }
    return bytes ? read_real(text(column)) : 0;
  }

  std::string_view bytes(int column) const override { return text(column); }

 private:
  struct Column {
    Oid type = 0;
    Decoder decoder = Decoder::as_is;
    // The text of the value that was asked for last: ids and times often stand in many rows.
    mutable std::string raw{};
    mutable std::string text{};
    mutable std::uint64_t row = 0;
  };

  static std::size_t index(int column) { return static_cast<std::size_t>(column); }
  const std::optional<std::string_view>& field(int column) const { return fields_[index(column)]; }

  // Of any width, with its sign.
  static std::int64_t to_integer(std::string_view bytes) {
    std::int64_t value = !bytes.empty() && static_cast<signed char>(bytes.front()) < 0 ? -1 : 0;
    for (const char byte : bytes) {
      value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8U |
                                        static_cast<unsigned char>(byte));
    }
    return value;
  }

  void start() {
    const std::string select = with_values(link_->connection(), sql(), parameters());
    if (columns_.empty()) {
      for (const Oid type : link_->column_types(select)) {
        Column& column = columns_.emplace_back();
        column.type = type;
        column.decoder = decoder_of(type, 'b');
        if (column.decoder == Decoder::by_server) {
          columns_.clear();
          throw Error{ErrorCode::internal,
                      fmt::format("values of type {} cannot be scanned", type)};
        }
      }
    }
    link_->start_copy(*this, fmt::format("COPY ({}) TO STDOUT (FORMAT binary)", select));
    format_.emplace(link_->connection().object(), columns_.size());
  }

  bool read(std::string_view bytes) {
    try {
      return format_->read(bytes, fields_);
    } catch (const Error&) {
      reset();
      throw;
    }
  }

  std::optional<std::string_view> next_kept() {
    if (next_kept_ < kept_.size()) {
      return kept_[next_kept_++];
    }
    if (const std::optional<Error> problem = std::exchange(late_problem_, std::nullopt)) {
      end();
      throw Error{*problem};
    }
    return std::nullopt;
  }

  std::string_view converted(const Column& column, std::string_view bytes) const {
    constexpr std::size_t short_value = 16;
    if (column.row == row_ || (column.raw == bytes && !column.text.empty())) {
      return column.text;
    }
    column.row = row_;
    column.raw.assign(bytes.size() <= short_value ? bytes : std::string_view{});
    column.text.clear();
    if (column.type == bool_type) {
      column.text = to_integer(bytes) != 0 ? "1" : "0";
      return column.text;
    }
    append_text(column.text, column.decoder, bytes);
    if (needs_conversion(column.type)) {
      column.text = to_portable(column.type, column.text);
    }
    return column.text;
  }

  void end() {
    format_.reset();
    current_.reset();
    is_kept_ = false;
    kept_.clear();
    next_kept_ = 0;
    late_problem_.reset();
  }

  std::shared_ptr<Link> link_;
  std::optional<CopyFormat> format_{};  // while it runs
  std::vector<Column> columns_{};
  std::vector<std::optional<std::string_view>> fields_{};
  std::uint64_t row_ = 0;
  // Rows taken off the connection because another statement needed it, and the one that was read.
  bool is_kept_ = false;
  MemoryHandle current_{};
  std::deque<std::string> kept_{};
  std::size_t next_kept_ = 0;
  std::optional<Error> late_problem_{};
};

}  // namespace

std::unique_ptr<ports::SqlStatement> make_scan(std::shared_ptr<Link> link, std::string_view sql) {
  return std::make_unique<Scan>(std::move(link), sql);
}

}  // namespace mapctl::connectors::postgres
