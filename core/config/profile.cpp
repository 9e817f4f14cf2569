// SPDX-License-Identifier: Apache-2.0
#include "core/config/profile.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <system_error>
#include <utility>

namespace mapctl::config {
namespace fs = std::filesystem;
namespace {

constexpr std::array later_kinds{std::string_view{"vault"}, std::string_view{"aws-sm"},
                                 std::string_view{"store"}, std::string_view{"cmd"}};

// Options whose children are named by the profile: they are inherited one by one.
bool is_map_of_names(std::string_view option) {
  return option == "config" || option == "headers" || option == "parameters" || option == "streams";
}

struct Reference {
  std::size_t begin = 0, end = 0;  // in the text, "${" and "}" included
  std::string_view kind{}, argument{};
};

// The next "${kind:argument}" at or behind `from`; "$${" is not one.
std::optional<Reference> find_reference(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("${", from); at != std::string_view::npos;
       at = text.find("${", at + 2)) {
    if (at > from && text[at - 1] == '$') {
      continue;
    }
    const std::size_t close = text.find('}', at);
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view body = text.substr(at + 2, close - at - 2);
    const std::size_t colon = body.find(':');
    Reference reference{at, close + 1, body, {}};
    if (colon != std::string_view::npos) {
      reference.kind = body.substr(0, colon);
      reference.argument = body.substr(colon + 1);
    }
    return reference;
  }
  return std::nullopt;
}

// A "${" that nothing closes: half of a reference, be it behind whole ones.
bool has_unclosed_reference(std::string_view text) {
  std::size_t from = 0;
  while (const auto reference = find_reference(text, from)) {
    from = reference->end;
  }
  for (std::size_t at = text.find("${", from); at != std::string_view::npos;
       at = text.find("${", at + 2)) {
    if (at == from || text[at - 1] != '$') {
      return true;
    }
  }
  return false;
}

// References and templates are filled in later.
bool is_open(std::string_view text) {
  return find_reference(text, 0) || text.find("{{") != std::string_view::npos;
}

struct ShownUrl {
  std::string text{};
  bool has_plain_secret = false;
};

// "https://user:pass@host/path?api_key=x" without password and key.
ShownUrl mask_url(std::string_view text) {
  ShownUrl made;
  const std::size_t question = std::min(text.find('?'), text.size());
  std::string_view address = text.substr(0, question);
  if (const std::size_t scheme = address.find("://"); scheme != std::string_view::npos) {
    const std::size_t host = scheme + 3;
    const std::string_view authority =
        address.substr(host, address.find_first_of("/#", host) - host);
    const std::size_t at = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (at != std::string_view::npos && colon < at) {
      made.has_plain_secret = at > colon + 1 && !is_open(authority.substr(colon, at - colon));
      made.text = fmt::format("{}:{}", address.substr(0, host + colon), masked);
      address.remove_prefix(host + at);
    }
  }
  made.text += address;
  char separator = '?';
  if (question == text.size()) {
    return made;
  }
  for (const std::string_view pair : split(text.substr(question + 1), '&')) {
    const std::size_t equal = std::min(pair.find('='), pair.size());
    const bool is_plain = equal + 1 < pair.size() && is_secret_name(pair.substr(0, equal)) &&
                          !is_open(pair.substr(equal));
    made.text += separator;
    made.text += is_plain ? fmt::format("{}={}", pair.substr(0, equal), masked) : std::string{pair};
    made.has_plain_secret = made.has_plain_secret || is_plain;
    separator = '&';
  }
  return made;
}

bool parses_as_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_word = text == "true" || text == "false";
  return is_word || (error == std::errc{} && end == text.data() + text.size() && !text.empty() &&
                     (text.size() == 1 || text[0] != '0') && std::isfinite(number));
}

fs::path directory_of(const fs::path& file) {
  return fs::absolute(file).parent_path().lexically_normal();
}

// Maps of what is sent, or of what templates use, by names that the profile chooses.
bool holds_values(std::string_view key) {
  static constexpr std::string_view keys[] = {"authentication", "body",          "config",
                                              "form",           "headers",       "parameters",
                                              "token_form",     "token_headers", "claims"};
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

bool is_plain_secret(const YamlNode& node) {
  return node.is_scalar() && is_secret_name(node.key) && !node.text.empty() &&
         !is_open(node.text) &&
         !(node.plain && (node.text == "true" || node.text == "false" || node.text == "none"));
}

bool any_reference(const YamlNode& node) {
  return find_reference(node.text, 0).has_value() ||
         std::any_of(node.children.begin(), node.children.end(), any_reference);
}

bool is_tree(const YamlNode& node) {
  return node.is_map() || (node.is_sequence() &&
                           std::any_of(node.children.begin(), node.children.end(),
                                       [](const YamlNode& item) { return !item.is_scalar(); }));
}

ProfileValue read_tree(const YamlNode& node, const fs::path& directory) {
  ProfileValue value;
  value.tree = std::make_shared<const YamlNode>(node);
  value.has_reference = any_reference(node);
  value.where = node.where();
  value.directory = directory;
  return value;
}

// What `over` names replaces what `under` has of the same name.
std::shared_ptr<const YamlNode> merged(const YamlNode& under, const YamlNode& over) {
  auto made = std::make_shared<YamlNode>(under);
  for (const YamlNode& child : over.children) {
    const auto known = std::find_if(made->children.begin(), made->children.end(),
                                    [&](const YamlNode& one) { return one.key == child.key; });
    if (known != made->children.end()) {
      *known = child;
    } else {
      made->children.push_back(child);
    }
  }
  return made;
}

ProfileValue read_value(const YamlNode& node, std::string_view what, const fs::path& directory) {
  ProfileValue value;
  if (node.is_sequence()) {
    std::vector<std::string> items;
    for (const YamlNode& item : node.children) {
      items.push_back(text_of(item, what));
    }
    value.text = Secret{join(items, ",")};
  } else {
    value.text = Secret{text_of(node, what)};
  }
  value.has_reference = find_reference(value.text.reveal(), 0).has_value();
  value.where = node.where();
  value.directory = directory;
  return value;
}

class Loader {
 public:
  explicit Loader(std::span<const fs::path> directories) : directories_{directories} {}

  Profile load(const fs::path& file) {
    if (std::find(chain_.begin(), chain_.end(), file) != chain_.end()) {
      std::string circle;
      for (const fs::path& link : chain_) {
        circle += fmt::format("'{}' -> ", link.string());
      }
      throw Error{
          ErrorCode::configuration,
          fmt::format("profiles extend each other in a circle: {}'{}'", circle, file.string()),
          "remove one of the 'extends' lines"};
    }
    chain_.push_back(file);
    const YamlNode root = load_yaml(file);
    const std::string stem = file.stem().string();
    MapReader reader{root, fmt::format("profile '{}'", stem)};
    const std::optional<std::string> name = reader.optional_string("name");
    const YamlNode* extends = reader.get("extends");
    Profile profile;
    if (extends != nullptr) {
      profile = load(find_base(*extends, file));
    }
    profile.name = name.value_or(stem);
    profile.file = file;
    profile.chain.insert(profile.chain.begin(), file);
    if (auto connector = reader.optional_string("connector")) {
      profile.connector = std::move(*connector);
    }
    if (auto description = reader.optional_string("description")) {
      profile.description = std::move(*description);
    }
    read_values(reader, profile, directory_of(file));
    read_limits(reader, profile);
    reader.finish();
    if (name && *name != stem) {
      fail_at(*root.find("name"),
              fmt::format("profile '{}' is in a file named '{}.yaml'", *name, stem),
              "give the file the profile's name");
    }
    if (profile.connector.empty() && chain_.front() == file) {
      fail_at(root, fmt::format("profile '{}' has no key 'connector'", profile.name),
              "add 'connector: ...'; 'mapctl connector list' shows which there are");
    }
    return profile;
  }

 private:
  // A profile may extend the shipped one that has its own name, so its own file is passed over.
  fs::path find_base(const YamlNode& extends, const fs::path& from) const {
    const std::string name = text_of(extends, "key 'extends'");
    for (const fs::path& directory : directories_) {
      const fs::path candidate = directory / (name + ".yaml");
      std::error_code ignored;
      if (fs::is_regular_file(candidate, ignored) && !fs::equivalent(candidate, from, ignored)) {
        return candidate;
      }
    }
    std::vector<std::string> known;
    for (const ProfileEntry& entry : list_profiles(directories_)) {
      known.push_back(entry.name);
    }
    fail_at(extends, fmt::format("no profile is named '{}'", name), suggestion(name, known));
  }

  static void read_values(MapReader& reader, Profile& profile, const fs::path& directory) {
    if (const YamlNode* options = reader.get_map("options")) {
      for (const YamlNode& node : options->children) {
        if (is_tree(node)) {
          read_option_tree(profile, node, directory);
          continue;
        }
        ProfileValue value = read_value(node, fmt::format("option '{}'", node.key), directory);
        value.is_secret = is_secret_name(node.key);
        warn_if_plain(profile, node, value);
        if (!value.is_secret) {
          warn_of_url(profile, node);
        }
        profile.options.insert_or_assign(node.key, std::move(value));
      }
    }
    if (const YamlNode* auth = reader.get_map("auth")) {
      for (const YamlNode& node : auth->children) {
        ProfileValue value = read_value(node, fmt::format("key '{}' of auth", node.key), directory);
        value.is_secret = !names_somebody(node.key);
        warn_if_plain(profile, node, value);
        profile.auth.insert_or_assign(node.key, std::move(value));
      }
    }
  }

  static void read_option_tree(Profile& profile, const YamlNode& node, const fs::path& directory) {
    ProfileValue value = read_tree(node, directory);
    const auto inherited = profile.options.find(node.key);
    if (is_map_of_names(node.key) && node.is_map() && inherited != profile.options.end() &&
        inherited->second.tree) {
      value.tree = merged(*inherited->second.tree, *value.tree);
      value.has_reference = any_reference(*value.tree);
    }
    warn_of_plain(profile, node, holds_values(node.key));
    profile.options.insert_or_assign(node.key, std::move(value));
  }

  static void warn_of_plain(Profile& profile, const YamlNode& node, bool has_values) {
    for (const YamlNode& child : node.children) {
      if (has_values && is_plain_secret(child)) {
        profile.warnings.push_back(fmt::format(
            "{}: '{}' is a secret in plain text; put it under auth: as a reference instead",
            child.where(), child.key));
      } else {
        warn_of_url(profile, child);
      }
      warn_of_plain(profile, child, has_values || holds_values(child.key));
    }
  }

  static void warn_of_url(Profile& profile, const YamlNode& node) {
    if (node.is_scalar() && mask_url(node.text).has_plain_secret) {
      profile.warnings.push_back(fmt::format(
          "{}: '{}' holds a secret in plain text; put it under auth: as a reference instead",
          node.where(), node.key));
    }
  }

  static void warn_if_plain(Profile& profile, const YamlNode& node, const ProfileValue& value) {
    if (value.is_secret && !value.has_reference && !value.text.empty() &&
        !has_unclosed_reference(value.text.reveal())) {
      profile.warnings.push_back(fmt::format(
          "{}: '{}' is a secret in plain text; write ${{env:NAME}} or ${{file:PATH}} instead",
          node.where(), node.key));
    }
  }

  static void read_limits(MapReader& reader, Profile& profile) {
    if (const YamlNode* node = reader.get_map("limits")) {
      MapReader limits{*node, "limits"};
      if (auto value = limits.optional_number("requests_per_second", {.minimum = 0.001})) {
        profile.limits.requests_per_second = value;
      }
      if (auto value = limits.optional_integer("max_connections", {.minimum = 1})) {
        profile.limits.max_connections = value;
      }
      if (auto value = limits.optional_duration("timeout")) {
        profile.limits.timeout = value;
      }
      if (auto value = limits.optional_duration("catalog_lifetime")) {
        profile.limits.catalog_lifetime = value;
      }
      limits.finish();
    }
    if (const YamlNode* node = reader.get_map("retry")) {
      MapReader retry{*node, "retry"};
      if (auto value = retry.optional_integer("attempts", {.minimum = 1, .maximum = 100})) {
        profile.retry.attempts = value;
      }
      if (auto value = retry.optional_duration("backoff")) {
        profile.retry.backoff = value;
      }
      if (auto value = retry.optional_duration("max_backoff")) {
        profile.retry.max_backoff = value;
      }
      if (auto value = retry.optional_duration("deadline")) {
        profile.retry.deadline = value;
      }
      retry.finish();
    }
    if (const YamlNode* node = reader.get_map("access")) {
      MapReader access{*node, "access"};
      if (access.get("roles") != nullptr) {
        profile.roles = access.strings("roles");
      }
      access.finish();
    }
  }

  std::span<const fs::path> directories_;
  std::vector<fs::path> chain_;
};

std::string resolve_one(const Reference& reference, const ProfileValue& value,
                        const SecretSources& sources) {
  const std::string argument{reference.argument};
  if (reference.kind == "env") {
    auto found = sources.environment(argument);
    if (!found) {
      throw Error{ErrorCode::configuration,
                  fmt::format("{}: environment variable '{}' is not set", value.where, argument),
                  fmt::format("set it, for example: export {}=...", argument)};
    }
    return std::move(*found);
  }
  if (reference.kind == "file") {
    try {
      std::string content = read_file(value.directory / argument);
      if (content.ends_with('\n')) {
        content.pop_back();
      }
      if (content.ends_with('\r')) {
        content.pop_back();
      }
      return content;
    } catch (const Error& error) {
      throw Error{ErrorCode::configuration,
                  fmt::format("{}: a secret cannot be read: {}", value.where, error.what()),
                  error.facts().hint};
    }
  }
  if (const auto other = sources.others.find(reference.kind); other != sources.others.end()) {
    try {
      return other->second(argument);
    } catch (const Error& error) {
      Error::Facts facts = error.facts();
      facts.message =
          fmt::format("{}: '{}' cannot be resolved: {}", value.where, reference.kind, error.what());
      throw Error{std::move(facts)};
    }
  }
  if (std::find(later_kinds.begin(), later_kinds.end(), reference.kind) != later_kinds.end()) {
    throw Error{ErrorCode::unsupported,
                fmt::format("{}: secret references of kind '{}' are not in this build", value.where,
                            reference.kind),
                "use ${env:NAME} or ${file:PATH}"};
  }
  std::vector<std::string> known{"env", "file"};
  for (const auto& [kind, source] : sources.others) {
    known.push_back(kind);
  }
  throw Error{ErrorCode::configuration,
              fmt::format("{}: unknown kind '{}' of secret reference", value.where, reference.kind),
              suggestion(reference.kind, known)};
}

std::string resolve_text(const std::string& text, const ProfileValue& value,
                         const SecretSources& sources) {
  if (has_unclosed_reference(text)) {
    throw Error{ErrorCode::configuration,
                fmt::format("{}: a secret reference has no closing '}}'", value.where),
                "write ${env:NAME}; $${ stands for the two characters themselves"};
  }
  std::string resolved;
  std::size_t at = 0;
  while (const auto reference = find_reference(text, at)) {
    resolved += replace_all(text.substr(at, reference->begin - at), "$${", "${");
    resolved += resolve_one(*reference, value, sources);
    at = reference->end;
  }
  return resolved + replace_all(text.substr(at), "$${", "${");
}

// YAML on one line, which JSON is a part of.
std::string shown_tree(const YamlNode& node) {
  std::string text;
  const auto separate = [&] { text += text.size() > 1 ? ", " : ""; };
  switch (node.kind) {
    case YamlKind::null: return "null";
    case YamlKind::scalar: {
      if (is_plain_secret(node)) {
        append_json_string(text, masked);
      } else if (node.plain && parses_as_number(node.text)) {
        text = node.text;
      } else {
        append_json_string(text, mask_url(node.text).text);
      }
      return text;
    }
    case YamlKind::sequence:
      text = "[";
      for (const YamlNode& child : node.children) {
        separate();
        text += shown_tree(child);
      }
      return text + "]";
    case YamlKind::map:
      text = "{";
      for (const YamlNode& child : node.children) {
        separate();
        append_json_string(text, child.key);
        text += ": " + shown_tree(child);
      }
      return text + "}";
  }
  return text;
}

}  // namespace

bool is_valid_profile_name(std::string_view name) noexcept {
  return !name.empty() && name.front() != '.' && name.front() != '-' && name != "canonical" &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
         });
}

Profile load_profile(std::string_view name, std::span<const fs::path> directories) {
  if (is_valid_profile_name(name)) {
    for (const fs::path& directory : directories) {
      const fs::path file = directory / fmt::format("{}.yaml", name);
      std::error_code ignored;
      if (fs::is_regular_file(file, ignored)) {
        return load_profile_file(file, directories);
      }
    }
  }
  std::vector<std::string> known;
  for (const ProfileEntry& entry : list_profiles(directories)) {
    known.push_back(entry.name);
  }
  const std::string entities = "canonical";  // an endpoint that needs no profile
  if (nearest(name, std::vector{entities}) && !nearest(name, known)) {
    known = {entities};
  }
  throw Error{ErrorCode::not_found, fmt::format("no profile is named '{}'", name),
              known.empty() ? std::string{"put profiles into ./profiles or name their directory "
                                          "with --profiles DIR"}
                            : suggestion(name, known)};
}

Profile load_profile_file(const fs::path& path, std::span<const fs::path> directories) {
  return Loader{directories}.load(path);
}

std::vector<ProfileEntry> list_profiles(std::span<const fs::path> directories) {
  std::map<std::string, fs::path> found;
  for (const fs::path& directory : directories) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator{directory, ignored}) {
      const std::string name = entry.path().stem().string();
      std::error_code not_a_file;
      if (entry.path().extension() == ".yaml" && is_valid_profile_name(name) &&
          entry.is_regular_file(not_a_file)) {
        found.emplace(name, entry.path());
      }
    }
  }
  std::vector<ProfileEntry> entries;
  for (auto& [name, file] : found) {
    entries.push_back({name, std::move(file)});
  }
  return entries;
}

Secret resolve(const ProfileValue& value,
               const std::function<std::optional<std::string>(const std::string&)>& environment) {
  return resolve(value, SecretSources{environment, {}});
}

Secret resolve(const ProfileValue& value, const SecretSources& sources) {
  return Secret{resolve_text(value.text.reveal(), value, sources)};
}

std::shared_ptr<const YamlNode> resolve_tree(const ProfileValue& value,
                                             const SecretSources& sources) {
  auto made = std::make_shared<YamlNode>(*value.tree);
  const auto visit = [&](const auto& self, YamlNode& node) -> void {
    if (node.is_scalar() && node.text.find("${") != std::string::npos) {
      ProfileValue place;
      place.where = node.where();
      place.directory = value.directory;
      node.text = resolve_text(node.text, place, sources);
      node.plain = false;
    }
    for (YamlNode& child : node.children) {
      self(self, child);
    }
  };
  visit(visit, *made);
  return made;
}

std::optional<SecretReference> only_reference(const ProfileValue& value) {
  const std::string& text = value.text.reveal();
  const auto reference = find_reference(text, 0);
  if (!reference || reference->begin != 0 || reference->end != text.size()) {
    return std::nullopt;
  }
  return SecretReference{std::string{reference->kind}, std::string{reference->argument}};
}

std::string shown(const ProfileValue& value) {
  if (value.tree) {
    return shown_tree(*value.tree);
  }
  const std::string& text = value.text.reveal();
  if (!value.is_secret) {
    return mask_url(text).text;
  }
  // Only a text that is nothing but a reference is sure to hold no secret part.
  const auto reference = find_reference(text, 0);
  return reference && reference->begin == 0 && reference->end == text.size() ? text
                                                                             : std::string{masked};
}

}  // namespace mapctl::config
