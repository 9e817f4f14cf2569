// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"

#include <string>
#include <string_view>

namespace mapctl::cli {

// Standard output: data only, buffered. A reader that went away (`| head`) is no error: what
// follows is dropped, and the command may stop early when closed() says so. Any other failure, a
// full disk for one, throws Error. Used by one thread at a time.
class Output {
 public:
  explicit Output(int descriptor = 1) noexcept : descriptor_{descriptor} {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view text);
  void line(std::string_view text);  // and a line feed
  void document(const Json& json);   // indented
  void json_line(const Json& json);  // on one line
  // Must be called at the end; the destructor writes nothing.
  void flush();
  bool closed() const noexcept { return closed_; }

 private:
  std::string buffer_;
  int descriptor_;
  bool closed_ = false;
};

}  // namespace mapctl::cli
