// SPDX-License-Identifier: Apache-2.0
#include "core/config/settings.hpp"

#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace mapctl::config {
namespace fs = std::filesystem;
namespace {

using Kind = SettingSpec::Kind;

constexpr std::string_view output_formats[] = {"table", "json", "jsonl", "csv"};
constexpr std::string_view log_levels[] = {"error", "warning", "info", "debug"};
constexpr std::string_view log_formats[] = {"text", "json"};
constexpr std::string_view color_words[] = {"auto", "always", "never"};

constexpr std::array specs{
    SettingSpec{
        "registry", Kind::path, "", {}, "Registry: a path, sqlite:PATH or postgresql://..."},
    SettingSpec{"tenant", Kind::text, "default", {}, "Tenant whose data are read and written"},
    SettingSpec{"user", Kind::text, "", {}, "Who acts, for the audit trail"},
    SettingSpec{"profiles", Kind::paths, "", {}, "Directory with profiles, searched first"},
    SettingSpec{"format", Kind::word, "table", output_formats, "Shape of standard output"},
    SettingSpec{"log_level", Kind::word, "info", log_levels, "Least important message shown"},
    SettingSpec{"log_format", Kind::word, "text", log_formats, "Shape of messages"},
    SettingSpec{"color", Kind::word, "auto", color_words, "Colour on terminals"},
    SettingSpec{"no_progress", Kind::boolean, "false", {}, "Do not show progress"},
    SettingSpec{"quiet", Kind::boolean, "false", {}, "Show errors only"},
};

std::optional<bool> parse_boolean(std::string_view text) {
  static constexpr std::string_view yes[] = {"1", "true", "yes", "on"};
  static constexpr std::string_view no[] = {"", "0", "false", "no", "off"};
  const std::string word = to_lower(trim(text));
  if (std::find(std::begin(yes), std::end(yes), word) != std::end(yes)) {
    return true;
  }
  if (std::find(std::begin(no), std::end(no), word) != std::end(no)) {
    return false;
  }
  return std::nullopt;
}

// A registry may be a URL; only its path part is relative to something.
std::string absolute(std::string_view value, const fs::path& base) {
  if (value.find("://") != std::string_view::npos) {
    return std::string{value};
  }
  if (value.starts_with("sqlite:")) {
    value.remove_prefix(7);
  }
  return (base / fs::path{value}).lexically_normal().string();
}

// A value that is not one of a file: from a flag or a variable.
std::vector<std::string> read_text_value(const SettingSpec& spec, std::vector<std::string> values,
                                         const std::string& place, const fs::path& base,
                                         ErrorCode code) {
  for (std::string& value : values) {
    switch (spec.kind) {
      case Kind::text: break;
      case Kind::word: {
        if (std::find(spec.words.begin(), spec.words.end(), value) == spec.words.end()) {
          const std::vector<std::string> known{spec.words.begin(), spec.words.end()};
          throw Error{
              code,
              fmt::format("{} is '{}', but must be one of: {}", place, value, join(known, ", ")),
              nearest(value, known) ? suggestion(value, known) : std::string{}};
        }
        break;
      }
      case Kind::boolean: {
        const auto flag = parse_boolean(value);
        if (!flag) {
          throw Error{code, fmt::format("{} is '{}', but must be true or false", place, value)};
        }
        value = *flag ? "true" : "false";
        break;
      }
      case Kind::path:
      case Kind::paths: value = absolute(value, base); break;
    }
  }
  return values;
}

std::vector<std::string> read_file_value(const SettingSpec& spec, const YamlNode& node,
                                         const fs::path& base) {
  const std::string what = fmt::format("key '{}'", spec.name);
  std::vector<std::string> values;
  switch (spec.kind) {
    case Kind::boolean: values.emplace_back(boolean_of(node, what) ? "true" : "false"); break;
    case Kind::word:
      require_choice(node, what, spec.words);
      values.push_back(node.text);
      break;
    case Kind::text: values.push_back(text_of(node, what)); break;
    case Kind::path: values.push_back(absolute(text_of(node, what), base)); break;
    case Kind::paths:
      if (node.is_sequence()) {
        for (const YamlNode& item : node.children) {
          values.push_back(absolute(text_of(item, what), base));
        }
      } else {
        values.push_back(absolute(text_of(node, what), base));
      }
      break;
  }
  return values;
}

std::optional<std::string> non_empty(const SettingSources& sources, const std::string& variable) {
  auto value = sources.environment ? sources.environment(variable) : std::nullopt;
  return value && !value->empty() ? value : std::nullopt;
}

std::optional<fs::path> user_directory(const SettingSources& sources, const std::string& variable,
                                       std::string_view below_home) {
  if (const auto directory = non_empty(sources, variable)) {
    return fs::path{*directory} / "mapctl";
  }
  if (const auto home = non_empty(sources, "HOME")) {
    return fs::path{*home} / below_home / "mapctl";
  }
  return std::nullopt;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// `name=value` parameters whose value is nobody's business.
bool is_secret_parameter(std::string_view parameter) {
  const std::string name = to_lower(parameter.substr(0, parameter.find('=')));
  return name.find("password") != name.npos || name == "passfile" || name == "sslkey";
}

// Where the @ in front of the host is. The last one, as a password may hold one that ought to have
// been escaped; but not one that belongs to a secret among the parameters.
std::size_t end_of_user(std::string_view url) {
  const std::size_t last = url.rfind('@');
  const std::size_t mark = last == url.npos ? url.npos : url.rfind('?', last);
  if (mark == url.npos ||
      !is_secret_parameter(split(url.substr(mark + 1, last - mark - 1), '&').back())) {
    return last;
  }
  const std::size_t before = url.rfind('@', mark);
  // "me:pw?password=x@host": behind the colon of a host there would be a port.
  const std::size_t colon = url.find(':');
  const bool has_user =
      before == url.npos && colon < mark && !url.starts_with('[') && !is_digit(url[colon + 1]);
  return has_user ? last : before;
}

}  // namespace

std::string without_password(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) {
    return std::string{url};
  }
  std::string shown{url.substr(0, scheme + 3)};
  url.remove_prefix(scheme + 3);
  if (const std::size_t at = end_of_user(url); at != url.npos) {
    shown += url.substr(0, std::min(url.find(':'), at));
    url.remove_prefix(at);
  }
  const std::size_t question = url.find('?');
  shown += url.substr(0, question);
  if (question == url.npos) {
    return shown;
  }
  char separator = '?';
  for (const std::string_view parameter : split(url.substr(question + 1), '&')) {
    if (!is_secret_parameter(parameter)) {
      shown += separator;
      shown += parameter;
      separator = '&';
    }
  }
  return shown;
}

std::string_view to_string(OriginKind kind) noexcept {
  switch (kind) {
    case OriginKind::default_value: return "default";
    case OriginKind::system_file: return "system";
    case OriginKind::user_file: return "user";
    case OriginKind::project_file: return "project";
    case OriginKind::environment: return "environment";
    case OriginKind::flag: return "flag";
  }
  return "default";
}

std::string SettingSpec::flag() const {
  return "--" + replace_all(name, "_", "-");
}

std::string SettingSpec::variable() const {
  return "MAPCTL_" + to_upper(name);
}

std::span<const SettingSpec> setting_specs() noexcept {
  return specs;
}

const Setting& Settings::get(std::string_view name) const {
  const auto found = std::find_if(settings_.begin(), settings_.end(), [&](const Setting& setting) {
    return setting.spec->name == name;
  });
  if (found == settings_.end()) {
    throw Error{ErrorCode::internal, fmt::format("no setting is named '{}'", name)};
  }
  return *found;
}

std::string Settings::text(std::string_view name) const {
  const Setting& setting = get(name);
  return setting.values.empty() ? std::string{} : setting.values.front();
}

bool Settings::boolean(std::string_view name) const {
  return text(name) == "true";
}

std::vector<fs::path> Settings::paths(std::string_view name) const {
  const Setting& setting = get(name);
  return {setting.values.begin(), setting.values.end()};
}

RegistryPlace Settings::registry() const {
  const std::string value = text("registry");
  const fs::path own = project_file_ ? project_directory_ / ".mapctl" : user_data_;
  RegistryPlace place;
  const std::size_t scheme = value.find("://");
  if (scheme == std::string::npos) {
    place.file = value.empty() ? own / "registry.db" : fs::path{value};
    place.shown = place.file.string();
    place.directory = place.file.parent_path();
    return place;
  }
  const std::string kind = to_lower(value.substr(0, scheme));
  if (kind != "postgresql" && kind != "postgres") {
    // What follows the scheme may hold a password.
    throw Error{ErrorCode::unsupported,
                fmt::format("registry '{}://...' is of a kind that mapctl cannot open", kind),
                "use a path, sqlite:PATH or postgresql://HOST/DATABASE"};
  }
  place.shown = without_password(value);
  place.directory = own;
  place.url = Secret{value};
  return place;
}

namespace {

bool is_same_directory(const fs::path& left, const fs::path& right) {
  std::error_code one_is_missing;
  return left == right || fs::equivalent(left, right, one_is_missing);
}

}  // namespace

std::vector<fs::path> Settings::profile_directories(std::span<const fs::path> shipped) const {
  std::vector<fs::path> directories = paths("profiles");
  directories.push_back(working_directory_ / "profiles");
  directories.push_back(project_directory_ / "profiles");
  if (!user_config_.empty()) {
    directories.push_back(user_config_ / "profiles");
  }
  directories.insert(directories.end(), shipped.begin(), shipped.end());
  std::vector<fs::path> unique;
  for (fs::path& directory : directories) {
    if (std::none_of(unique.begin(), unique.end(), [&](const fs::path& earlier) {
          return is_same_directory(earlier, directory);
        })) {
      unique.push_back(std::move(directory));
    }
  }
  return unique;
}

// Fills settings from the weakest source to the strongest.
class SettingsLoader {
 public:
  explicit SettingsLoader(const SettingSources& sources) : sources_{sources} {}

  Settings load() {
    set_directories();
    set_defaults();
    find_project();
    read_files();
    for (Setting& setting : result_.settings_) {
      read_environment(setting);
      read_flag(setting);
    }
    return std::move(result_);
  }

 private:
  void set_directories() {
    const fs::path& here = sources_.working_directory;
    result_.working_directory_ = here;
    result_.project_directory_ = here;
    result_.user_config_ =
        user_directory(sources_, "XDG_CONFIG_HOME", ".config").value_or(fs::path{});
    result_.user_data_ =
        user_directory(sources_, "XDG_DATA_HOME", ".local/share").value_or(here / ".mapctl");
  }

  void set_defaults() {
    for (const SettingSpec& spec : specs) {
      Setting setting;
      setting.spec = &spec;
      if (!spec.fallback.empty()) {
        setting.values.emplace_back(spec.fallback);
      }
      result_.settings_.push_back(std::move(setting));
    }
  }

  // The file that was asked for must be there; the usual place may be empty.
  void find_project() {
    const auto named = sources_.flags.find("config");
    named_file_ = named != sources_.flags.end() && !named->second.empty()
                      ? std::optional{named->second.back()}
                      : non_empty(sources_, "MAPCTL_CONFIG");
    const fs::path project = sources_.working_directory / named_file_.value_or("mapctl.yaml");
    if (!named_file_ && !is_there(project)) {
      return;
    }
    result_.project_file_ = project;
    result_.project_directory_ = project.parent_path().lexically_normal();
    if (!result_.project_directory_.has_filename()) {
      result_.project_directory_ = result_.project_directory_.parent_path();
    }
  }

  void read_files() {
    if (const fs::path path = sources_.system_directory / "config.yaml"; is_there(path)) {
      read(path, path.string(), OriginKind::system_file);
    }
    if (const fs::path path = result_.user_config_ / "config.yaml";
        !result_.user_config_.empty() && is_there(path)) {
      read(path, path.string(), OriginKind::user_file);
    }
    if (named_file_) {
      read_named();
    } else if (result_.project_file_) {
      read(*result_.project_file_, "mapctl.yaml", OriginKind::project_file);
    }
  }

  // A file that was asked for and cannot be read is a wrong configuration, not a failed work.
  void read_named() {
    try {
      read(*result_.project_file_, *named_file_, OriginKind::project_file);
    } catch (const Error& error) {
      Error::Facts facts = error.facts();
      if (facts.native_code.starts_with("errno ")) {
        facts.code = ErrorCode::configuration;
        facts.hint = "--config or MAPCTL_CONFIG names that file";
      }
      throw Error{std::move(facts)};
    }
  }

  void read(const fs::path& path, const std::string& shown, OriginKind kind) {
    const YamlNode root = parse_yaml(read_file(path), shown);
    MapReader reader{root, "the configuration"};
    for (Setting& setting : result_.settings_) {
      if (const YamlNode* node = reader.get(setting.spec->name)) {
        setting.values = read_file_value(*setting.spec, *node, path.parent_path());
        setting.origin = {kind, fmt::format("{}:{}", shown, node->key_line)};
      }
    }
    reader.finish();
    result_.files_.insert(result_.files_.begin(), path);
  }

  void read_environment(Setting& setting) const {
    const SettingSpec& spec = *setting.spec;
    const auto value = non_empty(sources_, spec.variable());
    if (!value) {
      return;
    }
    std::vector<std::string> values{*value};
    if (spec.kind == Kind::paths) {
      values.clear();
      for (const std::string_view part : split(*value, ':')) {
        if (!part.empty()) {
          values.emplace_back(part);
        }
      }
    }
    setting.values = read_text_value(spec, std::move(values), spec.variable(),
                                     sources_.working_directory, ErrorCode::configuration);
    setting.origin = {OriginKind::environment, spec.variable()};
  }

  void read_flag(Setting& setting) const {
    const SettingSpec& spec = *setting.spec;
    const auto flag = sources_.flags.find(std::string{spec.name});
    if (flag != sources_.flags.end() && !flag->second.empty()) {
      setting.values = read_text_value(spec, flag->second, spec.flag(), sources_.working_directory,
                                       ErrorCode::usage);
      setting.origin = {OriginKind::flag, spec.flag()};
    }
  }

  const SettingSources& sources_;
  Settings result_{};
  std::optional<std::string> named_file_{};
};

Settings load_settings(const SettingSources& sources) {
  return SettingsLoader{sources}.load();
}

}  // namespace mapctl::config
