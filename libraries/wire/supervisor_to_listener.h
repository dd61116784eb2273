/// \file
/// Supervisor → listener. Trusted; lengths are checked all the same. Byte layout: docs/wire/control.md.
///
/// Configuration travels as a snapshot: BeginSnapshot, any number of Pool, Site, Binding, Application, then
/// CommitSnapshot, which makes all of it current at once. Sockets are named by ids that outlive snapshots.
#pragma once

#include "wire/message_codec.h"

namespace osmia::wire {

/// First message on the channel. `protocol` names what the listener speaks to clients ("http").
struct ListenerHello {
    std::uint32_t version = ProtocolVersion;
    std::string protocol = "http";
    void fields(auto& archive) { archive(version); archive(protocol); }
};

/// Machine-wide flat limits; times in milliseconds, sizes in bytes.
struct ListenerLimits {
    std::uint32_t max_request_line = 16384;
    std::uint32_t max_header_bytes = 16384;
    std::uint32_t max_header_fields = 100;
    std::uint32_t header_timeout_ms = 20'000;
    std::uint32_t idle_timeout_ms = 120'000;
    std::uint32_t body_grace_ms = 10'000;
    std::uint32_t min_bytes_per_second = 240;
    std::uint32_t body_read_ahead = 49152;
    std::uint32_t max_connections = 100'000;
    std::uint32_t drain_body_bytes = 65536;
    std::uint32_t drain_body_ms = 5'000;
    std::uint32_t stuck_ms = 5'000;
    std::uint32_t replay_ms = 30'000;
    std::uint32_t max_tries = 2;
    std::uint32_t max_bandwidth = 0xffffffff;  ///< bytes a second of all answers; the default: no limit
    void fields(auto& archive) {
        archive(max_request_line); archive(max_header_bytes); archive(max_header_fields);
        archive(header_timeout_ms); archive(idle_timeout_ms); archive(body_grace_ms); archive(min_bytes_per_second);
        archive(body_read_ahead); archive(max_connections); archive(drain_body_bytes); archive(drain_body_ms);
        archive(stuck_ms); archive(replay_ms); archive(max_tries); archive(max_bandwidth);
    }
};

/// A listening socket (one descriptor travels with it). `address` is what to print: "127.0.0.1:8080", "unix:/path".
struct ListenSocket {
    std::uint32_t socket_id = 0;
    std::string address;
    void fields(auto& archive) { archive(socket_id); archive(address); }
};

/// The listener stops accepting on this socket and closes it. Connections made through it go on.
struct CloseListenSocket {
    std::uint32_t socket_id = 0;
    void fields(auto& archive) { archive(socket_id); }
};

struct BeginSnapshot {
    std::uint64_t serial = 0;
    void fields(auto& archive) { archive(serial); }
};

/// Why a pool or a site does or does not take requests; Failed is rapid-fail protection.
enum class ServiceState : std::uint8_t { Started, Stopped, Failed, Last = Failed };

struct SnapshotPool {
    std::uint32_t pool_id = 0;
    std::string name;
    std::uint32_t queue_length = 1000;
    ServiceState state = ServiceState::Started;
    std::uint32_t max_workers = 1;  ///< more than 1: a web garden
    void fields(auto& archive) {
        archive(pool_id); archive(name); archive(queue_length); archive(state); archive(max_workers);
    }
};

struct SnapshotSite {
    std::uint32_t site_id = 0;
    std::string name;
    ServiceState state = ServiceState::Started;
    std::uint32_t idle_timeout_ms = 120'000;
    std::uint32_t max_connections = 0xffffffff;
    std::uint32_t max_bandwidth = 0xffffffff;  ///< bytes a second of its answers; the default: no limit
    std::string strict_transport_security{};  ///< the field's value on https answers; empty: none
    std::uint16_t redirect_port = 0;        ///< http requests are sent to https on this port; 0: they are served
    void fields(auto& archive) {
        archive(site_id); archive(name); archive(state); archive(idle_timeout_ms); archive(max_connections);
        archive(strict_transport_security); archive(redirect_port);
        archive(max_bandwidth);
    }
};

/// One way to a site: a host name (empty: any; "*.domain": wildcard) on one listening socket. `ip_bound` says that the
/// binding names an IP address, which ranks it between host names and the weak wildcard, as in http.sys.
struct SnapshotBinding {
    std::uint32_t site_id = 0;
    std::uint32_t socket_id = 0;
    std::string host;
    bool ip_bound = false;
    bool is_tls = false;
    std::uint32_t certificate_id = 0;  ///< of a SnapshotCertificate; 0: the binding has none that could be opened
    void fields(auto& archive) {
        archive(site_id); archive(socket_id); archive(host); archive(ip_bound); archive(is_tls); archive(certificate_id);
    }
};

/// The certificate of one https binding. Descriptors: its file, and its key's if that is another. The supervisor has not
/// read them. The id is the binding's and outlives snapshots; without a usable file the one before stays in use.
struct SnapshotCertificate {
    std::uint32_t certificate_id = 0;
    bool http2 = true;
    bool tls13 = true;
    void fields(auto& archive) { archive(certificate_id); archive(http2); archive(tls13); }
};

/// Which requests may be repeated after a worker's death.
enum class ReplayPolicy : std::uint8_t { Safe, None, Last = None };

struct SnapshotApplication {
    std::uint32_t application_id = 0;
    std::uint32_t site_id = 0;
    std::string path;  ///< "/" or "/app", no trailing slash but for the root
    std::uint32_t pool_id = 0;
    std::uint32_t execution_timeout_ms = 0;  ///< 0: none
    ReplayPolicy replay = ReplayPolicy::Safe;
    void fields(auto& archive) {
        archive(application_id); archive(site_id); archive(path); archive(pool_id); archive(execution_timeout_ms); archive(replay);
    }
};

struct CommitSnapshot {
    std::uint64_t serial = 0;
    void fields(auto& archive) { archive(serial); }
};

/// A running worker of a pool. Descriptors: its channel socket, its pidfd.
struct AddWorker {
    std::uint64_t worker_id = 0;
    std::uint32_t pool_id = 0;
    std::uint32_t generation = 0;
    std::uint32_t pid = 0;
    std::string crash_report;  ///< what its crash report will be called, for the pages of local clients
    void fields(auto& archive) { archive(worker_id); archive(pool_id); archive(generation); archive(pid); archive(crash_report); }
};

/// The worker gets no new requests (but those of connections bound to it).
struct RetireWorker {
    std::uint64_t worker_id = 0;
    void fields(auto& archive) { archive(worker_id); }
};

/// The supervisor found the worker unhealthy and is about to end it: its death counts as its own fault.
struct WorkerUnhealthy {
    std::uint64_t worker_id = 0;
    std::string reason;
    void fields(auto& archive) { archive(worker_id); archive(reason); }
};

struct SetPoolState {
    std::uint32_t pool_id = 0;
    ServiceState state = ServiceState::Started;
    void fields(auto& archive) { archive(pool_id); archive(state); }
};

struct SetSiteState {
    std::uint32_t site_id = 0;
    ServiceState state = ServiceState::Started;
    void fields(auto& archive) { archive(site_id); archive(state); }
};

/// Asks for RequestList messages with this token.
struct ListRequests {
    std::uint64_t token = 0;
    void fields(auto& archive) { archive(token); }
};

/// Asks for one ListenerCounters message with this token.
struct QueryCounters {
    std::uint64_t token = 0;
    void fields(auto& archive) { archive(token); }
};

/// Asks for CertificateList messages with this token.
struct ListCertificates {
    std::uint64_t token = 0;
    void fields(auto& archive) { archive(token); }
};

/// Stop accepting, finish what is under way within the limit, say Drained and exit. Another listener has the sockets when
/// \a replaced: then an idle connection waits for its next request, whose answer closes it, or for its idle time-out.
struct DrainListener {
    std::uint32_t limit_ms = 0;
    bool replaced = false;
    void fields(auto& archive) { archive(limit_ms); archive(replaced); }
};

/// A log file, opened for appending by the supervisor (one descriptor): the answer to LogWanted. Site 0 is the HTTPERR log.
struct LogFile {
    std::uint32_t site_id = 0;
    std::int64_t valid_until_s = 0;  ///< CLOCK_REALTIME: later lines belong into the next file
    std::uint64_t max_bytes = 0;     ///< beyond it another file is to be asked for; 0: no limit
    std::uint64_t size = 0;          ///< of the file as it is
    void fields(auto& archive) { archive(site_id); archive(valid_until_s); archive(max_bytes); archive(size); }
};

/// Where the value of a custom column comes from.
enum class LogSource : std::uint8_t { RequestHeader, ResponseHeader, ServerVariable, Last = ServerVariable };

struct LogColumn {
    std::string name;
    std::string source;
    LogSource kind = LogSource::RequestHeader;
    void fields(auto& archive) { archive(name); archive(source); archive(kind); }
};

/// What a site's access log holds; part of a snapshot. A site without one has no access log.
struct SnapshotLog {
    std::uint32_t site_id = 0;
    std::uint32_t columns = 0;            ///< IIS's bits of logExtFileFlags
    std::uint32_t max_line_bytes = 65536;
    std::uint32_t max_custom_bytes = 4096;  ///< of one custom column
    std::vector<LogColumn> custom;
    void fields(auto& archive) {
        archive(site_id); archive(columns); archive(max_line_bytes); archive(max_custom_bytes); archive(custom);
    }
};

/// Proxies in front of a listening socket; part of a snapshot.
struct SnapshotProxy {
    std::uint32_t socket_id = 0;
    bool proxy_protocol = false;       ///< each connection begins with a PROXY header
    bool forwarded_for = false;        ///< X-Forwarded-For of theirs counts
    std::vector<std::string> trusted;  ///< ADDRESS or ADDRESS/BITS
    void fields(auto& archive) { archive(socket_id); archive(proxy_protocol); archive(forwarded_for); archive(trusted); }
};

/// The log files have been renamed or removed: ask for new ones.
struct ReopenLogs {
    void fields(auto&) {}
};

using SupervisorToListener =
    std::variant<ListenerHello, ListenerLimits, ListenSocket, CloseListenSocket, BeginSnapshot, SnapshotPool, SnapshotSite,
                 SnapshotBinding, SnapshotApplication, CommitSnapshot, AddWorker, RetireWorker, WorkerUnhealthy, SetPoolState,
                 SetSiteState, ListRequests, QueryCounters, DrainListener, LogFile, SnapshotLog, ReopenLogs, SnapshotCertificate,
                 ListCertificates, SnapshotProxy>;

}  // namespace osmia::wire
