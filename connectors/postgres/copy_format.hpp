// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::connectors::postgres {

// Takes the messages of COPY ... TO STDOUT (FORMAT binary) apart, one after the other.
class CopyFormat {
 public:
  // `object` is named in errors.
  CopyFormat(std::string object, std::size_t columns)
      : object_{std::move(object)}, columns_{columns} {}

  // The fields of a row, null ones without a value: views of `bytes`. False at the mark of the end.
  // Throws Error::invalid_data for bytes of another form.
  bool read(std::string_view bytes, std::vector<std::optional<std::string_view>>& fields);

 private:
  std::string_view after_header(std::string_view bytes) const;
  std::size_t take_number(std::string_view bytes) const;
  [[noreturn]] void fail() const;

  std::string object_;
  std::size_t columns_;
  bool is_begun_ = false;
};

}  // namespace mapctl::connectors::postgres
