// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/named.hpp"
#include "core/ports/connector.hpp"

#include <memory>
#include <stop_token>

namespace mapctl::jobs {

// An endpoint as it is written: a profile's name, "canonical", "file:sales.csv".
using EndpointName = Named<struct EndpointNameTag>;

// How jobs reach systems; the program wires it to profiles and connectors. Safe to call from
// several threads. open() throws what a profile or connector throws.
class Endpoints {
 public:
  virtual ~Endpoints() = default;
  virtual std::unique_ptr<ports::Connector> open(const EndpointName& endpoint,
                                                 std::stop_token stop) = 0;
};

}  // namespace mapctl::jobs
