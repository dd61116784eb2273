/// \file
/// Listener → supervisor. The listener is exposed to the network, so all of this is hostile: a closed list without paths,
/// without a way to create anything; the supervisor limits the rate and looks every id up in its own tables.
#pragma once

#include "wire/message_codec.h"

namespace osmia::wire {

struct ListenerReady {
    std::uint32_t version = ProtocolVersion;
    void fields(auto& archive) { archive(version); }
};

struct SnapshotApplied {
    std::uint64_t serial = 0;
    void fields(auto& archive) { archive(serial); }
};

/// One more worker would help: requests wait and no worker takes them (demand start), or a web garden has work for more
/// workers than it has. Repeated at most once a second while that lasts.
struct PoolHasWork {
    std::uint32_t pool_id = 0;
    std::uint32_t queued = 0;
    void fields(auto& archive) { archive(pool_id); archive(queued); }
};

/// The worker does not answer through its channel, or a request ran past its execution time limit.
struct WorkerStuck {
    std::uint64_t worker_id = 0;
    std::string reason;
    void fields(auto& archive) { archive(worker_id); archive(reason); }
};

/// What the worker wrote into its channel makes no sense; the channel is closed and the worker must be replaced.
struct ChannelBroken {
    std::uint64_t worker_id = 0;
    std::string reason;
    void fields(auto& archive) { archive(worker_id); archive(reason); }
};

/// The retired worker has no request left that the listener waits for.
struct WorkerDrained {
    std::uint64_t worker_id = 0;
    void fields(auto& archive) { archive(worker_id); }
};

enum class RequestState : std::uint8_t { Queued, Running, Sending, Last = Sending };

struct ListedRequest {
    std::string id;
    std::uint32_t site_id = 0;
    std::uint32_t pool_id = 0;
    std::uint32_t pid = 0;
    std::string method;
    std::string url;  ///< cut at 1024 bytes
    std::string client;
    std::uint32_t elapsed_ms = 0;  ///< since the request's first byte
    std::uint32_t queued_ms = 0;   ///< of these, waiting for a worker (the last time, when it is repeated)
    std::uint32_t running_ms = 0;  ///< in a worker, before the answer's first byte
    std::uint32_t sending_ms = 0;  ///< since the answer's first byte
    RequestState state = RequestState::Queued;
    void fields(auto& archive) {
        archive(id); archive(site_id); archive(pool_id); archive(pid); archive(method); archive(url); archive(client);
        archive(elapsed_ms); archive(queued_ms); archive(running_ms); archive(sending_ms); archive(state);
    }
};

/// A part of the answer to ListRequests; `last` ends it.
struct RequestList {
    std::uint64_t token = 0;
    bool last = true;
    std::vector<ListedRequest> requests;
    void fields(auto& archive) { archive(token); archive(last); archive(requests); }
};

struct NamedCount {
    std::string name;
    std::uint64_t count = 0;
    void fields(auto& archive) { archive(name); archive(count); }
};

struct PoolCounters {
    std::uint32_t pool_id = 0;
    std::uint32_t queued = 0;
    std::uint64_t requests = 0;   ///< handed to workers so far
    std::uint64_t rejected = 0;   ///< answered 503 so far
    std::vector<std::uint64_t> answers;  ///< by status / 100; the first: no answer went out
    std::vector<NamedCount> rejections;  ///< by HTTPERR's reason
    void fields(auto& archive) {
        archive(pool_id); archive(queued); archive(requests); archive(rejected); archive(answers); archive(rejections);
    }
};

struct SiteCounters {
    std::uint32_t site_id = 0;
    std::uint32_t connections = 0;  ///< now
    std::uint64_t accepted = 0;     ///< connections so far
    std::uint64_t sent = 0;         ///< bytes of answers that came from workers
    std::uint64_t received = 0;     ///< bytes of the requests for them
    std::vector<NamedCount> methods;
    std::vector<std::uint64_t> answers;  ///< by status / 100; the first: no answer went out
    std::vector<NamedCount> rejected;    ///< by HTTPERR's reason
    void fields(auto& archive) {
        archive(site_id); archive(connections); archive(accepted); archive(sent); archive(received);
        archive(methods); archive(answers); archive(rejected);
    }
};

struct WorkerCounters {
    std::uint64_t worker_id = 0;
    std::uint64_t requests = 0;  ///< finished so far
    std::uint32_t active = 0;
    void fields(auto& archive) { archive(worker_id); archive(requests); archive(active); }
};

/// The answer to QueryCounters. Idle pools are left out. More than one message when `last` is false.
struct ListenerCounters {
    std::uint64_t token = 0;
    bool last = true;
    std::uint64_t connections = 0;
    std::uint64_t requests = 0;
    std::uint64_t lost_log_lines = 0;
    std::vector<PoolCounters> pools;
    std::vector<WorkerCounters> workers;
    std::vector<SiteCounters> sites;
    std::vector<NamedCount> rejected;  ///< by HTTPERR's reason, also of what never found a site
    void fields(auto& archive) {
        archive(token); archive(last); archive(connections); archive(requests); archive(lost_log_lines); archive(pools);
        archive(workers); archive(sites); archive(rejected);
    }
};

/// What the listener made of one SnapshotCertificate. Texts come from the files and are bounded by the listener.
struct ListedCertificate {
    std::uint32_t certificate_id = 0;
    std::string problem;        ///< why the newest files are not used; empty: they are
    bool usable = false;        ///< a certificate is in use, the newest or the one before
    std::string subject, issuer, names, key, fingerprint;
    std::int64_t not_before = 0;  ///< seconds since 1970
    std::int64_t not_after = 0;
    void fields(auto& archive) {
        archive(certificate_id); archive(problem); archive(usable); archive(subject); archive(issuer); archive(names); archive(key);
        archive(fingerprint); archive(not_before); archive(not_after);
    }
};

/// After each snapshot with certificates (token 0), and the answer to ListCertificates; `last` ends it.
struct CertificateList {
    std::uint64_t token = 0;
    bool last = true;
    std::vector<ListedCertificate> certificates;
    void fields(auto& archive) { archive(token); archive(last); archive(certificates); }
};

struct ListenerDrained {
    void fields(auto&) {}
};

/// A log has lines but no file, or its file's time or size is over. Site 0 is the HTTPERR log. Repeated at most every few
/// seconds while nothing comes.
struct LogWanted {
    std::uint32_t site_id = 0;
    void fields(auto& archive) { archive(site_id); }
};

/// Lines that were never written: the disk or the supervisor was too slow, or refused.
struct LogLinesLost {
    std::uint32_t site_id = 0;
    std::uint64_t lines = 0;
    void fields(auto& archive) { archive(site_id); archive(lines); }
};

enum class RequestOutcome : std::uint8_t { Answered, Repeated, BadGateway, ServiceUnavailable, Cut, ClientGone, Last = ClientGone };

/// A request that a worker had when it died, and what became of it.
struct DeadWorkerRequest {
    std::string id;
    std::string method;
    std::string url;  ///< cut at 1024 bytes
    std::string client;
    std::uint32_t elapsed_ms = 0;
    bool begun = false;  ///< it was being executed
    RequestOutcome outcome = RequestOutcome::Answered;
    void fields(auto& archive) {
        archive(id); archive(method); archive(url); archive(client); archive(elapsed_ms); archive(begun); archive(outcome);
    }
};

/// Once for every worker whose channel has ended: what it had, at most MaxDeadWorkerRequests of it.
struct DeadWorkerRequests {
    std::uint64_t worker_id = 0;
    std::vector<DeadWorkerRequest> requests;
    void fields(auto& archive) { archive(worker_id); archive(requests); }
};
inline constexpr std::size_t MaxDeadWorkerRequests = 64;

using ListenerToSupervisor = std::variant<ListenerReady, SnapshotApplied, PoolHasWork, WorkerStuck, ChannelBroken, WorkerDrained,
                                          RequestList, ListenerCounters, ListenerDrained, LogWanted, LogLinesLost, CertificateList,
                                          DeadWorkerRequests>;

}  // namespace osmia::wire
