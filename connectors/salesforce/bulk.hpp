// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/salesforce/session.hpp"

#include <optional>
#include <stop_token>
#include <string>

namespace mapctl::connectors::salesforce {

// A query as a job of the Bulk API 2.0. Used by one thread at a time; the session must outlive it.
class BulkQuery {
 public:
  // Nothing where the Bulk API does not offer the object to this user; errors of the query are
  // thrown. `what` names the object in messages.
  static std::optional<BulkQuery> start(Session& session, const std::string& query,
                                        const std::string& what, const std::stop_token& stop);
  // Waits until the job is complete. Throws Error::resource_limit when it takes too long.
  void wait(const std::stop_token& stop);
  // The next rows as CSV with a line of names; false when there are no more, and then the job is
  // deleted.
  bool next(std::string& csv, const std::stop_token& stop);

 private:
  BulkQuery(Session& session, std::string id, std::string what)
      : session_{&session}, id_{std::move(id)}, what_{std::move(what)} {}
  std::string path() const;

  Session* session_;
  std::string id_;
  std::string what_;
  std::string locator_{};
  bool ended_ = false;
};

}  // namespace mapctl::connectors::salesforce
