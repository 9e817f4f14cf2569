// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/batch/plan.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mapctl::batch {

// Decides which job comes next: the first in plan order whose endpoints all have a free slot.
// Not safe for several threads by itself; the runner holds a lock. The plan must outlive it.
class Scheduler {
 public:
  explicit Scheduler(const Plan& plan);
  // Takes the slots of the job it returns; nothing when all that is left must wait, or is done.
  std::optional<std::size_t> next();
  // Gives the slots back.
  void finished(std::size_t job);
  bool empty() const noexcept { return waiting_.empty(); }

 private:
  bool has_room(const Job& job) const;

  const Plan* plan_;
  std::vector<std::size_t> waiting_;  // in reverse plan order: the next is at the end
  std::map<std::string, std::size_t> running_;
};

}  // namespace mapctl::batch
