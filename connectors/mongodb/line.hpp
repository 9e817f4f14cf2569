// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mongoc/mongoc.h>

#include <stop_token>
#include <string>

namespace mapctl::connectors::mongodb {

// How a client reaches its servers: by sockets whose waits end soon after a stop was asked for.
// Those of the driver end at the limit of time only. Must outlive the client, and is used by its
// thread.
class Lines {
 public:
  explicit Lines(mongoc_client_t& client);
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // What the waits from now on are part of.
  void work_under(const std::stop_token& stop);
  bool is_stopped() const noexcept { return stop_.stop_requested(); }
  // Why the last server that was not reached was not; empty when the last one was.
  const std::string& failure() const noexcept { return failure_; }

 private:
  static mongoc_stream_t* open(const mongoc_uri_t* uri, const mongoc_host_list_t* host, void* lines,
                               bson_error_t* error);

  std::stop_token stop_;
  std::string failure_;
};

}  // namespace mapctl::connectors::mongodb
