// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/client.hpp"

#include "connectors/http/exchange.hpp"
#include "connectors/http/signature.hpp"
#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/pause.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <utility>

namespace mapctl::connectors::http {
namespace {

using ports::HttpVerdict;

constexpr int redirect_limit = 10;

// Waits are for real systems, so they go by the machine's clock even where SOURCE_DATE_EPOCH fixes
// the time that is shown.
double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double random_share() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>{0, 1}(generator);
}

void wait(double seconds, const std::stop_token& stop) {
  if (!pause_for(seconds, stop)) {
    throw Error{ErrorCode::cancelled, "waiting for the next request was cancelled"};
  }
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_credential(std::string_view header) {
  static constexpr std::string_view harmless[] = {"accept",     "accept-language", "content-type",
                                                  "user-agent", "accept-encoding", "prefer"};
  const std::string name = to_lower(header);
  return std::find(std::begin(harmless), std::end(harmless), name) == std::end(harmless);
}

class Client final : public ports::HttpClient {
 public:
  explicit Client(ports::HttpSettings settings)
      : settings_{std::move(settings)}, breaker_{settings_.breaker} {
    settings_.max_connections = std::max<std::size_t>(1, settings_.max_connections);
    if (settings_.requests_per_second) {
      const double rate = *settings_.requests_per_second;
      bucket_.emplace(rate, std::max(1.0, std::min(rate, 10.0)));
    } else {
      bucket_.emplace(1e6, 1e6);  // holds everybody back when the system says so, nothing else
    }
  }

  ports::HttpResponse send(const ports::HttpRequest& request, const ports::HttpJudge& judge,
                           std::stop_token stop) override {
    const double began = now();
    for (unsigned attempt = 1;; ++attempt) {
      const bool is_last = attempt >= settings_.retry.attempts || !request.repeatable;
      std::optional<double> asked;
      bool delivered = false;
      try {
        ports::HttpResponse response = once(request, delivered, stop);
        response.attempts = attempt;
        response.address = settings_.hints.address;
        note(response);  // first, as the judge may throw
        const HttpVerdict verdict = judge ? judge(response) : ports::judge_by_status(response);
        if (verdict.action == HttpVerdict::Action::take || is_last || delivered) {
          return response;
        }
        asked = verdict.wait;
        const double pause = pause_before(attempt, asked);
        if (now() + pause > began + settings_.retry.deadline) {
          return response;
        }
        if (asked && response.status == 429) {
          bucket_->hold_until(now() + pause);  // the others need not find out by themselves
        }
        ++repeated_;
        wait(pause, stop);
      } catch (const Error& error) {
        const double pause = pause_before(attempt, {});
        if (error.facts().retry != Retry::may_help || is_last || delivered ||
            now() + pause > began + settings_.retry.deadline) {
          throw;
        }
        ++repeated_;
        wait(pause, stop);
      }
    }
  }

  ports::HttpState state() const override {
    return {breaker_.state(now()), requests_.load(),    repeated_.load(),
            connections_.load(),   breaker_.failures(), breaker_.seconds_left(now())};
  }

 private:
  double pause_before(unsigned failed, std::optional<double> asked) const {
    return asked ? *asked : settings_.retry.wait(failed, random_share());
  }

  // A system that answers, even with an error of ours, is up.
  void note(const ports::HttpResponse& response) {
    if (response.status >= 500 && response.status != 501) {
      breaker_.failed(now());
    } else {
      breaker_.succeeded();
    }
  }

  ports::HttpResponse once(const ports::HttpRequest& request, bool& delivered,
                           const std::stop_token& stop) {
    if (!breaker_.allows(now())) {
      throw Error{ErrorCode::unreachable,
                  fmt::format("'{}' failed {} times in a row and is not asked for another {:.0f} s",
                              ports::origin_of(request.url), settings_.breaker.failures,
                              std::ceil(breaker_.seconds_left(now()))),
                  "look at what the system reported before, then run the command again"};
    }
    ports::HttpRequest current = request;
    for (int redirects = 0;; ++redirects) {
      ports::HttpResponse response = exchange(current, delivered, stop);
      const std::string* location = response.header("location");
      if (!is_redirect(response.status) || location == nullptr) {
        return response;
      }
      if (redirects == redirect_limit) {
        breaker_.gave_up();
        throw Error{ErrorCode::invalid_data,
                    fmt::format("'{}' redirects more than {} times", ports::shown_url(request.url),
                                redirect_limit),
                    fmt::format("check {} and the path behind it", settings_.hints.address)};
      }
      follow(current, response.status, ports::resolve_url(current.url, *location));
    }
  }

  void follow(ports::HttpRequest& request, int status, std::string url) {
    if (status == 303 || ((status == 301 || status == 302) && request.method == "POST")) {
      request.method = "GET";
      request.body.clear();
    }
    const std::string from = ports::origin_of(request.url);
    const std::string to = ports::origin_of(url);
    if (from != to) {
      const std::string host = ports::host_of(url);
      // The same host may ask for encryption, but not to do without.
      const bool upgrades = host == ports::host_of(request.url) && to.starts_with("https://") &&
                            from.starts_with("http://");
      const auto& hosts = settings_.redirect_hosts;
      const bool allowed = std::find(hosts.begin(), hosts.end(), host) != hosts.end() &&
                           !(from.starts_with("https://") && to.starts_with("http://"));
      if (!upgrades && !allowed) {
        breaker_.gave_up();
        throw Error{ErrorCode::denied,
                    fmt::format("'{}' redirects to '{}', which is another origin",
                                ports::shown_url(request.url), ports::shown_url(url)),
                    settings_.hints.options
                        ? fmt::format("if that is right, add '{}' to option 'allow_hosts'", host)
                        : fmt::format("if that is right, write it as {}", settings_.hints.address)};
      }
      if (!upgrades && !request.body.empty()) {
        breaker_.gave_up();
        throw Error{ErrorCode::denied,
                    fmt::format("'{}' redirects to '{}', which must not get the body of the "
                                "request: it may hold a secret",
                                ports::shown_url(request.url), ports::shown_url(url)),
                    "write the address that answers into the profile"};
      }
      if (!upgrades) {
        std::erase_if(request.headers,
                      [](const ports::HttpHeader& header) { return is_credential(header.name); });
        request.aws.reset();
      }
    }
    request.url = std::move(url);
  }

  ports::HttpResponse exchange(const ports::HttpRequest& request, bool& delivered,
                               const std::stop_token& stop) {
    LineGuard line{*this, stop};
    if (const double pause = bucket_->reserve(now()); pause > 0) {
      wait_or_give_up(pause, stop);
    }
    ++requests_;
    try {
      ports::HttpResponse response = line->exchange(request, settings_, stop);
      connections_ += static_cast<std::uint64_t>(std::max(0L, line->opened()));
      delivered = line->delivered();
      return response;
    } catch (const Error& error) {
      connections_ += static_cast<std::uint64_t>(std::max(0L, line->opened()));
      delivered = line->delivered();
      if (error.code() == ErrorCode::unreachable) {
        breaker_.failed(now());
      } else {
        breaker_.gave_up();
      }
      throw;
    } catch (...) {
      breaker_.gave_up();
      throw;
    }
  }

  void wait_or_give_up(double pause, const std::stop_token& stop) {
    try {
      wait(pause, stop);
    } catch (...) {
      breaker_.gave_up();
      throw;
    }
  }

  // A line of the pool, given back at the end.
  class LineGuard {
   public:
    LineGuard(Client& client, const std::stop_token& stop) : client_{client} {
      std::unique_lock lock{client.mutex_};
      const bool free = client.changed_.wait(lock, stop, [&] {
        return !client.idle_.empty() || client.made_ < client.settings_.max_connections;
      });
      if (!free) {
        client.breaker_.gave_up();
        throw Error{ErrorCode::cancelled, "waiting for a free connection was cancelled"};
      }
      if (client.idle_.empty()) {
        line_ = std::make_unique<Line>();
        ++client.made_;
      } else {
        line_ = std::move(client.idle_.back());
        client.idle_.pop_back();
      }
    }
    LineGuard(const LineGuard&) = delete;
    LineGuard& operator=(const LineGuard&) = delete;
    ~LineGuard() {
      {
        const std::lock_guard lock{client_.mutex_};
        client_.idle_.push_back(std::move(line_));
      }
      client_.changed_.notify_one();
    }
    Line* operator->() const noexcept { return line_.get(); }

   private:
    Client& client_;
    std::unique_ptr<Line> line_;
  };

  ports::HttpSettings settings_;
  CircuitBreaker breaker_;
  std::optional<TokenBucket> bucket_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::unique_ptr<Line>> idle_;
  std::size_t made_ = 0;
  std::atomic<std::uint64_t> requests_{0}, repeated_{0}, connections_{0};
};

std::string key_of(const ports::HttpSettings& settings) {
  Sha256 hash;
  hash.add_field(settings.name)
      .add_field(settings.ca_file)
      .add_field(join(settings.redirect_hosts, " "))
      .add_field(fmt::format("{} {} {}", settings.hints.address, settings.hints.limits,
                             settings.hints.options))
      .add_field(
          fmt::format("{} {} {} {} {} {} {} {} {} {}", settings.requests_per_second.value_or(0),
                      settings.max_connections, settings.timeout, settings.retry.attempts,
                      settings.retry.backoff, settings.retry.max_backoff, settings.retry.deadline,
                      settings.breaker.failures, settings.breaker.pause, settings.response_limit));
  return hash.finish();
}

class Factory final : public ports::HttpClientFactory {
 public:
  std::shared_ptr<ports::HttpClient> client(const ports::HttpSettings& settings) const override {
    const std::lock_guard lock{mutex_};
    std::weak_ptr<ports::HttpClient>& known = clients_[key_of(settings)];
    auto client = known.lock();
    if (!client) {
      client = std::make_shared<Client>(settings);
      known = client;
    }
    return client;
  }

  std::string sign(ports::SignatureAlgorithm algorithm, const Secret& key,
                   std::string_view text) const override {
    return signature(algorithm, key, text);
  }

 private:
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::weak_ptr<ports::HttpClient>> clients_;
};

}  // namespace

const ports::HttpClientFactory& factory() {
  static const Factory instance;
  return instance;
}

}  // namespace mapctl::connectors::http
