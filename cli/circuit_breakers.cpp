// SPDX-License-Identifier: Apache-2.0
#include "cli/circuit_breakers.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/json_member.hpp"
#include "core/base/json_text.hpp"
#include "core/base/moment.hpp"
#include "core/base/text.hpp"
#include "core/config/profile.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view breaker_schema = "mapctl.circuit_breaker/1";

std::optional<TimePoint> time_member(const Json& document, const char* key) {
  const auto moment = parse_moment(text_member(document, key));
  return moment ? std::optional{TimePoint{std::chrono::milliseconds{moment->microseconds / 1000}}}
                : std::nullopt;
}

// Nothing for a file that is gone, or that no mapctl wrote.
std::optional<OpenBreaker> read_breaker(const fs::path& file) {
  try {
    const Json document = read_json(read_file(file));
    const auto opened = time_member(document, "opened_at"),
               next = time_member(document, "next_try_at");
    if (text_member(document, "schema") != breaker_schema || !opened || !next) {
      return std::nullopt;
    }
    return OpenBreaker{text_member(document, "profile"), text_member(document, "origin"),
                       static_cast<unsigned>(std::clamp<std::int64_t>(
                           whole_member(document, "failures").value_or(0), 0, 1'000'000)),
                       *opened, *next};
  } catch (const Error&) {
    return std::nullopt;
  }
}

void write_breaker(const fs::path& file, const OpenBreaker& breaker) {
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  try {
    write_file_atomically(file, to_document({{"schema", breaker_schema},
                                             {"profile", breaker.profile},
                                             {"origin", breaker.origin},
                                             {"failures", breaker.failures},
                                             {"opened_at", to_iso8601(breaker.opened_at)},
                                             {"next_try_at", to_iso8601(breaker.next_try_at)}}));
  } catch (const Error&) {
    // Others do not learn of it; what was asked for does not suffer.
  }
}

}  // namespace

CircuitBreaker::State OpenBreaker::state(TimePoint now) const noexcept {
  return now < next_try_at ? CircuitBreaker::State::open : CircuitBreaker::State::half_open;
}

std::string OpenBreaker::describe(TimePoint now) const {
  const double left = std::chrono::duration<double>(next_try_at - now).count();
  return fmt::format("{} since {}, after {} failures in a row of '{}', {}",
                     mapctl::to_string(state(now)), to_iso8601_seconds(opened_at), failures, origin,
                     left > 0 ? fmt::format("next try in {}", human_duration(left))
                              : std::string{"the next call is a trial"});
}

class CircuitBreakers::Client final : public ports::HttpClient {
 public:
  Client(CircuitBreakers& owner, std::string profile, std::shared_ptr<ports::HttpClient> real)
      : owner_{owner}, profile_{std::move(profile)}, real_{std::move(real)} {}

  ports::HttpResponse send(const ports::HttpRequest& request, const ports::HttpJudge& judge,
                           std::stop_token stop) override {
    try {
      ports::HttpResponse response = real_->send(request, judge, std::move(stop));
      owner_.note(profile_, request.url, real_->state(), true);
      return response;
    } catch (const Error&) {
      owner_.note(profile_, request.url, real_->state(), false);
      throw;
    }
  }

  ports::HttpState state() const override { return real_->state(); }

 private:
  CircuitBreakers& owner_;
  std::string profile_;
  std::shared_ptr<ports::HttpClient> real_;
};

class CircuitBreakers::Factory final : public ports::HttpClientFactory {
 public:
  Factory(CircuitBreakers& owner, const ports::HttpClientFactory& real)
      : owner_{owner}, real_{real} {}

  std::shared_ptr<ports::HttpClient> client(const ports::HttpSettings& settings) const override {
    auto made = real_.client(settings);
    const bool is_open = owner_.find(settings.name).has_value();
    {
      const std::lock_guard lock{owner_.mutex_};
      owner_.known_open_.insert_or_assign(settings.name, is_open);
    }
    return std::make_shared<Client>(owner_, settings.name, std::move(made));
  }

  std::string sign(ports::SignatureAlgorithm algorithm, const Secret& key,
                   std::string_view text) const override {
    return real_.sign(algorithm, key, text);
  }

 private:
  CircuitBreakers& owner_;
  const ports::HttpClientFactory& real_;
};

CircuitBreakers::CircuitBreakers(fs::path directory, const Clock& clock)
    : directory_{std::move(directory)}, clock_{clock} {}

const ports::HttpClientFactory& CircuitBreakers::watch(const ports::HttpClientFactory& real) {
  const std::lock_guard lock{mutex_};
  auto& made = factories_[&real];
  if (!made) {
    made = std::make_unique<Factory>(*this, real);
  }
  return *made;
}

fs::path CircuitBreakers::file_of(std::string_view profile) const {
  // Only what can be the name of a profile can be that of a file.
  return directory_.empty() || !config::is_valid_profile_name(profile)
             ? fs::path{}
             : directory_ / (std::string{profile} + ".json");
}

std::optional<OpenBreaker> CircuitBreakers::find(std::string_view profile) const {
  const fs::path file = file_of(profile);
  std::error_code ignored;
  return file.empty() || !fs::exists(file, ignored) ? std::nullopt : read_breaker(file);
}

std::vector<OpenBreaker> CircuitBreakers::all() const {
  std::vector<OpenBreaker> list;
  std::error_code error;
  for (fs::directory_iterator entry{directory_, error}, end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".json") {
      if (auto breaker = read_breaker(entry->path())) {
        list.push_back(*std::move(breaker));
      }
    }
  }
  std::sort(list.begin(), list.end(),
            [](const auto& a, const auto& b) { return a.profile < b.profile; });
  return list;
}

bool CircuitBreakers::is_used(std::string_view profile) const {
  const std::lock_guard lock{mutex_};
  return known_open_.contains(profile);
}

void CircuitBreakers::note(const std::string& profile, const std::string& url,
                           const ports::HttpState& state, bool answered) {
  const bool is_open = state.breaker != CircuitBreaker::State::closed;
  // An open one is not asked, so that what is kept of it changes only when it opens again.
  const bool is_good = answered && !is_open && state.failures == 0;
  const fs::path file = file_of(profile);
  if (file.empty() || (!is_open && !is_good)) {
    return;
  }
  const std::lock_guard lock{mutex_};
  bool& known = known_open_[profile];
  if (is_good) {
    if (std::exchange(known, false)) {
      std::error_code ignored;
      fs::remove(file, ignored);
    }
    return;
  }
  const TimePoint now = clock_.now();
  const TimePoint next =
      now + std::chrono::milliseconds{static_cast<std::int64_t>(state.seconds_left * 1000)};
  const auto kept = known ? read_breaker(file) : std::nullopt;
  if (kept && next <= kept->next_try_at + std::chrono::seconds{1}) {
    return;
  }
  known = true;
  write_breaker(
      file, {profile, ports::origin_of(url), state.failures, kept ? kept->opened_at : now, next});
}

}  // namespace mapctl::cli
