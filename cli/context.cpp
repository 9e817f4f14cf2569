// SPDX-License-Identifier: Apache-2.0
// CommandContext and its endpoints, declared in command.hpp.
#include "cli/catalog_cache.hpp"
#include "cli/circuit_breakers.hpp"
#include "cli/command.hpp"
#include "cli/connector_facts.hpp"
#include "cli/endpoint_control.hpp"
#include "cli/endpoint_names.hpp"
#include "cli/fetched_documents.hpp"
#include "cli/kept_catalog.hpp"
#include "cli/profile_access.hpp"
#include "cli/secrets.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/config/endpoint.hpp"
#include "core/config/language_model.hpp"
#include "core/config/profile.hpp"
#include "core/config/yaml.hpp"
#include "core/ports/change_mark.hpp"
#include "core/ports/connector_options.hpp"
#include "core/registry/registry.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

// Unknown options are reported with the place where they stand; a connector could name the option
// only.
void check_options(const config::Profile& profile, const ports::ConnectorInfo& info) {
  std::vector<std::string> known;
  for (const ports::OptionSpec& spec : info.options) {
    known.push_back(spec.name);
  }
  for (const auto& [name, value] : profile.options) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw Error{
          ErrorCode::configuration,
          fmt::format("{}: unknown option '{}' for connector '{}'", value.where, name, info.name),
          suggestion(name, known)};
    }
  }
}

bool is_fetched(const ports::ConnectorInfo& info, const std::string& option,
                std::string_view text) {
  if (!is_web_address(text)) {
    return false;
  }
  const auto documents = connector_facts(info.name).documents;
  return std::find(documents.begin(), documents.end(), option) != documents.end();
}

void require_tree(const ports::ConnectorInfo& info, std::string_view option,
                  const config::ProfileValue& value) {
  const bool takes_tree =
      std::any_of(info.options.begin(), info.options.end(),
                  [&](const auto& spec) { return spec.is_tree && spec.name == option; });
  if (!takes_tree) {
    throw Error{ErrorCode::configuration,
                fmt::format("{}: option '{}' of connector '{}' must be one value, not a map",
                            value.where, option, info.name),
                "'mapctl connector list --options' describes the options"};
  }
}

void add_tree(Sha256& hash, const config::YamlNode& node) {
  hash.add_field(node.key).add_field(node.text).add_field(std::to_string(node.children.size()));
  for (const config::YamlNode& child : node.children) {
    add_tree(hash, child);
  }
}

// Differs when the profile says something else, or when another release of mapctl looks; and when a
// file has changed that the profile names, if the connector does not look for itself.
std::string settings_mark(const ports::ConnectorInfo& info, const ports::ConnectorOptions& options,
                          bool looks_itself) {
  Sha256 hash;
  hash.add_field(MAPCTL_VERSION).add_field(info.name);
  for (const auto& [name, value] : options.options) {
    hash.add_field(name).add_field(value);
    std::error_code gone;
    if (const auto written = fs::last_write_time(value, gone);
        !looks_itself && ports::is_path(info, name, options.options) && !gone) {
      const auto size = fs::file_size(value, gone);
      hash.add_field(
          fmt::format("{} {}", written.time_since_epoch().count(), gone ? std::uintmax_t{} : size));
    }
  }
  for (const auto& [name, tree] : options.trees) {
    hash.add_field(name);
    add_tree(hash, *tree);
  }
  return hash.finish();
}

}  // namespace

// How name_endpoint() reaches what belongs to the context alone.
class EndpointNames {
 public:
  virtual ~EndpointNames() = default;
  virtual std::string name(std::string_view written) = 0;
};

class CommandContext::ProfileEndpoints final : public jobs::Endpoints,
                                               public EndpointNames,
                                               public EndpointControl {
 public:
  explicit ProfileEndpoints(CommandContext& context)
      : context_{context}, base_{context.settings().working_directory()} {}

  void set_base(fs::path base) { base_ = std::move(base); }

  std::string name(std::string_view written) override {
    config::Endpoint endpoint = config::parse_endpoint(written);
    if (!endpoint.url.empty() && endpoint.url.reveal() != endpoint.text) {
      const std::lock_guard lock{mutex_};
      urls_.insert_or_assign(endpoint.text, std::move(endpoint.url));
    }
    return endpoint.text;
  }

  std::unique_ptr<ports::Connector> open_adjusted(std::string_view endpoint,
                                                  const Adjust& adjust) override {
    return open(jobs::EndpointName{std::string{endpoint}}, adjust, context_.stop());
  }
  void allow_stale() override { stale_allowed_ = true; }
  bool was_stale(std::string_view endpoint) override {
    const std::lock_guard lock{mutex_};
    return stale_.contains(endpoint);
  }

  CircuitBreakers& breakers() override {
    const std::lock_guard lock{mutex_};
    if (!breakers_) {
      breakers_ = std::make_unique<CircuitBreakers>(directory_of("breakers"), context_.clock());
    }
    return *breakers_;
  }

  CatalogCache& catalog_cache() override { return cache_; }

  std::unique_ptr<ports::Connector> open(const jobs::EndpointName& name,
                                         std::stop_token stop) override {
    if (!stale_allowed_) {
      return open(name, {}, std::move(stop));
    }
    return with_kept_catalog([&] { return open(name, {}, stop); },
                             [this, name](const Error& cause) { return kept(name, cause); });
  }

  std::unique_ptr<ports::Connector> open(const jobs::EndpointName& name, const Adjust& adjust,
                                         std::stop_token stop) {
    const config::Endpoint endpoint = config::parse_endpoint(name.text);
    ports::ConnectorOptions options;
    options.profile = endpoint.text;
    for (const fs::path& directory : context_.data_directories()) {
      options.data_directories.push_back(directory.string());
    }
    std::string connector = endpoint.connector;
    std::optional<double> lifetime;
    if (!endpoint.url.empty()) {
      fill(options, endpoint);
    } else if (endpoint.kind == config::Endpoint::Kind::location) {
      options.options["path"] = (base_ / endpoint.location).lexically_normal().string();
      if (connector == "dictionary") {
        // The scheme says what the file is, whatever it is called.
        options.options["kind"] = endpoint.scheme;
      }
    } else if (endpoint.kind == config::Endpoint::Kind::profile) {
      const config::Profile profile = context_.load_profile(endpoint.text);
      check_profile_access(context_, profile);
      if (config::is_language_model(profile)) {
        throw Error{ErrorCode::usage,
                    fmt::format("profile '{}' is of a language model, and no source or target",
                                profile.name),
                    "--llm asks it, and --llm-profile names another one"};
      }
      warn(profile);
      connector = profile.connector;
      fill(options, profile);
      lifetime = profile.limits.catalog_lifetime;
    }
    if (adjust) {
      adjust(options);
    }
    const ports::ConnectorFactory& factory = context_.wiring().connector(connector);
    auto system = factory.open(options, std::move(stop));
    if (!lifetime || adjust) {
      return system;
    }
    const bool looks_itself = dynamic_cast<ports::ChangeMarked*>(system.get()) != nullptr;
    return cache_.watch(std::move(system), {endpoint.text, *lifetime,
                                            settings_mark(factory.info(), options, looks_itself)});
  }

 private:
  // A registry that is set wrongly is the business of those who need it.
  fs::path directory_of(const char* name) const {
    try {
      return context_.settings().registry().directory / name;
    } catch (const Error&) {
      return {};
    }
  }

  FetchedDocuments& documents() {
    const std::lock_guard lock{mutex_};
    if (!documents_) {
      documents_ = std::make_unique<FetchedDocuments>(directory_of("documents"), context_);
    }
    return *documents_;
  }

  // The last snapshot, with its age told once.
  std::optional<catalog::Catalog> kept(const jobs::EndpointName& name, const Error& cause) {
    if (!context_.has_registry()) {
      return std::nullopt;
    }
    registry::Registry registry = context_.open_registry();
    const auto snapshot = registry.latest_snapshot(ProfileName{name.text});
    if (!snapshot) {
      return std::nullopt;
    }
    catalog::Catalog found = registry.load_snapshot(snapshot->id);
    const std::lock_guard lock{mutex_};
    if (stale_.insert(name.text).second) {
      const double age =
          std::chrono::duration<double>(context_.clock().now() - found.taken_at).count();
      context_.reporter().warning(
          fmt::format("{}; its catalog of {} is used, which is {} old", cause.what(),
                      to_iso8601_seconds(found.taken_at), human_duration(std::max(0.0, age))),
          "what has changed since then is not seen");
    }
    return found;
  }

  void fill(ports::ConnectorOptions& options, const config::Profile& profile) {
    const Wiring::Entry* entry = context_.wiring().find(profile.connector);
    if (entry == nullptr) {
      return;  // the factory is asked for next and says so
    }
    check_options(profile, entry->info);
    const config::SecretSources sources = secret_sources(context_);
    for (const auto& [name, value] : profile.options) {
      options.places[name] = value.where;
      note_secret_use(context_, profile, "options." + name, value);
      if (value.tree) {
        require_tree(entry->info, name, value);
        options.trees[name] = config::resolve_tree(value, sources);
        continue;
      }
      options.options[name] = config::resolve(value, sources).reveal();
    }
    // What is a path may depend on all of them.
    const auto given = options.options;
    for (auto& [name, text] : options.options) {
      if (ports::is_path(entry->info, name, given) && !is_fetched(entry->info, name, text)) {
        text = (profile.options.at(name).directory / text).lexically_normal().string();
      }
    }
    for (const auto& [name, value] : profile.auth) {
      note_secret_use(context_, profile, "auth." + name, value);
      options.secrets.emplace(name, config::resolve(value, sources));
    }
    options.limits = {profile.limits.requests_per_second,
                      profile.limits.max_connections,
                      profile.limits.timeout,
                      profile.retry.attempts,
                      profile.retry.backoff,
                      profile.retry.max_backoff,
                      profile.retry.deadline};
    for (auto& [name, text] : options.options) {
      if (is_fetched(entry->info, name, text)) {
        text = documents().fetch(options, name, text, context_.stop()).string();
      }
    }
    options.http = [this]() -> const ports::HttpClientFactory& {
      return breakers().watch(context_.wiring().http());
    };
    options.keep_secret = [this, places = profile.auth](const std::string& key,
                                                        const Secret& value) {
      keep_secret(context_, places.at(key), value);
    };
  }

  // A connector to a server takes its location as the secret `url`.
  void fill(ports::ConnectorOptions& options, const config::Endpoint& endpoint) {
    const std::lock_guard lock{mutex_};
    const auto remembered = urls_.find(endpoint.text);
    std::string url = (remembered == urls_.end() ? endpoint.url : remembered->second).reveal();
    if (endpoint.scheme == "redshift") {
      options.options["dialect"] = endpoint.scheme;
      url.replace(0, endpoint.scheme.size(), "postgresql");
    }
    options.secrets.emplace("url", Secret{std::move(url)});
  }

  void warn(const config::Profile& profile) {
    const std::lock_guard lock{mutex_};
    if (warned_.insert(profile.name).second) {
      for (const std::string& warning : profile.warnings) {
        context_.reporter().warning(warning);
      }
    }
  }

  CommandContext& context_;
  fs::path base_;
  std::mutex mutex_;
  std::set<std::string> warned_;
  std::map<std::string, Secret> urls_;  // by name, of those that hold a password
  std::unique_ptr<CircuitBreakers> breakers_;
  CatalogCache cache_{context_};
  std::unique_ptr<FetchedDocuments> documents_;
  std::atomic<bool> stale_allowed_{false};
  std::set<std::string, std::less<>> stale_;
};

CommandContext::CommandContext(const Parts& parts)
    : parts_{parts}, endpoints_{std::make_unique<ProfileEndpoints>(*this)} {}

CommandContext::~CommandContext() = default;

ExitCode CommandContext::stopped_as() const {
  return parts_.signal && parts_.signal() == SIGTERM ? ExitCode::terminated : ExitCode::interrupted;
}

TenantName CommandContext::tenant() const {
  return TenantName{settings().text("tenant")};
}

UserName CommandContext::user() const {
  if (std::string name = settings().text("user"); !name.empty()) {
    return UserName{std::move(name)};
  }
  const uid_t id = ::geteuid();
  std::string buffer(16'384, '\0');
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return UserName{found->pw_name};
  }
  return UserName{fmt::format("uid-{}", id)};
}

jobs::Endpoints& CommandContext::endpoints() {
  return *endpoints_;
}

std::unique_ptr<ports::Connector> CommandContext::open_endpoint(std::string_view endpoint) {
  return endpoints_->open(jobs::EndpointName{std::string{endpoint}}, stop());
}

EndpointControl& endpoint_control(CommandContext& context) {
  return dynamic_cast<EndpointControl&>(context.endpoints());
}

void CommandContext::set_endpoint_base(fs::path directory) {
  endpoints_->set_base(std::move(directory));
}

void CommandContext::check_profile_directories() const {
  if (told_of_profiles_.exchange(true)) {
    return;
  }
  const config::Origin& origin = settings().get("profiles").origin;
  for (const fs::path& directory : settings().paths("profiles")) {
    std::error_code unknown;
    if (fs::is_directory(directory, unknown)) {
      continue;
    }
    const std::string message =
        fmt::format("{} names '{}', which is no folder", origin.place, directory.string());
    if (origin.kind == config::OriginKind::flag) {
      throw Error{ErrorCode::usage, message,
                  "check the path; it counts from the working directory"};
    }
    // A list that holds on many machines may name folders that are on some of them only.
    reporter().warning(message, "what would be read there is left out");
  }
}

std::vector<fs::path> CommandContext::profile_directories() const {
  check_profile_directories();
  const std::vector<fs::path> shipped{wiring().shipped_profiles() / "connectors"};
  return settings().profile_directories(shipped);
}

config::Profile CommandContext::load_profile(std::string_view name) const {
  return config::load_profile(name, profile_directories());
}

bool CommandContext::has_registry() const {
  const config::RegistryPlace place = settings().registry();
  std::error_code ignored;
  if (place.is_on_server() || fs::exists(place.file, ignored)) {
    return true;
  }
  const config::Origin& origin = settings().get("registry").origin;
  if (origin.kind != config::OriginKind::default_value && !told_of_registry_.exchange(true)) {
    reporter().warning(
        fmt::format("there is no registry '{}': nothing is read from it or kept in it",
                    place.shown),
        fmt::format("{} names it; 'mapctl init' makes one", origin.place));
  }
  return false;
}

std::unique_ptr<ports::SqlSession> CommandContext::open_registry_session(bool create) const {
  return wiring().open_registry(settings().registry(), create, stop());
}

namespace {

// One for all that a run of the program writes; equal runs with a fixed clock make their own.
const std::string& trace_id() {
  static const std::string id = clock_is_fixed() ? std::string{} : new_id();
  return id;
}

}  // namespace

registry::Registry CommandContext::open_registry() const {
  return registry::Registry{open_registry_session(false), clock(),
                            registry::Actor{tenant(), user(), trace_id()}};
}

const ports::SheetSinkFactory& CommandContext::sheets() const {
  return wiring().sheets();
}

std::optional<std::size_t> CommandContext::connection_limit(std::string_view endpoint) const {
  try {
    if (config::parse_endpoint(endpoint).kind == config::Endpoint::Kind::profile) {
      const auto limit = load_profile(endpoint).limits.max_connections;
      return limit ? std::optional{static_cast<std::size_t>(*limit)} : std::nullopt;
    }
  } catch (const Error&) {
    // Opening the endpoint fails for the same reason, and says so where it belongs.
  }
  return std::nullopt;
}

std::vector<fs::path> CommandContext::data_directories() const {
  check_profile_directories();
  const std::vector<fs::path> shipped{wiring().shipped_profiles()};
  return settings().profile_directories(shipped);
}

const ports::ArchiveSinkFactory& CommandContext::archives() const {
  return wiring().archives();
}

const ports::SheetSourceFactory& CommandContext::readers() const {
  return wiring().readers();
}

std::optional<Secret> CommandContext::signing_key() const {
  const fs::path path = settings().registry().directory / "signing.key";
  std::error_code problem;
  if (!fs::exists(path, problem)) {
    return std::nullopt;
  }
  return Secret{std::string{trim(read_file(path))}};
}

fs::path CommandContext::shipped(std::string_view relative) const {
  return wiring().shipped_profiles() / relative;
}

std::string name_endpoint(CommandContext& context, std::string_view written) {
  return dynamic_cast<EndpointNames&>(context.endpoints()).name(written);
}

void print(CommandContext& context, const TablePrinter& table) {
  switch (context.format()) {
    case Format::table: table.print_table(context.out(), context.stdout_terminal()); return;
    case Format::csv: table.print_csv(context.out()); return;
    case Format::jsonl: table.print_jsonl(context.out()); return;
    case Format::json: context.out().document(table.to_json()); return;
  }
}

}  // namespace mapctl::cli
