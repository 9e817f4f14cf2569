// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mapctl {

// A value that must not reach a log, an error, the registry or a workbook. It has no formatter and
// no stream operator on purpose; the memory is wiped on destruction.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) noexcept;  // wipes what is left of `value`, too
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret&) = delete;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // For handing to a C library at the moment of use; do not store the result.
  const std::string& reveal() const noexcept { return value_; }
  bool empty() const noexcept { return value_.empty(); }

 private:
  std::string value_;
};

// What a person sees instead of a secret.
inline constexpr const char* masked = "********";

// Whether an option, header or parameter of that name holds a secret: "X-Api-Key", "refresh_token",
// and neither "token_url" nor "page_token".
bool is_secret_name(std::string_view name);
// Keys of `auth:` that name somebody or something and are no secret by themselves.
bool names_somebody(std::string_view key) noexcept;

}  // namespace mapctl
