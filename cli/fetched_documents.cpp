// SPDX-License-Identifier: Apache-2.0
#include "cli/fetched_documents.hpp"

#include "cli/command.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/json_member.hpp"
#include "core/base/json_text.hpp"
#include "core/base/moment.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml.hpp"
#include "core/ports/connector_options.hpp"
#include "core/ports/http_client.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view document_schema = "mapctl.kept_document/1";
// With a copy at hand nobody waits long for a server that does not answer.
constexpr unsigned attempts_with_a_copy = 2;

bool is_json(std::string_view text) {
  return trim(text).starts_with('{');
}

// A page of a proxy is no document.
void check_document(const ports::HttpResponse& response) {
  const bool is_map =
      is_json(response.body)
          ? read_json(response.body).is_object()
          : config::parse_yaml(response.body, ports::shown_url(response.url)).is_map();
  if (!is_map) {
    throw ports::not_json_error(response);
  }
}

std::string header_of(const ports::HttpResponse& response, std::string_view name) {
  const std::string* found = response.header(name);
  return found == nullptr ? std::string{} : *found;
}

}  // namespace

bool is_web_address(std::string_view text) noexcept {
  return text.starts_with("https://") || text.starts_with("http://");
}

struct FetchedDocuments::Kept {
  fs::path file{};  // empty where nothing is kept
  std::string hash{}, etag{}, modified{};
  TimePoint checked_at{};
};

FetchedDocuments::FetchedDocuments(fs::path directory, CommandContext& context)
    : directory_{std::move(directory)}, context_{context} {}

fs::path FetchedDocuments::fetch(const ports::ConnectorOptions& profile, const std::string& option,
                                 const std::string& url, std::stop_token stop) {
  const std::string key = Sha256{}.add_field(profile.profile).add_field(url).finish();
  const std::lock_guard lock{mutex_};
  if (const auto known = known_.find(key); known != known_.end()) {
    return known->second;
  }
  try {
    return known_.emplace(key, refresh(profile, url, key, stop)).first->second;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) {
      throw;
    }
    Error::Facts facts = error.facts();
    facts.message =
        fmt::format("profile '{}', option '{}': {}", profile.profile, option, facts.message);
    if (facts.native_code == "HTTP 401" || facts.native_code == "HTTP 403") {
      facts.hint =
          "it is asked for without the profile's credentials: download it, and name the "
          "file instead";
    }
    throw Error{std::move(facts)};
  }
}

fs::path FetchedDocuments::refresh(const ports::ConnectorOptions& profile, const std::string& url,
                                   const std::string& key, const std::stop_token& stop) {
  Kept kept = find(key);
  ports::HttpSettings settings = ports::http_settings(profile);
  // Its failures are not those of the system itself.
  settings.name += " documents";
  ports::HttpRequest request;
  request.url = url;
  request.headers = {{"Accept", "application/json, application/yaml;q=0.9, */*;q=0.5"}};
  if (!kept.file.empty()) {
    settings.retry.attempts = std::min(settings.retry.attempts, attempts_with_a_copy);
    if (!kept.etag.empty()) {
      request.headers.push_back({"If-None-Match", kept.etag});
    }
    if (!kept.modified.empty()) {
      request.headers.push_back({"If-Modified-Since", kept.modified});
    }
  }
  try {
    const ports::HttpResponse response =
        context_.wiring().http().client(settings)->send(request, {}, stop);
    const bool is_same = response.status == 304 && !kept.file.empty();
    if (!is_same && (response.status < 200 || response.status > 299)) {
      throw ports::status_error(response);
    }
    if (!is_same) {
      check_document(response);
      const std::string hash = sha256(response.body);
      // Equal bytes stay the same file: what was made of it stays good, too.
      if (hash != kept.hash) {
        kept.file = write(key + (is_json(response.body) ? ".json" : ".yaml"), response.body);
        kept.hash = hash;
      }
      kept.etag = header_of(response, "etag");
      kept.modified = header_of(response, "last-modified");
    }
    kept.checked_at = context_.clock().now();
    note(key, kept, url);
    return kept.file;
  } catch (const Error& cause) {
    const bool is_down =
        cause.code() == ErrorCode::unreachable || cause.code() == ErrorCode::invalid_data;
    if (kept.file.empty() || !is_down) {
      throw;
    }
    const double age =
        std::chrono::duration<double>(context_.clock().now() - kept.checked_at).count();
    context_.reporter().warning(
        fmt::format("{}; the copy of {} is used, which is {} old", cause.what(),
                    to_iso8601_seconds(kept.checked_at), human_duration(std::max(0.0, age))),
        "what has changed since then is not seen");
    return kept.file;
  }
}

FetchedDocuments::Kept FetchedDocuments::find(const std::string& key) const {
  Kept kept;
  std::error_code ignored;
  const fs::path file = directory_ / (key + ".note.json");
  if (directory_.empty() || !fs::exists(file, ignored)) {
    return kept;
  }
  try {
    const Json document = read_json(read_file(file));
    const auto checked = parse_moment(text_member(document, "checked_at"));
    const std::string form = text_member(document, "form");
    if (text_member(document, "schema") != document_schema || !checked ||
        (form != "json" && form != "yaml")) {
      return kept;
    }
    const fs::path copy = directory_ / (key + "." + form);
    kept.hash = text_member(document, "sha256");
    if (sha256(read_file(copy)) != kept.hash) {
      return {};
    }
    kept.file = copy;
    kept.etag = text_member(document, "etag");
    kept.modified = text_member(document, "last_modified");
    kept.checked_at = TimePoint{std::chrono::milliseconds{checked->microseconds / 1000}};
    return kept;
  } catch (const Error&) {
    return {};  // gone, or not ours
  }
}

void FetchedDocuments::note(const std::string& key, const Kept& kept,
                            const std::string& url) const {
  if (kept.file.parent_path() != directory_) {
    return;
  }
  try {
    write_file_atomically(directory_ / (key + ".note.json"),
                          to_document({{"schema", document_schema},
                                       {"url", ports::shown_url(url)},
                                       {"form", kept.file.extension().string().substr(1)},
                                       {"sha256", kept.hash},
                                       {"etag", kept.etag},
                                       {"last_modified", kept.modified},
                                       {"checked_at", to_iso8601(kept.checked_at)}}));
  } catch (const Error&) {
    // The next run asks for the whole document.
  }
}

fs::path FetchedDocuments::write(const std::string& name, std::string_view text) {
  if (!directory_.empty()) {
    try {
      std::error_code ignored;
      fs::create_directories(directory_, ignored);
      write_file_atomically(directory_ / name, text);
      return directory_ / name;
    } catch (const Error&) {
      // A folder that is not ours to write to is no reason to do without the document.
    }
  }
  if (!own_) {
    own_ = std::make_unique<TemporaryDirectory>();
  }
  write_file_atomically(own_->path() / name, text);
  return own_->path() / name;
}

}  // namespace mapctl::cli
