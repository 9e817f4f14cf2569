// SPDX-License-Identifier: Apache-2.0
#include "cli/profile_access.hpp"

#include "cli/command.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/registry/registry.hpp"
#include "core/registry/tenants.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <vector>

namespace mapctl::cli {
namespace {

// "${kind:argument}" as they are written; "$${" is none. Anything else in the text may be secret.
std::vector<std::string> references_in(std::string_view text) {
  std::vector<std::string> found;
  for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    const auto end = text.find('}', at);
    if (end != std::string_view::npos && (at == 0 || text[at - 1] != '$')) {
      found.emplace_back(text.substr(at, end - at + 1));
    }
  }
  return found;
}

// One write, so that lines of several processes do not mix.
void append_line(const std::string& path, const std::string& line) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    throw_io_error(errno, "note the use of a secret in", path);
  }
  const ssize_t written = ::write(file, line.data(), line.size());
  const int problem = errno;
  ::close(file);
  if (written != static_cast<ssize_t>(line.size())) {
    throw_io_error(written < 0 ? problem : ENOSPC, "note the use of a secret in", path);
  }
}

}  // namespace

void check_profile_access(const CommandContext& context, const config::Profile& profile) {
  if (profile.roles.empty() || !context.has_registry()) {
    return;
  }
  registry::Registry registry = context.open_registry();
  const auto users = registry::users(registry);
  const bool has_roles = std::any_of(users.begin(), users.end(), [](const auto& user) {
    return user.role != registry::Role::none && user.status == "active";
  });
  const registry::Role role = registry.role();
  const std::string name{registry::to_string(role)};
  if (!has_roles || role == registry::Role::admin ||
      std::find(profile.roles.begin(), profile.roles.end(), name) != profile.roles.end()) {
    return;
  }
  throw Error{ErrorCode::denied,
              fmt::format("profile '{}' is for {}, and '{}' is {}", profile.name,
                          join(profile.roles, " and "), context.user().text, name),
              "ask an admin for the role, or for a profile of your own"};
}

void note_secret_use(const CommandContext& context, const config::Profile& profile,
                     std::string_view key, const config::ProfileValue& value) {
  const auto references = references_in(value.tree ? config::shown(value) : value.text.reveal());
  for (const std::string& reference : references) {
    context.reporter().debug(fmt::format("profile '{}' reads {} for {} ({})", profile.name,
                                         reference, key, value.where));
    const char* path = std::getenv("MAPCTL_SECRET_AUDIT");
    if (path == nullptr || *path == '\0') {
      continue;
    }
    Json line = Json::object();
    line["time"] = to_iso8601(context.clock().now());
    line["user"] = context.user().text;
    line["tenant"] = context.tenant().text;
    line["profile"] = profile.name;
    line["key"] = key;
    line["reference"] = reference;
    line["where"] = value.where;
    append_line(path, to_line(line) + "\n");
  }
}

}  // namespace mapctl::cli
