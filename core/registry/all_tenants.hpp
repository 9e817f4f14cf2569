// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sql_session.hpp"

#include <string>
#include <utility>

namespace mapctl::registry {

// A session stands for all tenants as long as this lives, then for one again, or for none: also
// where an error ends the work. To be made before the transaction that it is for.
class AllTenants {
 public:
  explicit AllTenants(ports::SqlSession& session, std::string then = {})
      : session_{session}, then_{std::move(then)} {
    session_.use_tenant(ports::SqlSession::all_tenants);
  }
  AllTenants(const AllTenants&) = delete;
  AllTenants& operator=(const AllTenants&) = delete;
  ~AllTenants() { session_.use_tenant(then_); }

 private:
  ports::SqlSession& session_;
  std::string then_;
};

}  // namespace mapctl::registry
