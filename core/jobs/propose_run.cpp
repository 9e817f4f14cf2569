// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/propose_run.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/batch/runner.hpp"
#include "core/catalog/snapshot.hpp"
#include "core/matching/memory/memory.hpp"
#include "core/matching/scoring/calibration.hpp"
#include "core/matching/scoring/combination.hpp"
#include "core/matching/words/lexicon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace mapctl::jobs {
namespace {

// With the weights' and the lexicon's fingerprints, it changes when equal input gives other
// proposals, so that --resume does not mix two matchers: raise it with every change of a signal.
constexpr std::string_view matcher_version = "17";

std::vector<catalog::TableRef> matching_tables(const catalog::Catalog& catalog,
                                               const catalog::NamePattern& pattern) {
  std::vector<catalog::TableRef> found;
  for (const auto& entry : catalog.tables()) {
    if (pattern.matches(entry.ref, catalog.names_ignore_case)) {
      found.push_back(entry.ref);
    }
  }
  return found;
}

Error::Facts no_such_table(const catalog::Catalog& catalog, const EndpointName& endpoint,
                           const catalog::NamePattern& pattern) {
  std::vector<std::string> known;
  for (const auto& entry : catalog.tables()) {
    known.push_back(catalog::to_string(entry.ref));
  }
  Error::Facts facts;
  facts.code = ErrorCode::not_found;
  facts.message = pattern.is_literal()
                      ? fmt::format("'{}' has no table '{}'", endpoint.text, pattern.text())
                      : fmt::format("no table of '{}' matches '{}'", endpoint.text, pattern.text());
  facts.hint = known.empty() ? fmt::format("'{}' has no tables at all", endpoint.text)
                             : suggestion(pattern.text(), known);
  return facts;
}

// Views repeat what tables hold and mostly cannot be loaded, so nobody means them unless they are
// all there is, or named.
void leave_out_views(const catalog::Catalog& catalog, std::vector<catalog::TableRef>& tables) {
  const auto is_view = [&](const catalog::TableRef& ref) {
    return catalog.find(ref)->kind == catalog::TableKind::view;
  };
  if (!std::all_of(tables.begin(), tables.end(), is_view)) {
    std::erase_if(tables, is_view);
  }
}

std::string fingerprint_of(const catalog::Catalog& catalog, const catalog::TableRef& ref) {
  const catalog::Table* table = catalog.find(ref);
  return table == nullptr ? catalog::fingerprint(catalog::Catalog{})
                          : catalog::fingerprint(ref, *table);
}

// A catalog with the tables that matter only: what a plan does not name costs nothing.
std::shared_ptr<const catalog::Catalog> reduced(const std::shared_ptr<const catalog::Catalog>& all,
                                                const std::set<catalog::TableRef>& tables) {
  if (all->tables().size() == tables.size()) {
    return all;
  }
  auto part = std::make_shared<catalog::Catalog>();
  part->system = all->system;
  part->names_ignore_case = all->names_ignore_case;
  part->taken_at = all->taken_at;
  for (const catalog::Schema& schema : all->schemas) {
    catalog::Schema kept{schema.name, {}};
    for (const catalog::Table& table : schema.tables) {
      if (tables.contains({schema.name, table.name})) {
        kept.tables.push_back(table);
      }
    }
    if (!kept.tables.empty()) {
      part->schemas.push_back(std::move(kept));
    }
  }
  return part;
}

using TablesByEndpoint = std::map<EndpointName, std::set<catalog::TableRef>>;

TablesByEndpoint source_tables(const std::vector<PairJob>& jobs) {
  TablesByEndpoint tables;
  for (const PairJob& job : jobs) {
    if (!job.problem) {
      tables[job.source].insert(job.source_table);
    }
  }
  return tables;
}

TablesByEndpoint target_tables(const std::vector<PairJob>& jobs) {
  TablesByEndpoint tables;
  for (const PairJob& job : jobs) {
    if (!job.problem) {
      tables[job.target].insert(job.target_choices.begin(), job.target_choices.end());
    }
  }
  return tables;
}

// A table that no target fits: every field without a match, and nothing claimed missing.
mapping::PairProposal without_target(const PairJob& job, const catalog::Table& table) {
  mapping::PairProposal proposal;
  proposal.source_table = job.source_table;
  for (const catalog::Column& column : table.columns) {
    proposal.fields.push_back({column.name, {}, 1.0, {}});
  }
  return proposal;
}

batch::JobCounts counts_of(const mapping::PairProposal& proposal) {
  const mapping::CoverageCount coverage = mapping::count_coverage(proposal);
  return {coverage.source_fields, coverage.mapped, coverage.required_unmapped, coverage.warnings};
}

}  // namespace

std::string PairJob::source_label() const {
  return fmt::format("{}: {}", source.text, catalog::to_string(source_table));
}

std::string PairJob::target_label() const {
  return fmt::format("{}: {}", target.text,
                     choose_target ? "auto" : catalog::to_string(target_choices.front()));
}

ProposeRun::ProposeRun(ProposeRequest request, Endpoints& endpoints, matching::Knowledge knowledge,
                       const Clock& clock)
    : request_{std::move(request)},
      knowledge_{std::move(knowledge)},
      clock_{clock},
      catalogs_{endpoints, clock, request_.workers} {}

ProposeRun::~ProposeRun() = default;

void ProposeRun::remember(std::shared_ptr<const matching::Memory> memory) {
  memory_ = std::move(memory);
}

void ProposeRun::calibrate(std::shared_ptr<const matching::Calibration> calibration) {
  calibration_ = std::move(calibration);
}

void ProposeRun::connect(std::stop_token stop) {
  const auto domains = knowledge_.lexicon->domains();
  const std::vector<std::string> known_domains{domains.begin(), domains.end()};
  std::vector<EndpointName> names;
  for (const PairRequest& request : request_.pairs) {
    const std::string& domain = request.options.domain;
    if (!domain.empty() && std::find(domains.begin(), domains.end(), domain) == domains.end()) {
      throw Error{ErrorCode::usage, fmt::format("there is no field of business '{}'", domain),
                  suggestion(domain, known_domains)};
    }
    names.push_back(request.source);
    names.push_back(request.target);
  }
  catalogs_.discover(names, std::move(stop));
  for (const PairRequest& request : request_.pairs) {
    expand(request);
  }
  using Pair =
      std::tuple<EndpointName, catalog::TableRef, EndpointName, std::vector<catalog::TableRef>>;
  std::set<Pair> seen;
  for (const PairJob& job : jobs_) {
    if (!job.problem &&
        !seen.insert({job.source, job.source_table, job.target, job.target_choices}).second) {
      throw Error{ErrorCode::configuration,
                  fmt::format("the pair '{}' to '{}' is asked for twice", job.source_label(),
                              job.target_label()),
                  "take one of them out, or make the patterns narrower"};
    }
  }
}

void ProposeRun::expand(const PairRequest& request) {
  PairJob job;
  job.source = request.source;
  job.target = request.target;
  job.options = request.options;
  job.language_model = request_.adviser ? request.language_model : LanguageModelUse::off;
  // A job that cannot run still stands in the plan, under the name it was asked for by.
  const auto fail = [&](Error::Facts facts) {
    job.source_table = {{}, catalog::TableName{request.source_tables.text()}};
    job.choose_target = !request.target_tables;
    if (request.target_tables) {
      job.target_choices = {{{}, catalog::TableName{request.target_tables->text()}}};
    }
    job.problem = std::move(facts);
    jobs_.push_back(std::move(job));
  };
  for (const EndpointName& name : {request.source, request.target}) {
    if (const Error::Facts* problem = catalogs_.problem(name)) {
      return fail(*problem);
    }
  }
  const auto source = catalogs_.find(request.source);
  const auto target = catalogs_.find(request.target);
  const auto sources = matching_tables(*source, request.source_tables);
  if (sources.empty()) {
    return fail(no_such_table(*source, request.source, request.source_tables));
  }
  const catalog::NamePattern choices = request.target_tables.value_or(catalog::NamePattern{});
  job.target_choices = matching_tables(*target, choices);
  if (job.target_choices.empty()) {
    return fail(no_such_table(*target, request.target, choices));
  }
  job.choose_target = !request.target_tables || job.target_choices.size() > 1;
  if (job.choose_target) {
    leave_out_views(*target, job.target_choices);
  }
  if (request.pair_only_tables && sources.size() == 1 && job.target_choices.size() == 1) {
    job.choose_target = false;
  }
  for (const catalog::TableRef& table : sources) {
    job.source_table = table;
    jobs_.push_back(job);
  }
}

batch::Plan ProposeRun::plan() const {
  batch::Plan plan{request_.name, {}, request_.limits};
  std::map<std::pair<EndpointName, catalog::TableRef>, std::string> fingerprints;
  const auto fingerprint = [&](const EndpointName& endpoint, const catalog::TableRef& table) {
    auto [at, added] = fingerprints.try_emplace({endpoint, table});
    if (added) {
      at->second = fingerprint_of(*catalogs_.find(endpoint), table);
    }
    return at->second;
  };
  for (const PairJob& job : jobs_) {
    batch::Job planned{job.source_label(), job.target_label(), {}, {job.source.text}, std::nullopt};
    if (job.target != job.source) {
      planned.endpoints.push_back(job.target.text);
    }
    if (job.problem) {
      batch::JobOutcome outcome;
      outcome.status = batch::JobStatus::failed;
      outcome.error = job.problem;
      planned.settled = std::move(outcome);
    } else {
      Sha256 hash;
      hash.add_field(matcher_version)
          .add_field(fmt::format("{:016x}", matching::fingerprint(*knowledge_.combination)))
          .add_field(fmt::format("{:016x}", knowledge_.lexicon->fingerprint()))
          .add_field(planned.source)
          .add_field(planned.target)
          .add_field(fingerprint(job.source, job.source_table))
          .add_field(fmt::format("{} {} {} {} {} {}", job.options.min_confidence,
                                 job.options.one_to_one, job.options.top, job.options.domain,
                                 job.options.use_data, job.options.composites));
      if (memory_ && job.options.use_memory) {
        hash.add_field(fmt::format("memory {:016x}", memory_->fingerprint()));
      }
      if (calibration_ && !calibration_->changes_nothing()) {
        hash.add_field("calibration " + calibration_->text());
      }
      for (const catalog::TableRef& choice : job.target_choices) {
        hash.add_field(fingerprint(job.target, choice));
      }
      if (job.language_model != LanguageModelUse::off) {
        hash.add_field(request_.adviser->fingerprint());
      }
      planned.input_hash = hash.finish();
    }
    plan.jobs.push_back(std::move(planned));
  }
  return plan;
}

void ProposeRun::profile(const StatisticsStore& store, batch::Observer& observer,
                         std::stop_token stop) {
  std::vector<PairJob> with_data;
  std::copy_if(jobs_.begin(), jobs_.end(), std::back_inserter(with_data),
               [](const PairJob& job) { return job.options.use_data; });
  TablesByEndpoint tables = source_tables(with_data);
  for (auto& [endpoint, refs] : target_tables(with_data)) {
    tables[endpoint].merge(refs);
  }
  catalogs_.profile(tables, request_.limits, store, observer, std::move(stop));
}

void ProposeRun::prepare() {
  for (const auto& [endpoint, tables] : source_tables(jobs_)) {
    sources_[endpoint] =
        matching::prepare(reduced(catalogs_.find(endpoint), tables), *knowledge_.lexicon);
  }
  for (const auto& [endpoint, tables] : target_tables(jobs_)) {
    targets_[endpoint] =
        matching::prepare(reduced(catalogs_.find(endpoint), tables), *knowledge_.lexicon);
  }
}

mapping::PairProposal ProposeRun::propose_one(const PairJob& job, std::stop_token stop) const {
  for (const auto& [endpoint, table] : {std::pair{&job.source, &job.source_table},
                                        std::pair{&job.target, &job.target_choices.front()}}) {
    const bool ranked = endpoint == &job.target && job.choose_target;
    if (const Error::Facts* problem = catalogs_.problem(*endpoint, *table); problem && !ranked) {
      throw Error{*problem};
    }
  }
  const matching::Matcher matcher{
      knowledge_, job.options, {memory_, calibration_, job.source.text, job.target.text}};
  const matching::Prepared& source = *sources_.at(job.source);
  const matching::Prepared& target = *targets_.at(job.target);
  if (job.choose_target) {
    const auto ranking =
        matcher.rank_tables(source, job.source_table, target, job.target_choices.size(), stop);
    // Another request may have made more target tables ready than this one may choose from.
    const auto best = std::find_if(ranking.begin(), ranking.end(), [&](const auto& pair) {
      return std::find(job.target_choices.begin(), job.target_choices.end(), pair.target) !=
             job.target_choices.end();
    });
    // No match, or one by names alone, is no answer where a table could not be read.
    const auto throw_if_unread = [&](const catalog::TableRef& table) {
      if (const Error::Facts* problem = catalogs_.problem(job.target, table)) {
        throw Error{*problem};
      }
    };
    if (best == ranking.end()) {
      std::for_each(job.target_choices.begin(), job.target_choices.end(), throw_if_unread);
      return without_target(job, *catalogs_.find(job.source)->find(job.source_table));
    }
    throw_if_unread(best->target);
    // The only table that there is was not chosen among others.
    return job.target_choices.size() > 1
               ? matcher.match_chosen(source, *best, target, stop)
               : matcher.match(source, job.source_table, target, best->target, stop);
  }
  return matcher.match(source, job.source_table, target, job.target_choices.front(), stop);
}

void ProposeRun::advise(const PairJob& job, mapping::PairProposal& proposal,
                        std::stop_token stop) const {
  const catalog::Table* source = catalogs_.find(job.source)->find(proposal.source_table);
  const catalog::Table* target = catalogs_.find(job.target)->find(proposal.target_table);
  if (source != nullptr && target != nullptr) {
    request_.adviser->advise({*source, *target, job.options, job.language_model}, proposal,
                             std::move(stop));
  }
}

std::vector<batch::JobOutcome> ProposeRun::propose(const batch::Plan& plan,
                                                   const ProposalSink& sink,
                                                   batch::Observer& observer,
                                                   std::stop_token stop) {
  if (sources_.empty()) {
    prepare();
  }
  const auto work = [&](std::size_t index, std::size_t worker, std::stop_token token) {
    const double started = clock_.elapsed();
    mapping::PairProposal proposal = propose_one(jobs_[index], token);
    if (jobs_[index].language_model != LanguageModelUse::off) {
      advise(jobs_[index], proposal, token);
    }
    const batch::JobCounts counts = counts_of(proposal);
    sink({index, worker, clock_.elapsed() - started, proposal});
    return counts;
  };
  return batch::ThreadRunner{request_.workers, clock_}.run(plan, work, observer, std::move(stop));
}

}  // namespace mapctl::jobs
