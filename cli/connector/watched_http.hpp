// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/http_client.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::cli {

// Stands between a connector and its HTTP client: counts what is asked, and makes up one answer.
class WatchedHttp final : public ports::HttpClientFactory {
 public:
  struct Refusal {
    bool given = false;
    bool repeats = false;          // the connector wants to ask again
    std::optional<double> wait{};  // seconds, when it says how long before
  };
  // `real` must outlive this and the clients.
  explicit WatchedHttp(const ports::HttpClientFactory& real);

  std::shared_ptr<ports::HttpClient> client(const ports::HttpSettings& settings) const override;
  std::string sign(ports::SignatureAlgorithm algorithm, const Secret& key,
                   std::string_view text) const override;
  std::uint64_t requests() const;
  // The next request is answered with 429 and "Retry-After: 1", and then sent if the connector asks
  // again.
  void refuse_next();
  Refusal refusal() const;
  // What all clients together have done; the circuit breaker is that of the client made last.
  std::optional<ports::HttpState> state() const;

 private:
  struct State;
  class Client;
  const ports::HttpClientFactory* real_;
  std::shared_ptr<State> state_;
};

}  // namespace mapctl::cli
