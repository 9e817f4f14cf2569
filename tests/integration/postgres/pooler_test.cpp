// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/session.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/registry/audit.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/registry.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/postgres.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace mapctl;
using namespace mapctl::registry;
using connectors::postgres::open_registry_session;
using namespace std::chrono_literals;

namespace {

std::string pooler_program() {
  for (const char* path :
       {"/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"}) {
    if (access(path, X_OK) == 0) {
      return path;
    }
  }
  mapctl::test::skip("pgbouncer", "pgbouncer is not installed");
}

int free_port() {
  const int socket_of = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(bind(socket_of, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(getsockname(socket_of, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(socket_of);
  return ntohs(address.sin_port);
}

// pgBouncer in transaction mode, before a server of its own, with two connections to it.
class Pooler {
 public:
  Pooler() : program_{pooler_program()}, port_{free_port()} {
    const auto settings = server_.directory() / "pgbouncer.ini";
    std::ofstream{settings} << "[databases]\nmapctl_test = host=" << server_.directory().string()
                            << " port=" << server_.port() << " user=mapctl\n[pgbouncer]\n"
                            << "listen_addr = 127.0.0.1\nlisten_port = " << port_
                            << "\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
                            << "default_pool_size = 2\nmax_client_conn = 50\nlogfile = "
                            << (server_.directory() / "pgbouncer.log").string() << "\n";
    std::filesystem::permissions(settings, std::filesystem::perms{0644});
    struct stat owner {};
    REQUIRE(stat((server_.directory() / "data").c_str(), &owner) == 0);
    process_ = fork();
    if (process_ == 0) {
      if (geteuid() == 0 && (setgid(owner.st_gid) != 0 || setuid(owner.st_uid) != 0)) {
        _exit(1);
      }
      execl(program_.c_str(), program_.c_str(), "-q", settings.c_str(), nullptr);
      _exit(1);
    }
  }
  Pooler(const Pooler&) = delete;
  Pooler& operator=(const Pooler&) = delete;
  ~Pooler() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  std::unique_ptr<ports::SqlSession> open() const {
    const std::string url = "postgresql://mapctl@127.0.0.1:" + std::to_string(port_) +
                            "/mapctl_test?pgbouncer=true&schema=pooled&sslmode=disable";
    for (int tries = 0;; ++tries) {
      try {
        return open_registry_session({Secret{url}, true});
      } catch (const Error&) {
        if (tries == 100) {
          throw;
        }
        std::this_thread::sleep_for(50ms);  // until it listens
      }
    }
  }
  const mapctl::test::PostgresServer& server() const noexcept { return server_; }

 private:
  std::string program_;
  mapctl::test::PostgresServer server_{};
  int port_;
  pid_t process_ = -1;
};

NewMapping numbered(const std::string& tenant, int number) {
  NewMapping made;
  made.mapping.key = {mapping::ConnectorName{"crm"}, catalog::TableName{tenant},
                      mapping::FieldPath{"field_" + std::to_string(number)},
                      mapping::EntityName{"account"},
                      mapping::FieldPath{"column_" + std::to_string(number)}};
  return made;
}

}  // namespace

TEST_CASE("tenants that share the connections of a pooler stay apart", "[postgres]") {
  const Pooler pooler;
  constexpr int tenants = 6;
  constexpr int changes_each = 15;
  const auto name = [](int number) { return "tenant_" + std::to_string(number); };
  initialise(*pooler.open(), system_clock());
  for (int i = 0; i < tenants; ++i) {
    add_tenant(*pooler.open(), system_clock(), TenantName{name(i)});
  }
  std::vector<std::string> problems(tenants);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < tenants; ++i) {
      threads.emplace_back([&, i] {
        try {
          Registry registry{
              pooler.open(), system_clock(), {TenantName{name(i)}, UserName{"user of " + name(i)}}};
          for (int n = 0; n < changes_each; ++n) {
            Changes changes{registry};
            const mapping::MappingId id = changes.create(numbered(name(i), n), "made");
            changes.approve({id, 1});
            changes.commit();
            const auto found =
                registry.lookup(mapping::ConnectorName{"crm"}, catalog::TableName{name(i)});
            if (found.size() != static_cast<std::size_t>(n) + 1) {
              problems[static_cast<std::size_t>(i)] = "a look-up missed what was just written";
            }
          }
        } catch (const std::exception& error) {
          problems[static_cast<std::size_t>(i)] = error.what();
        }
      });
    }
  }
  for (const std::string& problem : problems) {
    CHECK(problem == "");
  }
  for (int i = 0; i < tenants; ++i) {
    Registry registry{pooler.open(), system_clock(), {TenantName{name(i)}, UserName{"auditor"}}};
    std::size_t own = 0;
    registry.for_each_mapping({}, [&](const mapping::FieldMapping& mapping) {
      own += mapping.key.source_table.text == name(i) ? 1 : 0;
    });
    CHECK(own == changes_each);
    CHECK(verify_audit(registry).intact());
    CHECK(audit_chain(registry).position == 2 * changes_each);
  }
  // It was the pooler that answered, with no more connections than it may have.
  const auto direct = open_registry_session({Secret{pooler.server().url()}});
  const auto count = direct->prepare(
      "SELECT count(*) FROM pg_stat_activity WHERE usename = 'mapctl' AND pid <> "
      "pg_backend_pid()");
  REQUIRE(count->step());
  CHECK(count->integer(0) >= 1);
  CHECK(count->integer(0) <= 2);
}
