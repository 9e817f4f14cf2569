// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace mapctl {

// How a value is printed: text as it is, null as nothing, true and false, maps and lists as JSON.
std::string to_text(const Json& value);
// As Python sees it: null, false, 0, "", [] and {} are not.
bool is_truthy(const Json& value) noexcept;

// Copying and printing a document take stack for each level, parsing takes none: what others send
// must be refused before.
inline constexpr std::size_t most_json_depth = 256;
bool is_nested_too_deeply(std::string_view text) noexcept;

// The same for a text that comes in blocks. Closing brackets that nothing opened count for nothing,
// and a string ends with its line, so that no damage hides what comes behind it.
class NestingWatch {
 public:
  enum class Documents : bool { one, one_a_line };
  explicit NestingWatch(Documents documents = Documents::one) : documents_{documents} {}
  // Whether most_json_depth is passed in this block, to which nothing is to be added then.
  bool passes_limit_with(std::string_view block) noexcept;
  std::size_t line() const noexcept { return line_; }  // from 1

 private:
  void end_line() noexcept;

  Documents documents_;
  std::size_t depth_ = 0;
  std::size_t line_ = 1;
  bool in_text_ = false;
  bool escaped_ = false;
};
// Of what others send: discarded where it is no JSON, or nested more deeply than most_json_depth.
Json read_json(std::string_view text);

}  // namespace mapctl
