// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace mapctl::cli {

class CatalogCache;
class CircuitBreakers;
class CommandContext;

// What a few commands ask of the endpoints beyond opening them. Safe to use from several threads.
class EndpointControl {
 public:
  using Adjust = std::function<void(ports::ConnectorOptions&)>;

  virtual ~EndpointControl() = default;
  // `adjust` changes what the profile says before the connector is made.
  virtual std::unique_ptr<ports::Connector> open_adjusted(std::string_view endpoint,
                                                          const Adjust& adjust) = 0;
  // From now on discovery of a system that does not answer gives its last snapshot, with a warning
  // that tells its age; of those, was_stale() is true.
  virtual void allow_stale() = 0;
  virtual bool was_stale(std::string_view endpoint) = 0;
  // Of the systems that are asked over HTTP.
  virtual CircuitBreakers& breakers() = 0;
  virtual CatalogCache& catalog_cache() = 0;
};

// Of the context's endpoints.
EndpointControl& endpoint_control(CommandContext& context);

}  // namespace mapctl::cli
