// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace mapctl {

// A string that says what it names, so that two of them cannot be swapped.
template <class Tag>
struct Named {
  Named() = default;
  explicit Named(std::string value) : text{std::move(value)} {}
  auto operator<=>(const Named&) const = default;
  bool empty() const noexcept { return text.empty(); }
  std::string text;
};

using TenantId = Named<struct TenantIdTag>;
using TenantName = Named<struct TenantNameTag>;
using UserName = Named<struct UserNameTag>;
using RunId = Named<struct RunIdTag>;
using ProfileName = Named<struct ProfileNameTag>;

}  // namespace mapctl

template <class Tag>
struct std::hash<mapctl::Named<Tag>> {
  std::size_t operator()(const mapctl::Named<Tag>& name) const noexcept {
    return std::hash<std::string>{}(name.text);
  }
};
