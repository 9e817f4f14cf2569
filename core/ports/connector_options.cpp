// SPDX-License-Identifier: Apache-2.0
#include "core/ports/connector_options.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ports/secret_mask.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mapctl::ports {

void fail_option(const ConnectorOptions& options, std::string_view name, std::string_view cause,
                 std::string hint) {
  throw Error{ErrorCode::configuration,
              fmt::format("profile '{}': option '{}' {}", options.profile, name, cause),
              std::move(hint)};
}

void check_options(const ConnectorOptions& options, const ConnectorInfo& info) {
  std::vector<std::string> names;
  for (const OptionSpec& spec : info.options) {
    names.push_back(spec.name);
  }
  const auto check = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw Error{ErrorCode::configuration,
                  fmt::format("profile '{}': unknown option '{}' for connector '{}'",
                              options.profile, name, info.name),
                  suggestion(name, names)};
    }
  };
  for (const auto& [name, value] : options.options) {
    check(name);
  }
  for (const auto& [name, value] : options.trees) {
    check(name);
  }
  for (const OptionSpec& spec : info.options) {
    if (spec.required && !options.options.contains(spec.name) &&
        !options.trees.contains(spec.name)) {
      throw Error{ErrorCode::configuration,
                  fmt::format("profile '{}': connector '{}' needs option '{}'", options.profile,
                              info.name, spec.name),
                  fmt::format("add it under options: it is {}", spec.description)};
    }
  }
}

bool is_path(const ConnectorInfo& info, std::string_view option,
             const std::map<std::string, std::string>& options) {
  return std::any_of(info.options.begin(), info.options.end(), [&](const OptionSpec& spec) {
    return spec.name == option &&
           (spec.is_path || (spec.is_path_beside != nullptr && spec.is_path_beside(options)));
  });
}

void check_secrets(const ConnectorOptions& options, std::string_view connector,
                   const std::vector<std::string>& known) {
  for (const auto& [name, value] : options.secrets) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw Error{ErrorCode::configuration,
                  fmt::format("profile '{}': unknown key '{}' under auth: for connector '{}'",
                              options.profile, name, connector),
                  suggestion(name, known)};
    }
  }
}

std::string text_option(const ConnectorOptions& options, const std::string& name,
                        std::string fallback) {
  const auto found = options.options.find(name);
  return found == options.options.end() ? std::move(fallback) : found->second;
}

std::int64_t whole_option(const ConnectorOptions& options, const std::string& name,
                          std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const std::string text = text_option(options, name);
  if (text.empty()) {
    return fallback;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    fail_option(options, name, fmt::format("cannot be '{}'", text),
                most == std::numeric_limits<std::int64_t>::max()
                    ? fmt::format("give a whole number of at least {}", least)
                    : fmt::format("give a whole number from {} to {}", least, most));
  }
  return value;
}

bool flag_option(const ConnectorOptions& options, const std::string& name, bool fallback) {
  const std::string text = text_option(options, name);
  if (text.empty()) {
    return fallback;
  }
  if (text != "true" && text != "false") {
    fail_option(options, name, fmt::format("cannot be '{}'", text), "write true or false");
  }
  return text == "true";
}

std::optional<std::uint64_t> bytes_option(const ConnectorOptions& options,
                                          const std::string& name) {
  const std::string text = text_option(options, name);
  if (text.empty()) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit = to_lower(trim(std::string_view{end, text.data() + text.size()}));
  static constexpr std::pair<std::string_view, double> units[] = {
      {"", 1},          {"kb", 1e3},      {"mb", 1e6},     {"gb", 1e9},
      {"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}};
  for (const auto& [word, factor] : units) {
    if (error == std::errc{} && unit == word && value > 0 && value * factor < 1e15) {
      return static_cast<std::uint64_t>(value * factor);
    }
  }
  fail_option(options, name, fmt::format("cannot be '{}'", text), "write it as 64MB or 1GiB");
}

std::vector<std::string> list_option(const ConnectorOptions& options, const std::string& name) {
  const std::string text = text_option(options, name);
  std::vector<std::string> items;
  for (const std::string_view item : split(text, ',')) {
    if (!trim(item).empty()) {
      items.emplace_back(trim(item));
    }
  }
  return items;
}

std::optional<std::size_t> word_option(const ConnectorOptions& options, const std::string& name,
                                       const std::vector<std::string>& words) {
  const auto given = options.options.find(name);
  if (given == options.options.end()) {
    return std::nullopt;
  }
  const auto found = std::find(words.begin(), words.end(), given->second);
  if (found == words.end()) {
    fail_option(options, name, fmt::format("cannot be '{}'", given->second),
                suggestion(given->second, words));
  }
  return static_cast<std::size_t>(found - words.begin());
}

std::optional<char> delimiter_option(const ConnectorOptions& options, const std::string& name) {
  const auto given = options.options.find(name);
  if (given == options.options.end()) {
    return std::nullopt;
  }
  const std::string& text = given->second;
  if (text == "tab" || text == "\\t") {
    return '\t';
  }
  if (text.size() != 1 || text == "\"" || text == "\n" || text == "\r") {
    fail_option(options, name, fmt::format("cannot be '{}'", text), "give one character, or tab");
  }
  return text.front();
}

const Secret& secret_of(const ConnectorOptions& options, const std::string& key) {
  static const Secret none;
  const auto found = options.secrets.find(key);
  return found == options.secrets.end() ? none : found->second;
}

RetryRules retry_rules(const ConnectionLimits& limits, unsigned attempts) {
  RetryRules made;
  made.attempts = static_cast<unsigned>(limits.attempts.value_or(attempts));
  made.backoff = limits.backoff.value_or(made.backoff);
  made.max_backoff = limits.max_backoff.value_or(made.max_backoff);
  made.deadline = limits.deadline.value_or(made.deadline);
  return made;
}

HttpSettings http_settings(const ConnectorOptions& options) {
  const ConnectionLimits& limits = options.limits;
  HttpSettings made;
  made.name = options.profile;
  made.requests_per_second = limits.requests_per_second;
  if (limits.max_connections) {
    made.max_connections = static_cast<std::size_t>(*limits.max_connections);
  }
  made.timeout = limits.timeout.value_or(made.timeout);
  made.retry = retry_rules(limits, made.retry.attempts);
  made.ca_file = text_option(options, "ca_file");
  for (const std::string& host : list_option(options, "allow_hosts")) {
    made.redirect_hosts.push_back(to_lower(host));
  }
  made.response_limit = bytes_option(options, "response_limit").value_or(made.response_limit);
  made.hints.limits = made.hints.options = true;
  return made;
}

std::shared_ptr<HttpClient> open_http(const ConnectorOptions& options, std::string_view connector,
                                      std::string_view address, std::shared_ptr<SecretMask> mask) {
  if (!options.http) {
    throw Error{ErrorCode::unsupported,
                fmt::format("connector '{}' needs an HTTP client", connector),
                "build mapctl with -D MAPCTL_WITH_HTTP=ON"};
  }
  HttpSettings settings = http_settings(options);
  settings.hints.address = address;
  return guarded(options.http().client(settings),
                 mask ? std::move(mask) : std::make_shared<SecretMask>(options));
}

}  // namespace mapctl::ports
