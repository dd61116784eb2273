// Which process answers, and since when: JSON for the sample site's page.
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>

#include "request_form.h"

EXAMPLE_EXTENSION("Status of the sample site's worker")

namespace {

std::atomic<unsigned long> answered{0};

double seconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Milliseconds since 1970 at which this process was started; proc(5), stat, field 22.
long long process_start() {
    std::ifstream file("/proc/self/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string word;
    for (int field = 3; field <= 22 && fields >> word; ++field) {
    }
    double ticks = strtod(word.c_str(), nullptr);
    double age = seconds(CLOCK_BOOTTIME) - ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
    return static_cast<long long>((seconds(CLOCK_REALTIME) - age) * 1000);
}

std::string json_text(const std::string& text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + '"';
}

}  // namespace

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    if (!is_method(ecb, "GET") && !is_method(ecb, "HEAD")) return refuse_method(ecb, "GET, HEAD");
    static const long long started = process_start();
    std::string body = "{\"pid\": " + std::to_string(getpid()) + ", \"startedAt\": " + std::to_string(started) +
                       ", \"answered\": " + std::to_string(++answered) +
                       ", \"pool\": " + json_text(server_variable(ecb, "APP_POOL_ID")) + "}\n";
    send_head(ecb, "200 OK",
              "Content-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: " + std::to_string(body.size()) + "\r\n",
              true);
    send_bytes(ecb, body.data(), body.size());
    return HSE_STATUS_SUCCESS;
}
