#include "config/folder_chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/effective_sections.h"

namespace osmia::config {
namespace {

/// Makes one state.
class StepDown {
public:
    StepDown(const std::shared_ptr<const FolderState>& above, const FolderStep& step, const FileStamp& stamp,
             const SourceReader& sources)
        : sources_(sources), state_(std::make_shared<FolderState>(FolderState{step, stamp, above->level + 1,
                                                           step.application_root ? above->inheritable : above->sections,
                                                           above->inheritable, above->pending, above->files, nullptr,
                                                           above})),
          result_(std::make_shared<EffectiveConfiguration>()) {
        result_->diagnostics = above->effective->diagnostics;
        result_->files = above->effective->files;
        result_->error = above->effective->error;
    }

    std::shared_ptr<const FolderState> run(const MachineDocument& machine, std::optional<Result<std::string>> content) {
        if (!result_->error) {
            for (const SectionUse& use : machine.location(state_->step.path)) apply(machine.file(), use, 0);
            apply_pending();
            if (content) read_web_file(std::move(*content));
        }
        finish();
        return std::move(state_);
    }

private:
    void apply(const ConfigurationFile& file, const SectionUse& use, int level) {
        const bool warnings = file.kind() == FileKind::Web;
        state_->sections.apply(file, use, {level, state_->step.application_root, warnings}, sink_);
        if (!use.location->inherit_in_child_applications) return;
        DiagnosticSink unused;
        state_->inheritable.apply(file, use, {level, state_->step.application_root, false}, unused);
    }

    void apply_pending() {
        std::vector<PendingLocation> later;
        for (const PendingLocation& pending : state_->pending) {
            if (pending.path == state_->step.path) {
                apply(*pending.file, pending.use, pending.level);
            } else if (pending.path.starts_with(state_->step.path + '/')) {
                later.push_back(pending);
            }
        }
        state_->pending = std::move(later);
    }

    void read_web_file(Result<std::string> content) {
        const std::string& name = state_->step.web_file;
        if (!content.ok()) {
            sink_.add({name, 0, 0, Severity::Error, ErrorNumber::AccessDenied,
                       fmt::format("the file cannot be read: {}", content.error().message), {}});
            return;
        }
        result_->files.push_back(name);
        XmlOptions options;
        options.max_bytes = max_web_config_bytes;
        auto document = XmlDocument::parse(std::move(content).value(), name, sink_, options);
        if (document == nullptr) return;
        auto file = ConfigurationFile::read(std::move(document), FileKind::Web, state_->sections.schema(), sink_,
                                            state_->files, sources_);
        for (const SectionUse& use : file->uses()) {
            if (use.location->path.empty()) {
                apply(*file, use, state_->level);
            } else {
                state_->pending.push_back(
                    {file, use, state_->step.path + '/' + location_key(use.location->path), state_->level});
            }
        }
        state_->files.push_back(std::move(file));
    }

    void finish() {
        const FolderState& above = *state_->above;
        const bool failed = sink_.has_errors();
        Diagnostics found = sink_.take();
        for (const Diagnostic& diagnostic : found) {
            if (diagnostic.severity == Severity::Error && !result_->error) result_->error = to_error(diagnostic);
        }
        result_->diagnostics.insert(result_->diagnostics.end(), found.begin(), found.end());
        if (failed) state_->sections = above.sections;  // nothing of a bad file counts
        const bool same_pool = state_->step.pool == above.step.pool;
        auto error = fill_sections(*result_, state_->sections, *state_->step.pool,
                                   same_pool ? above.effective.get() : nullptr, same_pool ? &above.sections : nullptr);
        if (!result_->error) result_->error = std::move(error);
        state_->effective = std::move(result_);
    }

    const SourceReader& sources_;
    std::shared_ptr<FolderState> state_;
    std::shared_ptr<EffectiveConfiguration> result_;
    DiagnosticSink sink_;
};

}  // namespace

std::shared_ptr<const FolderState> server_state(const ServerConfiguration& configuration,
                                                const PoolConfiguration& pool) {
    const SectionSet& sections = configuration.document->sections();
    auto effective = std::make_shared<EffectiveConfiguration>();
    // What is wrong here is found again one step down, where a location tag may have put it right.
    (void)fill_sections(*effective, sections, pool, nullptr, nullptr);
    auto state = std::make_shared<FolderState>(
        FolderState{{{}, {}, false, &pool}, {}, 0, sections, sections, {}, {}, effective, nullptr});
    const MachineDocument& machine = *configuration.document;
    state->files.push_back(std::shared_ptr<const ConfigurationFile>(configuration.document, &machine.file()));
    return state;
}

std::shared_ptr<const FolderState> step_down(const std::shared_ptr<const FolderState>& above, const FolderStep& step,
                                             const MachineDocument& machine, const FileStamp& stamp,
                                             std::optional<Result<std::string>> content,
                                             const SourceReader& sources) {
    return StepDown(above, step, stamp, sources).run(machine, std::move(content));
}

bool has_location_at_or_below(const FolderState& above, const MachineDocument& machine, const std::string& path) {
    if (!machine.location(path).empty() || machine.has_locations_below(path)) return true;
    return std::any_of(above.pending.begin(), above.pending.end(), [&](const PendingLocation& pending) {
        return pending.path == path || pending.path.starts_with(path + '/');
    });
}

}  // namespace osmia::config
