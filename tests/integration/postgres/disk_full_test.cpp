// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/session.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/registry/audit.hpp"
#include "core/registry/registry.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/postgres.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

using namespace mapctl;
using namespace mapctl::registry;
using Catch::Matchers::ContainsSubstring;
using connectors::postgres::open_registry_session;

namespace {

// A file system of its own, as small as it was asked for.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path path, const std::string& size) : path_{std::move(path)} {
    std::filesystem::create_directory(path_);
    if (mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) != 0) {
      mapctl::test::skip("mount", "file systems cannot be mounted here");
    }
    struct stat parent {};
    REQUIRE(stat(path_.parent_path().c_str(), &parent) == 0);
    REQUIRE(chown(path_.c_str(), parent.st_uid, parent.st_gid) == 0);
    REQUIRE(chmod(path_.c_str(), 0700) == 0);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() { umount2(path_.c_str(), MNT_DETACH); }
  void grow(const std::string& size) const {
    REQUIRE(mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT, ("size=" + size).c_str()) == 0);
  }
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

mapping::PairProposal numbered_pair(int number) {
  mapping::PairProposal pair;
  pair.source_table = {{}, catalog::TableName{"table_" + std::to_string(number)}};
  pair.target_table = {{}, catalog::TableName{"account"}};
  mapping::Candidate candidate;
  candidate.target_table = pair.target_table;
  candidate.target_column = catalog::ColumnName{"email"};
  candidate.confidence = 0.9;
  // Hard to compress, as the server would.
  std::string detail;
  for (unsigned state = static_cast<unsigned>(number) + 1; detail.size() < 20'000;) {
    state = state * 1'664'525U + 1'013'904'223U;
    detail += static_cast<char>('!' + (state >> 24U) % 90);
  }
  candidate.evidence = {{"name", 0.9, 1.5, detail}};
  mapping::FieldProposal field;
  field.source_column = catalog::ColumnName{"mail"};
  field.decision = {0};
  field.confidence = 0.9;
  field.candidates = {candidate};
  pair.fields = {field};
  return pair;
}

}  // namespace

TEST_CASE("a server whose disk is full says so, keeps whole pairs, and goes on when it has room",
          "[postgres]") {
  const mapctl::test::PostgresServer server;
  const SmallDisk disk{server.directory() / "small", "6m"};
  {
    const auto admin = open_registry_session({Secret{server.url("postgres")}});
    admin->execute("CREATE TABLESPACE small LOCATION '" + disk.path().string() + "'");
    admin->execute("GRANT CREATE ON TABLESPACE small TO mapctl");
    admin->execute("ALTER DATABASE mapctl_test SET default_tablespace = 'small'");
  }
  const auto open = [&] { return open_registry_session({Secret{server.url()}, true}); };
  initialise(*open(), system_clock());
  Registry registry{open(), system_clock(), {TenantName{"default"}, UserName{"ada"}}};
  const RunId run = registry.begin_run({"batch", "", ""});
  PairContext context;
  context.connector = mapping::ConnectorName{"crm"};
  context.entity = mapping::EntityName{"account"};
  context.canonical = true;
  int stored = 0;
  const auto store = [&] {
    JobRecord job;
    job.position = stored;
    registry.store_pair(run, job, numbered_pair(stored), context);
    ++stored;
  };
  Error::Facts problem;
  while (problem.message.empty() && stored < 2000) {
    try {
      store();
    } catch (const Error& error) {
      problem = error.facts();
    }
  }
  CHECK(problem.code == ErrorCode::resource_limit);
  CHECK_THAT(problem.message, ContainsSubstring("No space left"));
  CHECK_FALSE(problem.hint.empty());
  CHECK(stored > 10);
  const auto check_whole = [&] {
    const auto count = static_cast<std::size_t>(stored);
    CHECK(registry.proposals_of(run).size() == count);
    CHECK(registry.for_each_mapping({}, [](const mapping::FieldMapping&) {}) == count);
    const AuditVerification verified = verify_audit(registry);
    CHECK(verified.intact());
    CHECK(verified.rows == stored);
  };
  check_whole();
  disk.grow("64m");
  store();
  store();
  check_whole();
}
