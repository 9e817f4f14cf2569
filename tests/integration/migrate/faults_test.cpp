// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/mapping_archive.hpp"
#include "core/registry/audit.hpp"
#include "tests/integration/migrate/folder.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <random>
#include <thread>

using namespace mapctl;
using namespace mapctl::jobs;
using namespace mapctl::jobs::test;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

void fill(const Folder& folder, int files, int fields, int round) {
  for (int file = 0; file < files; ++file) {
    std::string text = "# generated\naccount:\n  fields:\n";
    for (int field = 0; field < fields; ++field) {
      text += fmt::format("    field_{}: {{source: source_{}, transform: truncate(length={})}}\n",
                          field, field, field == round % fields ? 100 + round : 40);
    }
    folder.write(fmt::format("system_{}.yaml", file), text);
  }
}

template <class Work>
pid_t start(Work&& work) {
  const pid_t child = fork();
  if (child == 0) {
    int code = 0;
    try {
      work();
    } catch (const Error& error) {
      code = 10 + static_cast<int>(error.code());
    } catch (...) {
      code = 1;
    }
    _exit(code);
  }
  return child;
}

int exit_code(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int code_of(ErrorCode code) {
  return 10 + static_cast<int>(code);
}

// How many kills: few in every run, more when they are asked for.
int rounds() {
  const char* wanted = std::getenv("MAPCTL_KILL_ROUNDS");
  return wanted == nullptr ? 12 : std::max(1, std::atoi(wanted));
}

// Random moments within a phase, whatever the machine: one that came too late tells how long the
// phase takes at most.
class Moments {
 public:
  // Starts the phase in a process of its own and kills it.
  void run_and_kill(const Folder& folder, MigrationStep step) {
    int& limit = limits_.try_emplace(step, longest).first->second;
    const int delay = std::uniform_int_distribution<int>{0, limit}(random_);
    const pid_t child = start([&] { folder.run(step); });
    std::this_thread::sleep_for(std::chrono::microseconds{delay});
    kill(child, SIGKILL);
    const bool was_alive = exit_code(child) == 128 + SIGKILL;
    killed_ += was_alive ? 1 : 0;
    limit = was_alive ? std::min(limit * 5 / 4 + 1, longest) : delay;
  }
  int killed() const noexcept { return killed_; }

 private:
  static constexpr int longest = 60'000;  // microseconds
  std::mt19937 random_{20260301};
  std::map<MigrationStep, int> limits_{};
  int killed_ = 0;
};

void check_whole(const Folder& folder) {
  CHECK(folder.file.is_sound());
  CHECK(folder.file.value("SELECT count(*) - coalesce(max(position), 0) FROM mapping_audit_log") ==
        "0");
  registry::Registry registry = folder.file.open();
  CHECK(registry::verify_audit(registry).intact());
  CHECK(folder.file.value("SELECT count(*) FROM field_mappings m WHERE NOT EXISTS (SELECT 1 FROM "
                          "mapping_audit_log a WHERE a.field_mapping_id = m.id)") == "0");
}

}  // namespace

TEST_CASE("a phase that is killed anywhere is completed by running it again", "[migrate]") {
  const Folder folder;
  Moments moments;
  const int count = rounds();
  for (int round = 0; round < count; ++round) {
    INFO("round " << round);
    fill(folder, 8, 12, round);
    // Some of the registry's changes have to go to the files, too.
    if (round > 0) {
      REQUIRE(folder.run(MigrationStep::shadow).passed);
      folder.file.run(
          fmt::format("UPDATE field_mappings SET status = 'deprecated' WHERE "
                      "source_field = 'source_{}' AND status = 'active'",
                      (round + 5) % 12));
      fill(folder, 4, 12, round + 6);
    }
    moments.run_and_kill(folder, MigrationStep::shadow);
    check_whole(folder);
    const auto shadow = folder.run(MigrationStep::shadow);
    REQUIRE(shadow.refusal.empty());
    REQUIRE(folder.run(MigrationStep::validate).refusal.empty());
    REQUIRE(folder.run(MigrationStep::canary).refusal.empty());
    const auto before = folder.bytes();

    moments.run_and_kill(folder, MigrationStep::cutover);
    check_whole(folder);
    REQUIRE(folder.run(MigrationStep::cutover).refusal.empty());
    CHECK(folder.bytes().empty());

    moments.run_and_kill(folder, MigrationStep::rollback);
    check_whole(folder);
    REQUIRE(folder.run(MigrationStep::rollback).refusal.empty());
    CHECK(folder.bytes() == before);
    CHECK_FALSE(fs::exists(folder.archive()));
  }
  CHECK(moments.killed() > count);  // of three times as many: most were in the middle of something
}

TEST_CASE("a full disk leaves registry and files as they were", "[migrate][sqlite]") {
  const Folder folder;
  fill(folder, 20, 200, 0);
  const auto before = folder.bytes();
  const std::uintmax_t size = fs::file_size(folder.file.path());
  const auto limited = [&](MigrationStep step, rlim_t limit) {
    return exit_code(start([&] {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit bound{limit, limit};
      setrlimit(RLIMIT_FSIZE, &bound);
      folder.run(step);
    }));
  };
  CHECK(limited(MigrationStep::shadow, size + 65'536) == code_of(ErrorCode::resource_limit));
  check_whole(folder);
  CHECK(folder.file.value("SELECT count(*) FROM field_mappings") == "0");
  CHECK(folder.bytes() == before);
  REQUIRE(folder.run_to(MigrationStep::canary).passed);
  CHECK(limited(MigrationStep::cutover, 512) != 0);
  CHECK(folder.bytes() == before);
  REQUIRE(folder.run(MigrationStep::cutover).passed);
  CHECK(limited(MigrationStep::rollback, 512) != 0);
  REQUIRE(folder.run(MigrationStep::rollback).passed);
  CHECK(folder.bytes() == before);
}

TEST_CASE("a folder that cannot be written to is refused before anything is changed", "[migrate]") {
  const Folder folder;
  fill(folder, 2, 3, 0);
  folder.run_to(MigrationStep::canary);
  // The superuser may write anywhere, so the phase runs as somebody else.
  const fs::path root = folder.file.path().parent_path();
  fs::permissions(folder.path().parent_path(), fs::perms::all);
  if (!root.empty()) {  // the registry is a file
    fs::permissions(root, fs::perms::all);
    for (const auto& entry : fs::directory_iterator{root}) {
      fs::permissions(entry.path(), fs::perms::all);
    }
  }
  fs::permissions(folder.path(), static_cast<fs::perms>(0555));
  const int code = exit_code(start([&] {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
      _exit(99);
    }
    folder.run(MigrationStep::cutover);
  }));
  fs::permissions(folder.path(), fs::perms::owner_all);
  CHECK(code == code_of(ErrorCode::denied));
  CHECK(folder.bytes().size() == 2);
  CHECK(folder.run(MigrationStep::cutover).passed);
}

TEST_CASE("two processes do not work on one folder at a time", "[migrate]") {
  const Folder folder;
  fill(folder, 2, 3, 0);
  const FolderLock lock{folder.path()};
  CHECK(folder.failure(folder.options(MigrationStep::shadow)).find("busy: ") == 0);
  CHECK(folder.run(MigrationStep::plan).passed);
}

TEST_CASE("of processes that begin the same migration at once one does it", "[migrate]") {
  const Folder folder;
  fill(folder, 10, 50, 0);
  std::vector<pid_t> children;
  for (int at = 0; at < 4; ++at) {
    children.push_back(start([&] { folder.run(MigrationStep::shadow); }));
  }
  int done = 0;
  for (const pid_t child : children) {
    const int code = exit_code(child);
    CHECK((code == 0 || code == code_of(ErrorCode::busy)));
    done += code == 0 ? 1 : 0;
  }
  CHECK(done >= 1);
  CHECK(folder.file.value("SELECT count(*) FROM field_mappings WHERE version = 1") == "500");
  CHECK(folder.file.value("SELECT count(*) FROM mapping_audit_log") == "500");
  check_whole(folder);
}
