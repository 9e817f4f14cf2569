// SPDX-License-Identifier: Apache-2.0
#include "cli/connector/watched_http.hpp"

#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace mapctl::cli {

struct WatchedHttp::State {
  std::mutex mutex{};
  std::uint64_t requests = 0;
  bool refuses_next = false;
  Refusal refusal{};
  // Kept, so that equal settings are one client for the whole test and nothing counts twice.
  std::vector<std::pair<ports::HttpSettings, std::shared_ptr<ports::HttpClient>>> made{};
};

class WatchedHttp::Client final : public ports::HttpClient {
 public:
  Client(std::shared_ptr<ports::HttpClient> real, std::shared_ptr<WatchedHttp::State> state)
      : real_{std::move(real)}, state_{std::move(state)} {}

  ports::HttpResponse send(const ports::HttpRequest& request, const ports::HttpJudge& judge,
                           std::stop_token stop) override {
    bool refuse = false;
    {
      const std::lock_guard lock{state_->mutex};
      ++state_->requests;
      refuse = std::exchange(state_->refuses_next, false);
    }
    if (refuse) {
      ports::HttpResponse answer;
      answer.status = 429;
      answer.headers = {{"content-type", "application/json"}, {"retry-after", "1"}};
      answer.body = "{}";
      answer.url = request.url;
      const ports::HttpVerdict verdict = judge ? judge(answer) : ports::judge_by_status(answer);
      const std::lock_guard lock{state_->mutex};
      state_->refusal = {true, verdict.action == ports::HttpVerdict::Action::repeat, verdict.wait};
      if (!state_->refusal.repeats) {
        return answer;
      }
    }
    return real_->send(request, judge, std::move(stop));
  }

  ports::HttpState state() const override { return real_->state(); }

 private:
  std::shared_ptr<ports::HttpClient> real_;
  std::shared_ptr<WatchedHttp::State> state_;
};

WatchedHttp::WatchedHttp(const ports::HttpClientFactory& real)
    : real_{&real}, state_{std::make_shared<State>()} {}

std::shared_ptr<ports::HttpClient> WatchedHttp::client(const ports::HttpSettings& settings) const {
  auto made = real_->client(settings);
  const std::lock_guard lock{state_->mutex};
  std::erase_if(state_->made, [&](const auto& known) { return known.first == settings; });
  state_->made.emplace_back(settings, made);
  return std::make_shared<Client>(std::move(made), state_);
}

std::string WatchedHttp::sign(ports::SignatureAlgorithm algorithm, const Secret& key,
                              std::string_view text) const {
  return real_->sign(algorithm, key, text);
}

std::uint64_t WatchedHttp::requests() const {
  const std::lock_guard lock{state_->mutex};
  return state_->requests;
}

void WatchedHttp::refuse_next() {
  const std::lock_guard lock{state_->mutex};
  state_->refuses_next = true;
  state_->refusal = {};
}

WatchedHttp::Refusal WatchedHttp::refusal() const {
  const std::lock_guard lock{state_->mutex};
  return state_->refusal;
}

std::optional<ports::HttpState> WatchedHttp::state() const {
  const std::lock_guard lock{state_->mutex};
  if (state_->made.empty()) {
    return std::nullopt;
  }
  ports::HttpState sum = state_->made.back().second->state();
  for (auto one = state_->made.begin(); one != std::prev(state_->made.end()); ++one) {
    const ports::HttpState other = one->second->state();
    sum.requests += other.requests;
    sum.repeated += other.repeated;
    sum.connections += other.connections;
  }
  return sum;
}

}  // namespace mapctl::cli
