// SPDX-License-Identifier: Apache-2.0
#include "core/registry/records.hpp"

#include <array>

namespace mapctl::registry {
namespace {

constexpr std::array<std::string_view, 5> run_words{"running", "done", "partial", "failed",
                                                    "interrupted"};
constexpr std::array<std::string_view, 4> job_words{"queued", "done", "failed", "skipped"};

constexpr std::array<std::string_view, 5> role_words{"none", "viewer", "analyst", "approver",
                                                     "admin"};

template <class Enum, std::size_t size>
std::optional<Enum> find_word(const std::array<std::string_view, size>& words,
                              std::string_view word) noexcept {
  for (std::size_t i = 0; i < size; ++i) {
    if (words[i] == word) {
      return static_cast<Enum>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(RunStatus status) noexcept {
  return run_words[static_cast<std::size_t>(status)];
}

std::optional<RunStatus> run_status_from(std::string_view word) noexcept {
  return find_word<RunStatus>(run_words, word);
}

std::string_view to_string(JobStatus status) noexcept {
  return job_words[static_cast<std::size_t>(status)];
}

std::optional<JobStatus> job_status_from(std::string_view word) noexcept {
  return find_word<JobStatus>(job_words, word);
}

std::string_view to_string(Role role) noexcept {
  return role_words[static_cast<std::size_t>(role)];
}

std::optional<Role> role_from(std::string_view word) noexcept {
  const auto role = find_word<Role>(role_words, word);
  return role == Role::none ? std::nullopt : role;
}

mapping::EntityName entity_name(std::string_view target_endpoint, const catalog::TableRef& target,
                                bool canonical) {
  if (canonical) {
    return mapping::EntityName{target.table.text};
  }
  return mapping::EntityName{std::string{target_endpoint} + '.' + to_string(target)};
}

}  // namespace mapctl::registry
