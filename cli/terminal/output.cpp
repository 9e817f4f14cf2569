// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/output.hpp"

#include "core/base/error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mapctl::cli {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;

}  // namespace

void Output::write(std::string_view text) {
  if (closed_) {
    return;
  }
  buffer_ += text;
  if (buffer_.size() >= buffer_size) {
    flush();
  }
}

void Output::line(std::string_view text) {
  write(text);
  write("\n");
}

void Output::document(const Json& json) {
  write(to_document(json));
}

void Output::json_line(const Json& json) {
  line(to_line(json));
}

void Output::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    const int number = errno;
    if (number == EINTR) {
      continue;
    }
    buffer_.clear();
    closed_ = true;  // a second failure would only hide the first
    if (number == EPIPE) {
      return;
    }
    Error::Facts facts;
    facts.code = number == ENOSPC || number == EDQUOT ? ErrorCode::resource_limit : ErrorCode::io;
    facts.message = fmt::format("cannot write standard output: {}", std::strerror(number));
    facts.hint = "the output is incomplete; free some space or write it somewhere else";
    facts.native_code = fmt::format("errno {}", number);
    throw Error{std::move(facts)};
  }
  buffer_.clear();
}

}  // namespace mapctl::cli
